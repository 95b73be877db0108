/** IObjectExporter: the object resolver, where OXIDs become bindings and pings keep objects alive (MS-DCOM 3.1.2.5.1). */

import { field } from '../../src/core/node.js';
import { COMVERSION } from '../dcom/com-version.js';
import { DUALSTRINGARRAY } from '../dcom/dual-string-array.js';
import { exported, type Fact, NO_ID } from '../dcom/facts.js';
import { comVersion, tagged, textOf, textsOf } from '../dcom/value.js';
import { shortId, valueText } from '../dcom/value-text.js';
import { operation, type RpcInterface, type Summarized, type Summary, type Told } from '../ndr/interface.js';
import { as, conformant, counted, guid, id64, pointer, u16, u32 } from '../ndr/types.js';

const PROTOCOL = field('oxid', 'DCOM OXID Resolver');

const OXID = as(id64, { name: 'oxid.oxid', label: 'OXID' });
const SETID = as(id64, { name: 'oxid.setid', label: 'Set id' });
const BINDINGS = pointer(DUALSTRINGARRAY, { name: 'oxid.bindings', label: 'Bindings' });

/** Wireshark calls most of these operations' status an HRESULT. */
const STATUS = field('dcom.hresult', 'Return value', 'uint32', { hex: true });

const RESOLVE_IN = {
  pOxid: OXID,
  cRequestedProtseqs: as(u16, { name: 'oxid.requested_protseqs' }),
  arRequestedProtseqs: counted('cRequestedProtseqs', conformant(as(u16, { name: 'oxid.protseqs' }))),
};
const RESOLVE_OUT = {
  ppdsaOxidBindings: BINDINGS,
  pipidRemUnknown: as(guid, { name: 'oxid.ipid', label: 'IPID of IRemUnknown' }),
  pAuthnHint: as(u32, { name: 'oxid.authn_hint' }),
};

function tellResolved({ in: asked, answer }: Told): Fact[] {
  const { ppdsaOxidBindings, pipidRemUnknown, pAuthnHint, pComVersion } = answer ?? {};
  return exported(asked?.pOxid, ppdsaOxidBindings, pipidRemUnknown, pAuthnHint, pComVersion);
}

function tellPinged({ in: asked, answer }: Told): Fact[] {
  const set = textOf(answer?.pSetId) ?? textOf(asked?.pSetId) ?? NO_ID;
  return [{ kind: 'pinged', set, added: textsOf(asked?.AddToSet), removed: textsOf(asked?.DelFromSet) }];
}

function tellAlive({ answer }: Told): Fact[] {
  if (answer === null) return [];
  const bindings = tagged(answer.ppdsaOrBindings, 'bindings');
  return [{ kind: 'exported', oxid: null, resolver: true, bindings, version: comVersion(answer.pComVersion) }];
}

/** `set 0x…, +3 −1`: what joins the set that is pinged, and what leaves it. */
function summarizePing({ in: asked, out: told }: Summarized): Summary {
  const text: { arguments?: string; result?: string } = {};
  if (asked !== null) {
    const set = Number(asked.pSetId) === 0 ? 'new set' : `set ${asked.pSetId}`;
    text.arguments = `${set}, +${asked.cAddToSet ?? 0} −${asked.cDelFromSet ?? 0}`;
  }
  if (told?.pSetId !== undefined && told.pSetId !== asked?.pSetId) text.result = `set ${told.pSetId}`;
  else if (told !== null) text.result = '';
  return text;
}

/** OXID asked, bindings told. */
function summarizeResolve({ in: request, out }: Summarized): Summary {
  const question = request === null ? '' : `OXID ${valueText(request.pOxid)}`;
  if (out?.ppdsaOxidBindings == null) return { arguments: question };
  const remUnknown = typeof out.pipidRemUnknown === 'string' ? `, IRemUnknown ${shortId(out.pipidRemUnknown)}` : '';
  return { arguments: question, result: valueText(out.ppdsaOxidBindings) + remUnknown };
}

export const IObjectExporter: RpcInterface = {
  name: 'IObjectExporter',
  uuid: '99fcfec4-5260-101b-bbcb-00aa0021347a',
  version: '0.0',
  spec: 'MS-DCOM 3.1.2.5.1',
  orpc: false,
  protocol: PROTOCOL,
  ops: {
    0: operation('oxid', 'ResolveOxid', {
      section: 'MS-DCOM 3.1.2.5.1.1',
      in: RESOLVE_IN,
      out: RESOLVE_OUT,
      tells: tellResolved,
      summarize: summarizeResolve,
      returns: 'status',
    }),
    1: operation('oxid', 'SimplePing', {
      section: 'MS-DCOM 3.1.2.5.1.2',
      in: { pSetId: SETID },
      returns: 'status',
      status: STATUS,
    }),
    2: operation('oxid', 'ComplexPing', {
      section: 'MS-DCOM 3.1.2.5.1.3',
      in: {
        pSetId: SETID,
        SequenceNum: as(u16, { name: 'oxid.seqnum' }),
        cAddToSet: as(u16, { name: 'oxid.addtoset' }),
        cDelFromSet: as(u16, { name: 'oxid.delfromset' }),
        AddToSet: counted('cAddToSet', pointer(conformant(as(id64, { name: 'oxid.oid' })))),
        DelFromSet: counted('cDelFromSet', pointer(conformant(as(id64, { name: 'oxid.oid' })))),
      },
      out: { pSetId: SETID, pPingBackoffFactor: as(u16, { name: 'oxid.ping_backoff_factor' }) },
      tells: tellPinged,
      summarize: summarizePing,
      returns: 'status',
      status: STATUS,
    }),
    3: operation('oxid', 'ServerAlive', { section: 'MS-DCOM 3.1.2.5.1.4', returns: 'status', status: STATUS }),
    4: operation('oxid', 'ResolveOxid2', {
      section: 'MS-DCOM 3.1.2.5.1.5',
      in: RESOLVE_IN,
      out: { ...RESOLVE_OUT, pComVersion: COMVERSION },
      tells: tellResolved,
      summarize: summarizeResolve,
      returns: 'status',
      status: STATUS,
    }),
    5: operation('oxid', 'ServerAlive2', {
      section: 'MS-DCOM 3.1.2.5.1.6',
      out: { pComVersion: COMVERSION, ppdsaOrBindings: BINDINGS, pReserved: u32 },
      tells: tellAlive,
      summarize: ({ out }) => {
        const version = comVersion(out?.pComVersion);
        if (out?.ppdsaOrBindings == null || version === null) return {};
        return { result: `COM ${version} at ${valueText(out.ppdsaOrBindings)}` };
      },
      returns: 'status',
    }),
  },
};
