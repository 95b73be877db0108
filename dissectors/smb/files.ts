/**
 * What messages are to pipes: peeks, as cheap as the cutting of the stream. Of messages about files nothing is kept but
 * their number; what may be about a pipe is none of them.
 */
import type { StreamProtocol } from '../../src/core/dissector.js';
import { guidText } from '../../src/core/text.js';
import { Status } from './fields.js';
import { looksLikeRpc } from './pipes.js';
import { pipeKey1, requestKey1, treeKey1 } from './smb1/keys.js';
import { ERROR_SIZE, Flag, INHERITED_TREE, SMB2_HEADER, Smb2Command } from './smb2/header.js';
import { pipeKey2, treeKey2 } from './smb2/keys.js';
import { SMB_STATE, type SmbState } from './state.js';
import { lengthAt, Magic, NBSS_HEADER, Nbss, SMB_STREAM, smbMagic } from './stream.js';

/** What a message, or all of a compound, is to pipes: the larger, the more. */
export const Use = {
  /** It is about files. */
  none: 0,
  /** Nothing that pipes need, as long as none is known: an echo, a file of a tree whose connecting was not captured. */
  idle: 1,
  /** Pipes that will be opened need it: who works there, on which trees; what may be a pipe is opened. */
  later: 2,
  /** It is about a pipe, or may be. */
  now: 3,
} as const;

/** What the message is that stands from `at` to `end`, as far as it is there, on a connection of which `state` is known. */
export function useOf(b: Uint8Array, at: number, end: number, state: SmbState, inner: StreamProtocol): number {
  if (end - at < NBSS_HEADER + 36) return b[at] === Nbss.keepalive ? Use.idle : Use.now;
  const magic = b[at] === Nbss.message ? smbMagic(b, at + NBSS_HEADER) : 0;
  const look = { b, end, state, inner };
  if (magic === Magic.smb2) return useOfSmb2(look, at + NBSS_HEADER);
  return magic === Magic.smb1 ? useOfSmb1(look, at + NBSS_HEADER) : Use.now;
}

/** How SMB is cut where pipes speak `inner`: of messages about files nothing is wanted but their number. */
export function smbStream(inner: StreamProtocol): StreamProtocol {
  return {
    ...SMB_STREAM,
    passes(b, at, end, length, connection) {
      const isLong = SMB_STREAM.passes?.(b, at, end, length, connection) === true;
      const state = connection?.state.get(SMB_STATE);
      if (state === undefined) return isLong;
      const isOfFiles = useOf(b, at, Math.min(end, at + length), state, inner) === Use.none;
      if (isOfFiles) state.passedOver++;
      else if (isLong) state.tooLong++;
      return isOfFiles || isLong;
    },
    lengthUnwanted(b, at, end, connection) {
      const state = connection.state.get(SMB_STATE);
      const length = lengthOfFiles(b, at, end, state, inner);
      if (length > 0) state.passedOver++;
      return length;
    },
  };
}

/** The length of a message about files; 0 of others. */
function lengthOfFiles(b: Uint8Array, at: number, end: number, state: SmbState, inner: StreamProtocol): number {
  if (at + NBSS_HEADER + SMB2_HEADER > end || b[at] !== Nbss.message) return 0;
  const length = NBSS_HEADER + lengthAt(b, at);
  const isOfFiles =
    isPlainlyOfFiles(b, at + NBSS_HEADER, at + length, state) ||
    useOf(b, at, Math.min(end, at + length), state, inner) === Use.none;
  return isOfFiles ? length : 0;
}

/**
 * Whether a message, whose header is here, is what most messages about files are: a single one of a tree that holds no pipes, or
 * of a kind that has nothing to do with them. Little code, which is soon compiled, tells these from others.
 */
function isPlainlyOfFiles(b: Uint8Array, at: number, end: number, state: SmbState): boolean {
  if (at + SMB2_HEADER > end || smbMagic(b, at) !== Magic.smb2) return false;
  const command = peek16(b, at + 12);
  if (!isOnTree(command) || (b[at + 16] & (Flag.async | Flag.related)) !== 0) return false;
  if (peek32(b, at + 20) !== 0 || state.requests.size > 0) return false;
  if (state.pipes.size > 0 && GOES_BY_ID.has(command)) return false;
  const known = state.trees.get(treeOf(state, b, at));
  return known === undefined ? command > Smb2Command.ioctl : !known.isPipes;
}

interface Look {
  readonly b: Uint8Array;
  readonly end: number;
  readonly state: SmbState;
  readonly inner: StreamProtocol;
}

export const peek16 = (b: Uint8Array, at: number): number => b[at] | (b[at + 1] << 8);
export const peek32 = (b: Uint8Array, at: number): number => (peek16(b, at) | (peek16(b, at + 2) << 16)) >>> 0;
const peek64 = (b: Uint8Array, at: number): bigint => (BigInt(peek32(b, at + 4)) << 32n) | BigInt(peek32(b, at));

/** Commands of SMB 2 that name a tree (MS-SMB2 2.2.1.2): from CREATE to SET_INFO, but for CANCEL and ECHO. */
const isOnTree = (command: number): boolean =>
  command >= Smb2Command.create &&
  command < Smb2Command.break &&
  command !== Smb2Command.cancel &&
  command !== Smb2Command.echo;
/** What goes through an open file. */
const GOES_BY_ID: ReadonlySet<number> = new Set([Smb2Command.read, Smb2Command.write, Smb2Command.ioctl]);
/** Device of the functions of pipes, the upper half of their codes (MS-FSCC 2.3). */
const PIPE_DEVICE = 0x11;
/** Upper half of the time 1970 (MS-DTYP 2.3.3): pipes were made then for some servers, and never for others. */
const YEAR_1970 = 0x019db1de;

/** The tree of the message of SMB 2 at `at` as keys have it; it is mostly that of the message before. */
export function treeOf({ lastTree }: SmbState, b: Uint8Array, at: number): string {
  const id = peek32(b, at + 36);
  const low = peek32(b, at + 40);
  const high = peek32(b, at + 44);
  if (lastTree.id !== id || lastTree.low !== low || lastTree.high !== high) {
    lastTree.id = id;
    lastTree.low = low;
    lastTree.high = high;
    lastTree.key = treeKey2(sessionOf(b, at), id);
  }
  return lastTree.key;
}

const sessionOf = (b: Uint8Array, at: number): string => peek64(b, at + 40).toString(16);

function useOfSmb2(look: Look, start: number): number {
  const { b, end, state } = look;
  let use: number = Use.none;
  let tree = '';
  for (let at = start; ; ) {
    if (at + SMB2_HEADER > end) return Use.now;
    const command = peek16(b, at + 12);
    const next = peek32(b, at + 20);
    if (!isOnTree(command)) return next === 0 && at === start ? useOnConnection(command) : Use.now;
    const flags = b[at + 16];
    if ((flags & Flag.related) === 0 || peek32(b, at + 36) !== INHERITED_TREE)
      tree = (flags & Flag.async) !== 0 ? '' : treeOf(state, b, at);
    // no answer is expected to what was passed over
    const { requests } = state;
    if ((flags & Flag.response) !== 0 && requests.size > 0 && requests.has(String(peek64(b, at + 24)))) return Use.now;
    const known = state.trees.get(tree);
    if (known === undefined) use = Math.max(use, useOnUnseen(look, at, start));
    else if (known.isPipes) use = Math.max(use, command === Smb2Command.ioctl ? useOfIoctl(look, at) : Use.now);
    else if (state.pipes.size > 0 && (flags & Flag.response) === 0) use = Math.max(use, useById(look, at));
    if (use === Use.now || next === 0) return use;
    if (next < SMB2_HEADER) return Use.now;
    at += next;
  }
}

function useOnConnection(command: number): number {
  if (command <= Smb2Command.treeDisconnect) return Use.later;
  return command <= Smb2Command.break ? Use.idle : Use.now;
}

/** What a message is on a tree whose connecting was not captured, so that its files may be pipes. */
function useOnUnseen(look: Look, at: number, start: number): number {
  const { b, end, state } = look;
  const command = peek16(b, at + 12);
  const isResponse = (b[at + 16] & Flag.response) !== 0;
  // it names no tree, and it is known which requests it may answer
  if (isResponse && (b[at + 16] & Flag.async) !== 0 && state.rest === null) return Use.none;
  switch (command) {
    case Smb2Command.create:
      if (isBrief(look, start)) return Use.none;
      return isResponse ? useOfOpened(look, at) : Use.later;
    case Smb2Command.close:
      return isBrief(look, start) ? Use.none : Use.idle;
    case Smb2Command.ioctl:
      return useOfIoctl(look, at);
    case Smb2Command.read:
    case Smb2Command.write: {
      if (isResponse) return Use.none;
      const body = at + SMB2_HEADER;
      if (body + 32 > end) return Use.now;
      const pipe = state.pipes.size === 0 ? '' : pipeKey2(sessionOf(b, at), guidText(b, body + 16));
      const data = command === Smb2Command.write ? at + peek16(b, body + 2) : -1;
      return isOfPipe(look, pipe, data) ? Use.now : Use.none;
    }
    default:
      return Use.none;
  }
}

/** An open file goes by its id alone: a pipe's may be named with a disk's tree. */
function useById(look: Look, at: number): number {
  const { b, end } = look;
  const command = peek16(b, at + 12);
  if (!GOES_BY_ID.has(command)) return Use.none;
  const file = at + SMB2_HEADER + (command === Smb2Command.ioctl ? 8 : 16);
  if (file + 16 > end) return Use.now;
  return isOfPipe(look, pipeKey2(sessionOf(b, at), guidText(b, file)), -1) ? Use.now : Use.none;
}

/** What was opened: files were made at some time. */
function useOfOpened({ b, end }: Look, at: number): number {
  const body = at + SMB2_HEADER;
  if (isError(b, at, end) || peek32(b, at + 8) === Status.pending) return Use.idle;
  if (body + 16 > end) return Use.now;
  return peek32(b, body + 12) > YEAR_1970 ? Use.idle : Use.now;
}

function useOfIoctl({ b, end }: Look, at: number): number {
  const body = at + SMB2_HEADER;
  if (isError(b, at, end)) return Use.idle;
  return body + 8 > end || peek16(b, body + 6) === PIPE_DEVICE ? Use.now : Use.idle;
}

/** Whether a message has an error's body: then it does not say what it answers. */
const isError = (b: Uint8Array, at: number, end: number): boolean =>
  peek32(b, at + 8) !== Status.success &&
  (b[at + 16] & Flag.response) !== 0 &&
  at + SMB2_HEADER < end &&
  b[at + SMB2_HEADER] === ERROR_SIZE;

/**
 * Whether a compound opens, asks about and closes something: nothing goes through it, be it a pipe or not. Explorers of
 * files do little else.
 */
function isBrief({ b, end }: Look, start: number): boolean {
  for (let at = start; at + SMB2_HEADER <= end; ) {
    const command = peek16(b, at + 12);
    const next = peek32(b, at + 20);
    if (next === 0) return command === Smb2Command.close && at > start;
    const isAsked = command >= 14 && command <= 17;
    if (next < SMB2_HEADER || (at === start ? command !== Smb2Command.create : !isAsked)) return false;
    at += next;
  }
  return false;
}

/** NEGOTIATE of SMB 1, with which clients of SMB 2 may begin (MS-SMB2 3.2.4.2.2.1). */
const NEGOTIATE1 = 0x72;
/** Commands of SMB 1 that name no tree: echo, the setup and end of sessions and trees, cancel. */
const NOT_ON_TREE1: ReadonlySet<number> = new Set([0x2b, 0x70, 0x71, NEGOTIATE1, 0x73, 0x74, 0x75, 0xa4]);
/** CLOSE, TRANSACTION, OPEN_ANDX and NT_CREATE_ANDX may be a pipe's where the tree is not known. */
const MAYBE_PIPE1: ReadonlySet<number> = new Set([0x04, 0x25, 0x2d, 0xa2]);
const READ1 = 0x2e;
const WRITE1 = 0x2f;

function useOfSmb1(look: Look, at: number): number {
  const { b, end, state } = look;
  const command = b[at + 4];
  const isResponse = (b[at + 9] & 0x80) !== 0;
  if (NOT_ON_TREE1.has(command)) return command === NEGOTIATE1 && !isResponse ? Use.later : Use.now;
  const known = state.trees.get(treeKey1(peek16(b, at + 24)));
  if (known?.isPipes) return Use.now;
  if (isResponse) {
    if (state.requests.has(requestKey1(peek16(b, at + 26), peek16(b, at + 30)))) return Use.now;
    return known !== undefined || !MAYBE_PIPE1.has(command) ? Use.none : Use.now;
  }
  if (known !== undefined && state.pipes.size === 0) return Use.none;
  if (known === undefined && MAYBE_PIPE1.has(command)) return Use.now;
  if (command !== READ1 && command !== WRITE1) return Use.none;
  if (end < at + 62) return Use.now;
  const data = known === undefined && command === WRITE1 ? at + peek16(b, at + 55) : -1;
  return isOfPipe(look, pipeKey1(peek16(b, at + 37)), data) ? Use.now : Use.none;
}

/** Whether what is read or written on a tree that is not known goes through a pipe; `data`: where what is written begins. */
function isOfPipe({ b, end, state, inner }: Look, key: string, data: number): boolean {
  const pipe = state.pipes.get(key);
  if (pipe !== undefined && (pipe.isPipe || pipe.speaks === 'rpc')) return true;
  return data >= 0 && data < end && looksLikeRpc(inner, b, data, end);
}
