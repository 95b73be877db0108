/** The managed view: .NET's default marshalling of COM types, by NDR table and by VARTYPE. */

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BSTR } from '../../dissectors/dcom/bstr.js';
import { CCW_PTR } from '../../dissectors/dcom/ccw-ptr.js';
import { type Managed, managedOf, managedReturn, managedText } from '../../dissectors/dcom/managed.js';
import { INTERFACE_POINTER } from '../../dissectors/dcom/objref.js';
import { SAFEARRAY } from '../../dissectors/dcom/safearray.js';
import { VARIANT } from '../../dissectors/dcom/variant.js';
import { protocols } from '../../dissectors/index.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { as, conformant, guid, i32, type NdrType, type NdrValue, struct, u32 } from '../../dissectors/ndr/types.js';
import type { Node } from '../../src/core/node.js';
import { scan } from '../../src/engine/scan.js';
import { callToJson } from '../../src/output/calls/json.js';
import { isHere, TRAFFIC } from '../traffic.js';
import { callsOf } from './support.js';

const variant = (vt: string, value: NdrValue): Managed | undefined =>
  managedOf(VARIANT, { [KIND]: 'variant', vt, value, clSize: 0 }).content;

const bstr = (text: string) => {
  const bytes = Buffer.from(text, 'utf16le');
  return { [KIND]: 'bstr', cBytes: bytes.length, bytes, nrbf: null };
};

const array = (vt: string, elements: NdrValue[], bounds = [{ lower: 0, count: elements.length }]) => ({
  [KIND]: 'safearray',
  vt,
  features: [],
  bounds,
  elements,
  cbElements: 4,
  cLocks: 0,
  sfType: 3,
  pointers: 1,
});

describe('parameters', () => {
  it.each([
    ['BSTR', BSTR, null, 'System.String'],
    ['a BSTR under another name', as(BSTR, { name: 'x' }), null, 'System.String'],
    ['VARIANT', VARIANT, null, 'System.Object'],
    ['int', i32, 5, 'System.Int32'],
    ['unsigned int', u32, 5, 'System.UInt32'],
    ['GUID', guid, '', 'System.Guid'],
    ['GUID[]', conformant(guid), [], 'System.Guid[]'],
    ['BSTR[]', conformant(BSTR), [], 'System.String[]'],
    ['SAFEARRAY(BSTR)', SAFEARRAY, array('VT_BSTR', []), 'System.String[]'],
    ['pCCW', CCW_PTR, { [KIND]: 'ccw', value: '0x1', layout: 'int32', alternatives: [] }, 'System.IntPtr'],
    [
      'a structure of .NET',
      struct('DISPPARAMS', 'x', { a: i32 }),
      {},
      'System.Runtime.InteropServices.ComTypes.DISPPARAMS',
    ],
  ] as [string, NdrType, NdrValue, string][])('%s', (_, type, value, managedType) => {
    expect(managedOf(type, value).managedType).toBe(managedType);
  });

  it('an interface pointer is an object of COM, or what its object is known to be', () => {
    const objref = { [KIND]: 'objref', type: 'standard', iid: '', oxid: '0x1', oid: '0x2', bytes: new Uint8Array() };
    expect(managedOf(INTERFACE_POINTER, objref)).toEqual({ managedType: 'System.__ComObject' });
    expect(managedOf(INTERFACE_POINTER, objref, () => 'Svc')).toEqual({ managedType: 'Svc', proxy: true });
    expect(managedOf(INTERFACE_POINTER, null)).toEqual({ managedType: 'System.Object', value: null });
  });
});

describe('VARIANT: System.Object with what is in it', () => {
  it.each([
    ['VT_I2', -3, 'System.Int16', -3],
    ['VT_BYREF|VT_I4', 7, 'System.Int32', 7],
    ['VT_I8', 5n, 'System.Int64', '5'],
    ['VT_CY', 1234500n, 'System.Decimal', '123.45'],
    ['VT_CY', -5n, 'System.Decimal', '-0.0005'],
    ['VT_CY', 70000n, 'System.Decimal', '7'],
    ['VT_DATE', 0, 'System.DateTime', '1899-12-30T00:00:00.000'],
    ['VT_DATE', 44197.5, 'System.DateTime', '2021-01-01T12:00:00.000'],
    // negative dates count the time of day forwards all the same
    ['VT_DATE', -1.25, 'System.DateTime', '1899-12-29T06:00:00.000'],
    ['VT_DATE', 1e12, 'System.DateTime', null],
    ['VT_DATE', Number.NaN, 'System.DateTime', null],
    ['VT_BOOL', -1, 'System.Boolean', true],
    ['VT_BOOL', 0, 'System.Boolean', false],
    ['VT_BSTR', bstr('abc'), 'System.String', 'abc'],
    ['VT_NULL', null, 'System.DBNull', null],
    ['VT_DECIMAL', '-1.5', 'System.Decimal', '-1.5'],
    ['VT_ERROR', '0x80020004', 'System.Int32', '0x80020004'],
  ])('%s %s', (vt, value, managedType, managed) => {
    expect(variant(vt, value as NdrValue)).toEqual({ managedType, value: managed });
  });

  it('VT_EMPTY is a null reference', () => {
    expect(managedOf(VARIANT, { [KIND]: 'variant', vt: 'VT_EMPTY', value: null, clSize: 0 })).toEqual({
      managedType: 'System.Object',
      value: null,
    });
  });

  it('arrays have their rank and lower bound in their type', () => {
    const flat = array('VT_I4', [1, 2]);
    expect(variant('VT_ARRAY|VT_I4', flat)?.managedType).toBe('System.Int32[]');
    const bounds = [
      { lower: 0, count: 1 },
      { lower: 0, count: 2 },
    ];
    expect(variant('VT_ARRAY|VT_I4', array('VT_I4', [1, 2], bounds))?.managedType).toBe('System.Int32[,]');
    expect(variant('VT_ARRAY|VT_I4', array('VT_I4', [1], [{ lower: 1, count: 1 }]))?.managedType).toBe(
      'System.Int32[*]',
    );
    const mixed = array('VT_VARIANT', [{ [KIND]: 'variant', vt: 'VT_CY', value: 10000n, clSize: 0 }]);
    expect(variant('VT_ARRAY|VT_VARIANT', mixed)).toEqual({
      managedType: 'System.Object[]',
      elements: [{ managedType: 'System.Object', content: { managedType: 'System.Decimal', value: '1' } }],
    });
  });

  it('is bounded in depth and in elements', () => {
    let nested: NdrValue = null;
    for (let i = 0; i < 1000; i++) nested = { [KIND]: 'variant', vt: 'VT_BYREF|VT_VARIANT', value: nested, clSize: 0 };
    expect(managedText(managedOf(VARIANT, nested)).length).toBeLessThan(1000);
    const wide = variant('VT_ARRAY|VT_BOOL', array('VT_BOOL', Array(100_000).fill(0)));
    expect(wide?.elements).toHaveLength(64);
  });
});

describe('HRESULT', () => {
  it.each([
    [0, null, 'System.Void', false],
    [1, null, 'System.Void', false],
    [0x80004002, null, 'System.InvalidCastException', true],
    [0x80004005, null, 'System.Runtime.InteropServices.COMException', true],
    [null, 0x6be, 'System.Runtime.InteropServices.COMException', true],
    [null, 0x80010108, 'System.Runtime.InteropServices.COMException', true],
  ])('%s, fault %s', (result, fault, managedType, thrown) => {
    expect(managedReturn(result, fault, null)).toEqual({ managedType, thrown });
  });
});

describe('in captures', () => {
  it('strings that carry NRBF say what is serialized in them', async () => {
    const calls = await callsOf(join(TRAFFIC, 'clear-ndr.pcap'));
    const [buffer] = calls.filter((c) => c.operation?.name === 'GetSerializedBuffer');
    expect(callToJson(buffer, 1, '').managed?.out).toEqual({
      pBSTR: { managedType: 'System.String', content: { managedType: 'System.Runtime.Remoting.ObjRef' } },
    });
    const failed = calls.find((c) => c.result === 0x80131501);
    expect(failed && callToJson(failed, 1, '').managed?.returns).toEqual({
      managedType: 'System.SystemException',
      thrown: true,
    });
    const alive = calls.find((c) => c.iface?.name === 'IObjectExporter');
    expect(alive && callToJson(alive, 1, '').managed).toBeNull();
  });

  it.skipIf(!isHere('dispatch.pcap'))(
    'exceptions of IDispatch.Invoke come from EXCEPINFO, with their message',
    async () => {
      const calls = await callsOf(join(TRAFFIC, 'dispatch.pcap'));
      const thrown = calls.find((c) => c.result === 0x80020009);
      expect(thrown && callToJson(thrown, 1, '').managed?.returns).toEqual({
        managedType: 'System.Exception',
        thrown: true,
        message: 'Insufficient funds: balance is 12,50 €',
      });
    },
  );

  it('every parameter of a COM call has a managed type in the tree, and leaves still cover their bytes', async () => {
    const types: string[] = [];
    const gaps: Node[] = [];
    await scan(
      join(TRAFFIC, 'clear-ndr.pcap'),
      protocols(),
      { record: true },
      {
        onPdu({ recording }) {
          const todo = [...recording.roots];
          for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
            if (node.field.name === 'clr.managed_type') types.push(String(node.value));
            if (node.role === 'undissected') gaps.push(node);
            todo.push(...node.children);
          }
        },
      },
    );
    expect(gaps).toEqual([]);
    expect(new Set(types)).toEqual(
      new Set([
        ...['System.String', 'System.Int32', 'System.UInt32', 'System.UInt16', 'System.Guid', 'System.Guid[]'],
        ...['System.Object', 'System.__ComObject', 'System.IntPtr', 'System.String[]', 'System.Array'],
        ...['REMQIRESULT[]', 'REMINTERFACEREF[]', 'System.SystemException', 'System.InvalidCastException'],
      ]),
    );
  });
});
