/**
 * A stub from a document: ORPC header, parameters and return value by the operation's tables, in the transfer syntax,
 * byte order and layout that `wire` says (C706 14, MS-RPCE 2.2.5, MS-DCOM 2.2.13).
 */
import type { RpcInterface, RpcOperation, Side } from '../../dissectors/dcerpc/interface.js';
import { ORPCTHAT, ORPCTHIS } from '../../dissectors/dcom/this-that.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { arrayAt, bytesAt, EncodeError, type Json, type JsonObject, numberAt, objectAt, textAt } from './error.js';
import { valueFromDocument } from './values.js';

/** How a stub's values lie on the wire. */
export interface Wire {
  readonly syntax: 'NDR' | 'NDR64';
  readonly littleEndian: boolean;
  /** ORPC headers in NDR64 too (go-msrpc) rather than in NDR (MS-DCOM 2.2.13). */
  readonly orpc64?: boolean;
  /** Alignment counts from the end of the ORPC header (scapy). */
  readonly alignsFromHeader?: boolean;
  /** Under a big-endian drep: BSTR and SAFEARRAY are little endian all the same (MS-OAUT). */
  readonly oautLittleEndian?: boolean;
  /** A failed call's response that holds its HRESULT alone. */
  readonly resultOnly?: boolean;
  /** Referent ids in the order of the stub, where they are not those that Windows makes. */
  readonly referents?: readonly number[];
  /** Bytes that mean nothing and are not zero: offset and hex. */
  readonly padding?: readonly (readonly [number, string])[];
  /** The stub ends this many padding bytes earlier than its last structure. */
  readonly cut?: number;
  /** Bytes behind the parameters, in hex. */
  readonly trailing?: string;
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
  readonly wire: Wire;
  /** Where the stub could not be taken apart: its bytes, and why. */
  readonly bytes?: string;
  readonly why?: string;
}

/** Interfaces by UUID. */
export type Interfaces = ReadonlyMap<string, RpcInterface>;

/** The interface and operation that a document names, by name or by number. */
export function findOperation(
  o: JsonObject,
  interfaces: Interfaces,
  path: string,
): { iface: RpcInterface; opnum: number; op: RpcOperation } {
  const known = [...interfaces.values()];
  const iface =
    (typeof o.iid === 'string' ? interfaces.get(o.iid.toLowerCase()) : undefined) ??
    known.find((i) => i.name === o.interface);
  if (iface === undefined)
    throw new EncodeError(
      path,
      `the interface ${JSON.stringify(o.interface ?? o.iid ?? null)} is not known; known: ${known.map((i) => i.name).join(', ')}`,
    );
  const named = Object.entries(iface.ops).find(([, op]) => op.name === o.operation)?.[0];
  const opnum = numberAt(o.opnum ?? named, `${path}.opnum`, 0, 0xffff);
  const op = iface.ops[opnum];
  if (op === undefined || !op.decoded)
    throw new EncodeError(path, `${iface.name} has no operation ${opnum} whose parameters are known`);
  return { iface, opnum, op };
}

/** The bytes of a document of a stub. */
export function encodeStub(json: Json, interfaces: Interfaces, path = ''): Uint8Array {
  const o = objectAt(json, path);
  if (o.bytes !== undefined) return bytesAt(o.bytes, `${path}.bytes`);
  const { iface, op } = findOperation(o, interfaces, path);
  const side = textAt(o.side, `${path}.side`);
  if (side !== 'request' && side !== 'response')
    throw new EncodeError(`${path}.side`, `request or response, not ${JSON.stringify(side)}`);
  const wire = wireOf(o.wire ?? {}, `${path}.wire`);
  return patched(writeStub(o, iface, op, side, wire, path), wire);
}

/** `wire` with what it leaves out. */
export function wireOf(json: Json, path: string): Wire {
  const o = objectAt(json, path);
  const syntax = textAt(o.syntax ?? 'NDR', `${path}.syntax`);
  if (syntax !== 'NDR' && syntax !== 'NDR64') throw new EncodeError(`${path}.syntax`, 'NDR or NDR64 is wanted');
  return {
    syntax,
    littleEndian: o.littleEndian !== false,
    orpc64: o.orpc64 === true,
    alignsFromHeader: o.alignsFromHeader === true,
    oautLittleEndian: o.oautLittleEndian === true,
    resultOnly: o.resultOnly === true,
    referents: arrayAt(o.referents ?? [], `${path}.referents`).map((r, i) =>
      numberAt(r, `${path}.referents[${i}]`, 1, Number.MAX_SAFE_INTEGER),
    ),
    padding: arrayAt(o.padding ?? [], `${path}.padding`).map((p, i) => {
      const [at, hex] = arrayAt(p, `${path}.padding[${i}]`);
      return [numberAt(at, `${path}.padding[${i}]`), textAt(hex, `${path}.padding[${i}]`)] as const;
    }),
    cut: numberAt(o.cut ?? 0, `${path}.cut`, 0, 7),
    trailing: textAt(o.trailing ?? '', `${path}.trailing`),
  };
}

/** Nulls and zeros for what a document may leave out of ORPCTHIS and ORPCTHAT. */
const ORPC_DEFAULTS: JsonObject = {
  version: { MajorVersion: 5, MinorVersion: 7 },
  flags: 0,
  reserved1: 0,
  cid: '00000000-0000-0000-0000-000000000000',
  extensions: null,
};

/** The stub as the tables write it, before `cut`, `padding` and `trailing`. */
export function writeStub(
  o: JsonObject,
  iface: RpcInterface,
  op: RpcOperation,
  side: Side,
  wire: Wire,
  path: string,
): Uint8Array {
  const ndr64 = wire.syntax === 'NDR64';
  const blobs = wire.littleEndian || wire.oautLittleEndian === true;
  const ids = wire.referents ?? [];
  let header: Uint8Array = new Uint8Array(0);
  let used = 0;
  if (iface.orpc) {
    const type = side === 'request' ? ORPCTHIS : ORPCTHAT;
    const given = { ...ORPC_DEFAULTS, ...objectAt(o.orpc ?? {}, `${path}.orpc`) };
    const w = new NdrWriter(ndr64 && wire.orpc64 === true, wire.littleEndian, ids, blobs);
    w.whole(type, valueFromDocument(type, given, `${path}.orpc`));
    header = w.result();
    used = w.referentsUsed;
  }
  const w = new NdrWriter(ndr64, wire.littleEndian, ids.slice(used), blobs);
  if (wire.alignsFromHeader !== true) w.bytes(header);
  if (wire.resultOnly !== true) params(w, o, op, side, path);
  if (side === 'response' && op.returns !== 'nothing') w.number('u32', numberAt(o.result ?? 0, `${path}.result`));
  return wire.alignsFromHeader === true ? Buffer.concat([header, w.result()]) : w.result();
}

function params(w: NdrWriter, o: JsonObject, op: RpcOperation, side: Side, path: string): void {
  const members = side === 'request' ? op.request : op.response;
  const given = objectAt(o.params ?? {}, `${path}.params`);
  const names = members.map((m) => m.name);
  for (const name of Object.keys(given))
    if (!names.includes(name))
      throw new EncodeError(
        `${path}.params`,
        `${op.name} has no parameter ${name}; it has ${names.join(', ') || 'none'}`,
      );
  const values: Record<string, NdrValue> = {};
  for (const m of members) values[m.name] = valueFromDocument(m.type, given[m.name], `${path}.params.${m.name}`);
  w.params(members, values);
}

/** Puts what means nothing in its place. */
export function patched(stub: Uint8Array, wire: Wire): Uint8Array {
  const whole = Buffer.concat([
    stub.subarray(0, stub.length - (wire.cut ?? 0)),
    Buffer.from(wire.trailing ?? '', 'hex'),
  ]);
  for (const [at, hex] of wire.padding ?? []) whole.set(Buffer.from(hex, 'hex').subarray(0, whole.length - at), at);
  return whole;
}
