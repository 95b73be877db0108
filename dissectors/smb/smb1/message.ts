/** SMB 1: a header, and the blocks of one command or of several that are chained (MS-CIFS 2.2.3). */
import type { Cursor } from '../../../src/core/cursor.js';
import { Status, smbField, statusText } from '../fields.js';
import { closePipe } from '../pipes.js';
import type { Reading } from '../reading.js';
import {
  CLOSE_REQUEST,
  CLOSE_RESPONSE,
  NT_CREATE_REQUEST,
  NT_CREATE_RESPONSE,
  OPEN_REQUEST,
  OPEN_RESPONSE,
} from './create.js';
import {
  type Block,
  COMMAND,
  readSmb1Header,
  SMB1,
  SMB1_COMMANDS,
  SMB1_RESERVED,
  Smb1Command,
  type Smb1Message,
  tellFile,
} from './header.js';
import { NEGOTIATE_REQUEST, NEGOTIATE_RESPONSE } from './negotiate.js';
import { READ_REQUEST, READ_RESPONSE, WRITE_REQUEST, WRITE_RESPONSE } from './read-write.js';
import { LOGOFF_RESPONSE, SESSION_SETUP_REQUEST, SESSION_SETUP_RESPONSE } from './session-setup.js';
import { SECONDARY_REQUEST, TRANSACTION_REQUEST, TRANSACTION_RESPONSE } from './transaction.js';
import { TREE_CONNECT_REQUEST, TREE_CONNECT_RESPONSE, TREE_DISCONNECT_RESPONSE } from './tree-connect.js';

const WORD_COUNT = smbField('smb.wct', 'Word count', 'uint8');
const ANDX_OFFSET = smbField('smb.andxoffset', 'AndX offset', 'uint16');
const BYTE_COUNT = smbField('smb.bcc', 'Byte count', 'uint16');

/** Reads nothing: the block stays undissected. */
const OPAQUE: Block = { words() {} };

/** Blocks of requests and responses, by command. */
const BLOCKS: Readonly<Record<number, readonly [Block, Block]>> = {
  [Smb1Command.close]: [CLOSE_REQUEST, CLOSE_RESPONSE],
  [Smb1Command.transaction]: [TRANSACTION_REQUEST, TRANSACTION_RESPONSE],
  [Smb1Command.transactionSecondary]: [SECONDARY_REQUEST, TRANSACTION_RESPONSE],
  [Smb1Command.openAndX]: [OPEN_REQUEST, OPEN_RESPONSE],
  [Smb1Command.readAndX]: [READ_REQUEST, READ_RESPONSE],
  [Smb1Command.writeAndX]: [WRITE_REQUEST, WRITE_RESPONSE],
  [Smb1Command.treeDisconnect]: [OPAQUE, TREE_DISCONNECT_RESPONSE],
  [Smb1Command.negotiate]: [NEGOTIATE_REQUEST, NEGOTIATE_RESPONSE],
  [Smb1Command.sessionSetup]: [SESSION_SETUP_REQUEST, SESSION_SETUP_RESPONSE],
  [Smb1Command.logoff]: [OPAQUE, LOGOFF_RESPONSE],
  [Smb1Command.treeConnect]: [TREE_CONNECT_REQUEST, TREE_CONNECT_RESPONSE],
  [Smb1Command.ntCreate]: [NT_CREATE_REQUEST, NT_CREATE_RESPONSE],
};
/** Commands whose words begin with the command that is chained to them. */
const CHAINED: ReadonlySet<number> = new Set([0x24, 0x2d, 0x2e, 0x2f, 0x73, 0x74, 0x75, 0xa2]);
const NO_MORE = 0xff;

/** Words that an extended answer to NT_CREATE_ANDX says it has, and those that it has (MS-SMB 2.2.4.9.2). */
const SAID_WORDS = 42;
const REAL_WORDS = 50;

/** Reads a message. */
export function readSmb1(c: Cursor, reading: Reading): void {
  c.frame(SMB1, c.claimedLeft, () => {
    const { m, command } = readSmb1Header(c, reading);
    c.frame(null, c.claimedLeft, () => readBlocks(c, m, command));
    if (m.isResponse) answered(m, command);
    else if (command !== Smb1Command.ntCancel) {
      const { pipe, setup: session, fid, told } = m;
      reading.memory.keep('requests', m.id, { command, frame: reading.frame, pipe, session, fid, told });
    }
    c.tell(reading.says.join('; '));
  });
}

/** Blocks lie one behind the other: each begins where the one in front of it says. */
function readBlocks(c: Cursor, m: Smb1Message, first: number): void {
  for (let command = first; command !== NO_MORE; ) {
    m.text = '';
    m.lengths = [0, 0];
    m.counts = [];
    const next = readBlock(c, m, command);
    const says = `${SMB1_COMMANDS[command] ?? `Command 0x${command.toString(16)}`} ${m.isResponse ? 'Response' : 'Request'}`;
    const isLast = next.command === NO_MORE;
    const status = isLast && m.status !== Status.success ? `, ${statusText(m.status)}` : '';
    m.reading.says.push(`${says}${m.text}${status}`);
    if (!isLast) {
      const at = m.start + next.offset;
      if (!(at >= c.pos && at <= c.claimed)) c.fail(`a chained command at ${next.offset} of the message`);
      c.goTo(at);
    }
    command = next.command;
  }
}

/** Returns which command follows, and where. */
function readBlock(c: Cursor, m: Smb1Message, command: number): { readonly command: number; readonly offset: number } {
  m.words = c.u8(WORD_COUNT);
  const isCreated = command === Smb1Command.ntCreate && m.isResponse && m.words === SAID_WORDS;
  const block = BLOCKS[command]?.[m.isResponse ? 1 : 0] ?? OPAQUE;
  let next = NO_MORE;
  let offset = 0;
  // errors have neither words nor bytes
  const isError = m.isResponse && m.words === 0 && m.status !== Status.success;
  c.frame(null, 2 * (isCreated ? REAL_WORDS : m.words), () => {
    if (CHAINED.has(command) && m.words >= 2) {
      next = c.u8(COMMAND, (code) => SMB1_COMMANDS[code] ?? 'unknown');
      c.skip(SMB1_RESERVED, 1);
      offset = c.u16(ANDX_OFFSET);
    }
    if (!isError) block.words(c, m);
    else tellFile(c, m);
  });
  if (m.counts.length > 0) m.counts = [...m.counts, { at: c.pos, size: 2 }];
  c.u16(BYTE_COUNT);
  // the count has 16 bits, and lies where much is read or written
  const end = next === NO_MORE ? c.claimed : m.start + offset;
  c.frame(null, Math.max(0, Math.min(end, c.claimed) - c.pos), () => {
    if (!isError) block.bytes?.(c, m);
  });
  return { command: next, offset };
}

/** A request has its answer, or a part of it. */
function answered({ reading, request, id, goesOn, status }: Smb1Message, command: number): void {
  if (request === null || goesOn) return;
  reading.memory.forget('requests', id);
  const isCreate = command === Smb1Command.ntCreate || command === Smb1Command.openAndX;
  if (isCreate && status !== Status.success && request.pipe !== null) closePipe(reading, request.pipe);
}
