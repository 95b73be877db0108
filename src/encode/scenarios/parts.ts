/** Pieces that the ready scenarios are put together from: who is who, and calls that most of them need. */
import type { Json, JsonObject } from '../error.js';

/** A ready document. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly document: () => JsonObject;
}

const IUNKNOWN = '00000000-0000-0000-c000-000000000046';
const OXID = '0x7a3c5e1f00112233';
const OID = '0x00000000c1a551c0';
const REM_UNKNOWN = '00000800-0c34-0000-1111-222233334444';
export const IPID_UNKNOWN = '00001001-0c34-0000-a000-000000000001';
export const IPID_MANAGED = '00001002-0c34-0000-a000-000000000002';
export const IPID_DISPATCH = '00001003-0c34-0000-a000-000000000003';
export const IPID_INFO = '00001004-0c34-0000-a000-000000000004';
const CLSID = 'd7a91e55-3c1b-4c8e-9f0a-5f2f60c9b1aa';
/** The runtimes that take part, as GetObjectIdentity names them. */
export const CLIENT_CLR = '{4F9B6D2E-1A57-4C0B-8E39-77D2C1A0F3B5}';
export const SERVER_CLR = '{B83C10F4-6E2D-4A91-9D75-0C4E8F213A66}';
export const CCW = '0x1f4c8a02e0';

const SERVER = '10.9.0.20';

/** What interface pointers of the server say. */
function bindings(server: string): JsonObject {
  return {
    bindings: [`${server}[49664]`, 'SERVER[49664]'],
    securityBindings: [
      { authnSvc: 9, authzSvc: 65535, principal: '' },
      { authnSvc: 10, authzSvc: 65535, principal: '' },
    ],
  };
}

function objref(iid: string, ipid: string, server: string): JsonObject {
  return { type: 'standard', iid, flags: 0, publicRefs: 5, oxid: OXID, oid: OID, ipid, ...bindings(server) };
}

/** Towers and addresses, as parameters hold them. */
function dualString(server: string): JsonObject {
  const { securityBindings } = bindings(server);
  return {
    bindings: [`${server}[49664]`, 'SERVER[49664]'].map((address) => ({ tower: 7, address })),
    securityBindings,
  };
}

const VERSION = { MajorVersion: 5, MinorVersion: 7 };

/** The connection to the activator: is the server alive, make the object. */
export function activation(more: JsonObject = {}, server = SERVER): JsonObject {
  return {
    server: { address: server, port: 135 },
    contexts: [{ interface: 'IObjectExporter' }, { interface: 'IRemoteSCMActivator', alter: true }],
    calls: [
      {
        interface: 'IObjectExporter',
        operation: 'ServerAlive2',
        in: {},
        out: { pComVersion: VERSION, ppdsaOrBindings: dualString(server), pReserved: 0 },
      },
      {
        interface: 'IRemoteSCMActivator',
        operation: 'RemoteCreateInstance',
        in: { pUnkOuter: null, pActProperties: activationRequest() },
        out: { ppActProperties: activationReply(server) },
      },
    ],
    ...more,
  };
}

function activationRequest(): JsonObject {
  return {
    type: 'custom',
    iid: '000001a2-0000-0000-c000-000000000046',
    clsid: '00000338-0000-0000-c000-000000000046',
    properties: {
      InstantiationInfo: {
        ...{ classId: CLSID, classCtx: 16, actvflags: 0, fIsSurrogate: 0, cIID: 1, instFlag: 0 },
        ...{ pIID: [IUNKNOWN], thisSize: 0, clientCOMVersion: VERSION },
      },
      ActivationContextInfo: {
        ...{ clientOK: 0, bReserved1: 0, dwReserved1: 0, dwReserved2: 0 },
        ...{ pIFDClientCtx: null, pIFDPrototypeCtx: null },
      },
      ServerLocationInfo: { machineName: null, processId: 0, apartmentId: 0, contextId: 0 },
      ScmRequestInfo: {
        pdwReserved: null,
        remoteRequest: { ClientImpLevel: 2, cRequestedProtseqs: 1, pRequestedProtseqs: [7] },
      },
    },
  };
}

function activationReply(server: string): JsonObject {
  return {
    type: 'custom',
    iid: '000001a3-0000-0000-c000-000000000046',
    clsid: '00000339-0000-0000-c000-000000000046',
    properties: {
      ScmReplyInfo: {
        pdwReserved: null,
        remoteReply: {
          Oxid: OXID,
          pdsaOxidBindings: dualString(server),
          ipidRemUnknown: REM_UNKNOWN,
          authnHint: 1,
          serverVersion: VERSION,
        },
      },
      PropsOutInfo: {
        ...{ cIfs: 1, piid: [IUNKNOWN], phresults: ['0x00000000'] },
        ppIntfData: [objref(IUNKNOWN, IPID_UNKNOWN, server)],
      },
    },
  };
}

/** QueryInterface over the wire for one interface; without `ipid` the answer is E_NOINTERFACE. */
export function query(iid: string, ipid: string | null): JsonObject {
  const refused = ipid === null;
  const zero = { flags: 0, cPublicRefs: 0, oxid: '0x0', oid: '0x0', ipid: '00000000-0000-0000-0000-000000000000' };
  const std = refused ? zero : { flags: 0, cPublicRefs: 5, oxid: OXID, oid: OID, ipid };
  return {
    interface: 'IRemUnknown2',
    operation: 'RemQueryInterface',
    object: REM_UNKNOWN,
    in: { ripid: IPID_UNKNOWN, cRefs: 5, cIids: 1, iids: [iid] },
    out: { ppQIResults: [{ hResult: refused ? '0x80004002' : '0x00000000', std }] },
    result: refused ? '0x80004002' : '0x00000000',
  };
}

/** The references are given back. */
export function release(ipid: string): JsonObject {
  return {
    interface: 'IRemUnknown2',
    operation: 'RemRelease',
    object: REM_UNKNOWN,
    in: { cInterfaceRefs: 1, InterfaceRefs: [{ ipid, cPublicRefs: 5, cPrivateRefs: 0 }] },
    out: {},
  };
}

/** GetObjectIdentity. */
export function identity(guid: string, domain: number, ccw: JsonObject = { value: CCW, layout: 'int64' }): JsonObject {
  return {
    interface: 'IManagedObject',
    operation: 'GetObjectIdentity',
    object: IPID_MANAGED,
    in: {},
    out: { pBSTRGUID: guid, AppDomainID: domain, pCCW: ccw },
  };
}

/** GetSerializedBuffer. */
export function serialized(nrbf: Json): JsonObject {
  return {
    interface: 'IManagedObject',
    operation: 'GetSerializedBuffer',
    object: IPID_MANAGED,
    in: {},
    out: { pBSTR: { nrbf } },
  };
}

/** RemoteDispatchAutoDone or RemoteDispatchNotAutoDone with a call and its return. */
export function dispatched(call: Json, back: Json, auto = true): JsonObject {
  return {
    interface: 'IRemoteDispatch',
    operation: auto ? 'RemoteDispatchAutoDone' : 'RemoteDispatchNotAutoDone',
    object: IPID_DISPATCH,
    in: { s: { nrbf: call } },
    out: { pRetVal: { nrbf: back } },
  };
}

/** A string as a VALUE. */
export const stringValue = (value: string): JsonObject => ({ type: 'System.String', value });

/** An array of strings as a VALUE. */
export function stringArray(...values: string[]): JsonObject {
  return { type: 'System.String[]', rank: 1, lengths: [values.length], elements: values.map(stringValue) };
}

/** A reference to an object elsewhere (System.Runtime.Remoting.ObjRef) as a VALUE. */
export function remotingReference(uri: string): JsonObject {
  const remoting = 'System.Runtime.Remoting';
  const channels: JsonObject = {
    type: `${remoting}.Channels.ChannelDataStore`,
    assembly: null,
    members: { _channelURIs: stringArray('tcp://10.9.0.20:8085'), _extraData: null },
  };
  const domain: JsonObject = {
    type: `${remoting}.Channels.CrossAppDomainData`,
    assembly: null,
    members: {
      _ContextID: { type: 'System.Int32', value: 0 },
      _DomainID: { type: 'System.Int32', value: 1 },
      _processGuid: stringValue('5b0c2d7e-8c0f-4a35-9a1b-2b8f6a4f1c77'),
    },
  };
  return {
    type: `${remoting}.ObjRef`,
    assembly: null,
    members: {
      uri: stringValue(uri),
      objrefFlags: { type: 'System.Int32', value: 0 },
      typeInfo: {
        type: `${remoting}.TypeInfo`,
        assembly: null,
        members: {
          serverType: stringValue('Shop.Orders, Shop, Version=1.2.0.0, Culture=neutral, PublicKeyToken=null'),
          serverHierarchy: stringArray(),
          interfacesImplemented: stringArray(
            'Shop.IOrders, Shop, Version=1.2.0.0, Culture=neutral, PublicKeyToken=null',
          ),
        },
      },
      envoyInfo: null,
      channelInfo: {
        type: `${remoting}.ChannelInfo`,
        assembly: null,
        members: {
          channelData: { type: 'System.Object[]', rank: 1, lengths: [2], elements: [domain, channels] },
        },
      },
    },
  };
}

/** The connection to the object's apartment. */
export function apartment(calls: Json[], more: JsonObject = {}, syntax = 'NDR'): JsonObject {
  const used = new Set(['IRemUnknown2', ...calls.flatMap((c) => ((c as JsonObject).interface as string) ?? [])]);
  const contexts = [...used].map((name, id) => ({ id, interface: name, syntax, ...(id === 0 ? {} : { alter: true }) }));
  return { server: { address: SERVER, port: 49664 }, contexts, calls, ...more };
}

/** A document. */
export function scenarioOf(connections: Json[], more: JsonObject = {}): JsonObject {
  return { kind: 'scenario', start: '2026-01-02T03:04:05Z', ...more, connections };
}
