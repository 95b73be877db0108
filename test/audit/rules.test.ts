/** Every rule with hand-made traffic that triggers it, and with its nearest neighbour that does not. */
import { describe, expect, test } from 'vitest';
import type { NdrValue } from '../../dissectors/ndr/types.js';
import { encodeValues } from '../../dissectors/nrbf/index.js';
import { RULES } from '../../src/analysis/audit/index.js';
import {
  bstr,
  CLIENT,
  customObjref,
  dual,
  FIRST,
  graph,
  IPID,
  LAST,
  Network,
  ORPCTHIS,
  object,
  objref,
  SERVER,
  trailer,
} from './support.js';

const IMANAGED = 'c3fcc19e-a970-11d2-8b5a-00a0c9b7c9c4';
const IREMOTE = '6619a740-8154-43be-a186-0319578e02db';
const ICOMPONENT = '8165b19e-8d3a-4d0b-80c8-97de310db583';
const IDISPATCH = '00020400-0000-0000-c000-000000000046';
const IREMUNKNOWN = '00000131-0000-0000-c000-000000000046';
const IEXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const OBJECT_IID = '65074f7f-63c0-304e-af0a-d51741cb4a8d';
const OTHER_IID = '12345678-1234-1234-1234-123456789abc';
const COUNTED = 'b196b28f-bab4-101a-b69c-00aa00341d07';

type Play = (net: Network) => void;

/** A remote message as a request of IRemoteDispatch, and its answer. */
const message =
  (s: NdrValue, answer: NdrValue = null): Play =>
  (net) =>
    void net.connect().bind(IREMOTE).call('IRemoteDispatch.RemoteDispatchAutoDone', { s }, { pRetVal: answer });

/** What GetSerializedBuffer returns. */
const buffer =
  (pBSTR: NdrValue, server = SERVER): Play =>
  (net) =>
    void net.connect(CLIENT, server).bind(IMANAGED).call('IManagedObject.GetSerializedBuffer', {}, { pBSTR });

const objRef = (
  uris: readonly string[],
  type = 'Svc, Svc, Version=1.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089',
) =>
  object(
    'System.Runtime.Remoting.ObjRef',
    {
      uri: 'svc.rem',
      objrefFlags: { type: 'System.Int32', value: 0 },
      typeInfo: object('System.Runtime.Remoting.TypeInfo', { serverType: type }, null),
      channelInfo: object(
        'System.Runtime.Remoting.ChannelInfo',
        {
          channelData: {
            type: 'System.Object[]',
            rank: 1,
            lengths: [1],
            elements: [
              object(
                'System.Runtime.Remoting.Channels.ChannelDataStore',
                {
                  _channelURIs: {
                    type: 'System.String[]',
                    rank: 1,
                    lengths: [uris.length],
                    elements: uris.map((value) => ({ type: 'System.String', value })),
                  },
                },
                null,
              ),
            ],
          },
        },
        null,
      ),
    },
    null,
  );

const call = (type: string, ...args: NonNullable<ReturnType<typeof object>>[]): NdrValue =>
  graph({ call: { kind: 'call', method: 'Do', type, args } });

const bytes = (...values: readonly number[]) => ({
  type: 'System.Byte[]',
  rank: 1,
  lengths: [values.length],
  elements: values.map((value) => ({ type: 'System.Byte', value })),
});

/** RemQueryInterface with its result for one interface. */
const query =
  (iid: string, hResult: string): Play =>
  (net) =>
    void net
      .connect()
      .bind(IREMUNKNOWN)
      .call(
        'IRemUnknown.RemQueryInterface',
        { ripid: IPID, cRefs: 5, cIids: 1, iids: [iid] },
        {
          ppQIResults: [
            {
              hResult,
              std: { flags: 0, cPublicRefs: 5, oxid: '0x0000000000001111', oid: '0x0000000000002222', ipid: IPID },
            },
          ],
        },
      );

/** A resolver's answer for an OXID. */
const resolve =
  (server: string, ...addresses: readonly string[]): Play =>
  (net) =>
    void net
      .connect(CLIENT, server, 135)
      .bind(IEXPORTER)
      .call(
        'IObjectExporter.ResolveOxid',
        { pOxid: '0x0000000000001111', cRequestedProtseqs: 1, arRequestedProtseqs: [7] },
        { ppdsaOxidBindings: dual(...addresses), pipidRemUnknown: IPID, pAuthnHint: 5 },
      );

/** GetTypeInfo's answer, an interface pointer. */
const pointer =
  (ppTInfo: NdrValue): Play =>
  (net) =>
    void net.connect().bind(IDISPATCH).call('IDispatch.GetTypeInfo', { iTInfo: 0, lcid: 0 }, { ppTInfo });

const names =
  (name: string, id: number): Play =>
  (net) =>
    void net
      .connect()
      .bind(IDISPATCH)
      .call(
        'IDispatch.GetIDsOfNames',
        { riid: '00000000-0000-0000-0000-000000000000', rgszNames: [name], cNames: 1, lcid: 0 },
        { rgDispId: [id] },
      );

/** A request in two fragments. */
const fragments =
  (second: { opnum?: number; auth?: boolean }): Play =>
  (net) => {
    const talk = net.connect().bind(IMANAGED);
    talk.request(3, ORPCTHIS.subarray(0, 16), { flags: FIRST, ipid: IPID, auth: trailer(5) });
    const auth = second.auth === false ? undefined : trailer(5);
    talk.request(second.opnum ?? 3, ORPCTHIS.subarray(16), { flags: LAST, ipid: IPID, auth });
  };

/** A request whose verification trailer names an interface. */
const verification =
  (iid: string): Play =>
  (net) => {
    const guid = (text: string): number[] => {
      const b = Buffer.from(text.replaceAll('-', ''), 'hex');
      return [
        ...b.subarray(0, 4).reverse(),
        ...b.subarray(4, 6).reverse(),
        ...b.subarray(6, 8).reverse(),
        ...b.subarray(8),
      ];
    };
    const ndr = guid('8a885d04-1ceb-11c9-9fe8-08002b104860');
    const trail = [
      0x8a,
      0xe3,
      0x13,
      0x71,
      0x02,
      0xf4,
      0x36,
      0x71,
      2,
      0x40,
      40,
      0,
      ...guid(iid),
      0,
      0,
      0,
      0,
      ...ndr,
      2,
      0,
      0,
      0,
    ];
    const talk = net.connect().bind(IMANAGED);
    talk.request(3, Uint8Array.from([...ORPCTHIS, ...trail]), { ipid: IPID });
  };

const bind =
  (client: string, asked: number, given: number): Play =>
  (net) =>
    void net.connect(client).bind(IMANAGED, { asked, given });

const both =
  (...plays: readonly Play[]): Play =>
  (net) => {
    for (const play of plays) play(net);
  };

const ADDRESS = object('Address', { Street: 'One Way' });
const DELEGATE = object('System.DelegateSerializationHolder', { target: 'x' }, null);
const component =
  (elements: readonly string[]): Play =>
  (net) =>
    void net
      .connect()
      .bind(ICOMPONENT)
      .call(
        'IServicedComponentInfo.GetComponentInfo',
        { infoMask: 1 },
        {
          infoMask: 1,
          infoArray: {
            vt: 'VT_BSTR',
            features: ['FADF_BSTR', 'FADF_HAVEVARTYPE'],
            bounds: [{ lower: 0, count: elements.length }],
            elements: elements.map(bstr),
            cbElements: 4,
            cLocks: 0x80000,
            sfType: 8,
            pointers: 1,
          } as unknown as NdrValue,
        },
      );

const manyNulls = (count: number): Uint8Array => {
  // header, ArraySingleObject of `count`, one run of as many nulls, MessageEnd
  const b = Buffer.alloc(17 + 9 + 5 + 1);
  b.set([0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 16, 1, 0, 0, 0]);
  b.writeInt32LE(count, 22);
  b[26] = 14;
  b.writeInt32LE(count, 27);
  b[31] = 11;
  return Uint8Array.from(b);
};

/** Arrays in arrays, a null in the innermost. */
const nested = (depth: number): Uint8Array => {
  const b = [0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0];
  for (let id = 1; id <= depth; id++) b.push(16, id & 255, id >> 8, 0, 0, 1, 0, 0, 0);
  return Uint8Array.from([...b, 10, 11]);
};

/** Rule, what triggers it, what does not. */
const CASES: readonly (readonly [rule: string, fires: Play, silent: Play])[] = [
  ['IOI-001', message(call('Svc, App', ADDRESS)), message(null)],
  ['IOI-002', buffer(graph({ root: ADDRESS })), buffer(graph({ root: ADDRESS }), CLIENT)],
  [
    'IOI-003',
    message(call('Svc', object('System.Windows.Forms.AxHost+State', { x: 'y' }))),
    message(call('Svc', ADDRESS)),
  ],
  [
    'IOI-003',
    message(call('Svc', DELEGATE, object('System.Collections.Generic.ComparisonComparer`1'))),
    message(call('Svc', DELEGATE)),
  ],
  [
    'IOI-003',
    message(call('Svc', object('T', { Foreground: '<ObjectDataProvider MethodName="Start">' }))),
    message(call('Svc', object('T', { Foreground: '<Brush>' }))),
  ],
  ['IOI-004', buffer(graph({ root: DELEGATE })), buffer(graph({ root: ADDRESS }))],
  ['IOI-004', message(call('Svc', objRef([]))), buffer(graph({ root: objRef([]) }))],
  ['IOI-004', message(call('Svc', DELEGATE)), message(call('Svc', ADDRESS))],
  ['IOI-005', buffer(graph({ root: objRef(['tcp://10.0.0.20:9099']) })), buffer(graph({ root: objRef([]) }))],
  [
    'IOI-005',
    buffer(graph({ root: objRef(['soap://10.9.9.9/x']) })),
    buffer(graph({ root: objRef([`soap://${SERVER}/x`]) })),
  ],
  [
    'IOI-006',
    message(call('Svc', bytes(0x4d, 0x45, 0x4f, 0x57, 1, 0, 0, 0, 9))),
    message(call('Svc', bytes(0x4d, 0x45, 0x4f, 0x57, 3, 0, 0, 0, 9))),
  ],
  [
    'IOI-006',
    message(call('Svc', object('T', { ref: 'TUVPVwEAAAAA' }))),
    message(call('Svc', object('T', { ref: 'TUVPVHello' }))),
  ],
  [
    'IOI-007',
    message(call('System.Runtime.Remoting.Lifetime.ILease, mscorlib')),
    message(call('Svc'), graph({ root: object('System.Runtime.Remoting.Lifetime.Lease', {}, null) })),
  ],
  [
    'IOI-007',
    message(call('Svc', objRef([], 'System.Runtime.Remoting.Lifetime.ClientSponsor, mscorlib'))),
    message(call('Svc', objRef([]))),
  ],
  ['IOI-009', component(['4242']), component([])],
  [
    'IOI-010',
    message(
      null,
      graph({ root: object('System.Exception', { Message: 'no', StackTraceString: '   at Svc.Do()' }, null) }),
    ),
    message(null, graph({ root: object('System.Exception', { Message: 'no', StackTraceString: '' }, null) })),
  ],
  [
    'IOI-010',
    message(
      null,
      graph({
        root: object('System.Exception', { Message: 'no file C:\\inetpub\\x.dll', StackTraceString: '' }, null),
      }),
    ),
    message(null, graph({ root: object('T', { Message: 'C:\\inetpub\\x.dll' }) })),
  ],
  [
    'IOI-011',
    buffer(bstr(Uint8Array.from([...encodeValues({ root: ADDRESS }), 1, 2, 3]))),
    buffer(bstr(Uint8Array.from([...encodeValues({ root: ADDRESS }), 0]))),
  ],
  [
    'IOI-012',
    message(call('Svc', object('A', {}, 'X, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null'))),
    message(call('Svc', object('A'))),
  ],
  [
    'IOI-012',
    message(call('Svc, mscorlib, Version=2.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089')),
    message(call('Svc, mscorlib, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089')),
  ],
  ['IOI-013', buffer(bstr(manyNulls(50_000_000))), buffer(bstr(manyNulls(200)))],
  ['IOI-013', buffer(bstr(nested(300))), buffer(bstr(nested(20)))],
  ['IOI-014', query(IMANAGED, '0x00000000'), query(IMANAGED, '0x80004002')],
  ['DCOM-002', buffer(bstr('text')), buffer(null)],
  [
    'DCOM-005',
    pointer(objref({ bindings: ['10.6.6.6[4444]'] })),
    pointer(objref({ bindings: ['10.6.6.6[4444]', `${SERVER}[49664]`] })),
  ],
  ['DCOM-005', resolve(SERVER, '10.6.6.6[4444]'), resolve(SERVER, 'HOST[4444]')],
  [
    'DCOM-006',
    pointer(objref({ bindings: [`${SERVER}[1]`], principal: `cifs/${SERVER}` })),
    pointer(objref({ bindings: [`${SERVER}[1]`], principal: `HOST/${SERVER}` })),
  ],
  [
    'DCOM-006',
    pointer(objref({ bindings: ['SRV[1]'], principal: 'host/dc1.lab.test' })),
    pointer(objref({ bindings: ['SRV[1]'], principal: 'LAB\\service' })),
  ],
  [
    'DCOM-007',
    both(resolve(SERVER, 'SRV[1]'), resolve('10.0.0.66', 'SRV[1]')),
    both(resolve(SERVER, `${SERVER}[1]`, '10.0.0.66[1]'), resolve('10.0.0.66', '10.0.0.66[1]')),
  ],
  ['DCOM-008', query(OBJECT_IID, '0x00000000'), query(COUNTED, '0x00000000')],
  ['DCOM-008', names('GetType', 3), names('Transfer', 3)],
  ['DCOM-009', pointer(customObjref(OTHER_IID)), pointer(customObjref('00000017-0000-0000-c000-000000000046'))],
  ['RPC-001', fragments({ opnum: 4 }), fragments({})],
  ['RPC-002', fragments({ auth: false }), fragments({})],
  ['RPC-003', verification(IREMOTE), verification(IMANAGED)],
  [
    'RPC-005',
    both(bind(CLIENT, 0, 77), bind('10.0.0.99', 77, 77)),
    both(bind(CLIENT, 0, 77), bind('10.0.0.99', 0, 77), bind(CLIENT, 77, 77)),
  ],
];

describe('every rule fires on what it is for, and not on its neighbour', () => {
  test.each(CASES.map(([rule, fires, silent], i) => [`${rule} (${i + 1})`, rule, fires, silent] as const))(
    '%s',
    (_name, rule, fires, silent) => {
      const loud = new Network();
      fires(loud);
      expect(loud.of(rule).length).toBeGreaterThan(0);
      const quiet = new Network();
      silent(quiet);
      expect(quiet.of(rule).map((f) => f.evidence)).toEqual([]);
    },
  );

  test('rules that are not here are triggered by captures, in table.test.ts', () => {
    const here = new Set(CASES.map(([rule]) => rule));
    const elsewhere = RULES.map((r) => r.id).filter((id) => !here.has(id));
    expect(elsewhere).toEqual([
      'IOI-008',
      'DCOM-001',
      'DCOM-003',
      'DCOM-004',
      'DCOM-010',
      'DCOM-011',
      'DCOM-012',
      'DCOM-013',
      'RPC-004',
      'RPC-006',
    ]);
  });
});

describe('findings', () => {
  test('secrets are named and masked', () => {
    const net = new Network();
    message(call('Svc', object('Login', { Password: 'hunter2', text: 'Server=x;Pwd=geheim;' })))(net);
    const [found] = net.of('DCOM-002');
    expect(found.evidence).toContain('Password = ••• (7 characters)');
    expect(found.evidence).toContain('Pwd = ••• (6 characters)');
    const all = JSON.stringify(net.findings());
    expect(all).not.toContain('hunter2');
    expect(all).not.toContain('geheim');
  });

  test('same findings are folded with a count and all their frames', () => {
    const net = new Network();
    for (let i = 0; i < 100; i++) message(call('Svc', ADDRESS))(net);
    const found = net.of('IOI-001');
    expect(found).toHaveLength(1);
    expect(found[0].count).toBe(100);
    expect(found[0].places[0].frames).toHaveLength(24);
  });

  test('bytes: the record in its stream, and where it lies in the file', () => {
    const net = new Network();
    message(call('Svc', object('System.Windows.Forms.AxHost+State', { x: 'y' })))(net);
    const [found] = net.of('IOI-003');
    expect(found.bytes?.source).toBe('BSTR');
    expect(found.bytes?.file).toHaveLength(1);
    expect(found.bytes?.file[0].frame).toBe(3);
    expect(found.places[0].frames).toEqual([3]);
  });

  test('fingerprints stay the same when ids and ports change', () => {
    const one = new Network();
    const other = new Network();
    one
      .connect(CLIENT, SERVER, 49664)
      .bind(IMANAGED)
      .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    other
      .connect(CLIENT, SERVER, 50123)
      .bind(IMANAGED)
      .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    expect(other.findings().map((f) => f.fingerprint)).toEqual(one.findings().map((f) => f.fingerprint));
  });

  test('a host that talks to itself exposes nothing to a network', () => {
    const net = new Network();
    buffer(graph({ root: ADDRESS }), CLIENT)(net);
    expect(net.findings().filter((f) => f.rule.id !== 'IOI-012')).toEqual([]);
  });

  test('attack: however many findings there are, few are kept and the others counted', () => {
    const net = new Network();
    for (let i = 0; i < 10_100; i++) names('GetType', 3)(net);
    expect(net.findings().length).toBeLessThan(10);
    const wide = new Network();
    for (let i = 0; i < 3000; i++)
      wide
        .connect(`10.${i >> 8}.${i & 255}.1`)
        .bind(IMANAGED)
        .call('IManagedObject.GetSerializedBuffer', {}, { pBSTR: graph({ root: ADDRESS }) });
    const result = wide.result();
    expect(result.inventory.full).toBe(true);
    expect(result.findings.length).toBeLessThanOrEqual(10_000);
  });
});
