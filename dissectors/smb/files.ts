/**
 * Messages about files, of which nothing is kept but their number: peeks, as cheap as the cutting of the stream. What may
 * be about a pipe is none of them.
 */
import { viewOf } from '../../src/core/bytes.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import { guidText } from '../../src/core/text.js';
import { looksLikeRpc } from './pipes.js';
import { pipeKey1, requestKey1, treeKey1 } from './smb1/keys.js';
import { pipeKey2, treeKey2 } from './smb2/keys.js';
import { SMB_STATE, type SmbState } from './state.js';
import { Magic, NBSS_HEADER, SMB_STREAM, smbMagic } from './stream.js';

/** Whether all that a PDU holds is about files. */
export function isAboutFiles(b: Uint8Array, state: SmbState, inner: StreamProtocol): boolean {
  if (b.length < NBSS_HEADER + 36 || b[0] !== 0) return false;
  const magic = smbMagic(b, NBSS_HEADER);
  const look = { b, view: viewOf(b), state, inner };
  return magic === Magic.smb2 ? isSmb2OfFiles(look) : magic === Magic.smb1 && isSmb1OfFiles(look);
}

/** How SMB is cut where pipes speak `inner`: of messages about files nothing is wanted but their number. */
export function smbStream(inner: StreamProtocol): StreamProtocol {
  return {
    ...SMB_STREAM,
    passes(b, at, end, length, connection) {
      const state = connection?.state.get(SMB_STATE);
      const isPassed =
        SMB_STREAM.passes?.(b, at, end, length, connection) === true ||
        (state !== undefined && isAboutFiles(b.subarray(at, Math.min(end, at + length)), state, inner));
      if (isPassed && state !== undefined) state.passedOver++;
      return isPassed;
    },
  };
}

interface Look {
  readonly b: Uint8Array;
  readonly view: DataView;
  readonly state: SmbState;
  readonly inner: StreamProtocol;
}

/** Commands of SMB 2 that name a tree (MS-SMB2 2.2.1.2): from CREATE to SET_INFO, but for CANCEL and ECHO. */
const isOnTree2 = (command: number): boolean => command >= 5 && command <= 17 && command !== 12 && command !== 13;
/** CREATE, CLOSE and IOCTL may be a pipe's where the tree is not known. */
const MAYBE_PIPE2: ReadonlySet<number> = new Set([5, 6, 11]);
const CREATE2 = 5;
const CLOSE2 = 6;
const READ2 = 8;
const WRITE2 = 9;
const IOCTL2 = 11;

/** The session id of a message as keys have it; it is mostly that of the message before. */
function sessionOf({ view, state }: Look, at: number): string {
  const { lastSession } = state;
  const [low, high] = [view.getUint32(at + 40, true), view.getUint32(at + 44, true)];
  if (lastSession.low !== low || lastSession.high !== high)
    Object.assign(lastSession, { low, high, text: view.getBigUint64(at + 40, true).toString(16) });
  return lastSession.text;
}

function isSmb2OfFiles(look: Look): boolean {
  const { b, view, state } = look;
  let tree = '';
  for (let at = NBSS_HEADER; ; ) {
    if (at + 64 > b.length) return false;
    const command = view.getUint16(at + 12, true);
    if (!isOnTree2(command)) return false;
    const flags = view.getUint32(at + 16, true);
    const isResponse = (flags & 1) !== 0;
    const isAsync = (flags & 2) !== 0;
    const id = view.getUint32(at + 36, true);
    if ((flags & 4) === 0 || id !== 0xffffffff) tree = isAsync ? '' : treeKey2(sessionOf(look, at), id);
    const known = state.trees.get(tree);
    if (known?.isPipes) return false;
    if (isResponse) {
      // no answer is expected to what was passed over
      if (state.requests.size > 0 && state.requests.has(String(view.getBigUint64(at + 24, true)))) return false;
      if (known === undefined && !isAsync && MAYBE_PIPE2.has(command) && !isBrief(look)) return false;
    } else if (known === undefined || state.pipes.size > 0) {
      if (known === undefined && MAYBE_PIPE2.has(command) && !isBrief(look)) return false;
      // an open file goes by its id alone: a pipe's may be named with a disk's tree
      const file = at + 64 + (command === IOCTL2 ? 8 : 16);
      if (command === READ2 || command === WRITE2 || command === IOCTL2) {
        if (file + 16 > b.length) return false;
        const data = known === undefined && command === WRITE2 ? at + view.getUint16(at + 64 + 2, true) : -1;
        if (isOfPipe(look, pipeKey2(sessionOf(look, at), guidText(b, file)), data)) return false;
      }
    }
    const next = view.getUint32(at + 20, true);
    if (next === 0) return true;
    if (next < 64) return false;
    at += next;
  }
}

/**
 * Whether a compound opens, asks about and closes something: nothing goes through it, be it a pipe or not. Explorers of
 * files do little else.
 */
function isBrief({ b, view }: Look): boolean {
  for (let at = NBSS_HEADER; at + 64 <= b.length; ) {
    const command = view.getUint16(at + 12, true);
    const next = view.getUint32(at + 20, true);
    if (next === 0) return command === CLOSE2 && at > NBSS_HEADER;
    const isAsked = command >= 14 && command <= 17;
    if (next < 64 || (at === NBSS_HEADER ? command !== CREATE2 : !isAsked)) return false;
    at += next;
  }
  return false;
}

/** Commands of SMB 1 that name no tree: echo, the setup and end of sessions and trees, cancel. */
const NOT_ON_TREE1: ReadonlySet<number> = new Set([0x2b, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0xa4]);
/** CLOSE, TRANSACTION, OPEN_ANDX and NT_CREATE_ANDX may be a pipe's where the tree is not known. */
const MAYBE_PIPE1: ReadonlySet<number> = new Set([0x04, 0x25, 0x2d, 0xa2]);
const READ1 = 0x2e;
const WRITE1 = 0x2f;

function isSmb1OfFiles(look: Look): boolean {
  const { b, view, state } = look;
  const at = NBSS_HEADER;
  const command = b[at + 4];
  if (NOT_ON_TREE1.has(command)) return false;
  const known = state.trees.get(treeKey1(view.getUint16(at + 24, true)));
  if (known?.isPipes) return false;
  if ((b[at + 9] & 0x80) !== 0) {
    if (state.requests.has(requestKey1(view.getUint16(at + 26, true), view.getUint16(at + 30, true)))) return false;
    return known !== undefined || !MAYBE_PIPE1.has(command);
  }
  if (known !== undefined && state.pipes.size === 0) return true;
  if (known === undefined && MAYBE_PIPE1.has(command)) return false;
  if (command !== READ1 && command !== WRITE1) return true;
  if (b.length < at + 62) return false;
  const data = known === undefined && command === WRITE1 ? at + view.getUint16(at + 55, true) : -1;
  return !isOfPipe(look, pipeKey1(view.getUint16(at + 37, true)), data);
}

/** Whether what is read or written on a tree that is not known goes through a pipe; `data`: where what is written begins. */
function isOfPipe({ b, state, inner }: Look, key: string, data: number): boolean {
  const pipe = state.pipes.get(key);
  if (pipe !== undefined && (pipe.isPipe || pipe.speaks === 'rpc')) return true;
  return data >= NBSS_HEADER && data < b.length && looksLikeRpc(inner, b, data, b.length);
}
