/** Objects from made-up calls: references, names learnt late, ways, borders, bounds (MS-DCOM 3.1.1.5.6, MS-IOI 1.3). */

import { describe, expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { apartmentOf, objectTypes } from '../../src/analysis/objects/calls.js';
import { type ObjectReport, objectsReport } from '../../src/analysis/objects/report.js';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { DEFAULT_LIMITS } from '../../src/core/limits.js';
import { objectsText } from '../../src/output/objects-text.js';
import { IDISPATCH, IMANAGED_OBJECT, id64, ipid, type Made, made, query, release } from './support.js';

function objectsOf(...calls: Call[]): ObjectReport[] {
  return reportOf(...calls).apartments.flatMap((a) => a.objects);
}

function reportOf(...calls: Call[]) {
  const table = new ObjectTable();
  for (const call of calls) table.add(call);
  return objectsReport(table, 'made.pcap');
}

const bstr = (text: string) => {
  const bytes = Buffer.from(text, 'utf16le');
  return { [KIND]: 'bstr', cBytes: bytes.length, bytes, nrbf: null };
};

const identity = (more: Partial<Made> = {}): Call =>
  made({
    iface: 'IManagedObject',
    operation: 'GetObjectIdentity',
    object: ipid(2),
    out: {
      pBSTRGUID: bstr('{X}'),
      AppDomainID: 7,
      pCCW: { [KIND]: 'ccw', value: '0x10', layout: 'int32', alternatives: [] },
    },
    ...more,
  });

const serialize = (more: Partial<Made> = {}): Call =>
  made({
    iface: 'IManagedObject',
    operation: 'GetSerializedBuffer',
    object: ipid(2),
    out: { pBSTR: bstr('not a stream') },
    ...more,
  });

describe('references (MS-DCOM 3.1.1.5.6.1)', () => {
  it('counts what each host holds, and calls a pointer released when nobody holds any', () => {
    const calls = [
      query(ipid(1), IDISPATCH, ipid(2), { frame: 1 }),
      query(ipid(1), IDISPATCH, ipid(2), { frame: 3, client: '10.0.0.9' }),
      release(ipid(2), 5, { frame: 5 }),
    ];
    const held = objectsOf(...calls)[0].interfacePointers.find((p) => p.ipid === ipid(2));
    expect(held).toMatchObject({
      references: { handedOut: 10, released: 5 },
      holders: [
        { address: '10.0.0.1', references: 0 },
        { address: '10.0.0.9', references: 5 },
      ],
      released: null,
      lastRelease: { request: 5, response: 6 },
    });
    const [object] = objectsOf(...calls, release(ipid(2), 5, { frame: 7, client: '10.0.0.9' }));
    expect(object.released).toEqual({ request: 7, response: 8 });
  });

  it('does not count a release that failed, nor references that the server refused', () => {
    const refused = made({
      iface: 'IRemUnknown2',
      operation: 'RemAddRef',
      object: ipid(100),
      in: { cInterfaceRefs: 1, InterfaceRefs: [{ ipid: ipid(77), cPublicRefs: 1, cPrivateRefs: 0 }] },
      out: { pResults: ['0x80010114'] },
    });
    const objects = objectsOf(
      query(ipid(1), IDISPATCH, ipid(2)),
      release(ipid(2), 5, { fault: 0x80010108, out: null }),
      refused,
    );
    const pointers = objects.flatMap((o) => o.interfacePointers);
    expect(pointers.map((p) => p.ipid)).not.toContain(ipid(77));
    expect(pointers.find((p) => p.ipid === ipid(2))).toMatchObject({ references: { released: 0 }, lastRelease: null });
  });
});

describe('what is learnt late', () => {
  it('an object whose OID comes with a later query keeps what was known of it', () => {
    const objects = objectsOf(
      query(ipid(1), IMANAGED_OBJECT, null, { frame: 1 }),
      query(ipid(1), IDISPATCH, ipid(2), { frame: 3 }),
    );
    expect(objects).toHaveLength(1);
    expect(objects[0]).toMatchObject({ oid: id64(1), managed: false });
    expect(objects[0].refused[0]).toMatchObject({ iid: IMANAGED_OBJECT, frames: [{ request: 1, response: 2 }] });
    expect(objects[0].interfacePointers).toHaveLength(2);
  });

  it('two hosts may use the same IPIDs', () => {
    const report = reportOf(
      query(ipid(1), IDISPATCH, ipid(2)),
      query(ipid(1), IDISPATCH, ipid(2), { server: '10.0.0.3' }),
    );
    expect(report.apartments.map((a) => a.server)).toEqual(['10.0.0.2', '10.0.0.3']);
  });

  it('a host with two addresses is one, where its bindings say so', () => {
    const resolve = made({
      iface: 'IObjectExporter',
      operation: 'ResolveOxid2',
      in: { pOxid: id64(9) },
      out: {
        ppdsaOxidBindings: {
          [KIND]: 'bindings',
          bindings: [
            { tower: 7, address: '10.0.0.2[49664]' },
            { tower: 7, address: 'fe80::1[49664]' },
          ],
          securityBindings: [],
        },
        pipidRemUnknown: ipid(100),
      },
    });
    const call = (server: string) => made({ iface: 'IDispatch', operation: 'Invoke', object: ipid(2), server });
    const asked = query(ipid(1), IDISPATCH, ipid(2));
    const report = reportOf(resolve, asked, call('fe80::1'), call('10.0.0.2'), call('10.0.0.77'));
    expect(report.apartments.map((a) => [a.server, a.oxid])).toEqual([
      ['10.0.0.2', id64(9)],
      ['10.0.0.77', null],
    ]);
    expect(report.apartments[0].objects[0].interfacePointers.find((p) => p.ipid === ipid(2))?.calls).toBe(2);
  });

  it('finds an OBJREF in a stub that nobody decodes', () => {
    const objref = Buffer.alloc(24 + 40 + 4);
    objref.write('MEOW', 0, 'latin1');
    objref.writeUInt32LE(1, 4);
    objref.writeUInt32LE(5, 28);
    objref.writeBigUInt64LE(9n, 32);
    objref.writeBigUInt64LE(4n, 40);
    objref.writeUInt32LE(6, 48);
    const call = made({ iface: 'none', operation: 'none', object: ipid(1), out: {} });
    const stub = Buffer.concat([Buffer.alloc(12), Buffer.from([objref.length, 0, 0, 0]), objref]);
    (call.response as { stub: Uint8Array }).stub = new Uint8Array(stub);
    expect(objectsOf(call)).toContainEqual(
      expect.objectContaining({
        oid: id64(4),
        interfacePointers: [expect.objectContaining({ references: expect.objectContaining({ handedOut: 5 }) })],
      }),
    );
  });
});

describe('ways of MS-IOI 1.3', () => {
  const asked = query(ipid(1), IMANAGED_OBJECT, ipid(2), { frame: 1 });
  it.each([
    ['another machine', [asked, identity({ frame: 3 })], 'identity', 'other'],
    ['serialized', [asked, identity({ frame: 3 }), serialize({ frame: 5 })], 'serialized', 'other'],
    ['asked only', [asked], 'supported', 'other'],
    ['refused', [query(ipid(1), IMANAGED_OBJECT, null)], 'not-managed', null],
    ['failed', [asked, serialize({ frame: 3, fault: 0x6be, out: null })], 'supported', 'other'],
  ] as const)('%s', (_, calls, way, division) => {
    const [object] = objectsOf(...calls);
    expect(object.ways).toHaveLength(1);
    expect(object.ways[0]).toMatchObject({ way, division });
  });

  it('on one machine an identity without a serialized form was the own division', () => {
    const here = { client: '10.0.0.2' };
    const query2 = query(ipid(1), IMANAGED_OBJECT, ipid(2), here);
    expect(objectsOf(query2, identity(here))[0].ways[0]).toMatchObject({ way: 'identity', division: 'same' });
    const both = objectsOf(query2, identity(here), serialize({ ...here, frame: 9 }));
    expect(both[0].ways[0]).toMatchObject({ way: 'serialized', division: 'other' });
  });
});

describe('apartments of calls (interop marshalling: COM apartments)', () => {
  const table = new ObjectTable();
  const server = { client: '10.0.0.1', server: '10.0.0.2' };
  table.add(query(ipid(1), IDISPATCH, ipid(2), { ...server, frame: 1 }));
  const outer = made({
    iface: 'IDispatch',
    operation: 'Invoke',
    object: ipid(2),
    frame: 10,
    answer: 40,
    causality: 'c',
  });
  table.add(outer);

  it('tells process and thread where the IPIDs agree, and the border by address', () => {
    expect(apartmentOf(table, outer)).toEqual({
      oxid: id64(9),
      kind: 'single-threaded',
      processId: 0x668,
      threadId: 0x4ec,
      crosses: 'machines',
      caller: null,
      marshalling: 'COM',
    });
  });

  it('knows the caller of a nested call by its causality', () => {
    const nested = { iface: 'IDispatch', operation: 'Invoke', object: ipid(2), client: '10.0.0.2' } as const;
    const inside = made({ ...nested, frame: 20, answer: 21, causality: 'c' });
    expect(apartmentOf(table, inside)).toMatchObject({ crosses: 'none', caller: { oxid: id64(9) } });
    expect(apartmentOf(table, made({ ...nested, frame: 50, causality: 'c' }))).toMatchObject({ crosses: 'processes' });
  });

  it('an interface pointer has its managed type once the object is known', () => {
    const known = { type: 'standard', iid: IDISPATCH, oxid: id64(9), oid: id64(1), bytes: new Uint8Array() } as const;
    const objref = { [KIND]: 'objref', ...known } as const;
    expect(objectTypes(table)(objref)).toBeNull();
    table.add(query(ipid(1), IMANAGED_OBJECT, ipid(3), { ...server, frame: 60 }));
    expect(objectTypes(table)(objref)).toBe('System.MarshalByRefObject');
  });
});

describe('hostile input', () => {
  it('keeps no more pointers than it says, and says so', () => {
    const table = new ObjectTable();
    for (let i = 0; i < DEFAULT_LIMITS.pointers + 500; i++)
      table.add(query(ipid(1), IDISPATCH, ipid(1000 + i), { frame: i + 1 }, i + 1));
    expect(table.pointers.size).toBe(DEFAULT_LIMITS.pointers);
    expect(table.objects.size).toBeLessThanOrEqual(DEFAULT_LIMITS.objects);
    const report = objectsReport(table, 'x');
    expect(report.warnings.map((w) => w.code)).toContain('limit');
  });

  it('bounds the details of one object', () => {
    const table = new ObjectTable();
    for (let i = 0; i < 5000; i++) {
      const iid = `${i.toString(16).padStart(8, '0')}-0000-0000-c000-000000000046`;
      table.add(query(ipid(1), iid, null, { frame: i + 1 }));
      table.add(query(ipid(1), IMANAGED_OBJECT, null, { frame: i + 1, client: `10.1.${i >> 8}.${i & 255}` }));
    }
    const [object] = objectsReport(table, 'x').apartments.flatMap((a) => a.objects);
    expect(object.refused.length).toBe(DEFAULT_LIMITS.detailsEach);
    expect(object.ways.length).toBeLessThanOrEqual(DEFAULT_LIMITS.detailsEach);
  });

  it.each([
    ['nothing decoded', { in: {}, out: {} }],
    ['parameters of other kinds', { in: { ripid: 3, iids: 'x' }, out: { ppQIResults: { a: 1 } } }],
    ['holes in results', { in: { ripid: ipid(1), iids: [IDISPATCH] }, out: { ppQIResults: [null, {}] } }],
    ['results without a STDOBJREF', { in: { ripid: ipid(1), iids: [] }, out: { ppQIResults: [{ std: {} }] } }],
  ])('survives %s', (_, params) => {
    const call = made({
      iface: 'IRemUnknown2',
      operation: 'RemQueryInterface',
      object: ipid(9),
      ...(params as Partial<Made>),
    });
    expect(() => objectsOf(call)).not.toThrow();
  });

  it('prints nothing that steers a terminal', () => {
    const evil = identity({ out: { pBSTRGUID: bstr('{\u202e\u2066}'), AppDomainID: 1, pCCW: null } });
    const text = [...objectsText(reportOf(query(ipid(1), IMANAGED_OBJECT, ipid(2)), evil), false)].join('');
    expect(text).toContain('\\u202e');
    expect(text).not.toMatch(/[\u202e\u2066]/);
  });
});
