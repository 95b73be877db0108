/** IActivation: activation as it was before activation properties (MS-DCOM 3.1.2.5.2.3). */

import { field } from '../../src/core/node.js';
import { COMVERSION } from '../dcom/com-version.js';
import { DUALSTRINGARRAY } from '../dcom/dual-string-array.js';
import { exported, type Fact, type FactOf, givenPointer, NIL } from '../dcom/facts.js';
import { INTERFACE_POINTER } from '../dcom/objref.js';
import { elementsOf, numberOf, tagged, textOf, textsOf } from '../dcom/value.js';
import { shortId } from '../dcom/value-text.js';
import { hresultName, isFailure } from '../names/hresult.js';
import { classText, operation, type RpcInterface, type Summarized, type Summary, type Told } from '../ndr/interface.js';
import { as, conformant, counted, guid, hex32, id64, pointer, u16, u32, wideString } from '../ndr/types.js';

const PROTOCOL = field('remact', 'DCOM IRemoteActivation');

/** Mode of a request for the class object itself rather than an instance (MODE_GET_CLASS_OBJECT). */
const CLASS_OBJECT = 0xffffffff;

function tells({ in: asked, out, answer }: Told): Fact[] {
  const { pOxid, ppdsaOxidBindings, pipidRemUnknown, pAuthnHint, pServerVersion } = answer ?? {};
  return [
    { kind: 'activated', clsid: textOf(asked?.Clsid) },
    ...exported(pOxid, ppdsaOxidBindings, pipidRemUnknown, pAuthnHint, pServerVersion),
    ...tellMade(textsOf(asked?.pIIDs), elementsOf(out?.pResults), elementsOf(out?.ppInterfaceData)),
  ];
}

/** The interfaces of an object that was to be made, with HRESULTs and OBJREFs. */
export function tellMade(
  iids: readonly string[],
  results: readonly unknown[],
  pointers: readonly unknown[],
): FactOf<'asked'>[] {
  return Array.from({ length: Math.max(iids.length, pointers.length) }, (_, i) => {
    const objref = tagged(pointers[i], 'objref');
    const hresult = numberOf(results[i]) ?? (objref === null ? null : 0);
    return { kind: 'asked', ipid: null, iid: objref?.iid ?? iids[i] ?? NIL, hresult, pointer: givenPointer(objref) };
  });
}

/** `IDispatch …bf992d`: the pointers that came back. */
export function madeText(pointers: unknown, nameOf: Summarized['nameOf']): string {
  const objrefs = elementsOf(pointers).flatMap((p) => tagged(p, 'objref') ?? []);
  return objrefs.map((o) => `${nameOf(o.iid)} ${shortId(o.ipid ?? '')}`).join(', ');
}

/** The class that is asked for, and the interface pointers that came back. */
function summarize(call: Summarized): Summary {
  const { in: asked, out: told } = call;
  const text: { arguments?: string; result?: string } = {};
  if (asked !== null) {
    const what = asked.Mode === CLASS_OBJECT ? 'class object of CLSID' : 'CLSID';
    const from = asked.pwszObjectName ? ` from ${asked.pwszObjectName}` : '';
    text.arguments = `${what} ${classText(asked.Clsid, call.nameOf)}${from} for ${textsOf(asked.pIIDs).map(call.nameOf).join(', ')}`;
  }
  if (told?.phr !== undefined) {
    const code = Number(told.phr);
    text.result = isFailure(code)
      ? `${told.phr} ${hresultName(code)}`
      : `OXID ${told.pOxid}: ${madeText(told.ppInterfaceData, call.nameOf)}`;
  }
  return text;
}

export const IActivation: RpcInterface = {
  name: 'IActivation',
  uuid: '4d9f4ab8-7d1c-11cf-861e-0020af6e7c57',
  version: '0.0',
  spec: 'MS-DCOM 3.1.2.5.2.3',
  orpc: true,
  protocol: PROTOCOL,
  ops: {
    0: operation('remact', 'RemoteActivation', {
      section: 'MS-DCOM 3.1.2.5.2.3.1',
      in: {
        Clsid: as(guid, { name: 'dcom.clsid' }),
        pwszObjectName: pointer(as(wideString, { name: 'remact.object_name' })),
        pObjectStorage: as(INTERFACE_POINTER, { name: 'remact.object_storage' }),
        ClientImpLevel: as(u32, { name: 'remact.client_impl_level' }),
        Mode: as(u32, { name: 'remact.mode', names: { [CLASS_OBJECT]: 'class object' } }),
        Interfaces: as(u32, { name: 'remact.interfaces' }),
        pIIDs: counted('Interfaces', pointer(conformant(as(guid, { name: 'dcom.iid', label: 'pIIDs' })))),
        cRequestedProtseqs: as(u16, { name: 'remact.req_prot_seqs' }),
        aRequestedProtseqs: counted('cRequestedProtseqs', conformant(as(u16, { name: 'remact.prot_seqs' }))),
      },
      out: {
        pOxid: as(id64, { name: 'dcom.oxid', label: 'OXID' }),
        ppdsaOxidBindings: pointer(DUALSTRINGARRAY, { name: 'remact.oxid_bindings' }),
        pipidRemUnknown: as(guid, { name: 'dcom.ipid', label: 'IPID of IRemUnknown' }),
        pAuthnHint: as(u32, { name: 'remact.authn_hint' }),
        pServerVersion: COMVERSION,
        phr: as(hex32, { name: 'dcom.hresult', label: 'HRESULT of the activation' }),
        ppInterfaceData: counted('Interfaces', conformant(as(INTERFACE_POINTER, { name: 'remact.interface_data' }))),
        pResults: counted('Interfaces', conformant(as(hex32, { name: 'dcom.hresult', label: 'HRESULT' }))),
      },
      returns: 'status',
      status: field('dcom.hresult', 'Return value', 'uint32', { hex: true }),
      tells,
      summarize,
    }),
  },
};
