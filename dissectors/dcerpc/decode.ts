/** A stub becomes parameters (C706 14, MS-DCOM 2.2.13), and what it tells beside them is learnt. */
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import type { Call } from '../call.js';
import { ccwLayoutOf, learnCcwLayout } from '../dcom/ccw-ptr.js';
import { learnEndpoints } from '../dcom/endpoints.js';
import { NIL } from '../dcom/facts.js';
import { type KnownPointer, learnPointer } from '../dcom/ipids.js';
import { fieldNotInWireshark, renameForWireshark } from '../dcom/not-in-wireshark.js';
import { tellLimit } from '../limits.js';
import { hresultName } from '../names/hresult.js';
import type { RpcInterface, RpcOperation, Side } from '../ndr/interface.js';
import type { Body } from './body.js';
import type { Fragment } from './fragment.js';
import {
  chooseLayout,
  guessInterface,
  newReading,
  plainLayout,
  readOpaqueStub,
  readStub,
  readsWhole,
  type StubFormat,
  type StubLayout,
  type StubReading,
} from './stub.js';

const IPID = field('dcom.ipid', 'IPID', 'guid');
const SHAPE = field('dcerpc.shape', 'By its shape', 'string');
export const DECODE_FIELDS = [IPID, SHAPE];

/** A stub as it was read, and how it was laid out. */
export interface Decoded {
  readonly reading: StubReading;
  readonly layout: StubLayout;
}

/** Decodes a stub; whatever goes wrong stays inside its region. */
export function decodeStub(body: Body, f: Fragment, call: Call, side: Side): Decoded {
  const { cursor: c, length } = body;
  const { capture } = f.session;
  const reading = newReading(length);
  const format: StubFormat = {
    side,
    orpc: false,
    ndr64: call.syntax === 'NDR64',
    orpc64: f.association.orpc64,
    ccw: ccwLayoutOf(capture, serverOf(f)),
    capture,
  };
  let layout = plainLayout(format);
  const level = c.here?.children ?? c.recording.roots;
  const before = level.length;
  c.frame(null, length, () => {
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
    const settled = settleSyntax(c, f, call, call.operation, { ...format, orpc });
    layout = chooseLayout(c, call.operation, settled);
    readStub(c, call.operation, settled, layout, reading);
    // a guess may be wrong: it teaches nothing about the server
    if (call.interfaceFrom === 'guess') return;
    if (layout.ndr64 && orpc) f.association.orpc64 = layout.orpc64;
    if (reading.ccw !== null) learnCcwLayout(capture, serverOf(f), reading.ccw);
  });
  if (call.iface?.notInWireshark && c.isRecording) renameForWireshark(level.slice(before));
  for (const { ipid, iid, oxid = null, oid = null, bindings } of reading.objrefs) {
    if (ipid !== undefined) learnIpid(f, { ipid, iid, oxid, oid });
    if (bindings !== undefined) learnEndpoints(capture, bindings, senderOf(f));
  }
  return { reading, layout };
}

/**
 * Where no answer to a bind told the transfer syntax, the stub does: of NDR and NDR64, the one that reads it without
 * rest, if only one does. What is found so holds for the context.
 */
function settleSyntax(c: Cursor, f: Fragment, call: Call, op: RpcOperation, format: StubFormat): StubFormat {
  const context = f.association.contexts.get(call.contextId ?? -1);
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
  if (iface.orpc && isObject(object)) c.computed(iface.notInWireshark ? fieldNotInWireshark(IPID) : IPID, object);
}

/** What an unknown interface's stub tells if it is ORPC, as it seems; its bytes stay undecided in the tree. */
function readByShape(c: Cursor, format: StubFormat, reading: StubReading): void {
  readOpaqueStub(c.fork(), { ...format, orpc: true }, reading);
  if (reading.causality !== null)
    c.computed(SHAPE, reading.causality, `looks like ORPC, causality ${reading.causality}`);
  if (reading.result !== null) c.computed(SHAPE, reading.result, `looks like ORPC, ${hresultName(reading.result)}`);
}

/** Whether an unknown interface is DCOM's: its calls name an object and begin with the version of ORPCTHIS. */
function looksOrpc(c: Cursor, call: Call, side: Side): boolean {
  if (side === 'response') return call.causality !== null;
  if (call.object === null || c.left < 32) return false;
  // ORPCTHIS (MS-DCOM 2.2.13.3): version 5.1 to 5.7, and behind the flags reserved1, which is zero
  const low = c.littleEndian ? 0 : 1;
  const isVersion = c.peek(low) === 5 && c.peek(1 - low) === 0 && c.peek(2 + low) <= 7 && c.peek(3 - low) === 0;
  return isVersion && c.peek32(8) === 0;
}

/** Whether a call names an object; calls without one may carry a nil UUID. */
export function isObject(object: string | null): boolean {
  return object !== null && object !== NIL;
}

/** From now on it is known whose call it is. */
export function setInterface(f: Fragment, call: Call, iid: string, from: Call['interfaceFrom']): void {
  call.iid = iid;
  call.interfaceFrom = from;
  call.iface = f.session.interfaces.get(iid) ?? null;
  call.operation = operationOf(call.iface, call.opnum);
}

/** The operation of a number; null where nothing tells which it is. */
export function operationOf(iface: RpcInterface | null, opnum: number | null): RpcOperation | null {
  return opnum === null ? null : (iface?.ops[opnum] ?? null);
}

/** An interface pointer is known from now on. */
export function learnIpid(f: Fragment, pointer: KnownPointer): void {
  if (learnPointer(f.session.capture, pointer, f.session.limits.ipids)) tellLimit(f, 'ipids');
}

/** Who sent the PDU at hand. */
function senderOf({ transport: { connection, direction } }: Fragment): string {
  return connection.ends[direction].address;
}

/** Who answers the calls of the PDU's connection. */
export function serverOf({ transport: { connection } }: Fragment): string {
  return connection.ends[connection.client === 0 ? 1 : 0].address;
}
