/** IRemUnknown and IRemUnknown2: references and interfaces of objects in one apartment (MS-DCOM 3.1.1.5.6, 3.1.1.5.7). */

import { field } from '../../src/core/node.js';
import { type Answered, operation, type Params, type RpcInterface, type Summarized } from '../dcerpc/interface.js';
import { describeHresult } from '../dcom/hresult.js';
import { INTERFACE_POINTER, type Objref, STDOBJREF, type StdObjref } from '../dcom/objref.js';
import { shortId } from '../dcom/value-text.js';
import { as, conformant, counted, guid, hex32, pointer, struct, u16, u32 } from '../ndr/types.js';

const PROTOCOL = field('remunk', 'IRemUnknown');
const PROTOCOL2 = field('remunk2', 'IRemUnknown2');

const HRESULT = as(hex32, { name: 'dcom.hresult', label: 'HRESULT' });

const REMQIRESULT = struct(
  'REMQIRESULT',
  'remunk.qiresult',
  { hResult: HRESULT, std: as(STDOBJREF, { name: 'dcom.stdobjref' }) },
  { name: 'remunk.qiresult' },
);

const REMINTERFACEREF = struct('REMINTERFACEREF', 'remunk.reminterfaceref', {
  ipid: as(guid, { name: 'dcom.ipid', label: 'IPID' }),
  cPublicRefs: as(u32, { name: 'remunk.public_refs' }),
  cPrivateRefs: as(u32, { name: 'remunk.private_refs' }),
});

const IPID = as(guid, { name: 'dcom.ipid', label: 'ripid' });
const IIDS = counted('cIids', as(conformant(guid), { name: 'dcom.iid', label: 'iids' }));
const REFS = {
  cInterfaceRefs: as(u16, { name: 'remunk.intrefs' }),
  InterfaceRefs: counted('cInterfaceRefs', conformant(REMINTERFACEREF)),
};

/** A pointer for each interface that was granted: from now on calls to its IPID are calls of that interface. */
function learnResults(call: Answered): void {
  const iids = (call.in?.iids ?? []) as string[];
  const results = (call.out?.ppQIResults ?? []) as { hResult?: string; std?: StdObjref; iid?: string }[];
  results.forEach((result, i) => {
    const { hResult, std } = result;
    // the answer does not repeat what was asked for
    result.iid = iids[i];
    if (hResult !== undefined && Number(hResult) < 0x80000000 && std?.ipid && iids[i])
      call.learnPointer({ ipid: std.ipid, iid: iids[i], oxid: std.oxid, oid: std.oid });
  });
}

/** Which interfaces of what were asked for, and what was granted. */
function summarizeQuery(call: Summarized): { arguments?: string; result?: string } {
  if (typeof call.in?.ripid !== 'string' || !Array.isArray(call.in.iids)) return {};
  const names = (call.in.iids as string[]).map(call.nameOf);
  const results = resultsOf(call.out);
  const told = results.map(({ hResult, ipid }, i) => {
    const code = Number(hResult ?? 0);
    if (code >= 0x80000000) return `${names[i]} refused (${describeHresult(code).name})`;
    return `${names[i]} ${shortId(ipid ?? '')}`;
  });
  const question = `${shortId(call.in.ripid)} for ${names.join(', ')}`;
  return told.length === 0 ? { arguments: question } : { arguments: question, result: told.join(', ') };
}

/** HRESULT and interface pointer for each IID, from either form of the operation. */
function resultsOf(out: Params | null): { hResult: string | undefined; ipid: string | undefined }[] {
  if (Array.isArray(out?.phr)) {
    const pointers = (out.ppMIF ?? []) as (Objref | null)[];
    return (out.phr as string[]).map((hResult, i) => ({ hResult, ipid: pointers[i]?.ipid }));
  }
  const results = (out?.ppQIResults ?? []) as { hResult?: string; std?: StdObjref }[];
  return results.map(({ hResult, std }) => ({ hResult, ipid: std?.ipid }));
}

/** `…bf992d +5`: public references of each interface pointer. */
function refsText(request: Params | null, sign: string): string {
  const refs = (request?.InterfaceRefs ?? []) as { ipid?: string; cPublicRefs?: number; cPrivateRefs?: number }[];
  return refs.map((r) => `${shortId(r.ipid ?? '')} ${sign}${(r.cPublicRefs ?? 0) + (r.cPrivateRefs ?? 0)}`).join(', ');
}

const ops = {
  3: operation('remunk', 'RemQueryInterface', {
    section: 'MS-DCOM 3.1.1.5.6.1.1',
    in: { ripid: IPID, cRefs: as(u32, { name: 'remunk.refs' }), cIids: as(u16, { name: 'remunk.iids' }), iids: IIDS },
    out: { ppQIResults: pointer(conformant(REMQIRESULT)) },
    learn: learnResults,
    summarize: summarizeQuery,
  }),
  4: operation('remunk', 'RemAddRef', {
    section: 'MS-DCOM 3.1.1.5.6.1.2',
    in: REFS,
    out: { pResults: conformant(HRESULT) },
    summarize: ({ in: request }) => ({ arguments: refsText(request, '+') }),
  }),
  5: operation('remunk', 'RemRelease', {
    section: 'MS-DCOM 3.1.1.5.6.1.3',
    in: REFS,
    summarize: ({ in: request }) => ({ arguments: refsText(request, '−') }),
  }),
};

export const IRemUnknown: RpcInterface = {
  name: 'IRemUnknown',
  uuid: '00000131-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-DCOM 3.1.1.5.6',
  orpc: true,
  protocol: PROTOCOL,
  ops,
};

export const IRemUnknown2: RpcInterface = {
  name: 'IRemUnknown2',
  uuid: '00000143-0000-0000-c000-000000000046',
  version: '0.0',
  spec: 'MS-DCOM 3.1.1.5.7',
  orpc: true,
  protocol: PROTOCOL2,
  ops: {
    ...ops,
    6: operation('remunk', 'RemQueryInterface2', {
      section: 'MS-DCOM 3.1.1.5.7.1.1',
      in: { ripid: IPID, cIids: as(u16, { name: 'remunk.iids' }), iids: IIDS },
      out: { phr: conformant(HRESULT), ppMIF: conformant(INTERFACE_POINTER) },
      summarize: summarizeQuery,
    }),
  },
};
