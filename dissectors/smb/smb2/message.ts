/** SMB 2 and 3: messages one behind the other (MS-SMB2 2.2.1, 3.2.5.1.9), each by its command. */
import type { Cursor } from '../../../src/core/cursor.js';
import { Status, smbField, statusText } from '../fields.js';
import { closePipe } from '../pipes.js';
import type { Reading } from '../reading.js';
import { readCloseRequest, readCloseResponse } from './close.js';
import { readCreateRequest, readCreateResponse } from './create.js';
import {
  type Chain,
  ERROR_SIZE,
  fileText,
  readSmb2Header,
  SMB2,
  SMB2_COMMANDS,
  SMB2_HEADER,
  Smb2Command,
  type Smb2Message,
  STRUCTURE_SIZE,
} from './header.js';
import { readIoctlRequest, readIoctlResponse } from './ioctl.js';
import { readNegotiateRequest, readNegotiateResponse } from './negotiate.js';
import { readReadRequest, readReadResponse } from './read.js';
import { growPreauthHash } from './sealed.js';
import { readLogoffResponse, readSessionSetupRequest, readSessionSetupResponse } from './session-setup.js';
import { readTreeConnectRequest, readTreeConnectResponse, readTreeDisconnectResponse } from './tree-connect.js';
import { readWriteRequest, readWriteResponse } from './write.js';

const CONTEXT_COUNT = smbField('smb2.error.context_count', 'Error context count', 'uint8');
const ERROR_RESERVED = smbField('smb2.error.reserved', 'Reserved', 'uint8', { hex: true });
const BYTE_COUNT = smbField('smb2.error.byte_count', 'Byte count', 'uint32');
const ERROR_DATA = smbField('smb2.error.data', 'Error data', 'bytes');

type Body = (c: Cursor, m: Smb2Message) => void;

/** Reads no more than its size: the rest of the body stays undissected. */
const opaque: Body = (c) => {
  if (c.left >= 2) c.u16(STRUCTURE_SIZE);
};

/** Bodies of requests and responses, by command. */
const BODIES: Readonly<Record<number, readonly [Body, Body]>> = {
  [Smb2Command.negotiate]: [readNegotiateRequest, readNegotiateResponse],
  [Smb2Command.sessionSetup]: [readSessionSetupRequest, readSessionSetupResponse],
  [Smb2Command.logoff]: [opaque, readLogoffResponse],
  [Smb2Command.treeConnect]: [readTreeConnectRequest, readTreeConnectResponse],
  [Smb2Command.treeDisconnect]: [opaque, readTreeDisconnectResponse],
  [Smb2Command.create]: [readCreateRequest, readCreateResponse],
  [Smb2Command.close]: [readCloseRequest, readCloseResponse],
  [Smb2Command.read]: [readReadRequest, readReadResponse],
  [Smb2Command.write]: [readWriteRequest, readWriteResponse],
  [Smb2Command.ioctl]: [readIoctlRequest, readIoctlResponse],
};

/** Reads all messages of a compound. */
export function readSmb2(c: Cursor, reading: Reading): void {
  const chain: Chain = { session: '0', tree: 0, pipe: null };
  for (let next = -1; next !== 0 && c.left > 0; ) {
    next = Math.max(0, c.peek32(20));
    let length = next === 0 ? c.claimedLeft : next;
    if (length < SMB2_HEADER || length > c.claimedLeft) {
      if (next !== 0) c.note('malformed', `the next message at ${next} of one of ${c.claimedLeft} bytes`);
      next = 0;
      length = c.claimedLeft;
    }
    c.frame(SMB2, length, () => readMessage(c, reading, chain));
  }
}

function readMessage(c: Cursor, reading: Reading, chain: Chain): void {
  const m = readSmb2Header(c, reading, chain);
  const body = BODIES[m.command]?.[m.isResponse ? 1 : 0] ?? opaque;
  const isError = m.isResponse && m.status !== Status.success && c.peek() === ERROR_SIZE && !isMore(m);
  c.frame(null, c.claimedLeft, () => (isError ? readError(c, m) : body(c, m)));
  growPreauthHash(m, c.bytes.subarray(m.start, c.pos));
  if (m.isResponse) answered(m, isError);
  else if (m.command !== Smb2Command.cancel) {
    const { command, pipe, setup: session, told } = m;
    reading.memory.keep('requests', m.id, { command, frame: reading.frame, pipe, session, fid: null, told });
  }
  const says = `${SMB2_COMMANDS[m.command] ?? `Command ${m.command}`} ${m.isResponse ? 'Response' : 'Request'}${m.text}`;
  const text = m.status === Status.success ? says : `${says}, ${statusText(m.status)}`;
  reading.says.push(text);
  c.tell(text);
}

/** A session's setup goes on: its token stands where an error's data would. */
const isMore = ({ command, status }: Smb2Message): boolean =>
  command === Smb2Command.sessionSetup && status === Status.moreProcessing;

function readError(c: Cursor, m: Smb2Message): void {
  m.text = fileText(m);
  c.u16(STRUCTURE_SIZE);
  c.u8(CONTEXT_COUNT);
  c.u8(ERROR_RESERVED);
  // a byte stands there even where there are none
  const count = Math.max(1, c.u32(BYTE_COUNT));
  c.skip(ERROR_DATA, Math.min(count, c.left));
}

/** A request has its answer, or is told that one will come (MS-SMB2 3.2.5.1.5). */
function answered({ reading, request, command, status, id }: Smb2Message, isError: boolean): void {
  if (request === null || status === Status.pending) return;
  reading.memory.forget('requests', id);
  if (isError && command === Smb2Command.create && request.pipe !== null) closePipe(reading, request.pipe);
}
