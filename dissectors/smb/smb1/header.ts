/** The header of SMB 1 messages (MS-CIFS 2.2.3.1), and what several of the messages have. */
import type { Cursor } from '../../../src/core/cursor.js';
import type { Field } from '../../../src/core/node.js';
import type { Count } from '../../pdu.js';
import { smbField, statusText } from '../fields.js';
import { keepPipe, newPipe } from '../pipes.js';
import type { Reading } from '../reading.js';
import type { Pipe, SmbRequest, SmbSession, Tree } from '../state.js';
import { pipeKey1, requestKey1, sessionKey1, treeKey1 } from './keys.js';

/** Commands (MS-CIFS 2.2.2.1). */
export const SMB1_COMMANDS: Readonly<Record<number, string>> = {
  4: 'Close',
  10: 'Read',
  11: 'Write',
  37: 'Trans',
  38: 'Trans Secondary',
  43: 'Echo',
  45: 'Open AndX',
  46: 'Read AndX',
  47: 'Write AndX',
  50: 'Trans2',
  112: 'Tree Connect',
  113: 'Tree Disconnect',
  114: 'Negotiate Protocol',
  115: 'Session Setup AndX',
  116: 'Logoff AndX',
  117: 'Tree Connect AndX',
  160: 'NT Trans',
  162: 'NT Create AndX',
  164: 'NT Cancel',
  255: 'No further commands',
};

export const Smb1Command = {
  close: 0x04,
  transaction: 0x25,
  transactionSecondary: 0x26,
  openAndX: 0x2d,
  readAndX: 0x2e,
  writeAndX: 0x2f,
  treeDisconnect: 0x71,
  negotiate: 0x72,
  sessionSetup: 0x73,
  logoff: 0x74,
  treeConnect: 0x75,
  ntCreate: 0xa2,
  ntCancel: 0xa4,
} as const;

const RESPONSE = 0x80;
const UNICODE = 0x8000;
const SIGNED = 0x0004;

export const SMB1 = smbField('smb', 'SMB');
const COMPONENT = smbField('smb.server_component', 'Server component', 'uint32', { hex: true });
export const COMMAND = smbField('smb.cmd', 'SMB command', 'uint8', { hex: true, names: SMB1_COMMANDS });
const NT_STATUS = smbField('smb.nt_status', 'NT status', 'uint32', { hex: true });
const FLAGS = smbField('smb.flags', 'Flags', 'uint8', { hex: true });
const IS_RESPONSE = smbField('smb.flags.response', 'Response', 'bool');
const FLAGS2 = smbField('smb.flags2', 'Flags 2', 'uint16', { hex: true });
const IS_UNICODE = smbField('smb.flags2.string', 'Unicode strings', 'bool');
const PROCESS_HIGH = smbField('smb.pid.high', 'Process id high', 'uint16');
const SIGNATURE = smbField('smb.signature', 'Signature', 'bytes');
export const SMB1_RESERVED = smbField('smb.reserved', 'Reserved', 'bytes');
const TREE_ID = smbField('smb.tid', 'Tree id', 'uint16');
export const PATH = smbField('smb.path', 'Path', 'string');
const PROCESS_ID = smbField('smb.pid', 'Process id', 'uint16');
const USER_ID = smbField('smb.uid', 'User id', 'uint16');
const MULTIPLEX_ID = smbField('smb.mid', 'Multiplex id', 'uint16');
const RESPONSE_TO = smbField('smb.response_to', 'Response to', 'uint32');
const FID = smbField('smb.fid', 'FID', 'uint16', { hex: true });
export const FILE = smbField('smb.file', 'File name', 'string');
const PADDING1 = smbField('smb.padding', 'Padding', 'bytes');

/** A message: its header, and what the block of a command told that is being read. */
export interface Smb1Message {
  readonly reading: Reading;
  /** Where its header begins: offsets count from here. */
  readonly start: number;
  readonly status: number;
  readonly isResponse: boolean;
  readonly isUnicode: boolean;
  /** Keys of the state. */
  readonly id: string;
  readonly sessionKey: string;
  readonly treeKey: string;
  /** Null where it was not captured. */
  readonly tree: Tree | null;
  /** What it answers; null where that was not captured. */
  readonly request: SmbRequest | null;
  /** Number of words of the block. */
  words: number;
  /** Where its data lies, and how much of it there is. */
  dataOffset: number;
  dataLength: number;
  /** What says how much: words, and the count of the block's bytes. None where more is needed to tell. */
  counts: readonly Count[];
  /** Whether its data goes through a pipe. */
  isPipeData: boolean;
  /** Lengths of what its bytes begin with: a security blob, or passwords. */
  lengths: readonly number[];
  /** Whether its bytes hold a security blob (NEGOTIATE). */
  isExtended: boolean;
  /** Whether more messages of the same answer follow. */
  goesOn: boolean;
  /** The number of the file that it is about, and the pipe. */
  fid: number | null;
  pipe: Pipe | null;
  /** The session that it negotiates. */
  setup: SmbSession | null;
  /** What its answer has to know. */
  told: string | null;
  /** What people read of it behind its name. */
  text: string;
}

/** A command's block: what is read of its words, and of its bytes. */
export interface Block {
  words(c: Cursor, m: Smb1Message): void;
  bytes?(c: Cursor, m: Smb1Message): void;
}

/** Reads the header, and finds what it names. */
export function readSmb1Header(c: Cursor, reading: Reading): { readonly m: Smb1Message; readonly command: number } {
  const { memory } = reading;
  const start = c.pos;
  c.u32(COMPONENT);
  const command = c.u8(COMMAND, (code) => SMB1_COMMANDS[code] ?? 'unknown');
  const status = c.u32(NT_STATUS, statusText);
  const isResponse = (c.u8(FLAGS) & RESPONSE) !== 0;
  c.computed(IS_RESPONSE, isResponse);
  const flags2 = c.u16(FLAGS2);
  const isUnicode = (flags2 & UNICODE) !== 0;
  reading.isSigned = (flags2 & SIGNED) !== 0;
  c.computed(IS_UNICODE, isUnicode);
  c.u16(PROCESS_HIGH);
  c.skip(SIGNATURE, 8);
  c.skip(SMB1_RESERVED, 2);
  const treeKey = treeKey1(c.u16(TREE_ID));
  const tree = memory.tree(treeKey);
  if (tree?.path != null) c.computed(PATH, tree.path);
  const process = c.u16(PROCESS_ID);
  const sessionKey = sessionKey1(c.u16(USER_ID));
  reading.works = memory.session(sessionKey);
  const id = requestKey1(process, c.u16(MULTIPLEX_ID));
  const request = isResponse ? memory.request(id) : null;
  if (request !== null) c.computed(RESPONSE_TO, request.frame);
  // an answer does not name its file
  if (request?.fid != null) c.computed(FID, request.fid);
  const keys = { id, sessionKey, treeKey };
  const m: Smb1Message = {
    reading,
    start,
    status,
    isResponse,
    isUnicode,
    ...keys,
    tree,
    request,
    words: 0,
    dataOffset: 0,
    dataLength: 0,
    counts: [],
    isPipeData: false,
    lengths: [0, 0],
    isExtended: false,
    goesOn: false,
    fid: null,
    pipe: request?.pipe ?? null,
    setup: null,
    told: null,
    text: '',
  };
  return { m, command };
}

/** Reads the number of an open file, and finds the pipe behind it: one of which nothing else is known where that may be. */
export function readFid(c: Cursor, m: Smb1Message, isPipe = m.tree?.isPipes ?? false): void {
  m.fid = c.u16(FID);
  const key = pipeKey1(m.fid);
  m.pipe ??= m.reading.memory.pipe(key);
  if (m.pipe === null && (isPipe || m.tree === null)) {
    m.pipe = newPipe({ name: null, isPipe });
    keepPipe(m.reading, m.pipe, key);
  }
  tellFile(c, m);
}

/** Reads the number that the server gives to what it opened. */
export function readOpenedFid(c: Cursor, m: Smb1Message): void {
  const key = pipeKey1(c.u16(FID));
  if (m.pipe !== null) keepPipe(m.reading, m.pipe, key);
  tellFile(c, m);
}

/** Says which file a message is about, where that is known. */
export function tellFile(c: Cursor, m: Smb1Message): void {
  if (m.pipe?.name == null) return;
  c.computed(FILE, m.pipe.name);
  m.text = `, File: ${m.pipe.name}`;
}

/** Reads a text that ends at a zero or where the block does (MS-CIFS 2.2.1.1.2): UTF-16 is aligned in the message. */
export function readText(c: Cursor, m: Smb1Message, f: Field, isUnicode = m.isUnicode): string {
  if (isUnicode) c.align(2, m.start);
  return c.terminated(f, textLength(c, isUnicode), isUnicode);
}

/** Bytes up to and with the zero, or all that are left. */
function textLength({ bytes, pos, end }: Cursor, isUnicode: boolean): number {
  const step = isUnicode ? 2 : 1;
  for (let at = pos; at + step <= end; at += step)
    if (bytes[at] === 0 && (!isUnicode || bytes[at + 1] === 0)) return at + step - pos;
  return isUnicode ? (end - pos) & ~1 : end - pos;
}

/** What says how much data there is, which lies at the end of the message. */
export function countsOfLast(c: Cursor, { start, dataOffset, dataLength, counts }: Smb1Message): readonly Count[] {
  return start + dataOffset + dataLength === c.bytes.length ? counts : [];
}

/** Goes on to where the block says that its data is. */
export function toData(c: Cursor, { start, dataOffset }: Smb1Message): void {
  const at = start + dataOffset;
  if (at < c.pos || at > c.claimed) c.fail(`data at ${dataOffset} of the message, where there is none`);
  if (at > c.pos) c.skip(PADDING1, at - c.pos);
}
