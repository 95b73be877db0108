/**
 * Connectionless DCE/RPC (C706 12.5): a header of 80 bytes that names interface, activity and sequence number, so
 * no bind comes first. A call is (activity, sequence number), wherever its datagrams come from and go to; stubs
 * are decoded as those of the connection-oriented protocol are (decode.ts).
 */
import { type StateStore, stateKey } from '../../../src/core/context.js';
import type { Cursor } from '../../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../../src/core/node.js';
import type { Call } from '../../call.js';
import { dropOldest, makeRoom, tellLimit } from '../../limits.js';
import { statusName } from '../../names/hresult.js';
import type { Pdu } from '../../pdu.js';
import type { Session } from '../../session.js';
import { dropCall, keepCall, openCall } from '../../waiting.js';
import type { Unfinished } from '../association.js';
import { type Association, newAssociation, type Part } from '../association.js';
import { type Body, join } from '../body.js';
import { tellRequestFrame } from '../call-pdus.js';
import { begin, newCall, over, REQUEST_NOT_SEEN, readHalf, take, unread } from '../calls.js';
import type { Fragment } from '../fragment.js';
import { DCERPC, Pfc, PTYPES } from '../pdu.js';
import { dropStub, endCalls, growStub } from '../retention.js';
import { AUTH_NAMES, DATAGRAM_FIELDS, type Datagram, readDatagramHeader } from './header.js';

/** PDU types (C706 12.5.1) that the connection-oriented protocol lacks; see also `Ptype`. */
const Type = {
  request: 0,
  response: 2,
  fault: 3,
  nocall: 5,
  reject: 6,
  cancel: 8,
  fack: 9,
  cancelAck: 10,
} as const;

export const CONNECTIONLESS_FIELDS: Field[] = [];
const f = fieldsInto(CONNECTIONLESS_FIELDS);
const STATUS = f('dcerpc.dg_status', 'Status', 'uint32', { hex: true });
const FRAGMENT = f('dcerpc.fragment_data', 'Fragment', 'bytes');
const BODY = f('dcerpc.dg_body', 'Body', 'bytes');
const FACK_VERSION = f('dcerpc.fack_vers', 'Fack version', 'uint8');
const FACK_WINDOW = f('dcerpc.fack_window_size', 'Window', 'uint16');
const FACK_TSDU = f('dcerpc.fack_max_tsdu', 'Largest transport datagram', 'uint32');
const FACK_FRAGMENT = f('dcerpc.fack_max_frag_size', 'Largest fragment', 'uint32');
const FACK_SERIAL = f('dcerpc.fack_serial_num', 'Serial number', 'uint16');
const FACK_SELECTIVE = f('dcerpc.fack_selack_len', 'Selective acknowledgements', 'uint16');
const FACK_BITS = f('dcerpc.fack_selack', 'Selective acknowledgement', 'uint32', { hex: true });
const CANCEL_VERSION = f('dcerpc.dg_cancel_vers', 'Cancel version', 'uint32');
const CANCEL_ID = f('dcerpc.dg_cancel_id', 'Cancel id', 'uint32');
const ACCEPTING = f('dcerpc.server_accepting_cancels', 'Server accepts cancels', 'uint32');
const PROTECTION = f('dcerpc.krb5_av.prot_level', 'Protection level', 'uint8');
const KEY_VERSION = f('dcerpc.krb5_av.key_vers_num', 'Key version', 'uint8');
const KERBEROS_VERIFIER = f('dcerpc.krb5_av.auth_verifier', 'Authentication verifier', 'bytes');
const VERIFIER = f('dcerpc.authentication_verifier', 'Authentication verifier', 'bytes');
CONNECTIONLESS_FIELDS.push(...DATAGRAM_FIELDS);

/** Fragments of one direction of a call. */
export interface Pieces extends Unfinished {
  readonly parts: Map<number, Part>;
  /** Number of the last one, -1 until it was seen. */
  last: number;
}

/** What is known of an activity: calls follow each other in it, one at a time. */
export interface Activity {
  readonly association: Association;
  /** Calls that are over, for datagrams that come twice or late. */
  readonly done: Map<number, Call>;
  readonly pieces: { readonly request: Map<number, Pieces>; readonly response: Map<number, Pieces> };
}

export const ACTIVITIES = stateKey('dcerpc.activities', () => new Map<string, Activity>());
const MAX_DONE = 8;

/** A datagram's header names its interface: nobody negotiates it. */
const BOUND = { accepted: true, refused: null, isSyntaxGuessed: false, frame: null };

/** Reads one connectionless PDU. */
export function readDatagram(c: Cursor, pdu: Pdu, session: Session): void {
  const { transport } = pdu;
  const dg = c.group(
    DCERPC,
    () => {
      pdu.head = c.here;
      return readDatagramHeader(c, session);
    },
    null,
    (h) => `4 ${PTYPES[h.type] ?? 'unknown'}, ${h.length} bytes`,
  );
  const { type } = dg;
  pdu.header = dg;
  const { activity, isFull } = activityOf(session, dg);
  const fragment: Fragment = { session, transport, association: activity.association, header: dg, pdu, key: dg.callId };
  if (isFull) tellLimit(fragment, 'activities');
  if (type === Type.request) transport.connection.client = transport.direction;
  switch (type) {
    case Type.request:
      readRequest(c, fragment, activity, dg);
      break;
    case Type.response:
      readResponse(c, fragment, activity, dg);
      break;
    case Type.fault:
    case Type.reject:
      readFault(c, fragment, activity, dg);
      break;
    default:
      pdu.call = activity.association.calls.get(dg.callId) ?? activity.done.get(dg.callId) ?? null;
      c.frame(null, dg.bodyLength, readControl, type);
      if (type === Type.cancel) pdu.note('cancelled', 'the client asked to cancel this call');
  }
  if (c.left > 0 && dg.auth !== 0) readVerifier(c, dg, pdu.call);
}

/**
 * The datagram's activity, with the interface that its header names bound as context 0; and whether another one had to
 * be forgotten for it.
 */
function activityOf({ capture, limits }: Session, dg: Datagram): { activity: Activity; isFull: boolean } {
  const known = capture.get(ACTIVITIES);
  let activity = known.get(dg.activity);
  const oldest = dropOldest(known, dg.activity, limits.activities);
  if (oldest !== undefined) forget(oldest, capture);
  if (activity === undefined) activity = newActivity();
  else known.delete(dg.activity);
  // a map keeps the order of insertion: what was used last stands last
  known.set(dg.activity, activity);
  const { contexts } = activity.association;
  if (contexts.get(0)?.iid !== dg.iid)
    contexts.set(0, { id: 0, iid: dg.iid, version: dg.version, syntax: 'NDR', ...BOUND });
  return { activity, isFull: oldest !== undefined };
}

/** An activity of which nothing is known yet. */
export function newActivity(): Activity {
  return { association: newAssociation(), done: new Map(), pieces: { request: new Map(), response: new Map() } };
}

/** Nothing is kept of an activity any more. */
function forget({ association, done, pieces }: Activity, capture: StateStore): void {
  endCalls(association, capture);
  for (const call of done.values()) dropCall(capture, call);
  for (const stubs of [pieces.request, pieces.response]) for (const stub of stubs.values()) dropStub(capture, stub);
}

function readRequest(c: Cursor, f: Fragment, activity: Activity, dg: Datagram): void {
  const { calls } = activity.association;
  const running = calls.get(dg.callId) ?? activity.done.get(dg.callId);
  const again = running?.request != null && (activity.done.has(dg.callId) || running.request.stub !== null);
  if (running === undefined) giveUpBefore(f, activity, dg.callId);
  const call = running?.request == null ? begin(f, 0, dg.opnum, dg.object) : running;
  f.pdu.call = call;
  const body = readBody(c, f, activity.pieces.request, dg, call);
  if (body === null) return;
  const whole = readHalf(c, f, call, 'request', body);
  // a datagram sent or captured twice
  if (again) return;
  take(f, call, 'request', whole);
  if (!call.open) finish(f, activity, dg.callId, call);
}

function readResponse(c: Cursor, f: Fragment, activity: Activity, dg: Datagram): void {
  const { call, again } = answered(f, activity, dg);
  tellRequestFrame(c, call);
  call.answering = true;
  const body = readBody(c, f, activity.pieces.response, dg, call);
  if (body === null) return;
  const whole = readHalf(c, f, call, 'response', body);
  if (again) return;
  take(f, call, 'response', whole);
  close(f, activity, dg, call);
}

/** Fault and reject: a status (C706 12.5.3.4, 12.5.3.10). */
function readFault(c: Cursor, f: Fragment, activity: Activity, dg: Datagram): void {
  const { call, again } = answered(f, activity, dg);
  tellRequestFrame(c, call);
  const status = c.u32(STATUS, statusName);
  if (dg.bodyLength > 4) c.raw(BODY, Math.min(dg.bodyLength - 4, c.left));
  if (again) return;
  call.fault = status;
  call.response = unread(f);
  f.pdu.completes = 'fault';
  close(f, activity, dg, call);
}

/** The call that an answer belongs to, and whether it was answered before. */
function answered(f: Fragment, activity: Activity, dg: Datagram): { call: Call; again: boolean } {
  const { calls } = activity.association;
  const over = activity.done.get(dg.callId);
  let call = calls.get(dg.callId) ?? over;
  if (call === undefined) {
    const { connection, direction } = f.transport;
    connection.client = direction === 0 ? 1 : 0;
    call = newCall(f, 0, dg.opnum);
    call.object = dg.object;
    call.warnings.push(REQUEST_NOT_SEEN);
    openCall(f, calls, dg.callId, call);
  }
  f.pdu.call = call;
  return { call, again: call === over };
}

/** The answer is whole. */
function close(f: Fragment, activity: Activity, dg: Datagram, call: Call): void {
  if (call.request !== null && call.request.stub === null && activity.pieces.request.has(dg.callId))
    f.pdu.note('unreassembled', 'fragments of the request were not captured');
  over(f, call);
  if (call.request === null) return;
  finish(f, activity, dg.callId, call);
}

function finish(f: Fragment, { association, done, pieces }: Activity, sequence: number, call: Call): void {
  const { capture } = f.session;
  association.calls.delete(sequence);
  for (const stubs of [pieces.request, pieces.response]) {
    dropStub(capture, stubs.get(sequence));
    stubs.delete(sequence);
  }
  const oldest = dropOldest(done, sequence, MAX_DONE);
  if (oldest !== undefined) dropCall(capture, oldest);
  done.set(sequence, call);
  keepCall(f, call, done, sequence);
}

/** A client that calls again waits no longer for what it called before; the last call's answer may be late. */
function giveUpBefore(f: Fragment, activity: Activity, sequence: number): void {
  for (const [before, call] of activity.association.calls) {
    const ahead = (sequence - before) >>> 0;
    if (ahead < 2 || ahead > 0x7fffffff) continue;
    call.open = false;
    finish(f, activity, before, call);
  }
}

/** The stub: where it lies, or put together with the datagram's fellows. Null while fragments are missing. */
function readBody(c: Cursor, f: Fragment, all: Map<number, Pieces>, dg: Datagram, call: Call): Body | null {
  const start = c.pos;
  const end = Math.min(start + dg.bodyLength, c.end);
  const frames = [...f.transport.frames];
  const bytes = c.bytes.subarray(start, end);
  const rest = (): void => {
    c.pos = Math.max(c.pos, end);
  };
  const truncated = end < start + dg.bodyLength;
  if (dg.auth !== 0 && sealed(c, dg)) {
    call.auth = { ...call.auth, decrypted: false };
    c.carry(FRAGMENT, end - start);
    return null;
  }
  if (!dg.isFragment)
    return { cursor: c, bytes, length: dg.bodyLength, frames, damaged: truncated ? 'truncated' : null, rest };
  c.carry(FRAGMENT, end - start);
  if (truncated) return null;
  let pieces = all.get(dg.callId);
  if (pieces === undefined) {
    pieces = { parts: new Map(), last: -1, length: 0, cost: 0, damaged: null };
    dropStub(f.session.capture, makeRoom(f, all, dg.callId, 'assemblies'));
    all.set(dg.callId, pieces);
  }
  if (pieces.parts.has(dg.number)) return null;
  if (dg.flags & Pfc.last) pieces.last = dg.number;
  if (pieces.damaged === null) {
    pieces.parts.set(dg.number, { bytes, range: { source: c.source, start, end }, frames });
    growStub(f, pieces, bytes.length, pieces.last >= 0 && pieces.parts.size > pieces.last);
  }
  // of one that was given up nobody knows which were there: its last fragment ends it
  const { damaged } = pieces;
  if (damaged === null ? pieces.last < 0 || pieces.parts.size <= pieces.last : pieces.last !== dg.number) return null;
  all.delete(dg.callId);
  dropStub(f.session.capture, pieces);
  const parts = [...pieces.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
  return join(c, { parts, length: pieces.length, damaged }, f.transport);
}

/** Level of a Kerberos verifier behind the body, whose first byte it is; other protocols do not say. */
function sealed(c: Cursor, dg: Datagram): boolean {
  return dg.auth === 1 && c.peek(dg.bodyLength) === 6;
}

/** What follows the body of an authenticated datagram (C706 13.3.1). */
function readVerifier(c: Cursor, dg: Datagram, call: Call | null): void {
  const type = AUTH_NAMES[dg.auth] ?? String(dg.auth);
  let level = 0;
  if (dg.auth === 1 && c.left >= 2) {
    level = c.u8(PROTECTION);
    c.u8(KEY_VERSION);
    // two bytes, or those up to the sealed confounder, in front of the checksum
    c.pad(Math.min(level === 6 ? 6 : 2, c.left));
    if (c.left > 0) c.raw(KERBEROS_VERIFIER, c.left);
  } else if (c.left > 0) c.raw(VERIFIER, c.left);
  if (call !== null) call.auth = { ...call.auth, type, level };
}

/** Bodies of the PDUs that carry no stub (C706 12.5.3). */
function readControl(c: Cursor, type: number): void {
  if (c.left === 0) return;
  if (type === Type.fack || type === Type.nocall) {
    c.u8(FACK_VERSION);
    c.pad(1);
    c.u16(FACK_WINDOW);
    c.u32(FACK_TSDU);
    c.u32(FACK_FRAGMENT);
    c.u16(FACK_SERIAL);
    const count = c.items(c.u16(FACK_SELECTIVE), 4);
    for (let i = 0; i < count; i++) c.u32(FACK_BITS);
  } else if (type === Type.cancel || type === Type.cancelAck) {
    c.u32(CANCEL_VERSION);
    c.u32(CANCEL_ID);
    if (type === Type.cancelAck && c.left >= 4) c.u32(ACCEPTING);
  } else c.raw(BODY, c.left);
}
