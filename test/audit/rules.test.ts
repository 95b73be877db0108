/** Every rule with hand-made traffic that triggers it, and with its nearest neighbour that does not. */
import { describe, expect, test } from 'vitest';
import { encodeValues } from '../../dissectors/nrbf/index.js';
import { RULES } from '../../src/analysis/audit/index.js';
import {
  ADDRESS,
  bind,
  both,
  buffer,
  bytes,
  COUNTED,
  call,
  component,
  DELEGATE,
  fragments,
  IMANAGED,
  IREMOTE,
  manyNulls,
  message,
  names,
  nested,
  OBJECT_IID,
  OTHER_IID,
  objRef,
  type Play,
  pointer,
  query,
  resolve,
  verification,
} from './plays.js';
import { bstr, CLIENT, customObjref, graph, Network, object, objref, SERVER } from './support.js';

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
  ['RPC-008', (net) => void net.connect().bind(IMANAGED, { result: 2 }), bind(CLIENT, 0, 77)],
  ['RPC-008', (net) => void net.attempt(), bind(CLIENT, 0, 77)],
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
