/**
 * A stub from a document: ORPC header, parameters and return value by the operation's tables, in the transfer syntax,
 * byte order and layout that `wire` says (C706 14, MS-RPCE 2.2.5, MS-DCOM 2.2.13).
 */

import { ORPCTHAT, ORPCTHIS } from '../../dissectors/dcom/this-that.js';
import type { RpcInterface, RpcOperation, Side } from '../../dissectors/ndr/interface.js';
import { type Gap, NdrWriter } from '../../dissectors/ndr/write.js';
import { concat } from '../core/bytes.js';
import { structFrom, valueFromDocument } from './documents/from-document.js';
import { checked } from './documents/schema.js';
import { FILLED_GAP, STUB, WIRE } from './documents/shapes.js';
import { bytesAt, EncodeError, type Json, type JsonObject, numberAt, objectAt, under, unknownName } from './error.js';
import { type Padding, padded } from './padding.js';

/** How a stub's values lie on the wire. */
export interface StubWire {
  readonly syntax: 'NDR' | 'NDR64';
  readonly littleEndian: boolean;
  /** ORPC headers in NDR64 too (go-msrpc) rather than in NDR (MS-DCOM 2.2.13). */
  readonly orpc64?: boolean | undefined;
  /** Alignment counts from the end of the ORPC header (scapy). */
  readonly alignsFromHeader?: boolean | undefined;
  /** Under a big-endian drep: BSTR and SAFEARRAY are little endian all the same (MS-OAUT). */
  readonly oautLittleEndian?: boolean | undefined;
  /** A failed call's response that holds its HRESULT alone. */
  readonly resultOnly?: boolean | undefined;
  /** Referent ids in the order of the stub, where they are not those that Windows makes. */
  readonly referents?: readonly number[];
  /** Bytes that mean nothing and are not zero. */
  readonly padding?: readonly Padding[];
  /** The stub ends this many padding bytes earlier than its last structure. */
  readonly cut?: number;
  /** Bytes behind the parameters, in hex. */
  readonly trailing?: string | undefined;
}

/** A stub as a document. */
export interface StubDocument {
  readonly kind: 'stub';
  readonly interface: string | null;
  readonly iid: string | null;
  readonly operation: string | null;
  readonly opnum: number | null;
  readonly side: Side;
  /** ORPCTHIS or ORPCTHAT. */
  readonly orpc?: Json;
  readonly params?: JsonObject;
  /** Return value, as `0x…`. */
  readonly result?: string;
  readonly wire: StubWire;
  /** Where the stub could not be taken apart: its bytes, and why. */
  readonly bytes?: string;
  readonly why?: string;
}

/** Interfaces by UUID. */
export type Interfaces = ReadonlyMap<string, RpcInterface>;

/** An interface by what names it: a name, a UUID, or both, which must agree. Undefined where nothing names it. */
export function namedInterface(
  o: { readonly interface?: string | null | undefined; readonly iid?: string | null | undefined },
  interfaces: Interfaces,
  path: string,
): RpcInterface | undefined {
  const byId = o.iid == null ? undefined : interfaces.get(o.iid.toLowerCase());
  if (o.interface == null) return byId;
  const byName = [...interfaces.values()].filter((i) => i.name === o.interface);
  if (byName.length === 0) {
    const names = [...interfaces.values()].map((i) => i.name);
    throw new EncodeError(`${path}.interface`, unknownName('interface', o.interface, names));
  }
  if (o.iid == null) return byName[0];
  const iid = o.iid.toLowerCase();
  const both = byName.find((i) => i.uuid === iid);
  if (both === undefined) throw new EncodeError(`${path}.iid`, `${o.interface} is ${byName[0].uuid}, not ${iid}`);
  return both;
}

/** An operation's number by what names it: a name, a number, or both, which must agree. */
export function namedOpnum(
  o: { readonly operation?: string | null | undefined; readonly opnum?: number | string | null | undefined },
  iface: RpcInterface | undefined,
  path: string,
): number | undefined {
  const opnum = o.opnum == null ? undefined : Number(o.opnum);
  if (o.operation == null) return opnum;
  const at = `${path}.operation`;
  const ops = Object.entries(iface?.ops ?? {});
  const numbered = /^Opnum(\d+)$/.exec(o.operation);
  const named = ops.filter(([, op]) => op.name === o.operation).map(([n]) => Number(n));
  if (numbered !== null && named.length === 0) named.push(Number(numbered[1]));
  if (named.length === 0) {
    if (iface === undefined) return opnum;
    const names = ops.map(([, op]) => op.name);
    throw new EncodeError(at, `${iface.name}: ${unknownName('operation', o.operation, names)}`);
  }
  if (opnum !== undefined && !named.includes(opnum))
    throw new EncodeError(`${path}.opnum`, `${o.operation} is ${named[0]}, not ${opnum}`);
  return opnum ?? named[0];
}

/** Where the document of a stub has what it is made of. */
export interface StubPlaces {
  readonly params: string;
  readonly orpc: string;
  readonly result: string;
  readonly wire: string;
}

function placesOf(path: string): StubPlaces {
  return { params: `${path}.params`, orpc: `${path}.orpc`, result: `${path}.result`, wire: `${path}.wire` };
}

/**
 * The bytes of a document of a stub.
 * @param wanted what the document around it says of it: its side, its interface
 */
export function encodeStub(
  json: Json,
  interfaces: Interfaces,
  path = '',
  wanted: { readonly side?: Side; readonly iid?: string; readonly opnum?: number } = {},
): Uint8Array {
  const o = checked(STUB, json, path);
  if (wanted.side !== undefined && o.side !== wanted.side)
    throw new EncodeError(`${path}.side`, `${wanted.side} is wanted here, not ${o.side}`);
  const iface = namedInterface(o, interfaces, path);
  if (wanted.iid !== undefined && iface !== undefined && iface.uuid !== wanted.iid.toLowerCase())
    throw new EncodeError(`${path}.interface`, `the context is one of ${wanted.iid}, not of ${iface.name}`);
  const opnum = namedOpnum(o, iface, path);
  if (o.bytes !== undefined) {
    for (const name of ['params', 'orpc', 'result'] as const)
      if (o[name] != null) throw new EncodeError(`${path}.${name}`, 'bytes says all of the stub already');
    return bytesAt(o.bytes, `${path}.bytes`);
  }
  if (iface === undefined)
    throw new EncodeError(
      `${path}.interface`,
      o.iid == null ? 'it is missing' : `${o.iid} is not known here: bytes is wanted`,
    );
  const op = opnum === undefined ? undefined : iface.ops[opnum];
  if (opnum === undefined) throw new EncodeError(`${path}.operation`, 'it is missing');
  if (op === undefined || !op.decoded)
    throw new EncodeError(
      o.operation == null ? `${path}.opnum` : `${path}.operation`,
      `${iface.name} has no operation ${opnum} whose parameters are known: bytes is wanted`,
    );
  const wire = wireOf(o.wire ?? {}, `${path}.wire`);
  return stubBytes({ content: o as StubContent, iface, op, side: o.side, wire }, placesOf(path));
}

/** `wire` with what it leaves out. */
export function wireOf(json: unknown, path: string): StubWire {
  const { referents = [], padding = [], cut = 0, ...o } = checked(WIRE, json, path);
  const syntax = o.syntax ?? 'NDR';
  const most = syntax === 'NDR' ? 0xffffffff : Number.MAX_SAFE_INTEGER;
  return {
    ...o,
    syntax,
    littleEndian: o.littleEndian !== false,
    referents: referents.map((r, i) => numberAt(r, `${path}.referents[${i}]`, 1, most)),
    padding: padding.map((p, i) => paddingOf(p, `${path}.padding[${i}]`)),
    cut: Number(cut),
  };
}

/** `{gap, hex}`, or a pair of offset and hex. */
function paddingOf(json: unknown, path: string): Padding {
  if (!Array.isArray(json)) {
    const { gap, hex } = checked(FILLED_GAP, json, path);
    return { gap, hex };
  }
  if (json.length !== 2) throw new EncodeError(path, 'an offset and hex are wanted, or {gap, hex}');
  bytesAt(json[1], `${path}[1]`);
  return [numberAt(json[0], `${path}[0]`), String(json[1])];
}

/** Values of a stub. */
export interface StubContent {
  readonly orpc?: JsonObject | null;
  readonly params?: JsonObject;
  readonly result?: number | string;
}

/** Nulls and zeros for what a document may leave out of ORPCTHIS and ORPCTHAT. */
const ORPC_DEFAULTS: JsonObject = {
  version: { MajorVersion: 5, MinorVersion: 7 },
  flags: 0,
  reserved1: 0,
  cid: '00000000-0000-0000-0000-000000000000',
  extensions: null,
};

/** A stub as it was written, and the places in it that no value says. */
export interface WrittenStub {
  readonly bytes: Uint8Array;
  readonly gaps: readonly Gap[];
}

/** What a stub is made of. */
export interface StubParts {
  readonly content: StubContent;
  readonly iface: RpcInterface;
  readonly op: RpcOperation;
  readonly side: Side;
  readonly wire: StubWire;
}

/** The whole stub: values, padding, what stands behind. */
export function stubBytes(parts: StubParts, places: StubPlaces): Uint8Array {
  return finished(writeStub(parts, places), parts.wire, places.wire);
}

/** The stub as the tables write it, before `cut`, `padding` and `trailing`. */
export function writeStub(parts: StubParts, places: StubPlaces = placesOf('')): WrittenStub {
  const { content: o, iface, op, side, wire } = parts;
  const ndr64 = wire.syntax === 'NDR64';
  const blobs = wire.littleEndian || wire.oautLittleEndian === true;
  const ids = wire.referents ?? [];
  if (wire.resultOnly === true && (side === 'request' || op.returns === 'nothing'))
    throw new EncodeError(`${places.wire}.resultOnly`, `a ${side} of ${op.name} has no result`);
  let header = new NdrWriter(false);
  if (iface.orpc) {
    const type = side === 'request' ? ORPCTHIS : ORPCTHAT;
    const given = o.orpc ?? {};
    const names = type.members.map((m) => m.name);
    const usual = Object.fromEntries(Object.entries(ORPC_DEFAULTS).filter(([name]) => names.includes(name)));
    header = new NdrWriter(ndr64 && wire.orpc64 === true, wire.littleEndian, ids, blobs);
    header.whole(type, valueFromDocument(type, { ...usual, ...given }, places.orpc, ndr64 && wire.orpc64 === true));
  } else if (o.orpc != null) throw new EncodeError(places.orpc, `calls of ${iface.name} have no ORPC header`);
  const head = header.result();
  const w = new NdrWriter(ndr64, wire.littleEndian, ids.slice(header.referentsUsed), blobs);
  if (wire.alignsFromHeader !== true) w.bytes(head);
  params(w, parts, places.params);
  if (side === 'response' && op.returns !== 'nothing') w.number('hex32', o.result ?? 0);
  else if (o.result !== undefined) throw new EncodeError(places.result, `a ${side} of ${op.name} has no result`);
  if (wire.alignsFromHeader !== true) return { bytes: w.result(), gaps: [...header.gaps, ...w.gaps] };
  const later = w.gaps.map((g) => ({ ...g, start: g.start + head.length }));
  return { bytes: concat(head, w.result()), gaps: [...header.gaps, ...later] };
}

function params(w: NdrWriter, { content, op, side, wire }: StubParts, path: string): void {
  const members = side === 'request' ? op.request : op.response;
  const given = objectAt(content.params ?? {}, path);
  if (wire.resultOnly === true) {
    const [name] = Object.keys(given);
    if (name !== undefined) throw new EncodeError(under(path, name), 'wire.resultOnly says that there are none');
    return;
  }
  w.params(members, structFrom(members, given, path, `${op.name}'s ${side}`, w.ndr64));
}

/** Cuts, appends, and puts what means nothing into its place. */
export function finished({ bytes, gaps }: WrittenStub, wire: StubWire, path: string): Uint8Array {
  const stub = padded(bytes, gaps, wire.padding ?? [], wire.littleEndian, path);
  const end = stub.length - (wire.cut ?? 0);
  if (end < 0) throw new EncodeError(`${path}.cut`, `the stub has ${stub.length} bytes`);
  return concat(stub.subarray(0, end), bytesAt(wire.trailing ?? '', `${path}.trailing`));
}
