/** The header of SMB 2 and 3 messages (MS-SMB2 2.2.1), and what several of the messages have. */
import type { Cursor } from '../../../src/core/cursor.js';
import type { Field } from '../../../src/core/node.js';
import { smbField, statusText } from '../fields.js';
import { keepPipe, newPipe } from '../pipes.js';
import type { Reading } from '../reading.js';
import type { Pipe, SmbRequest, SmbSession, Tree } from '../state.js';
import { pipeKey2, treeKey2 } from './keys.js';

/** Commands (MS-SMB2 2.2.1.2). */
export const SMB2_COMMANDS: Readonly<Record<number, string>> = {
  0: 'Negotiate Protocol',
  1: 'Session Setup',
  2: 'Session Logoff',
  3: 'Tree Connect',
  4: 'Tree Disconnect',
  5: 'Create',
  6: 'Close',
  7: 'Flush',
  8: 'Read',
  9: 'Write',
  10: 'Lock',
  11: 'Ioctl',
  12: 'Cancel',
  13: 'KeepAlive',
  14: 'Find',
  15: 'Notify',
  16: 'GetInfo',
  17: 'SetInfo',
  18: 'Break',
};

export const Smb2Command = {
  negotiate: 0,
  sessionSetup: 1,
  logoff: 2,
  treeConnect: 3,
  treeDisconnect: 4,
  create: 5,
  close: 6,
  read: 8,
  write: 9,
  ioctl: 11,
  cancel: 12,
  echo: 13,
  break: 18,
} as const;

export const Flag = { response: 1, async: 2, related: 4, signed: 8 } as const;
const FLAG_BITS: readonly (readonly [number, Field])[] = [
  [Flag.response, smbField('smb2.flags.response', 'Response', 'bool')],
  [Flag.async, smbField('smb2.flags.async', 'Async command', 'bool')],
  [Flag.related, smbField('smb2.flags.chained', 'Chained', 'bool')],
  [Flag.signed, smbField('smb2.flags.signature', 'Signing', 'bool')],
  [0x70, smbField('smb2.flags.priority_mask', 'Priority', 'bool')],
  [0x10000000, smbField('smb2.flags.dfs', 'DFS operation', 'bool')],
  [0x20000000, smbField('smb2.flags.replay', 'Replay operation', 'bool')],
];
const FLAG_FIELDS = FLAG_BITS.map(([, f]) => f);

export const SMB2 = smbField('smb2', 'SMB2');
export const PROTOCOL_ID = smbField('smb2.protocol_id', 'Protocol id', 'uint32', { hex: true });
const HEADER_LENGTH = smbField('smb2.header_len', 'Header length', 'uint16');
const CREDIT_CHARGE = smbField('smb2.credit.charge', 'Credit charge', 'uint16');
const CHANNEL_SEQUENCE = smbField('smb2.channel_sequence', 'Channel sequence', 'uint16');
export const RESERVED = smbField('smb2.reserved', 'Reserved', 'bytes');
const NT_STATUS = smbField('smb2.nt_status', 'NT status', 'uint32', { hex: true });
const COMMAND = smbField('smb2.cmd', 'Command', 'uint16', { names: SMB2_COMMANDS });
const CREDITS_REQUESTED = smbField('smb2.credits.requested', 'Credits requested', 'uint16');
const CREDITS_GRANTED = smbField('smb2.credits.granted', 'Credits granted', 'uint16');
export const FLAGS = smbField('smb2.flags', 'Flags', 'uint32', { hex: true });
const CHAIN_OFFSET = smbField('smb2.chain_offset', 'Chain offset', 'uint32', { hex: true });
const MESSAGE_ID = smbField('smb2.msg_id', 'Message id', 'uint64');
const PROCESS_ID = smbField('smb2.pid', 'Process id', 'uint32', { hex: true });
const TREE_ID = smbField('smb2.tid', 'Tree id', 'uint32', { hex: true });
export const TREE = smbField('smb2.tree', 'Tree', 'string');
export const SHARE_TYPE = smbField('smb2.share_type', 'Share type', 'uint8', {
  hex: true,
  names: { 1: 'disk', 2: 'named pipe', 3: 'printer' },
});
const ASYNC_ID = smbField('smb2.aid', 'Async id', 'uint64', { hex: true });
export const SESSION_ID = smbField('smb2.sesid', 'Session id', 'uint64', { hex: true });
const ACCOUNT = smbField('smb2.acct', 'Account', 'string');
const DOMAIN = smbField('smb2.domain', 'Domain', 'string');
const HOST = smbField('smb2.host', 'Host', 'string');
const SIGNATURE = smbField('smb2.signature', 'Signature', 'bytes');
const RESPONSE_TO = smbField('smb2.response_to', 'Response to', 'uint32');
export const STRUCTURE_SIZE = smbField('smb2.buffer_code', 'Structure size', 'uint16', { hex: true });
export const FILE_ID = smbField('smb2.fid', 'File id', 'guid');
export const BLOB_OFFSET = smbField('smb2.olb.offset', 'Blob offset', 'uint32', { hex: true });
export const BLOB_LENGTH = smbField('smb2.olb.length', 'Blob length', 'uint32');
export const FILE_ATTRIBUTES = smbField('smb2.file_attribute', 'File attributes', 'uint32', { hex: true });
export const FILE_OFFSET = smbField('smb2.file_offset', 'File offset', 'uint64');
export const SMB2_CHANNEL = smbField('smb2.channel', 'Channel', 'uint32', { hex: true });
export const REMAINING_BYTES = smbField('smb2.remaining_bytes', 'Remaining bytes', 'uint32');

/** Bytes of the header. */
export const SMB2_HEADER = 64;
/** Structure size of an error's response, whatever the command (MS-SMB2 2.2.2). */
export const ERROR_SIZE = 9;
/** Stands for a session, a tree or a file of the message in front of it. */
const INHERITED_SESSION = 0xffffffffffffffffn;
export const INHERITED_TREE = 0xffffffff;
const INHERITED_FILE = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** What a message of a compound takes from the one in front of it (MS-SMB2 3.2.4.1.4). */
export interface Chain {
  session: string;
  tree: number;
  pipe: Pipe | null;
}

/** A message: its header, and what its body told. */
export interface Smb2Message {
  readonly reading: Reading;
  readonly chain: Chain;
  /** Where its header begins. */
  readonly start: number;
  readonly command: number;
  /** 0 in requests. */
  readonly status: number;
  readonly isResponse: boolean;
  /** Keys of the state. */
  readonly id: string;
  readonly sessionKey: string;
  readonly treeKey: string;
  /** Null where it was not captured. */
  readonly tree: Tree | null;
  /** What it answers; null where that was not captured. */
  readonly request: SmbRequest | null;
  /** The pipe that it is about. */
  pipe: Pipe | null;
  /** The session that it negotiates. */
  setup: SmbSession | null;
  /** What its answer has to know. */
  told: string | null;
  /** What people read of it behind its name. */
  text: string;
}

/** Reads the header, and finds what it names. */
export function readSmb2Header(c: Cursor, reading: Reading, chain: Chain): Smb2Message {
  const { memory } = reading;
  const start = c.pos;
  c.bits(PROTOCOL_ID, 4, (n) => n);
  c.u16(HEADER_LENGTH);
  c.u16(CREDIT_CHARGE);
  const isResponse = (c.peek(8) & Flag.response) !== 0;
  let status = 0;
  if (isResponse) status = c.u32(NT_STATUS, statusText);
  else {
    c.u16(CHANNEL_SEQUENCE);
    c.skip(RESERVED, 2);
  }
  const command = c.u16(COMMAND);
  c.u16(isResponse ? CREDITS_GRANTED : CREDITS_REQUESTED);
  const flags = c.u32(FLAGS);
  if (c.wantsAny(FLAG_FIELDS)) for (const [bit, f] of FLAG_BITS) c.computed(f, (flags & bit) !== 0);
  reading.isSigned = (flags & Flag.signed) !== 0;
  c.u32(CHAIN_OFFSET);
  const id = String(c.u64(MESSAGE_ID));
  const isRelated = (flags & Flag.related) !== 0;
  let treeId = INHERITED_TREE;
  if (flags & Flag.async) c.u64(ASYNC_ID);
  else {
    c.u32(PROCESS_ID);
    treeId = c.u32(TREE_ID);
  }
  const sessionId = c.u64(SESSION_ID);
  c.skip(SIGNATURE, 16);
  if (!isRelated) {
    chain.pipe = null;
    chain.tree = treeId;
  } else if (treeId !== INHERITED_TREE) chain.tree = treeId;
  if (!isRelated || sessionId !== INHERITED_SESSION) {
    chain.session = sessionId.toString(16);
    reading.works = memory.session(chain.session);
    tellUser(c, reading.works);
  }
  const treeKey = treeKey2(chain.session, chain.tree);
  const tree = memory.tree(treeKey);
  if (treeId === chain.tree && tree !== null) {
    if (tree.path !== null) c.computed(TREE, tree.path);
    if (tree.type !== null) c.computed(SHARE_TYPE, tree.type);
  }
  const request = isResponse ? memory.request(id) : null;
  if (request !== null) c.computed(RESPONSE_TO, request.frame);
  return {
    reading,
    chain,
    start,
    command,
    status,
    isResponse,
    id,
    sessionKey: chain.session,
    treeKey,
    tree,
    request,
    pipe: request?.pipe ?? null,
    setup: null,
    told: null,
    text: '',
  };
}

/** Who works in the session, as its setup told. */
export function tellUser(c: Cursor, session: SmbSession | null): void {
  if (session === null || session.user === null) return;
  const behind = session.user.indexOf('\\');
  c.computed(ACCOUNT, session.user.slice(behind + 1));
  if (behind >= 0) c.computed(DOMAIN, session.user.slice(0, behind));
  if (session.workstation !== null) c.computed(HOST, session.workstation);
}

/** Reads the id of an open file, and finds the pipe behind it: one of which nothing else is known where that may be. */
export function readFileId(c: Cursor, m: Smb2Message, isPipe = m.tree?.isPipes ?? false): void {
  const { chain, reading } = m;
  const id = c.guid(FILE_ID);
  if (id === INHERITED_FILE) {
    m.pipe ??= chain.pipe;
    return;
  }
  const key = pipeKey2(m.sessionKey, id);
  m.pipe ??= reading.memory.pipe(key);
  if (m.pipe === null && (isPipe || m.tree === null)) {
    m.pipe = newPipe({ name: null, isPipe });
    keepPipe(reading, m.pipe, key);
  }
  chain.pipe = m.pipe;
}

/** What people read of the file that a message is about. */
export const fileText = ({ pipe }: Smb2Message): string => (pipe?.name == null ? '' : `, File: ${pipe.name}`);

/**
 * Reads a buffer whose place a message tells, counted from its header; nothing where it is empty. What lies in front of it
 * stays undissected.
 */
export function readBuffer(c: Cursor, m: Smb2Message, offset: number, length: number, read: (c: Cursor) => void): void {
  if (length === 0) return;
  const at = m.start + offset;
  if (at < c.pos) c.fail(`a buffer at ${offset} of the message, where something else stands`);
  if (at > c.claimed) c.fail(`a buffer at ${offset} of a message of ${c.claimed - m.start} bytes`);
  c.goTo(at);
  c.frame(null, length, read);
}
