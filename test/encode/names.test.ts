/** Members whose names JavaScript uses itself: read, printed, and written like any others. */
import { describe, expect, it } from 'vitest';
import { plainLayout } from '../../dissectors/dcerpc/stub.js';
import { operation, type RpcInterface } from '../../dissectors/ndr/interface.js';
import { conformant, counted, pointer, struct, u32, wideString } from '../../dissectors/ndr/types.js';
import { encodeDocument } from '../../src/encode/documents/document.js';
import { stubDocument } from '../../src/encode/documents/extract.js';
import { valueToJson } from '../../src/output/value.js';
import { decode } from '../ndr/support.js';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

describe.each(NAMES)('a parameter and a member called %s', (name) => {
  const INNER = struct('INNER', 'test', { [name]: wideString, b: u32 });
  const list = { [name]: u32, of: pointer(counted(name, conformant(u32))) };
  const op = operation('test', 'Do', { in: { [name]: pointer(INNER), list: struct('LIST', 'test', list) } });
  const iface: RpcInterface = {
    ...{ name: 'ITest', uuid: '7e4a3c5a-5d0c-5b4c-9d2e-1f0e7a9b3c11', version: '0.0', spec: '', orpc: false },
    ops: { 3: op },
  };
  const known = new Map([[iface.uuid, iface]]);
  const params = JSON.parse(`{"${name}":{"${name}":"text","b":7},"list":{"${name}":2,"of":[5,6]}}`);
  const document = { kind: 'stub', interface: 'ITest', operation: 'Do', side: 'request', params };
  const bytes = (json: unknown): Uint8Array => encodeDocument(json, known);

  it('comes back whole', () => {
    const { values, left } = decode(op.request, bytes(document), { ndr64: false, littleEndian: true });
    expect(left).toBe(0);
    expect(JSON.stringify(valueToJson(values, { full: true }))).toBe(JSON.stringify(params));
    const sight = {
      ...{ iface, iid: iface.uuid, operation: op, opnum: 3, side: 'request' as const, syntax: 'NDR' },
      ...{ littleEndian: true, layout: plainLayout({ ndr64: false, ccw: null }) },
    };
    const again = stubDocument(bytes(document), sight);
    expect(JSON.stringify(again.params)).toBe(JSON.stringify(params));
    expect(bytes(again)).toEqual(bytes(document));
  });

  it('is missing where it is left out, and its count is held against the list', () => {
    const without = { ...document, params: { list: params.list } };
    expect(() => bytes(without)).toThrow(`params.${name}: a value is wanted`);
    const wrong = JSON.parse(JSON.stringify(document).replace(':2,', ':3,'));
    expect(() => bytes(wrong)).toThrow(`params.list.of: 2 elements, where ${name} says 3`);
  });
});
