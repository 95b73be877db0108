/** Requests, responses and faults of connections (C706 12.6.4.9, 12.6.4.10, 12.6.4.7; MS-RPCE 2.2.2). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import type { Call } from '../call.js';
import { statusName } from '../names/hresult.js';
import { openCall } from '../waiting.js';
import { peekTrailer, readTrailer } from './auth.js';
import { CONTEXT_ID } from './bind.js';
import { readBody, unprotect } from './body.js';
import { begin, newCall, over, REQUEST_NOT_SEEN, readHalf, take, unread } from './calls.js';
import { DECODE_FIELDS, isObject, learnIpid } from './decode.js';
import { atExtendedError, readExtendedError } from './eerr.js';
import type { Fragment } from './fragment.js';
import { Pfc } from './pdu.js';
import { dropStub } from './retention.js';

export const CALL_FIELDS: Field[] = [];
const f = fieldsInto(CALL_FIELDS);
const ALLOC_HINT = f('dcerpc.cn_alloc_hint', 'Alloc hint', 'uint32');
const OPNUM = f('dcerpc.opnum', 'Opnum', 'uint16');
const OBJECT = f('dcerpc.obj_id', 'Object (IPID)', 'guid');
const CANCEL_COUNT = f('dcerpc.cn_cancel_count', 'Cancel count', 'uint8');
const RESERVED = f('dcerpc.reserved', 'Reserved', 'bytes');
const FAULT_FLAGS = f('dcerpc.cn_fault_flags', 'Fault flags', 'uint8', { hex: true });
const STATUS = f('dcerpc.cn_status', 'Status', 'uint32', { hex: true });
const FAULT_DATA = f('dcerpc.fault_stub_data', 'Fault stub data', 'bytes');
const REQUEST_IN = f('dcerpc.request_in', 'Answers the request in frame', 'uint32');
CALL_FIELDS.push(...DECODE_FIELDS);

/** Reads a request PDU behind its common header. */
export function readRequest(c: Cursor, f: Fragment): void {
  const { association, header, pdu, key } = f;
  const { contextId, opnum, object } = c.more(pdu.head, readRequestHeader, f);
  const running = header.flags & Pfc.first ? undefined : association.calls.get(key);
  const call = running ?? begin(f, contextId, opnum, object);
  pdu.call = call;
  const body = readBody(c, f, call, association.requests, { contextId, opnum, object });
  if (body === null) return;
  const whole = readHalf(c, f, call, 'request', body);
  if (whole.decoded !== null && call.object !== null && call.iid !== null && call.interfaceFrom === 'bind')
    learnIpid(f, { ipid: call.object, iid: call.iid, oxid: null, oid: null });
  take(f, call, 'request', whole);
}

/** What stands in front of a request's stub. */
export function readRequestHeader(
  c: Cursor,
  f: Pick<Fragment, 'association' | 'header' | 'session'>,
): { contextId: number; opnum: number; object: string | null } {
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  const iid = f.association.contexts.get(contextId)?.iid ?? '';
  const opnum = c.u16(OPNUM, (n) => f.session.interfaces.get(iid)?.ops[n]?.name ?? '');
  const object = f.header.flags & Pfc.object ? c.guid(OBJECT) : null;
  return { contextId, opnum, object };
}

/** Reads a response PDU behind its common header. */
export function readResponse(c: Cursor, f: Fragment): void {
  const { association, pdu, key } = f;
  const contextId = c.more(pdu.head, readResponseHeader, null);
  const call = answered(f, contextId);
  pdu.call = call;
  tellRequest(c, call, isObject(call.object));
  const body = readBody(c, f, call, association.responses, { contextId, opnum: call.opnum, object: null });
  call.answering = true;
  if (body === null) return;
  association.calls.delete(key);
  take(f, call, 'response', readHalf(c, f, call, 'response', body));
  over(f, call);
}

/** What stands in front of a response's stub: the id of its context. */
export function readResponseHeader(c: Cursor): number {
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  c.u8(CANCEL_COUNT);
  c.raw(RESERVED, 1);
  return contextId;
}

/** Reads a fault PDU behind its common header (MS-RPCE 2.2.2.8). */
export function readFault(c: Cursor, f: Fragment): void {
  const { association, pdu, key } = f;
  const { contextId, status } = c.more(pdu.head, readFaultHeader, null);
  const call = answered(f, contextId);
  pdu.call = call;
  tellRequest(c, call, false);
  call.fault = status;
  dropStub(f.session.capture, association.responses.get(key));
  association.responses.delete(key);
  association.calls.delete(key);
  call.response = unread(f);
  pdu.completes = 'fault';
  over(f, call);
  const trailer = peekTrailer(c, f);
  const end = trailer === null ? c.end : trailer.start - trailer.padding;
  if (trailer !== null) unprotect(c, f, call, trailer);
  if (end > c.pos && atExtendedError(c)) call.extendedError = c.frame(null, end - c.pos, readExtendedError) ?? null;
  if (end > c.pos) c.raw(FAULT_DATA, end - c.pos);
  if (trailer !== null) readTrailer(c, trailer);
}

function readFaultHeader(c: Cursor): { contextId: number; status: number } {
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  c.u8(CANCEL_COUNT);
  c.u8(FAULT_FLAGS, (n) => (n & 1 ? 'extended error information' : 'none'));
  const status = c.u32(STATUS, statusName);
  if (c.left >= 4) c.raw(RESERVED, 4);
  return { contextId, status };
}

/** Where the request that is answered here stands. */
export function tellRequestFrame(c: Cursor, call: Call): void {
  if (call.request !== null && call.requestFrame !== null) c.computed(REQUEST_IN, call.requestFrame);
}

/** What an answer leaves out because its request said it. */
function tellRequest(c: Cursor, call: Call, withObject: boolean): void {
  if (!c.isRecording || call.request === null) return;
  tellRequestFrame(c, call);
  // like Wireshark's, for contexts whose bind was seen: elsewhere the operation may be a guess
  if (call.interfaceFrom !== 'bind') return;
  if (call.opnum !== null) c.computed(OPNUM, call.opnum, call.operation?.name);
  if (withObject) c.computed(OBJECT, call.object);
}

/** The call that a response or fault answers; a new one without a request where that was not captured (yet). */
function answered(f: Fragment, contextId: number): Call {
  const { association, key } = f;
  const call = association.calls.get(key);
  if (call !== undefined) {
    if (call.contextId !== contextId)
      f.pdu.note('context-mismatch', `an answer on context ${contextId} to a call on context ${call.contextId}`);
    return call;
  }
  const orphan = newCall(f, contextId, null);
  orphan.warnings.push(REQUEST_NOT_SEEN);
  openCall(f, association.calls, key, orphan);
  return orphan;
}
