/** IRemoteSCMActivator (ISystemActivator): activation with property blobs (MS-DCOM 3.1.2.5.2.2). */

import { field } from '../../src/core/node.js';
import { type Answered, named, operation, type RpcInterface, type Summarized } from '../dcerpc/interface.js';
import type { DualStringArray } from '../dcom/dual-string-array.js';
import { INTERFACE_POINTER, type Objref } from '../dcom/objref.js';
import { shortId } from '../dcom/value-text.js';
import { as } from '../ndr/types.js';

const PROTOCOL = field('isystemactivator', 'ISystemActivator ISystemActivator Resolver');

/** The class that is asked for, and the interface pointers that came back. */
function summarize(call: Summarized): { arguments?: string; result?: string } {
  const asked = (call.in?.pActProperties as Objref | null | undefined)?.properties?.InstantiationInfo as
    | { classId?: string; pIID?: string[] | null }
    | undefined;
  const told = (call.out?.ppActProperties as Objref | null | undefined)?.properties;
  const question =
    asked?.classId === undefined
      ? {}
      : { arguments: `CLSID ${asked.classId} for ${(asked.pIID ?? []).map(call.nameOf).join(', ')}` };
  if (told === undefined) return question;
  const pointers = ((told.PropsOutInfo as { ppIntfData?: (Objref | null)[] } | undefined)?.ppIntfData ?? []).filter(
    (o) => o !== null,
  );
  const reply = told.ScmReplyInfo as { remoteReply?: { Oxid?: string } | null } | undefined;
  const oxid = reply?.remoteReply?.Oxid === undefined ? '' : `OXID ${reply.remoteReply.Oxid}: `;
  return {
    ...question,
    result: oxid + pointers.map((o) => `${call.nameOf(o.iid)} ${shortId(o.ipid ?? '')}`).join(', '),
  };
}

/** The endpoints of the apartment that an activation leads to. */
function learn({ out, learnEndpoints }: Answered): void {
  const told = (out?.ppActProperties as Objref | null | undefined)?.properties;
  const reply = told?.ScmReplyInfo as
    | { remoteReply?: { pdsaOxidBindings?: DualStringArray | null } | null }
    | undefined;
  const bindings = reply?.remoteReply?.pdsaOxidBindings;
  if (bindings != null) learnEndpoints(bindings);
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
      learn,
      summarize,
    }),
    4: operation('isystemactivator', 'RemoteCreateInstance', {
      section: 'MS-DCOM 3.1.2.5.2.2.2',
      in: { pUnkOuter: INTERFACE_POINTER, pActProperties: PROPERTIES },
      out: { ppActProperties: PROPERTIES },
      learn,
      summarize,
    }),
  },
};
