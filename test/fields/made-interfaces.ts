/** Captures in which every parameter of every decoded operation has a value, and what those values are. */

import { LIST } from '../../dissectors/dcerpc/eerr.js';
import { ORPCTHAT, ORPCTHIS } from '../../dissectors/dcom/this-that.js';
import { INTERFACES } from '../../dissectors/index.js';
import type { RpcInterface, RpcOperation, Side } from '../../dissectors/ndr/interface.js';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { NdrWriter } from '../../dissectors/ndr/write.js';
import { concat, dword, word } from '../../src/core/bytes.js';
import { hexText } from '../../src/core/text.js';
import type { Json } from '../../src/encode/error.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { answerExtensions, requestExtensions } from './extensions.js';
import { FullValues } from './full-values.js';
import { serialized } from './objrefs.js';
import { type Sight, sightsOf } from './sights.js';
import type { MadeCapture } from './wire.js';

/** How stubs are laid out. */
interface Layout {
  readonly syntax: 'NDR' | 'NDR64';
  readonly littleEndian: boolean;
}

/** One stub, and the fields that it shows. */
export interface MadeStub {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sights: readonly Sight[];
}

/** A call of the capture. */
export interface MadeCall {
  readonly iface: RpcInterface;
  readonly opnum: number;
  readonly request: MadeStub;
  readonly response: MadeStub;
}

/** Calls of each operation: each shows other arms of unions, and other kinds of VARIANTs and SAFEARRAYs. */
const ROUNDS = 6;
/** In the first ones headers and interface pointers are the usual ones, as everybody reads them. */
export const USUAL_ROUNDS = 3;
/** Rounds of operations that alone show SAFEARRAYs as parameters, and OBJREFs under their other names. */
const MORE_ROUNDS: Readonly<Record<string, number>> = { GetComponentInfo: 30, CreateInstance: 12 };
const REFUSED = '0x8000ffff';
const DECODED = INTERFACES.filter((i) => Object.values(i.ops).some((op) => op.decoded));

/** Calls of every decoded operation of every interface. */
export function madeCalls(layout: Layout): MadeCall[] {
  const values = new FullValues();
  return DECODED.flatMap((iface) =>
    Object.entries(iface.ops).flatMap(([opnum, op]) =>
      !op.decoded
        ? []
        : Array.from({ length: MORE_ROUNDS[op.name] ?? ROUNDS }, (_, round) => ({
            iface,
            opnum: Number(opnum),
            request: stub(iface, op, 'request', layout, values, round),
            response: stub(iface, op, 'response', layout, values, round),
          })),
    ),
  );
}

function stub(
  iface: RpcInterface,
  op: RpcOperation,
  side: Side,
  { syntax, littleEndian }: Layout,
  values: FullValues,
  round: number,
): MadeStub {
  const w = new NdrWriter(syntax === 'NDR64', littleEndian);
  values.usual = round < USUAL_ROUNDS;
  const shown: Sight[] = [];
  if (iface.orpc) {
    // ORPC headers are NDR, also in front of NDR64
    const type = side === 'request' ? ORPCTHIS : ORPCTHAT;
    const header = new NdrWriter(false, littleEndian);
    const value = headerOf(side, littleEndian, values, round);
    header.whole(type, value);
    w.bytes(header.result());
    shown.push(...sightsOf(type.members, value));
  }
  const members = side === 'request' ? op.request : op.response;
  const params = values.of(members);
  w.params(members, params);
  shown.push(...sightsOf(members, params));
  if (side === 'response' && op.returns !== 'nothing') {
    w.number('hex32', REFUSED);
    const f = op.status?.name ?? (op.returns === 'hresult' ? 'dcom.hresult' : 'dcerpc.error_status');
    shown.push([f, Number(REFUSED)]);
  }
  return { name: `${iface.name}.${op.name} ${side} ${round}`, bytes: w.result(), sights: shown.map(namesOf(iface)) };
}

/** DCOM's fields have another name where Wireshark does not know the interface. */
function namesOf(iface: RpcInterface): (sight: Sight) => Sight {
  return ([name, value]) => [iface.notInWireshark ? name.replace(/^dcom\./, 'orpc.') : name, value];
}

function headerOf(side: Side, littleEndian: boolean, values: FullValues, round: number): Record<string, NdrValue> {
  if (side === 'response')
    return {
      flags: 0,
      extensions: round !== USUAL_ROUNDS ? null : { size: 1, reserved: 0, extent: answerExtensions(values) },
    };
  return {
    version: { MajorVersion: 5, MinorVersion: 7 },
    flags: 0,
    reserved1: 0,
    cid: values.guid(),
    extensions:
      round !== USUAL_ROUNDS ? null : { size: 2, reserved: 0, extent: requestExtensions(values, littleEndian) },
  };
}

/** All calls on one connection. */
function capture(layout: Layout): Uint8Array {
  return encodeScenario(
    {
      kind: 'scenario',
      fragmentSize: 65528,
      segmentSize: 60000,
      connections: [
        {
          server: { address: '10.9.0.20', port: 49664 },
          littleEndian: layout.littleEndian,
          contexts: DECODED.map((i, id) => ({ id, interface: i.name, syntax: layout.syntax })),
          calls: madeCalls(layout).map(
            ({ iface, opnum, request, response }): Json => ({
              ...{ contextId: DECODED.indexOf(iface), opnum },
              ...{ request: hexText(request.bytes), response: hexText(response.bytes) },
            }),
          ),
        },
      ],
    },
    new Map(INTERFACES.map((i) => [i.uuid, i])),
  );
}

export const LAYOUTS: readonly (Layout & { readonly name: string })[] = [
  { name: 'NDR', syntax: 'NDR', littleEndian: true },
  { name: 'NDR, big endian', syntax: 'NDR', littleEndian: false },
  { name: 'NDR64', syntax: 'NDR64', littleEndian: true },
];

/** A fault with extended error information, parameters of every kind in it. */
function fault(): Uint8Array {
  const list = serialized(LIST, new FullValues().value(LIST, 0));
  const body = concat(dword(list.length, true), word(0, true), [0, 1], dword(0x1c010002, true), dword(0, true), list);
  return conversation('IManagedObject', [
    { pdu: { type: 'request', callId: 2, opnum: 3, stub: '' } },
    { pdu: { type: 'fault', callId: 2, body: hexText(body) }, from: 'server' },
  ]);
}

const i32 = (n: number): Uint8Array => dword(n, true);
const text = (s: string): Uint8Array => concat([s.length], Buffer.from(s));
const HEADER = concat([0], i32(1), i32(-1), i32(1), i32(0));

/** PrimitiveTypeEnumeration and a value of each kind. */
const PRIMITIVES: readonly Uint8Array[] = [
  ...[concat([1, 1]), concat([2, 200]), concat([3, 0x41]), concat([5], text('-12.50')), concat([6], new Uint8Array(8))],
  ...[
    concat([7], word(7, true)),
    concat([8], i32(8)),
    concat([9], i32(9), i32(0)),
    concat([10, 0xf0]),
    concat([11], i32(0)),
  ],
  ...[
    concat([12], i32(12), i32(0)),
    concat([13], i32(13), i32(0)),
    concat([14], word(14, true)),
    concat([15], i32(15)),
  ],
  concat([16], i32(16), i32(0)),
];

/** Records that nothing in the other captures has: MS-NRBF 2.2.3.1, 2.3.2.5, 2.4.3.1, and more than a tree shows. */
const STREAMS: readonly Uint8Array[] = [
  // a call with context and argument inline
  concat(HEADER, [21], i32(0x22), [18], text('Add'), [18], text('Svc'), [18], text('ctx'), i32(1), [8], i32(40), [11]),
  // objects of one class, the second by the metadata of the first
  concat(HEADER, [16], i32(1), i32(2), [9], i32(2), [9], i32(3)),
  // an array from 5 on
  concat(HEADER, [7], i32(1), [3], i32(1), i32(2), i32(5), [0, 8], i32(1), i32(2), [11]),
  // a number of every kind (2.1.2.3), in an array of objects
  concat(HEADER, [16], i32(1), i32(PRIMITIVES.length), ...PRIMITIVES.map((value) => concat([8], value)), [11]),
  // a map between application domains
  concat(HEADER, [18], i32(7), [17], i32(1), i32(0), [11]),
  concat(HEADER, [16], i32(1), i32(20_050), ...Array.from({ length: 20_050 }, (_, i) => concat([8, 8], i32(i))), [11]),
];
const POINT = concat([4], i32(2), text('P'), i32(1), text('x'), [0, 8], i32(1), [1], i32(3), i32(2), i32(9), [11]);

function streams(): Uint8Array {
  return conversation(
    'IRemoteDispatch',
    STREAMS.map((bytes, i) => ({
      ...{ interface: 'IRemoteDispatch', operation: 'RemoteDispatchAutoDone' },
      ...{ in: { s: { hex: hexText(i === 1 ? concat(bytes, POINT) : bytes) } }, out: { pRetVal: null } },
    })),
  );
}

function conversation(name: string, calls: Json[]): Uint8Array {
  const server = { address: '10.9.0.20', port: 49664 };
  const connections: Json[] = [{ server, contexts: [{ id: 0, interface: name }], calls }];
  return encodeScenario({ kind: 'scenario', connections }, new Map(INTERFACES.map((i) => [i.uuid, i])));
}

export const MADE: readonly MadeCapture[] = [
  ...LAYOUTS.map((layout) => ({ name: `every parameter, ${layout.name}`, bytes: () => capture(layout) })),
  { name: 'extended error information', bytes: fault },
  { name: 'records of NRBF', bytes: streams },
];
