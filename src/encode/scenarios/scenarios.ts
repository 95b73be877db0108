/**
 * Ready scenarios: the flows of MS-IOI 1.3 and of its examples in section 4, errors, layouts, and ways in which
 * traffic may look. Each is a document that `encode` makes a capture of.
 */
import { IDispatch } from '../../../dissectors/interfaces/IDispatch.js';
import { IManagedObject } from '../../../dissectors/interfaces/IManagedObject.js';
import { IRemoteDispatch } from '../../../dissectors/interfaces/IRemoteDispatch.js';
import { IServicedComponentInfo } from '../../../dissectors/interfaces/IServicedComponentInfo.js';
import type { Json, JsonObject } from '../error.js';
import { HOSTILE } from './hostile.js';
import {
  activation,
  apartment,
  CCW,
  CLIENT_CLR,
  dispatched,
  IPID_DISPATCH,
  IPID_INFO,
  IPID_MANAGED,
  IPID_UNKNOWN,
  identity,
  query,
  release,
  remotingReference,
  type Scenario,
  SERVER_CLR,
  scenarioOf,
  serialized,
  stringArray,
  stringValue,
} from './parts.js';
import { REMOTED } from './remoted.js';

const KEY = 'PublicKeyToken=100f0ffd0debf343';
const TESTCOMP = `TestComp, test, Version=0.0.0.0, Culture=neutral, ${KEY}`;

/** What the client of a runtime does with every COM object that comes in (MS-IOI 4.1). */
function managedCalls(ccw?: JsonObject): Json[] {
  return [query(IManagedObject.uuid, IPID_MANAGED), identity(SERVER_CLR, 1, ccw)];
}

function order(): JsonObject {
  return {
    type: 'Shop.Order',
    assembly: 'Shop, Version=1.2.0.0, Culture=neutral, PublicKeyToken=null',
    members: {
      number: { type: 'System.Int32', value: 4711 },
      customer: stringValue('Åsa Öberg'),
      lines: stringArray('2 × tea', '1 × cup'),
      total: { type: 'System.Decimal', value: '37.50' },
    },
  };
}

/** MS-IOI 4.3: the streams as they are printed there, with the bytes that stand behind MessageEnd. */
function specificationCall(): JsonObject {
  const header = { type: 'SerializedStreamHeader', rootId: 0, headerId: 0, majorVersion: 1, minorVersion: 0 };
  const string = (value: string): JsonObject => ({ primitive: 'String', value });
  const call = {
    type: 'BinaryMethodCall',
    messageFlags: ['ArgsInline', 'NoContext'],
    methodName: string('Method'),
    typeName: string(TESTCOMP),
    args: [string('Hello'), { primitive: 'Null' }],
  };
  const back = {
    type: 'BinaryMethodReturn',
    messageFlags: ['ArgsInline', 'NoContext', 'ReturnValueVoid'],
    args: [{ primitive: 'Null' }, string('World')],
  };
  const end = { type: 'MessageEnd' };
  return dispatched(
    { records: [header, call, end], trailing: '00007300650068bfad7842060000' },
    { records: [header, back, end], trailing: '0090f42000000000' },
  );
}

/** A call that takes text and gives some back. */
function message(method: string, args: Json[], result: Json): [JsonObject, JsonObject] {
  const type = 'Shop.Orders, Shop, Version=1.2.0.0, Culture=neutral, PublicKeyToken=null';
  return [{ call: { kind: 'call', method, type, args } }, { call: { kind: 'return', args: [], returnValue: result } }];
}

function thrown(): JsonObject {
  const int = (value: number): JsonObject => ({ type: 'System.Int32', value });
  return {
    type: 'System.ArgumentException',
    assembly: null,
    members: {
      ClassName: stringValue('System.ArgumentException'),
      Message: stringValue('no such order'),
      Data: null,
      InnerException: null,
      HelpURL: null,
      StackTraceString: stringValue('   at Shop.Orders.Cancel(Int32 number)'),
      RemoteStackTraceString: null,
      RemoteStackIndex: int(0),
      ExceptionMethod: null,
      HResult: int(-2147024809),
      Source: stringValue('Shop'),
      ParamName: stringValue('number'),
    },
  };
}

function componentInfo(mask: number, values: string[]): JsonObject {
  return {
    interface: 'IServicedComponentInfo',
    operation: 'GetComponentInfo',
    object: IPID_INFO,
    in: { infoMask: mask },
    out: { infoMask: mask, infoArray: { vt: 'VT_BSTR', elements: values } },
  };
}

function invoke(): JsonObject {
  const nothing = { bstrSource: null, bstrDescription: null, bstrHelpFile: null, dwHelpContext: 0 };
  return {
    interface: 'IDispatch',
    operation: 'Invoke',
    object: IPID_DISPATCH,
    in: {
      ...{ dispIdMember: 1, riid: '00000000-0000-0000-0000-000000000000', lcid: 1033, dwFlags: 1 },
      pDispParams: {
        rgvarg: [
          { vt: 'VT_BSTR', value: 'tea', clSize: 5 },
          { vt: 'VT_I4', value: 2, clSize: 3 },
        ],
        rgdispidNamedArgs: null,
        ...{ cArgs: 2, cNamedArgs: 0 },
      },
      ...{ cVarRef: 0, rgVarRefIdx: [], rgVarRef: [] },
    },
    out: {
      pVarResult: { vt: 'VT_R8', value: 7.5, clSize: 3 },
      pExcepInfo: { wCode: 0, wReserved: 0, ...nothing, pvReserved: 0, pfnDeferredFillIn: 0, scode: '0x00000000' },
      pArgErr: 0,
      rgVarRef: [],
    },
  };
}

/** A call that comes back with an HRESULT and nothing else that means anything. */
function failed(call: JsonObject, result: string): JsonObject {
  const { out: _, ...rest } = call;
  return { ...rest, result };
}

function ccwScenario(layout: string): JsonObject {
  const ccw = { value: layout.endsWith('32') ? '0x1f4c8a0' : CCW, layout };
  // a text of another length moves pCCW to where ptr+int32 and int64 have different lengths
  const clr = layout === 'ptr+int32' ? SERVER_CLR.slice(1, -1) : SERVER_CLR;
  const calls = [query(IManagedObject.uuid, IPID_MANAGED), identity(clr, 1, ccw)];
  const second = { client: { address: '10.9.0.11' } };
  return scenarioOf([apartment(calls), apartment(calls, second, 'NDR64')]);
}

const whole = (): Json[] => [...managedCalls(), serialized({ root: remotingReference('/shop/orders_1.rem') })];
const account = { type: 'NTLM', user: 'alice', domain: 'LAB', password: 'Winter-2026' };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'object-local',
    title: 'an object comes back to its own runtime and domain: the CCW is used as it is (1.3, 4.1)',
    document: () =>
      scenarioOf([
        activation(),
        apartment([query(IManagedObject.uuid, IPID_MANAGED), identity(CLIENT_CLR, 1), release(IPID_MANAGED)]),
      ]),
  },
  {
    name: 'object-elsewhere',
    title: 'an object of another runtime: its serialized form is a reference (1.3, 4.1)',
    document: () => scenarioOf([activation(), apartment([...whole(), release(IPID_MANAGED)])]),
  },
  {
    name: 'object-by-value',
    title: 'an object of another runtime that is marshalled by value',
    document: () => scenarioOf([apartment([...managedCalls(), serialized({ root: order() })])]),
  },
  {
    name: 'not-managed',
    title: 'an object that is not managed: no IManagedObject (1.3)',
    document: () => scenarioOf([activation(), apartment([query(IManagedObject.uuid, null), release(IPID_UNKNOWN)])]),
  },
  {
    name: 'component-info',
    title: 'GetComponentInfo for the URI, and for all there is (4.2)',
    document: () =>
      scenarioOf([
        apartment([
          query(IServicedComponentInfo.uuid, IPID_INFO),
          componentInfo(4, ['http://56C8D6F0ED8B4d658F42148430C65CEE']),
          componentInfo(7, ['3124', '1', 'http://56C8D6F0ED8B4d658F42148430C65CEE']),
        ]),
      ]),
  },
  {
    name: 'remote-dispatch',
    title: 'RemoteDispatchAutoDone: TestComp.Method("Hello") gives "World" (4.3)',
    document: () => scenarioOf([apartment([query(IRemoteDispatch.uuid, IPID_DISPATCH), specificationCall()])]),
  },
  {
    name: 'remote-dispatch-not-auto',
    title: 'RemoteDispatchNotAutoDone with an object, and a call that throws',
    document: () =>
      scenarioOf([
        apartment([
          dispatched(...message('Place', [order()], { type: 'System.Int32', value: 4711 }), false),
          dispatched(
            message('Cancel', [{ type: 'System.Int32', value: 12 }], null)[0],
            { call: { kind: 'return', args: [], returnValue: null, exception: thrown() } },
            false,
          ),
        ]),
      ]),
  },
  {
    name: 'dispatch-invoke',
    title: 'IDispatch::Invoke with VARIANTs',
    document: () => scenarioOf([apartment([query(IDispatch.uuid, IPID_DISPATCH), invoke()])]),
  },
  {
    name: 'error-hresults',
    title: 'each operation of MS-IOI with a failed HRESULT',
    document: () =>
      scenarioOf([
        apartment([
          failed(identity(SERVER_CLR, 1), '0x80004001'),
          failed(identity(SERVER_CLR, 1), '0x80004003'),
          failed(serialized({ root: order() }), '0x8013150c'),
          failed(serialized({ root: order() }), '0x8007000e'),
          failed(componentInfo(8, []), '0x80070057'),
          failed(specificationCall(), '0x80131501'),
          failed(specificationCall(), '0x80010108'),
        ]),
      ]),
  },
  {
    name: 'error-faults',
    title: 'faults: no such operation, access denied, bad stub, gone object, cancelled',
    document: () =>
      scenarioOf([
        apartment(
          ['0x1c010002', '0x00000005', '0x000006f7', '0x80010108', '0x1c00000d'].map((fault) => ({
            ...failed(identity(SERVER_CLR, 1), ''),
            result: 0,
            fault,
          })),
        ),
      ]),
  },
  {
    name: 'error-bind-nak',
    title: 'the server refuses the bind',
    document: () => scenarioOf([apartment([], { bindNak: 4, auth: account })]),
  },
  {
    name: 'error-context-refused',
    title: 'the server does not know IManagedObject',
    document: () => {
      const connection = apartment([query(IManagedObject.uuid, IPID_MANAGED)]);
      const contexts = connection.contexts as Json[];
      return scenarioOf([
        { ...connection, contexts: [...contexts, { id: 7, interface: 'IManagedObject', alter: true, refused: 1 }] },
      ]);
    },
  },
  {
    name: 'error-no-answer',
    title: 'the connection ends before the answer',
    document: () => {
      const { out: _, ...call } = identity(SERVER_CLR, 1);
      return scenarioOf([apartment([query(IManagedObject.uuid, IPID_MANAGED), call], { end: 'reset' })]);
    },
  },
  ...['int32', 'int64', 'ptr+int32', 'ptr+int64'].map(
    (layout): Scenario => ({
      name: `ccw-${layout.replace('+', '-')}`,
      title: `pCCW as ${layout}, in NDR and in NDR64`,
      document: () => ccwScenario(layout),
    }),
  ),
  {
    name: 'ndr64',
    title: 'NDR64, with ORPC headers in NDR and in NDR64',
    document: () =>
      scenarioOf([
        apartment(whole(), {}, 'NDR64'),
        apartment(
          whole()
            .slice(1)
            .map((c) => ({ ...(c as JsonObject), wire: { orpc64: true } })),
          {},
          'NDR64',
        ),
      ]),
  },
  {
    name: 'big-endian',
    title: 'a big-endian drep, BSTRs following it and BSTRs that do not',
    document: () =>
      scenarioOf([
        apartment(whole(), { littleEndian: false }),
        apartment(
          whole().map((c) => ({ ...(c as JsonObject), wire: { oautLittleEndian: true } })),
          { littleEndian: false },
        ),
      ]),
  },
  {
    name: 'fragments',
    title: 'small fragments in smaller segments',
    document: () => scenarioOf([apartment([...whole(), specificationCall()])], { fragmentSize: 256, segmentSize: 100 }),
  },
  {
    name: 'ipv6-pcapng',
    title: 'IPv6 in a pcapng file',
    document: () => {
      const ends = { client: { address: 'fd00:9::10' }, server: { address: 'fd00:9::20', port: 49664 } };
      return scenarioOf([apartment(whole(), ends)], { format: 'pcapng' });
    },
  },
  ...(['PKT_INTEGRITY', 'PKT_PRIVACY'] as const).map(
    (level): Scenario => ({
      name: level === 'PKT_PRIVACY' ? 'ntlm-privacy' : 'ntlm-integrity',
      title: `NTLM, ${level === 'PKT_PRIVACY' ? 'sealed' : 'signed'} (user LAB\\alice, password Winter-2026)`,
      document: () =>
        scenarioOf([apartment([...whole(), specificationCall()], { auth: { ...account, level } })], {
          fragmentSize: 1024,
        }),
    }),
  ),
  ...REMOTED,
  ...HOSTILE,
];
