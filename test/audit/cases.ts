/** Hand-made traffic that triggers each rule, with its nearest neighbour that does not. */
import { encodeValues } from '../../dissectors/nrbf/index.js';
import {
  ADDRESS,
  alive,
  bind,
  both,
  buffer,
  bytes,
  COUNTED,
  call,
  component,
  DELEGATE,
  damaged,
  fragments,
  IMANAGED,
  IREMOTE,
  inPipes,
  lookup,
  MGMT,
  manyNulls,
  message,
  names,
  nested,
  OBJECT_IID,
  OTHER_IID,
  objRef,
  type Play,
  pointer,
  probe,
  query,
  refused,
  resolve,
  unbound,
  verification,
} from './plays.js';
import { REMOTING_CASES } from './remoting-cases.js';
import { bstr, CLIENT, customObjref, graph, object, objref, SERVER, trailer } from './support.js';

/** Rule, what triggers it, what does not. */
export const CASES: readonly (readonly [rule: string, fires: Play, silent: Play])[] = [
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
  // refused for what it lacks, and refused because nothing is there
  ['DCOM-001', refused({ fault: 5 }), refused({ fault: 0x1c010002 })],
  ['DCOM-001', refused({ fault: 5 }, 2), refused({ fault: 5 }, 6)],
  ['DCOM-001', refused({ fault: 0x80070005 }, 3), refused({ fault: 0x80070005 }, 5)],
  ['DCOM-001', refused({ fault: 0x1c00001d }, 4), refused({ fault: 0x1c010003 }, 4)],
  ['DCOM-001', refused({ fault: 0x800706d4 }), refused({ fault: 0x80010108 })],
  ['DCOM-001', refused({ result: 0x80070005 }, 2), refused({ result: 0x80070005 }, 6)],
  ['DCOM-001', refused({ result: 0 }), refused({ result: 0 }, 5)],
  // what no interface is known of is COM's where it begins as an ORPCTHIS does
  ['DCOM-001', unbound(5, 7), unbound(4, 7)],
  ['DCOM-001', unbound(5, 1), unbound(5, 8)],
  ['DCOM-001', unbound(5, 7), unbound(5, 7, 1)],
  // a bind named the interface: what stands where an ORPCTHIS should is COM's all the same
  ['DCOM-001', damaged(IMANAGED), damaged(MGMT)],
  ['DCOM-001', damaged(IMANAGED), inPipes(damaged(IMANAGED))],
  ['DCOM-011', alive, resolve(SERVER, SERVER)],
  ['DCOM-011', alive, inPipes(alive)],
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
  ['RPC-007', lookup(3), lookup(0)],
  ['RPC-007', lookup(3), lookup(3, { auth: true })],
  ['RPC-007', lookup(20, { inquiry: 1, times: 2 }), lookup(3, { inquiry: 1, times: 2 })],
  ['RPC-007', probe(10, { refused: true }), probe(9, { refused: true })],
  ['RPC-007', probe(10, { refused: true }), probe(10, { refused: true, auth: trailer(2) })],
  ['RPC-007', probe(32), probe(31)],
  ['RPC-007', probe(32), inPipes(probe(32))],
  ['RPC-007', lookup(3), inPipes(lookup(3))],
  ['RPC-007', lookup(3), inPipes(lookup(3), false)],
  [
    'RPC-007',
    (net) => {
      const talk = net.connect().bind(MGMT);
      talk.request(0, new Uint8Array(0));
      talk.response(new Uint8Array(8));
    },
    (net) => {
      const talk = net.connect().bind(MGMT);
      talk.request(0, new Uint8Array(0));
      talk.fault(5);
    },
  ],
  ['RPC-008', (net) => void net.connect().bind(IMANAGED, { refused: true }), bind(CLIENT, 0, 77)],
  ['RPC-008', (net) => void net.attempt(), bind(CLIENT, 0, 77)],
  [
    'RPC-005',
    both(bind(CLIENT, 0, 77), bind('10.0.0.99', 77, 77)),
    both(bind(CLIENT, 0, 77), bind('10.0.0.99', 0, 77), bind(CLIENT, 77, 77)),
  ],
  ...REMOTING_CASES,
];
