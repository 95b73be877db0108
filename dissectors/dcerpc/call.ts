/**
 * Requests, responses and faults: fragments become stubs, stubs become parameters, and both halves a call
 * (C706 12.6.4.9, 12.6.4.10, 12.6.4.7; MS-RPCE 2.2.2 and 3.3.1).
 */
import type { TransportPdu } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import type { DataSource, Range } from '../../src/core/source.js';
import { createSecurityContext } from '../../src/security/index.js';
import { statusName } from '../dcom/hresult.js';
import { learnPointer, pointerOf } from '../dcom/ipids.js';
import type { Objref } from '../dcom/objref.js';

import { AUTH_TYPES, peekTrailer, readTrailer, type Trailer } from './auth.js';
import { CONTEXT_ID } from './bind.js';
import {
  type Assembly,
  type Association,
  type Call,
  type Half,
  LIMITS,
  makeRoom,
  type Part,
  type Security,
} from './connection.js';
import type { Pdu, Session } from './dissect.js';
import { type Header, Pfc } from './pdu.js';
import { guessInterface, readOpaqueStub, readStub, type StubFormat, type StubReading } from './stub.js';

const ALLOC_HINT = field('dcerpc.cn_alloc_hint', 'Alloc hint', 'uint32');
const OPNUM = field('dcerpc.opnum', 'Opnum', 'uint16');
const OBJECT = field('dcerpc.obj_id', 'Object (IPID)', 'guid');
const CANCEL_COUNT = field('dcerpc.cn_cancel_count', 'Cancel count', 'uint8');
const RESERVED = field('dcerpc.reserved', 'Reserved', 'bytes');
const FAULT_FLAGS = field('dcerpc.cn_fault_flags', 'Fault flags', 'uint8', { hex: true });
const STATUS = field('dcerpc.cn_status', 'Status', 'uint32', { hex: true });
const FAULT_DATA = field('dcerpc.fault_stub_data', 'Fault stub data', 'bytes');
const FRAGMENT = field('dcerpc.fragment_data', 'Fragment', 'bytes');
const STUB = field('dcerpc.stub', 'Stub');
const ENCRYPTED = field('dcerpc.encrypted_stub_data', 'Encrypted stub data', 'bytes');
export const CALL_FIELDS = [
  ALLOC_HINT,
  OPNUM,
  OBJECT,
  CANCEL_COUNT,
  RESERVED,
  FAULT_FLAGS,
  STATUS,
  FAULT_DATA,
  FRAGMENT,
  STUB,
  ENCRYPTED,
];

/** What a fragment's dissection works with. */
export interface Fragment {
  readonly session: Session;
  readonly transport: TransportPdu;
  readonly association: Association;
  readonly header: Header;
  readonly pdu: Pdu;
}

/** Reads a request PDU behind its common header. */
export function readRequest(c: Cursor, f: Fragment): void {
  const { association, header, pdu, session, transport } = f;
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  const context = association.contexts.get(contextId);
  const opnum = c.u16(OPNUM, (n) => session.interfaces.get(context?.iid ?? '')?.ops[n]?.name ?? '');
  const object = header.flags & Pfc.object ? c.guid(OBJECT) : null;
  let call = header.flags & Pfc.first ? undefined : association.calls.get(header.callId);
  if (call === undefined) {
    call = newCall(f, contextId, opnum);
    begin(f, call, object);
  }
  pdu.call = call;
  const body = readBody(c, f, call, association.requests, contextId, opnum);
  if (body === null) return;
  const half: Half = { frames: body.frames, time: call.request?.time ?? transport.time, stub: null };
  call.request = half;
  pdu.completes = 'request';
  if (body.damaged === 'encrypted' || body.damaged === 'incomplete') return body.rest();
  const reading = decode(body, f, call, 'request');
  if (body.damaged === null) half.stub = body.bytes.subarray(0, reading.length);
  call.in = reading.params;
  call.causality = reading.causality;
  if (call.object !== null && call.iid !== null && call.interfaceFrom === 'bind')
    learnPointer(session.capture, { ipid: call.object, iid: call.iid, oxid: null, oid: null });
  body.rest();
}

/** Reads a response PDU behind its common header. */
export function readResponse(c: Cursor, f: Fragment): void {
  const { association, header, pdu, transport } = f;
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  c.u8(CANCEL_COUNT);
  c.raw(RESERVED, 1);
  const call = answered(f, contextId);
  pdu.call = call;
  const body = readBody(c, f, call, association.responses, contextId, call.opnum);
  if (body === null) return;
  const half: Half = { frames: body.frames, time: transport.time, stub: null };
  call.response = half;
  association.calls.delete(header.callId);
  call.open = false;
  pdu.completes = 'response';
  if (body.damaged === 'encrypted' || body.damaged === 'incomplete') return body.rest();
  const reading = decode(body, f, call, 'response');
  if (body.damaged === null) half.stub = body.bytes.subarray(0, reading.length);
  call.out = reading.params;
  call.result = reading.result;
  call.operation?.learn?.({
    connection: transport.connection,
    capture: f.session.capture,
    in: call.in,
    out: call.out,
    object: call.object,
  });
  body.rest();
}

/** Reads a fault PDU behind its common header (MS-RPCE 2.2.2.8). */
export function readFault(c: Cursor, f: Fragment): void {
  const { association, header, pdu, transport } = f;
  c.u32(ALLOC_HINT);
  const contextId = c.u16(CONTEXT_ID);
  c.u8(CANCEL_COUNT);
  c.u8(FAULT_FLAGS, (n) => (n & 1 ? 'extended error information' : 'none'));
  const call = answered(f, contextId);
  pdu.call = call;
  call.fault = c.u32(STATUS, statusName);
  association.responses.delete(header.callId);
  association.calls.delete(header.callId);
  call.open = false;
  call.response = { frames: [...transport.frames], time: transport.time, stub: null };
  pdu.completes = 'fault';
  if (c.left >= 4) c.raw(RESERVED, 4);
  const trailer = peekTrailer(c, header);
  const security = trailer === null ? null : (association.security.get(trailer.contextId) ?? null);
  const end = trailer === null ? c.end : trailer.start - trailer.padding;
  if (trailer !== null && security !== null) unprotect(c, f, call, trailer, security);
  if (end > c.pos) c.raw(FAULT_DATA, end - c.pos);
  if (trailer !== null) readTrailer(c, trailer, security);
}

/** The call that a response or fault answers; a new one without a request where that was not captured. */
function answered(f: Fragment, contextId: number): Call {
  const call = f.association.calls.get(f.header.callId);
  if (call !== undefined) return call;
  const orphan = newCall(f, contextId, 0xffff);
  orphan.warnings.push({
    code: 'request-not-seen',
    message: 'the request of this answer was not captured',
    offset: null,
    source: null,
  });
  const oldest = makeRoom(f.association.calls, LIMITS.openCalls);
  if (oldest !== undefined) oldest.open = false;
  f.association.calls.set(f.header.callId, orphan);
  return orphan;
}

function newCall(f: Fragment, contextId: number, opnum: number): Call {
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
    operation: iface?.ops[opnum] ?? null,
    syntax: context?.syntax ?? 'NDR',
    object: null,
    causality: null,
    auth: { type: null, level: 0, user: null, decrypted: null, verified: null },
    request: null,
    response: null,
    fault: null,
    in: null,
    out: null,
    result: null,
    warnings: [],
    open: true,
  };
}

/** A call's first fragment: it takes its place among the open calls. */
function begin(f: Fragment, call: Call, object: string | null): void {
  const { association, header, transport, session } = f;
  association.requests.delete(header.callId);
  association.responses.delete(header.callId);
  const before = association.calls.get(header.callId);
  association.calls.delete(header.callId);
  const oldest = makeRoom(association.calls, LIMITS.openCalls);
  if (oldest !== undefined) f.pdu.note('limit', `more than ${LIMITS.openCalls} open calls: the oldest is forgotten`);
  for (const over of [before, oldest]) if (over !== undefined) over.open = false;
  if (header.flags & Pfc.maybe) call.open = false;
  association.calls.set(header.callId, call);
  call.object = object;
  call.request = { frames: [...transport.frames], time: transport.time, stub: null };
  f.pdu.begins = true;
  const connectLevel = [...association.security.values()].find((s) => s.level === 2);
  if (connectLevel !== undefined) setAuth(call, connectLevel);
  if (call.iid !== null || object === null) return;
  const known = pointerOf(session.capture, object);
  if (known !== undefined) setInterface(f, call, known.iid, 'ipid');
}

function setInterface(f: Fragment, call: Call, iid: string, from: Call['interfaceFrom']): void {
  call.iid = iid;
  call.interfaceFrom = from;
  call.iface = f.session.interfaces.get(iid) ?? null;
  call.operation = call.iface?.ops[call.opnum] ?? null;
}

function setAuth(call: Call, security: Security): void {
  const { info } = security.context;
  call.auth = {
    ...call.auth,
    type: info.type ?? AUTH_TYPES[security.authType] ?? String(security.authType),
    level: security.level,
    user: info.user,
  };
}

/** A stub ready to be decoded: `cursor` stands at its start. */
interface Body {
  readonly cursor: Cursor;
  readonly bytes: Uint8Array;
  /** What the stub's length should be; more than there are bytes where the capture lacks its end. */
  readonly length: number;
  readonly frames: number[];
  readonly damaged: Assembly['damaged'];
  /** Reads what stands behind the stub in its PDU. */
  readonly rest: () => void;
}

/**
 * Splits stub and auth trailer, decrypts, and puts fragments together. Null until the last fragment; then the
 * stub for `decode` to read.
 */
function readBody(
  c: Cursor,
  f: Fragment,
  call: Call,
  assemblies: Map<number, Assembly>,
  contextId: number,
  opnum: number,
): Body | null {
  const { association, header, transport } = f;
  const start = c.pos;
  const trailer = peekTrailer(c, header);
  const truncated = transport.bytes.length < transport.length;
  const stubEnd = trailer === null ? Math.min(c.end, header.length) : trailer.start - trailer.padding;
  const security = trailer === null ? null : (association.security.get(trailer.contextId) ?? null);
  if (trailer !== null) setAuth(call, security ?? unknownSecurity(trailer));
  const part = partOf(c, f, call, trailer, stubEnd, security);
  const rest = (): void => {
    c.pos = Math.max(c.pos, stubEnd);
    if (trailer !== null) readTrailer(c, trailer, security);
  };
  const first = (header.flags & Pfc.first) !== 0;
  const last = (header.flags & Pfc.last) !== 0;
  if (first && last && part !== null) {
    // the usual case: the stub is read where it lies, or where it was decrypted
    const frames = [...transport.frames];
    const damaged = truncated ? 'truncated' : null;
    if (part.range.source === c.source) {
      const length = truncated ? Math.max(0, header.length - start) : part.bytes.length;
      return { cursor: c, bytes: part.bytes, length, frames, damaged, rest };
    }
    c.carry(ENCRYPTED, part.bytes.length);
    return { cursor: c.over(part.range.source), bytes: part.bytes, length: part.bytes.length, frames, damaged, rest };
  }
  c.carry(part === null ? ENCRYPTED : FRAGMENT, Math.max(0, stubEnd - c.pos));
  rest();
  const assembly = assemble(f, assemblies, contextId, opnum, part, truncated);
  if (assembly === null || !last) return null;
  assemblies.delete(header.callId);
  return join(c, assembly, transport);
}

/** Adds a fragment to its call's stub; null where the stub is given up. */
function assemble(
  f: Fragment,
  assemblies: Map<number, Assembly>,
  contextId: number,
  opnum: number,
  part: Part | null,
  truncated: boolean,
): Assembly | null {
  const { header, pdu } = f;
  const first = (header.flags & Pfc.first) !== 0;
  let assembly = assemblies.get(header.callId);
  if (first || assembly === undefined) {
    assembly = { parts: [], length: 0, opnum, contextId, damaged: first ? null : 'incomplete' };
    makeRoom(assemblies, LIMITS.assemblies);
    assemblies.set(header.callId, assembly);
    if (!first) pdu.note('unreassembled', 'fragments before this one were not captured');
  }
  if (assembly.contextId !== contextId || assembly.opnum !== opnum)
    pdu.note(
      'fragment-mismatch',
      `a fragment with context ${contextId}, operation ${opnum} of a call that began with ${assembly.contextId}, ${assembly.opnum}`,
    );
  if (part === null) assembly.damaged = 'encrypted';
  else {
    if (truncated || f.transport.afterGap) assembly.damaged ??= 'incomplete';
    assembly.parts.push(part);
    assembly.length += part.bytes.length;
  }
  if (assembly.length <= LIMITS.stubBytes) return assembly;
  assemblies.delete(header.callId);
  pdu.note('limit', `a stub of more than ${LIMITS.stubBytes} bytes is given up`);
  return null;
}

/** A trailer whose context was never negotiated in the capture. */
function unknownSecurity(trailer: Trailer): Security {
  const context = createSecurityContext(trailer.type, trailer.level, null);
  return { context, authType: trailer.type, level: trailer.level, id: trailer.contextId };
}

/** A fragment's clear stub; null where it is sealed and cannot be opened. */
function partOf(
  c: Cursor,
  f: Fragment,
  call: Call,
  trailer: Trailer | null,
  stubEnd: number,
  security: Security | null,
): Part | null {
  const { header, transport } = f;
  if (trailer !== null) return protectedPart(c, f, call, trailer, stubEnd, security);
  if (header.authLength > 0) {
    // the trailer was not captured: whether the stub is sealed is known from what came before, if at all
    const lost = header.length - header.authLength - 8 - c.pos;
    const direction = transport.direction === transport.connection.client ? 'client' : 'server';
    let sealed = false;
    for (const s of f.association.security.values()) {
      s.context.lost(direction, lost, 1);
      sealed ||= s.level === 6;
    }
    if (sealed) return null;
  }
  return plainPart(c, stubEnd, transport);
}

function plainPart(c: Cursor, stubEnd: number, transport: TransportPdu): Part {
  const range: Range = { source: c.source, start: c.pos, end: stubEnd };
  return { bytes: c.bytes.subarray(c.pos, stubEnd), range, frames: transport.frames };
}

/** The clear stub of a protected fragment; null where it is sealed and there is no key. */
function protectedPart(
  c: Cursor,
  f: Fragment,
  call: Call,
  trailer: Trailer,
  stubEnd: number,
  security: Security | null,
): Part | null {
  if (trailer.level < 4) return plainPart(c, stubEnd, f.transport);
  const clear = security === null ? null : unprotect(c, f, call, trailer, security);
  if (trailer.level < 6) return plainPart(c, stubEnd, f.transport);
  if (clear === null) {
    call.auth.decrypted = false;
    return null;
  }
  const bytes = clear.subarray(0, stubEnd - c.pos);
  const from: Range = { source: c.source, start: c.pos, end: stubEnd };
  const source: DataSource = { kind: 'derived', name: 'Decrypted stub', bytes, from };
  return { bytes, range: { source, start: 0, end: bytes.length }, frames: f.transport.frames };
}

/** Verifies and decrypts a fragment; what that says goes into the call. Returns the clear bytes with their padding. */
function unprotect(c: Cursor, f: Fragment, call: Call, trailer: Trailer, security: Security): Uint8Array | null {
  if (trailer.level < 4) return null;
  const done = security.context.unprotect({
    direction: f.transport.direction === f.transport.connection.client ? 'client' : 'server',
    pdu: c.bytes,
    stubStart: c.pos,
    stubEnd: trailer.start,
    trailerStart: trailer.start,
    authStart: trailer.valueStart,
    authEnd: trailer.valueEnd,
    headerSign: f.association.headerSign,
    level: trailer.level,
  });
  const { auth } = call;
  if (done.decrypted !== null) auth.decrypted = auth.decrypted !== false && done.decrypted;
  if (done.verified !== null) auth.verified = auth.verified !== false && done.verified;
  for (const note of done.notes) f.pdu.note(note.code, note.message);
  return done.stub;
}

function join(c: Cursor, assembly: Assembly, transport: TransportPdu): Body {
  const frames = [...new Set([...assembly.parts.flatMap((p) => p.frames), ...transport.frames])];
  const bytes = new Uint8Array(assembly.length);
  let at = 0;
  for (const part of assembly.parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  const { damaged } = assembly;
  const rest = (): void => {};
  if (damaged !== null) return { cursor: c, bytes, length: bytes.length, frames, damaged, rest };
  const source: DataSource = { kind: 'joined', name: 'Stub', bytes, parts: assembly.parts.map((p) => p.range) };
  return { cursor: c.over(source), bytes, length: bytes.length, frames, damaged, rest };
}

/** Decodes a stub; whatever goes wrong stays inside its region. */
function decode(body: Body, f: Fragment, call: Call, side: 'request' | 'response'): StubReading {
  const { cursor: c, length } = body;
  const reading: StubReading = { params: {}, result: null, causality: null, length };
  const objrefs: object[] = [];
  const format = formatOf(f, call, side, objrefs);
  c.frame(
    null,
    length,
    () => {
      if (call.iface === null && call.iid === null) {
        const guess = guessInterface(c, call.opnum, f.session.interfaces.values(), { ...format, orpc: true });
        if (guess !== null) setInterface(f, call, guess.uuid, 'guess');
      }
      const orpc = call.iface?.orpc ?? call.object !== null;
      if (call.operation?.decoded !== true) {
        readOpaqueStub(c, { ...format, orpc }, reading);
        return;
      }
      reading.length = length;
      const orpc64 = readStub(c, call.operation, { ...format, orpc }, reading);
      if (orpc64 !== null) f.association.orpc64 = orpc64;
    },
    null,
  );
  for (const o of objrefs as Objref[])
    if (o.ipid !== undefined)
      learnPointer(f.session.capture, { ipid: o.ipid, iid: o.iid, oxid: o.oxid ?? null, oid: o.oid ?? null });
  return reading;
}

function formatOf(f: Fragment, call: Call, side: 'request' | 'response', objrefs: object[]): StubFormat {
  const { connection } = f.transport;
  const server = connection.ends[connection.client === 0 ? 1 : 0].address;
  return {
    side,
    orpc: false,
    ndr64: call.syntax === 'NDR64',
    orpc64: f.association.orpc64,
    scope: { capture: f.session.capture, server, objrefs },
  };
}
