/** The whole registry: every interface and every field that clrscope knows. To add one, list it here. */
import { StateStore, type TransportPdu } from '../src/core/context.js';
import type { Carriers, Protocol } from '../src/core/dissector.js';
import { type Limits, limitsWith } from '../src/core/limits.js';
import { type Field, PADDING, UNDISSECTED } from '../src/core/node.js';
import { createSecurityContext, SECURITY_FIELDS, type Secrets } from '../src/security/index.js';
import type { Call } from './call.js';
import { AUTH_FIELDS } from './dcerpc/auth.js';
import { BIND_FIELDS } from './dcerpc/bind.js';
import { BODY_FIELDS } from './dcerpc/body.js';
import { CALL_FIELDS } from './dcerpc/call-pdus.js';
import { DCERPC_DATAGRAM } from './dcerpc/cl/header.js';
import { CONNECTIONLESS_FIELDS } from './dcerpc/cl/pdu.js';
import { DISSECT_FIELDS } from './dcerpc/dissect.js';
import { EERR_FIELDS } from './dcerpc/eerr.js';
import { PDU_FIELDS } from './dcerpc/pdu.js';
import { RTS_FIELDS } from './dcerpc/rts.js';
import { STUB_FIELDS } from './dcerpc/stub.js';
import { VERIFICATION_FIELDS } from './dcerpc/verification.js';
import { ACTIVATION_FIELDS, ACTIVATION_TABLES } from './dcom/activation.js';
import { DUAL_STRING_FIELDS } from './dcom/dual-string-array.js';
import { ENDPOINTS } from './dcom/endpoints.js';
import { ERROR_INFO_FIELDS } from './dcom/error-info.js';
import { fieldNotInWireshark } from './dcom/not-in-wireshark.js';
import { OBJREF_FIELDS, STDOBJREF } from './dcom/objref.js';
import { ORPCTHAT, ORPCTHIS } from './dcom/this-that.js';
import { HTTP_FIELDS } from './http/index.js';
import { epm } from './interfaces/epm.js';
import { IActivation } from './interfaces/IActivation.js';
import { IClassFactory } from './interfaces/IClassFactory.js';
import { IConnectionPoint, IConnectionPointContainer } from './interfaces/IConnectionPoint.js';
import { IDispatch } from './interfaces/IDispatch.js';
import { IEnumVARIANT } from './interfaces/IEnumVARIANT.js';
import { IErrorInfo, ISupportErrorInfo } from './interfaces/IErrorInfo.js';
import { IManagedObject } from './interfaces/IManagedObject.js';
import { IObjectExporter } from './interfaces/IObjectExporter.js';
import { IProvideClassInfo, IProvideClassInfo2 } from './interfaces/IProvideClassInfo.js';
import { IRemoteDispatch } from './interfaces/IRemoteDispatch.js';
import { IRemoteSCMActivator } from './interfaces/IRemoteSCMActivator.js';
import { IRemUnknown, IRemUnknown2 } from './interfaces/IRemUnknown.js';
import { IServicedComponentInfo } from './interfaces/IServicedComponentInfo.js';
import { ITypeInfo, ITypeInfo2 } from './interfaces/ITypeInfo.js';
import { ITypeLib, ITypeLib2 } from './interfaces/ITypeLib.js';
import { TOWER_FIELDS } from './interfaces/tower.js';
import { LAYER_FIELDS } from './link/frame.js';
import { NAMED_INTERFACES } from './names/interfaces.js';
import type { RpcInterface } from './ndr/interface.js';
import { NDR_FIELDS } from './ndr/read.js';
import { fieldsOf } from './ndr/types.js';
import { NNS_FIELDS } from './nns/frame.js';
import { NRBF_FIELDS } from './nrbf/index.js';
import type { Pdu } from './pdu.js';
import type { PlainCall } from './plain-call.js';
import { type Captured, captured, describePdu, PARTS, type PlainPdu, partOf } from './protocols.js';
import { NRTP_FIELDS } from './remoting/frame.js';
import type { Session } from './session.js';
import { tooLongNotes } from './smb/dissect.js';
import { SMB_FIELDS } from './smb/fields.js';
import { PASSED_OVER } from './smb/state.js';
import { SOAP_FIELDS } from './soap/index.js';

export { dissectFrame, LAYER_ALIASES, LAYER_FIELDS } from './link/frame.js';
export { type PlainCall, plainCall } from './plain-call.js';
export type { Captured, PlainPdu } from './protocols.js';

/** Interfaces of which at least some operations are decoded. */
const DECODED: readonly RpcInterface[] = [
  IManagedObject,
  IRemoteDispatch,
  IServicedComponentInfo,
  IDispatch,
  IRemUnknown,
  IRemUnknown2,
  IObjectExporter,
  IRemoteSCMActivator,
  IActivation,
  epm,
  ITypeInfo,
  ITypeInfo2,
  ITypeLib,
  ITypeLib2,
  IProvideClassInfo,
  IProvideClassInfo2,
  IEnumVARIANT,
  IConnectionPointContainer,
  IConnectionPoint,
  IClassFactory,
  IErrorInfo,
  ISupportErrorInfo,
];

/** Every interface that has a name here. */
export const INTERFACES: readonly RpcInterface[] = [...DECODED, ...NAMED_INTERFACES];

function parametersOf(interfaces: readonly RpcInterface[]): Field[] {
  return interfaces.flatMap((i) => Object.values(i.ops).flatMap((op) => fieldsOf([...op.request, ...op.response])));
}

/** What stubs of interfaces hold that Wireshark does not know: ORPC headers, OBJREFs, and the parameters of some. */
function renamedFields(interfaces: readonly RpcInterface[]): Field[] {
  const fields = [
    ...STUB_FIELDS,
    ...[ORPCTHIS, ORPCTHAT, STDOBJREF].flatMap((t) => fieldsOf(t.members)),
    ...OBJREF_FIELDS,
    ...DUAL_STRING_FIELDS,
    ...ERROR_INFO_FIELDS,
    ...parametersOf(interfaces.filter((i) => i.notInWireshark)),
  ];
  return fields.map(fieldNotInWireshark);
}

/** Fields of every dissector, once each; those of interfaces beside the built-in ones too. */
export function allFields(more: readonly RpcInterface[] = []): Field[] {
  const interfaces = [...INTERFACES, ...more];
  const fields = [
    UNDISSECTED,
    PADDING,
    ...LAYER_FIELDS,
    ...PDU_FIELDS,
    ...BIND_FIELDS,
    ...AUTH_FIELDS,
    ...CALL_FIELDS,
    ...BODY_FIELDS,
    ...STUB_FIELDS,
    ...VERIFICATION_FIELDS,
    ...DISSECT_FIELDS,
    ...CONNECTIONLESS_FIELDS,
    ...EERR_FIELDS,
    ...RTS_FIELDS,
    ...NRTP_FIELDS,
    ...HTTP_FIELDS,
    ...SOAP_FIELDS,
    ...NNS_FIELDS,
    ...SMB_FIELDS,
    ...TOWER_FIELDS,
    ...NDR_FIELDS,
    ...ERROR_INFO_FIELDS,
    ...ACTIVATION_FIELDS,
    ...[ORPCTHIS, ORPCTHAT, STDOBJREF, ...ACTIVATION_TABLES].flatMap((t) => fieldsOf(t.members)),
    ...parametersOf(interfaces),
    ...interfaces.flatMap((i) => i.protocol ?? []),
    ...NRBF_FIELDS,
    ...SECURITY_FIELDS,
    ...renamedFields(interfaces),
  ];
  return [...new Set(fields)];
}

/** What the user adds to what a capture tells. */
export interface Knowledge {
  /** Opens what is sealed. */
  readonly secrets?: Secrets | null | undefined;
  /** Interfaces beside those that are built in. */
  readonly interfaces?: readonly RpcInterface[] | undefined;
  /** Interfaces (UUID or name) by context id or by IPID, for connections whose bind was not captured. */
  readonly decodeAs?: ReadonlyMap<string, string> | undefined;
  /** Other bounds than the defaults. */
  readonly limits?: Partial<Limits> | undefined;
}

/** All protocols with all interfaces. */
export function protocols(knowledge: Knowledge = {}): Protocol<Pdu> {
  return protocolOf(knowledge, (pdu, session, record, emit) =>
    partOf(pdu.connection).dissect(pdu, session, record, emit),
  );
}

/** The same, where each PDU comes with all that its description is made of, as plain data: for a `describer`. */
export function plainProtocols(knowledge: Knowledge = {}): Protocol<Captured> {
  return protocolOf(knowledge, captured);
}

/** Gives back what `plainProtocols` and `plainCall` made plain: later, elsewhere, in any order. */
export interface Describer {
  /** The PDU as `protocols` would have dissected it on the spot; with `record`, its tree is made. */
  pdu(plain: PlainPdu, record: boolean): Pdu;
  call(plain: PlainCall): Call;
}

/** @param knowledge what the user added when the capture was read; its secrets are not needed again */
export function describer(knowledge: Knowledge = {}): Describer {
  const session = sessionOf(knowledge);
  return {
    pdu: (plain, record) => describePdu(plain, session, record),
    call: (plain) => partOf(plain.connection).callOf(plain, session(new StateStore())),
  };
}

function protocolOf<P>(
  knowledge: Knowledge,
  dissect: (pdu: TransportPdu, session: Session, record: boolean, emit: (dissected: P) => void) => void,
): Protocol<P> {
  const sessionWith = sessionOf(knowledge);
  return {
    streams: PARTS.map(({ stream }) => stream),
    datagram: DCERPC_DATAGRAM,
    start(capture, carriers, callsAlone) {
      const session = sessionWith(capture, carriers, callsAlone);
      return {
        told: capture.get(ENDPOINTS),
        dissect: (pdu, record, emit) => dissect(pdu, session, record, emit),
        closed: (connection) => partOf(connection).closed(connection, session),
        passedOver: () => capture.get(PASSED_OVER).messages,
        notes: () => tooLongNotes(capture),
      };
    },
  };
}

/** The registry by UUID, and those of a library user, whose UUIDs may be spelled as the registry of Windows does. */
export function interfacesWith(more: readonly RpcInterface[] = []): ReadonlyMap<string, RpcInterface> {
  const lower = (i: RpcInterface): RpcInterface => {
    const uuid = i.uuid.toLowerCase();
    return i.uuid === uuid ? i : { ...i, uuid };
  };
  return new Map([...INTERFACES, ...more.map(lower)].map((i) => [i.uuid, i]));
}

/** For PDUs that are described once more: what they carry was seen already. */
const NOTHING_CARRIED: Carriers = {
  open: ({ name, transport }, { endpoint = null, ...between }) => ({
    connection: { id: -1, transport, protocol: name, endpoint, ...between, state: new StateStore() },
    data() {},
    gap() {},
    end() {},
  }),
};

/** Makes sessions, one a capture. */
function sessionOf(knowledge: Knowledge): (capture: StateStore, carriers?: Carriers, callsAlone?: boolean) => Session {
  const { secrets = null, interfaces: more = [], decodeAs: named = new Map<string, string>() } = knowledge;
  const limits = limitsWith(knowledge.limits);
  const interfaces = interfacesWith(more);
  const uuids = new Map([...INTERFACES, ...interfaces.values()].map((i) => [i.name.toLowerCase(), i.uuid]));
  const spelled = [...named].map(([key, told]) => [key.toLowerCase(), told.toLowerCase()]);
  const decodeAs = new Map(spelled.map(([key, iid]) => [key, uuids.get(iid) ?? iid]));
  const newSecurity: Session['newSecurity'] = (type, level) => createSecurityContext(type, level, secrets);
  return (capture, carriers = NOTHING_CARRIED, callsAlone = false) => ({
    ...{ capture, interfaces, newSecurity, decodeAs, limits, carriers, callsAlone },
    hasSecrets: secrets !== null,
  });
}
