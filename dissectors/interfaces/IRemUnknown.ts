/** IRemUnknown and IRemUnknown2: references and interfaces of objects in one apartment (MS-DCOM 3.1.1.5.6, 3.1.1.5.7). */

import { field } from '../../src/core/node.js';
import { type FactOf, givenPointer, NIL } from '../dcom/facts.js';
import { INTERFACE_POINTER, STDOBJREF, type StdObjref } from '../dcom/objref.js';
import { elementsOf, numberOf, structOf, tagged, textOf, textsOf } from '../dcom/value.js';
import { shortId } from '../dcom/value-text.js';
import { describeHresult, isFailure } from '../names/hresult.js';
import {
  operation,
  type Params,
  type RpcInterface,
  type Summarized,
  type Summary,
  type Told,
} from '../ndr/interface.js';
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

/** What was asked for, and what came of it, from either form of the operation. */
function tellQuery({ in: asked, out }: Pick<Told, 'in' | 'out'>): FactOf<'asked'>[] {
  const ipid = textOf(asked?.ripid);
  if (ipid === null) return [];
  const results = elementsOf(out?.ppQIResults).map(structOf);
  const [codes, objrefs] = [elementsOf(out?.phr), elementsOf(out?.ppMIF)];
  const iids = textsOf(asked?.iids);
  return Array.from({ length: Math.max(iids.length, results.length, codes.length) }, (_, i) => {
    const hresult = numberOf(results[i]?.hResult ?? codes[i]);
    const std = results[i]?.std as StdObjref | undefined;
    const pointer = std === undefined ? tagged(objrefs[i], 'objref') : { ...std, publicRefs: std.cPublicRefs };
    return {
      kind: 'asked',
      ipid,
      iid: iids[i] ?? NIL,
      hresult,
      pointer: hresult === null || isFailure(hresult) ? null : givenPointer(pointer),
    };
  });
}

/** Which interfaces of what were asked for, and what was granted. */
function summarizeQuery(call: Summarized): Summary {
  const asked = tellQuery(call).filter(({ iid }) => iid !== NIL);
  if (asked.length === 0) return {};
  const told = asked.flatMap(({ iid, hresult, pointer }) => {
    if (hresult === null) return [];
    const given = pointer === null ? 'null' : shortId(pointer.ipid);
    return `${call.nameOf(iid)} ${isFailure(hresult) ? `refused (${describeHresult(hresult).name})` : given}`;
  });
  const question = `${shortId(asked[0].ipid ?? '')} for ${asked.map((a) => call.nameOf(a.iid)).join(', ')}`;
  return told.length === 0 ? { arguments: question } : { arguments: question, result: told.join(', ') };
}

/** The answer does not repeat what was asked for. */
function nameResults(request: Params | null, answer: Params): void {
  const iids = elementsOf(request?.iids);
  elementsOf(answer.ppQIResults).forEach((result, i) => {
    (structOf(result) as Params).iid = iids[i];
  });
}

type Change = FactOf<'references'>['change'];

/** References of each interface pointer; a server may refuse one of them. */
function tellReferences({ in: asked, out }: Pick<Told, 'in' | 'out'>, change: Change): FactOf<'references'>[] {
  const results = elementsOf(out?.pResults);
  return elementsOf(asked?.InterfaceRefs).flatMap((ref, i) => {
    const { ipid, cPublicRefs, cPrivateRefs } = structOf(ref);
    if (typeof ipid !== 'string' || isFailure(numberOf(results[i]) ?? 0)) return [];
    const [publicRefs, privateRefs] = [numberOf(cPublicRefs) ?? 0, numberOf(cPrivateRefs) ?? 0];
    return { kind: 'references', change, ipid, publicRefs, privateRefs };
  });
}

/** `…bf992d +5`: references of each interface pointer. */
function refsText(request: Params | null, change: Change): string {
  const sign = change === 'added' ? '+' : '−';
  const refs = tellReferences({ in: request, out: null }, change);
  return refs.map((r) => `${shortId(r.ipid)} ${sign}${r.publicRefs + r.privateRefs}`).join(', ');
}

const ops = {
  3: operation('remunk', 'RemQueryInterface', {
    section: 'MS-DCOM 3.1.1.5.6.1.1',
    in: { ripid: IPID, cRefs: as(u32, { name: 'remunk.refs' }), cIids: as(u16, { name: 'remunk.iids' }), iids: IIDS },
    out: { ppQIResults: counted('cIids', pointer(conformant(REMQIRESULT))) },
    tells: tellQuery,
    complete: nameResults,
    summarize: summarizeQuery,
  }),
  4: operation('remunk', 'RemAddRef', {
    section: 'MS-DCOM 3.1.1.5.6.1.2',
    in: REFS,
    out: { pResults: counted('cInterfaceRefs', conformant(HRESULT)) },
    tells: (call) => tellReferences(call, 'added'),
    summarize: ({ in: request }) => ({ arguments: refsText(request, 'added') }),
  }),
  5: operation('remunk', 'RemRelease', {
    section: 'MS-DCOM 3.1.1.5.6.1.3',
    in: REFS,
    tells: (call) => tellReferences(call, 'released'),
    summarize: ({ in: request }) => ({ arguments: refsText(request, 'released') }),
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
      out: { phr: counted('cIids', conformant(HRESULT)), ppMIF: counted('cIids', conformant(INTERFACE_POINTER)) },
      tells: tellQuery,
      summarize: summarizeQuery,
    }),
  },
};
