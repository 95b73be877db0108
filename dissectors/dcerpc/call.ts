/**
 * Requests, responses and faults: fragments become stubs, stubs become parameters, and both halves a call
 * (C706 12.6.4.9, 12.6.4.10, 12.6.4.7; MS-RPCE 2.2.2 and 3.3.1).
 */
import { Cursor } from '../../src/core/cursor.js';
import { field, type Note } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import type { DataSource } from '../../src/core/source.js';
import { bindingTexts } from '../dcom/dual-string-array.js';
import { learnEndpoints } from '../dcom/endpoints.js';
import { type Fact, NIL } from '../dcom/facts.js';
import { foreignField, useForeignFields } from '../dcom/foreign.js';
import { hresultName, statusName } from '../dcom/hresult.js';
import { type KnownPointer, learnPointer, pointerOf } from '../dcom/ipids.js';
import type { Objref } from '../dcom/objref.js';
import { scopeOf } from '../ndr/read.js';
import { peekTrailer, readTrailer } from './auth.js';
import { CONTEXT_ID } from './bind.js';
import { type Body, readBody, unprotect } from './body.js';
import type { Call, EarlyAnswer, Half, PresentationContext } from './connection.js';
import { atExtendedError, readExtendedError } from './eerr.js';
import type { RpcInterface, RpcOperation } from './interface.js';
import { dropStub, endCall, keepCall, makeRoom, openCall, tellLimit } from './kept.js';
import { factsOf } from './outcome.js';
import { Pfc } from './pdu.js';
import type { Fragment } from './session.js';
import { guessInterface, readOpaqueStub, readStub, readsWhole, type StubFormat, type StubReading } from './stub.js';

/** Frames that an answer may be ahead of its request: one that is older is another call's. */
const EARLY_FRAMES = 256;

const ALLOC_HINT = field('dcerpc.cn_alloc_hint', 'Alloc hint', 'uint32');
const OPNUM = field('dcerpc.opnum', 'Opnum', 'uint16');
const OBJECT = field('dcerpc.obj_id', 'Object (IPID)', 'guid');
const IPID = field('dcom.ipid', 'IPID', 'guid');
const SHAPE = field('dcerpc.shape', 'By its shape', 'string');
const CANCEL_COUNT = field('dcerpc.cn_cancel_count', 'Cancel count', 'uint8');
const RESERVED = field('dcerpc.reserved', 'Reserved', 'bytes');
const FAULT_FLAGS = field('dcerpc.cn_fault_flags', 'Fault flags', 'uint8', { hex: true });
const STATUS = field('dcerpc.cn_status', 'Status', 'uint32', { hex: true });
const FAULT_DATA = field('dcerpc.fault_stub_data', 'Fault stub data', 'bytes');
const REQUEST_IN = field('dcerpc.request_in', 'Answers the request in frame', 'uint32');
export const CALL_FIELDS = [
  IPID,
  SHAPE,
  REQUEST_IN,
  ALLOC_HINT,
  OPNUM,
  OBJECT,
  CANCEL_COUNT,
  RESERVED,
  FAULT_FLAGS,
  STATUS,
  FAULT_DATA,
];

/** Reads a request PDU behind its common header. */
export function readRequest(c: Cursor, f: Fragment): void {
  const { association, header, pdu, transport } = f;
  const { contextId, opnum, object } = c.more(pdu.head, readRequestHeader, f);
  const running = header.flags & Pfc.first ? undefined : association.calls.get(header.callId);
  const early = association.early.get(header.callId);
  const call = running ?? begin(f, contextId, opnum, object);
  pdu.call = call;
  const body = readBody(c, f, call, association.requests, contextId, opnum);
  if (body === null) return;
  const half: Half = { frames: body.frames, time: call.request?.time ?? transport.time, stub: null };
  call.request = half;
  pdu.completes = 'request';
  if (undecodable(body)) {
    tellNotWhole(f, body, 'request');
    tellInterface(c, call);
    body.rest();
    return;
  }
  const reading = decode(body, f, call, 'request');
  if (body.damaged === null) half.stub = body.bytes.subarray(0, reading.length);
  call.in = reading.params;
  call.causality = reading.causality;
  if (association.calls.get(header.callId) === call) keepCall(f, call, association.calls, header.callId);
  if (call.object !== null && call.iid !== null && call.interfaceFrom === 'bind')
    learn(f, { ipid: call.object, iid: call.iid, oxid: null, oid: null });
  if (early?.call === call) takeEarlyAnswer(f, early);
  body.rest();
}

function readRequestHeader(c: Cursor, f: Fragment): { contextId: number; opnum: number; object: string | null } {
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  const iid = f.association.contexts.get(contextId)?.iid ?? '';
  const opnum = c.u16(OPNUM, (n) => f.session.interfaces.get(iid)?.ops[n]?.name ?? '');
  const object = f.header.flags & Pfc.object ? c.guid(OBJECT) : null;
  return { contextId, opnum, object };
}

/** Reads a response PDU behind its common header. */
export function readResponse(c: Cursor, f: Fragment): void {
  const { association, header, pdu, transport } = f;
  const contextId = c.more(pdu.head, readResponseHeader, null);
  const call = answered(f, contextId);
  pdu.call = call;
  tellRequest(c, call, isObject(call.object));
  const body = readBody(c, f, call, association.responses, contextId, call.opnum);
  call.answering = true;
  if (body === null) return;
  const half: Half = { frames: body.frames, time: transport.time, stub: null };
  call.response = half;
  association.calls.delete(header.callId);
  pdu.completes = 'response';
  if (!undecodable(body)) {
    const reading = decode(body, f, call, 'response');
    if (body.damaged === null) half.stub = body.bytes.subarray(0, reading.length);
    call.out = reading.params;
    call.result = reading.result;
    call.errorInfo = reading.errorInfo;
  } else {
    tellNotWhole(f, body, 'answer');
    tellInterface(c, call);
  }
  over(f, call);
  body.rest();
}

function readResponseHeader(c: Cursor): number {
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  c.u8(CANCEL_COUNT);
  c.raw(RESERVED, 1);
  return contextId;
}

/** Reads a fault PDU behind its common header (MS-RPCE 2.2.2.8). */
export function readFault(c: Cursor, f: Fragment): void {
  const { association, header, pdu, transport } = f;
  const { contextId, status } = c.more(pdu.head, readFaultHeader, null);
  const call = answered(f, contextId);
  pdu.call = call;
  tellRequest(c, call, false);
  call.fault = status;
  dropStub(f.session.capture, association.responses.get(header.callId));
  association.responses.delete(header.callId);
  association.calls.delete(header.callId);
  call.response = { frames: [...transport.frames], time: transport.time, stub: null };
  pdu.completes = 'fault';
  over(f, call);
  const trailer = peekTrailer(c, header);
  const security = trailer === null ? null : (association.security.get(trailer.contextId) ?? null);
  const end = trailer === null ? c.end : trailer.start - trailer.padding;
  if (trailer !== null && security !== null) unprotect(c, f, call, trailer, security);
  if (end > c.pos && atExtendedError(c))
    call.extendedError = c.frame(null, end - c.pos, readExtendedError, null) ?? null;
  if (end > c.pos) c.raw(FAULT_DATA, end - c.pos);
  if (trailer !== null) readTrailer(c, trailer, security);
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

/** Whether a call names an object; calls without one may carry a nil UUID. */
function isObject(object: string | null): boolean {
  return object !== null && object !== NIL;
}

/** The call that a response or fault answers; a new one without a request where that was not captured (yet). */
function answered(f: Fragment, contextId: number): Call {
  const { association, header } = f;
  const call = association.calls.get(header.callId);
  if (call !== undefined) return call;
  const orphan = newCall(f, contextId, null);
  orphan.warnings.push(REQUEST_NOT_SEEN);
  openCall(f, association.calls, header.callId, orphan);
  return orphan;
}

/** An interface pointer is known from now on. */
function learn(f: Fragment, pointer: KnownPointer): void {
  if (learnPointer(f.session.capture, pointer, f.session.limits.ipids)) tellLimit(f, 'ipids');
}

/** What later calls need of a fact: the interface that an IPID stands for, and where an apartment listens. */
function learnFact(f: Fragment, fact: Fact): void {
  if (fact.kind === 'asked' && fact.pointer !== null && fact.iid !== NIL) {
    const { ipid, oxid, oid } = fact.pointer;
    learn(f, { ipid, iid: fact.iid, oxid, oid });
  } else if (fact.kind === 'exported' && fact.bindings !== null)
    learnEndpoints(f.session.capture, bindingTexts(fact.bindings), serverOf(f));
}

export const REQUEST_NOT_SEEN: Note = {
  code: 'request-not-seen',
  message: 'the request of this answer was not captured',
  offset: null,
  source: null,
};

/** A stub of which bytes are sealed or lost in front or in the middle. One that only lacks its end is read. */
export function undecodable(body: Body): boolean {
  return body.damaged !== null && body.damaged !== 'truncated';
}

/** Says of a stub that cannot be decoded that bytes of it are missing. What is sealed is said elsewhere. */
export function tellNotWhole({ pdu }: Fragment, { damaged }: Body, what: 'request' | 'answer'): void {
  if (damaged === 'encrypted') return;
  pdu.note('incomplete', `bytes of the ${what} are missing, so that what it carries was not decoded`);
}

/** The answer is there: the call is over, unless its request may still come. */
export function over(f: Fragment, call: Call): void {
  const { association, header, transport, session } = f;
  if (call.request === null) {
    const before = association.early.get(header.callId)?.call;
    if (before !== call) endCall(session.capture, before);
    endCall(session.capture, makeRoom(f, association.early, header.callId, 'earlyAnswers')?.call);
    const stub = call.response?.stub ?? null;
    const frame = transport.frames[transport.frames.length - 1];
    association.early.set(header.callId, { call, stub, littleEndian: header.littleEndian, frame });
    keepCall(f, call, association.early, header.callId);
    return;
  }
  endCall(session.capture, call);
  if (call.fault !== null) return;
  if (call.out !== null) call.operation?.complete?.(call.in, call.out);
  for (const fact of factsOf(call)) learnFact(f, fact);
}

/** The request came behind its answer, which can be decoded only now. */
export function takeEarlyAnswer(f: Fragment, early: EarlyAnswer): void {
  const { call, stub } = early;
  f.association.early.delete(call.callId);
  f.association.calls.delete(call.callId);
  if (stub !== null && call.response !== null) {
    const source: DataSource = { kind: 'captured', name: 'Stub', bytes: stub, pieces: [] };
    const cursor = new Cursor(source, new Recording(false, f.session.limits));
    cursor.littleEndian = early.littleEndian;
    const body = {
      cursor,
      bytes: stub,
      length: stub.length,
      frames: call.response.frames,
      damaged: null,
      rest: () => {},
    };
    const reading = decode(body, f, call, 'response');
    call.response.stub = stub.subarray(0, reading.length);
    call.out = reading.params;
    call.result = reading.result;
    call.errorInfo = reading.errorInfo;
    call.warnings.push(...cursor.recording.notes);
  }
  over(f, call);
}

/** A call of which nothing is known but what its header says. */
export function newCall(f: Fragment, contextId: number, opnum: number | null): Call {
  const context = f.association.contexts.get(contextId);
  const iface = context === undefined ? null : (f.session.interfaces.get(context.iid) ?? null);
  return {
    connection: f.transport.connection,
    callId: f.header.callId,
    contextId,
    opnum,
    iface,
    iid: context?.iid ?? null,
    interfaceFrom: context === undefined ? 'unknown' : 'bind',
    operation: operationOf(iface, opnum),
    syntax: context?.syntax ?? 'NDR',
    object: null,
    causality: null,
    auth: { type: null, level: 0, user: null, decrypted: null, verified: null },
    request: null,
    requestFrame: null,
    response: null,
    fault: null,
    in: null,
    out: null,
    result: null,
    errorInfo: null,
    extendedError: null,
    warnings: context === undefined ? [] : warningsOf(context),
    nameOf: namesIn(f.session.interfaces),
    open: true,
    answering: false,
  };
}

/** What a call should say of the context that it runs on. */
function warningsOf({ id, refused, isSyntaxGuessed }: PresentationContext): Note[] {
  const note = (code: string, message: string): Note[] => [{ code, message, offset: null, source: null }];
  if (refused !== null) return note('context-refused', `the server refused context ${id}: ${refused}`);
  if (!isSyntaxGuessed) return [];
  return note(
    'syntax-guessed',
    `the answer to the offer of context ${id} was not captured: which transfer syntax it speaks is a guess`,
  );
}

function operationOf(iface: RpcInterface | null, opnum: number | null): RpcOperation | null {
  return opnum === null ? null : (iface?.ops[opnum] ?? null);
}

/** By itself, so that a call keeps the names alive and not the PDU that it began with. */
function namesIn(interfaces: Fragment['session']['interfaces']): Call['nameOf'] {
  return (iid) => interfaces.get(iid)?.name ?? iid;
}

/** A call's first fragment: it takes its place among the open calls. */
export function begin(f: Fragment, contextId: number, opnum: number, object: string | null): Call {
  const { association, header, transport, session } = f;
  for (const stubs of [association.requests, association.responses]) {
    dropStub(session.capture, stubs.get(header.callId));
    stubs.delete(header.callId);
  }
  const call = adoptEarly(f, newCall(f, contextId, opnum));
  const before = association.calls.get(header.callId);
  association.calls.delete(header.callId);
  if (before !== call) endCall(session.capture, before);
  openCall(f, association.calls, header.callId, call);
  if (header.flags & Pfc.maybe) call.open = false;
  call.object = object;
  call.request = { frames: [...transport.frames], time: transport.time, stub: null };
  call.requestFrame = transport.frames[transport.frames.length - 1];
  f.pdu.begins = true;
  const told = session.decodeAs.get(object ?? '') ?? session.decodeAs.get(String(contextId));
  if (told !== undefined) setInterface(f, call, told, 'user');
  if (call.iid !== null || object === null) return call;
  const known = pointerOf(session.capture, object);
  if (known !== undefined) setInterface(f, call, known.iid, 'ipid');
  return call;
}

/** Where the answer came first, and not long ago, its call gets what the request tells. */
function adoptEarly(f: Fragment, fresh: Call): Call {
  const { association, header, transport } = f;
  const early = association.early.get(header.callId);
  if (early === undefined) return fresh;
  if (transport.frames[0] - early.frame > EARLY_FRAMES) {
    association.early.delete(header.callId);
    endCall(f.session.capture, early.call);
    return fresh;
  }
  const { call } = early;
  const { opnum, iface, iid, interfaceFrom, operation } = fresh;
  Object.assign(call, { opnum, iface, iid, interfaceFrom, operation });
  const at = call.warnings.indexOf(REQUEST_NOT_SEEN);
  if (at >= 0) call.warnings.splice(at, 1);
  return call;
}

function setInterface(f: Fragment, call: Call, iid: string, from: Call['interfaceFrom']): void {
  call.iid = iid;
  call.interfaceFrom = from;
  call.iface = f.session.interfaces.get(iid) ?? null;
  call.operation = operationOf(call.iface, call.opnum);
}

/** Decodes a stub; whatever goes wrong stays inside its region. */
export function decode(body: Body, f: Fragment, call: Call, side: 'request' | 'response'): StubReading {
  const { cursor: c, length } = body;
  const reading: StubReading = { params: {}, result: null, causality: null, errorInfo: null, length };
  const format = formatOf(f, call, side);
  const level = c.here?.children ?? c.recording.roots;
  const before = level.length;
  c.frame(
    null,
    length,
    () => {
      if (call.iface === null && call.iid === null && call.opnum !== null) {
        const guess = guessInterface(c, call.opnum, f.session.interfaces.values(), { ...format, orpc: true });
        if (guess !== null) setInterface(f, call, guess.uuid, 'guess');
      }
      const orpc = call.iface?.orpc ?? false;
      tellInterface(c, call);
      if (call.operation?.decoded !== true) {
        if (call.iface === null && looksOrpc(c, call, side)) readByShape(c, format, reading);
        readOpaqueStub(c, { ...format, orpc }, reading);
        return;
      }
      reading.length = length;
      const { ndr64 } = settleSyntax(c, f, call, call.operation, { ...format, orpc });
      const orpc64 = readStub(c, call.operation, { ...format, orpc, ndr64 }, reading);
      // a guess may be wrong: it teaches nothing about the server
      if (call.interfaceFrom === 'guess') return;
      if (orpc64 !== null) f.association.orpc64 = orpc64;
      for (const learn of format.scope.lessons) learn();
    },
    null,
  );
  if (call.iface?.foreign && c.isRecording) useForeignFields(level.slice(before));
  for (const o of format.scope.objrefs as Objref[]) {
    if (o.ipid !== undefined) learn(f, { ipid: o.ipid, iid: o.iid, oxid: o.oxid ?? null, oid: o.oid ?? null });
    if (o.bindings !== undefined) learnEndpoints(f.session.capture, o.bindings, senderOf(f));
  }
  return reading;
}

/**
 * Where no answer to a bind told the transfer syntax, the stub does: of NDR and NDR64, the one that reads it without
 * rest, if only one does. What is found so holds for the context.
 */
function settleSyntax(c: Cursor, f: Fragment, call: Call, op: RpcOperation, format: StubFormat): StubFormat {
  const context = f.association.contexts.get(call.contextId);
  if (context !== undefined && !context.isSyntaxGuessed) return format;
  const other = { ...format, ndr64: !format.ndr64 };
  if (readsWhole(c, op, format) || !readsWhole(c, op, other)) return format;
  call.syntax = other.ndr64 ? 'NDR64' : 'NDR';
  if (context !== undefined) f.association.contexts.set(context.id, { ...context, syntax: call.syntax });
  return other;
}

/** Says whose call it is, whatever its stub holds: protocols are found by it where there are no parameters, or sealed ones. */
export function tellInterface(c: Cursor, { iface, object, operation }: Call): void {
  if (!c.isRecording || iface === null) return;
  const { protocol } = iface;
  if (protocol !== undefined)
    c.computed(protocol, null, operation === null ? protocol.label : `${protocol.label}, ${operation.name}`);
  // Wireshark shows the called object once more as an IPID
  if (iface.orpc && isObject(object)) c.computed(iface.foreign ? foreignField(IPID) : IPID, object);
}

/** What an unknown interface's stub tells if it is ORPC, as it seems; its bytes stay undecided in the tree. */
function readByShape(c: Cursor, format: StubFormat, reading: StubReading): void {
  readOpaqueStub(c.fork(), { ...format, orpc: true }, reading);
  if (reading.causality !== null)
    c.computed(SHAPE, reading.causality, `looks like ORPC, causality ${reading.causality}`);
  if (reading.result !== null) c.computed(SHAPE, reading.result, `looks like ORPC, ${hresultName(reading.result)}`);
}

/** Whether an unknown interface is DCOM's: its calls name an object and begin with the version of ORPCTHIS. */
function looksOrpc(c: Cursor, call: Call, side: 'request' | 'response'): boolean {
  if (side === 'response') return call.causality !== null;
  if (call.object === null || c.left < 32) return false;
  // ORPCTHIS (MS-DCOM 2.2.13.3): version 5.1 to 5.7, and behind the flags reserved1, which is zero
  const low = c.littleEndian ? 0 : 1;
  const isVersion = c.peek(low) === 5 && c.peek(1 - low) === 0 && c.peek(2 + low) <= 7 && c.peek(3 - low) === 0;
  return isVersion && c.peek32(8) === 0;
}

/** Who sent the PDU at hand. */
function senderOf({ transport: { connection, direction } }: Fragment): string {
  return connection.ends[direction].address;
}

function serverOf({ transport: { connection } }: Fragment): string {
  return connection.ends[connection.client === 0 ? 1 : 0].address;
}

function formatOf(f: Fragment, call: Call, side: 'request' | 'response'): StubFormat {
  return {
    side,
    orpc: false,
    ndr64: call.syntax === 'NDR64',
    orpc64: f.association.orpc64,
    scope: scopeOf(f.session.capture, serverOf(f)),
  };
}
