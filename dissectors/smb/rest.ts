/**
 * Connections that rest: where nobody asks for PDUs that no call comes of, messages of logons, trees and what is opened are
 * kept as they are. A message that is about a pipe wakes the connection: they are dissected then, in front of it. Most
 * connections of file servers never do.
 */
import type { TransportPdu } from '../../src/core/context.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import { Status } from './fields.js';
import { peek16, peek32, treeOf, Use, useOf } from './files.js';
import type { SmbAround } from './reading.js';
import { Flag, SMB2_HEADER, Smb2Command } from './smb2/header.js';
import { PIPE_SHARE } from './smb2/tree-connect.js';
import { forgetDisks, hasRoom, type Rest, type SmbState } from './state.js';
import { Magic, NBSS_HEADER, smbMagic } from './stream.js';

/** Messages that are kept of a connection, and their bytes. */
const MOST_KEPT = 64;
const MOST_BYTES = 1 << 16;
/** What keeping one costs beside its bytes, about. */
const KEPT_COST = 512;

/** Takes a message of a connection that rests. Returns false where it wakes. */
export function rests(transport: TransportPdu, state: SmbState, around: SmbAround, inner: StreamProtocol): boolean {
  const { bytes, length, afterGap } = transport;
  const rest = state.rest as Rest;
  if (afterGap) forgetDisks(state);
  const use = useOf(bytes, 0, bytes.length, state, inner);
  if (use === Use.now) return false;
  if (use === Use.later) return bytes.length === length && keep(transport, rest, state, around);
  state.passedOver++;
  if (use === Use.idle) dropOpening(bytes, rest, state);
  return true;
}

/** Dissects what was kept. */
export function wake(state: SmbState, dissect: (pdu: TransportPdu) => void): void {
  const { kept } = state.rest as Rest;
  const trees = new Set(state.trees.keys());
  state.rest = null;
  state.trees.clear();
  for (const pdu of kept) dissect(pdu);
  // holes were seen in messages that were not kept
  for (const [key, { isPipes }] of state.trees) if (!isPipes && !trees.has(key)) state.trees.delete(key);
}

function keep(transport: TransportPdu, rest: Rest, state: SmbState, { capture, limits }: SmbAround): boolean {
  const { bytes } = transport;
  if (rest.kept.length === MOST_KEPT || rest.bytes + bytes.length > MOST_BYTES) return false;
  rest.bytes += bytes.length + KEPT_COST;
  if (!hasRoom(state, capture, limits)) return false;
  rest.kept.push(transport);
  learnTree(bytes, state);
  return true;
}

/** Which trees hold pipes must be known at once. */
function learnTree(b: Uint8Array, state: SmbState): void {
  const at = NBSS_HEADER;
  if (!isAnswer2(b) || peek32(b, at + 8) !== Status.success) return;
  const command = peek16(b, at + 12);
  if ((b[at + 16] & Flag.async) !== 0) return;
  if (command === Smb2Command.treeConnect) {
    const type = b[at + SMB2_HEADER + 2];
    state.trees.set(treeOf(state, b, at), { path: null, type, isPipes: type === PIPE_SHARE });
  } else if (command === Smb2Command.treeDisconnect) state.trees.delete(treeOf(state, b, at));
}

/** What was opened is no pipe: the request is needed no more. */
function dropOpening(b: Uint8Array, rest: Rest, state: SmbState): void {
  const at = NBSS_HEADER;
  if (!isAnswer2(b) || peek16(b, at + 12) !== Smb2Command.create || peek32(b, at + 8) === Status.pending) return;
  const i = rest.kept.findLastIndex(({ bytes }) => answers(b, bytes));
  if (i < 0) return;
  const [{ bytes }] = rest.kept.splice(i, 1);
  rest.bytes -= bytes.length + KEPT_COST;
  state.passedOver++;
}

const isAnswer2 = (b: Uint8Array): boolean =>
  smbMagic(b, NBSS_HEADER) === Magic.smb2 && (b[NBSS_HEADER + 16] & Flag.response) !== 0;

/** Whether both are of one command and have one message id. */
const answers = (a: Uint8Array, b: Uint8Array): boolean =>
  [12, 24, 28].every((i) => peek32(a, NBSS_HEADER + i) === peek32(b, NBSS_HEADER + i));
