/** IRemoteSCMActivator (ISystemActivator): activation with property blobs (MS-DCOM 3.1.2.5.2.2). */

import { field } from '../../src/core/node.js';
import { exported, type Fact } from '../dcom/facts.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { comVersion, elementsOf, structOf, tagged, textOf, textsOf } from '../dcom/value.js';
import {
  classText,
  named,
  operation,
  type RpcInterface,
  type Summarized,
  type Summary,
  type Told,
} from '../ndr/interface.js';
import { as } from '../ndr/types.js';
import { madeText, tellMade } from './IActivation.js';

const PROTOCOL = field('isystemactivator', 'ISystemActivator ISystemActivator Resolver');

/** Members of an activation property (MS-DCOM 2.2.22.2). */
function property(pointer: unknown, name: string): ReturnType<typeof structOf> {
  return structOf(tagged(pointer, 'objref')?.properties?.[name]);
}

function tells({ in: request, out, answer }: Told): Fact[] {
  const asked = property(request?.pActProperties, 'InstantiationInfo');
  const made = property(out?.ppActProperties, 'PropsOutInfo');
  const reply = structOf(property(answer?.ppActProperties, 'ScmReplyInfo').remoteReply);
  const told = textsOf(made.piid);
  const unanswered = textsOf(asked.pIID).filter((iid) => !told.includes(iid));
  return [
    { kind: 'activated', clsid: textOf(asked.classId), version: comVersion(asked.clientCOMVersion) },
    ...exported(reply.Oxid, reply.pdsaOxidBindings, reply.ipidRemUnknown, reply.authnHint, reply.serverVersion),
    ...tellMade([...told, ...unanswered], elementsOf(made.phresults), elementsOf(made.ppIntfData)),
  ];
}

/** The class that is asked for, and the interface pointers that came back. */
function summarize({ in: request, out, nameOf }: Summarized): Summary {
  const { classId, pIID } = property(request?.pActProperties, 'InstantiationInfo');
  const question =
    classId === undefined
      ? {}
      : { arguments: `CLSID ${classText(classId, nameOf)} for ${textsOf(pIID).map(nameOf).join(', ')}` };
  const told = out?.ppActProperties;
  if (tagged(told, 'objref')?.properties === undefined) return question;
  const oxid = textOf(structOf(property(told, 'ScmReplyInfo').remoteReply).Oxid);
  const pointers = madeText(property(told, 'PropsOutInfo').ppIntfData, nameOf);
  return { ...question, result: `${oxid === null ? '' : `OXID ${oxid}: `}${pointers}` };
}

const PROPERTIES = as(INTERFACE_POINTER, { name: 'isystemactivator.actproperties' });

export const IRemoteSCMActivator: RpcInterface = {
  name: 'IRemoteSCMActivator',
  uuid: '000001a0-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-DCOM 3.1.2.5.2.2',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    0: named('Opnum0NotUsedOnWire'),
    1: named('Opnum1NotUsedOnWire'),
    2: named('Opnum2NotUsedOnWire'),
    3: operation('isystemactivator', 'RemoteGetClassObject', {
      section: 'MS-DCOM 3.1.2.5.2.2.1',
      in: { pActProperties: PROPERTIES },
      out: { ppActProperties: PROPERTIES },
      tells,
      summarize,
    }),
    4: operation('isystemactivator', 'RemoteCreateInstance', {
      section: 'MS-DCOM 3.1.2.5.2.2.2',
      in: { pUnkOuter: INTERFACE_POINTER, pActProperties: PROPERTIES },
      out: { ppActProperties: PROPERTIES },
      tells,
      summarize,
    }),
  },
};
