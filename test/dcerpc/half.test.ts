/** What a half of a call knows of itself beside its stub, so that nobody has to read its bytes again. */
import { describe, expect, test } from 'vitest';
import type { Objref } from '../../dissectors/dcom/objref.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import { readingOf } from '../../dissectors/outcome.js';
import { callsOf } from '../analysis/support.js';
import { concat, u16, u32 } from '../bytes.js';
import { ROOT } from '../cli.js';
import { hex, laboratory } from './support.js';

const IMANAGED = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
const NDR = '8a885d04-1ceb-11c9-9fe8-08002b104860';
const NDR64 = '71710533-beba-4937-8319-b5dbef9ccc36';
const IPID = hex('021c0000c503ed077311d8a3c2ce6f44');

/** A GUID on the wire. */
function guid(text: string, little: boolean): Uint8Array {
  const [a, b, c, ...rest] = text.split('-');
  const part = (digits: string) => (little ? hex(digits).reverse() : hex(digits));
  return concat(part(a), part(b), part(c), hex(rest.join('')));
}

/** Builders of PDUs in one byte order. */
function wire(little: boolean) {
  const half = (n: number) => u16(n, little);
  const word = (n: number) => u32(n, little);
  const pdu = (type: number, body: Uint8Array, flags = 3) =>
    concat([5, 0, type, flags, little ? 0x10 : 0, 0, 0, 0], half(16 + body.length), half(0), word(1), body);
  const bind = (group: number) =>
    pdu(
      11,
      concat(
        half(4280),
        half(4280),
        word(group),
        [1, 0, 0, 0],
        half(0),
        [1, 0],
        guid(IMANAGED, little),
        word(0),
        guid(NDR, little),
        word(2),
      ),
    );
  const ack = (group: number) =>
    pdu(
      12,
      concat(
        half(4280),
        half(4280),
        word(group),
        half(0),
        half(0),
        [1, 0, 0, 0],
        half(0),
        half(0),
        guid(NDR, little),
        word(2),
      ),
    );
  const request = (opnum: number, stub: Uint8Array, flags = 3) =>
    pdu(0, concat(word(stub.length), half(0), half(opnum), IPID, stub), flags | 0x80);
  const response = (stub: Uint8Array) => pdu(2, concat(word(stub.length), half(0), [0, 0], stub));
  const orpcThis = concat(half(5), half(7), word(0), word(0), new Uint8Array(16).fill(7), word(0));
  const command = (id: number, data: Uint8Array) => concat(half(id), half(data.length), data);
  const context = concat(guid(IMANAGED, little), word(0), guid(NDR64, little), word(1));
  const header = concat([0, 0, 0, 0, 0x10, 0, 0, 0], word(77), half(5), half(9));
  const trailer = (...commands: Uint8Array[]) => concat(hex('8ae3137102f43671'), ...commands);
  return { bind, ack, request, response, orpcThis, command, context, header, trailer };
}

describe.each([true, false])('with little-endian PDUs: %s', (little) => {
  const w = wire(little);
  const bound = () => {
    const c = laboratory().connection();
    const binds = [c.client(w.bind(0)), c.server(w.ack(0x1234))];
    return { c, binds };
  };

  test('byte order, place, layout and causality', () => {
    const { c } = bound();
    const { call } = c.client(w.request(4, w.orpcThis));
    expect(call?.request).toMatchObject({
      littleEndian: little,
      pieces: [{ at: 0, length: 72, frame: 3, fileOffset: 0 }],
      layout: { ndr64: false, orpc64: false, fromHeader: false, twice: false, ccw: null },
      trailer: null,
      objrefs: [],
    });
    expect(call?.request?.stub).toHaveLength(32);
    c.server(w.response(new Uint8Array(4)));
    expect(call?.response?.littleEndian).toBe(little);
    expect(call?.response?.pieces).toMatchObject([{ frame: 4 }]);
  });

  test('whether all of a stub was read', () => {
    const read = (opnum: number, stub: Uint8Array): unknown[] => {
      const { c } = bound();
      const { call } = c.client(w.request(opnum, stub));
      return [call?.request?.isDecoded, readingOf(call!)];
    };
    expect(read(4, w.orpcThis)).toEqual([true, 'whole']);
    expect(read(4, concat(w.orpcThis, w.trailer(w.command(0x4001, new Uint8Array(4)))))).toEqual([true, 'whole']);
    expect(read(4, concat(w.orpcThis, new Uint8Array(4)))).toEqual([false, 'partly']);
    expect(read(4, w.orpcThis.subarray(4))).toEqual([false, 'partly']);
    // an operation that nobody knows: of COM is what every call begins with
    expect(read(99, concat(w.orpcThis, new Uint8Array(4)))).toEqual([false, 'no']);
    expect(read(99, w.orpcThis)).toEqual([true, 'whole']);
  });

  test('an answer of which only the request tells what it is, and that came first', () => {
    const { c } = bound();
    c.server(w.response(new Uint8Array(16)));
    const { call } = c.client(w.request(4, w.orpcThis));
    expect([call?.response?.isDecoded, readingOf(call!)]).toEqual([false, 'partly']);
  });

  test('MS-RPCE 2.2.2.13: a verification trailer is what its commands say', () => {
    const read = (...commands: Uint8Array[]) => {
      const { c } = bound();
      const stub = concat(w.orpcThis, w.trailer(...commands));
      const { call } = c.client(w.request(4, stub));
      expect(call?.request?.stub).toHaveLength(32);
      return call?.request?.trailer;
    };
    const iid = IMANAGED;
    const header = { callId: 77, contextId: 5, opnum: 9 };
    expect(read(w.command(0x4001, new Uint8Array(4)))).toEqual({ iid: null, syntax: null, header: null });
    expect(read(w.command(0x4002, w.context))).toEqual({ iid, syntax: 'NDR64', header: null });
    expect(read(w.command(2, w.context), w.command(0xc003, w.header))).toEqual({ iid, syntax: 'NDR64', header });
    // behind the last command nothing is read, and without one it is not whole
    expect(read(w.command(0x4001, new Uint8Array(4)), w.command(2, w.context))?.iid).toBeNull();
    expect(read(w.command(2, w.context))).toBeNull();
    // a context that is too short says nothing
    expect(read(w.command(0x4002, w.context.subarray(0, 30)))).toEqual({ iid, syntax: null, header: null });
  });

  test('the trailer is read behind a stub of several fragments too', () => {
    const { c } = bound();
    const stub = concat(w.orpcThis, w.trailer(w.command(0x4002, w.context)));
    const { call } = c.client(w.request(4, stub.subarray(0, 20), 1));
    expect(call?.request).toMatchObject({ pieces: [], trailer: null });
    c.client(w.request(4, stub.subarray(20), 2));
    expect(call?.request).toMatchObject({ trailer: { iid: IMANAGED }, pieces: [{ frame: 4 }], frames: [3, 4] });
  });

  test('a bind and its answer name the association group', () => {
    const { binds } = bound();
    expect(binds.map((pdu) => pdu.bind?.associationGroup)).toEqual([0, 0x1234]);
  });
});

test('the OBJREFs of its parameters', async () => {
  const found = { request: 0, response: 0 };
  for (const call of await callsOf(`${ROOT}samples/managed-object/capture.pcap`))
    for (const side of ['request', 'response'] as const) {
      const objrefs = objrefsIn(side === 'request' ? call.in : call.out);
      expect(call[side]?.objrefs ?? []).toEqual(objrefs);
      found[side] += objrefs.length;
    }
  expect(found.response).toBeGreaterThan(0);
});

/** The same OBJREFs, out of the parameters. */
function objrefsIn(value: unknown): Objref[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const inner = Object.values(value).flatMap(objrefsIn);
  return kindOf(value) === 'objref' && (value as Objref).ipid !== undefined ? [value as Objref, ...inner] : inner;
}
