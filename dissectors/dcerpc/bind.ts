/** bind, alter_context and their answers: presentation contexts are negotiated (C706 12.6.4, MS-RPCE 2.2.2, 3.3.1.5). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, fieldsInto } from '../../src/core/node.js';
import { SECONDARY_ADDRESS } from '../call.js';
import { dropOldest, makeRoom } from '../limits.js';
import { type RpcInterface, uuidText } from '../ndr/interface.js';
import { type Syntax, syntaxName } from '../ndr/syntax.js';
import type { Association, BindSummary, PresentationContext, RefusedInterface } from './association.js';
import { atExtendedError, EERR_SIGNATURE, readExtendedError } from './eerr.js';
import type { Fragment } from './fragment.js';

const RESULTS: Readonly<Record<number, string>> = {
  0: 'acceptance',
  1: 'user rejection',
  2: 'provider rejection',
  3: 'negotiate ack',
};
const REASONS: Readonly<Record<number, string>> = {
  0: 'reason not specified',
  1: 'abstract syntax not supported',
  2: 'proposed transfer syntaxes not supported',
  3: 'local limit exceeded',
};
/** C706 12.6.3.1 and MS-RPCE 2.2.2.5. */
const REJECT_REASONS: Readonly<Record<number, string>> = {
  0: 'reason not specified',
  1: 'temporary congestion',
  2: 'local limit exceeded',
  3: 'called presentation address unknown',
  4: 'protocol version not supported',
  5: 'default context not supported',
  6: 'user data not readable',
  7: 'no presentation service available',
  8: 'authentication type not recognized',
  9: 'invalid checksum',
};

export const BIND_FIELDS: Field[] = [];
const f = fieldsInto(BIND_FIELDS);
const MAX_XMIT = f('dcerpc.cn_max_xmit', 'Max transmit fragment', 'uint16');
const MAX_RECV = f('dcerpc.cn_max_recv', 'Max receive fragment', 'uint16');
const ASSOC_GROUP = f('dcerpc.cn_assoc_group', 'Association group', 'uint32', { hex: true });
const NUM_CONTEXTS = f('dcerpc.cn_num_ctx_items', 'Contexts', 'uint8');
const CONTEXT = f('dcerpc.cn_ctx_item', 'Context');
export const CONTEXT_ID = f('dcerpc.cn_ctx_id', 'Context id', 'uint16');
const NUM_SYNTAXES = f('dcerpc.cn_num_trans_items', 'Transfer syntaxes', 'uint8');
const RESERVED = f('dcerpc.reserved', 'Reserved', 'bytes');
const INTERFACE = f('dcerpc.cn_bind_to_uuid', 'Interface', 'guid');
const INTERFACE_VERSION = f('dcerpc.cn_bind_if_ver', 'Interface version', 'uint16');
const INTERFACE_MINOR = f('dcerpc.cn_bind_if_ver_minor', 'Interface minor version', 'uint16');
const SYNTAX = f('dcerpc.cn_bind_trans_id', 'Transfer syntax', 'guid');
const SYNTAX_VERSION = f('dcerpc.cn_bind_trans_ver', 'Transfer syntax version', 'uint32');
const ADDRESS_LENGTH = f('dcerpc.cn_sec_addr_len', 'Secondary address length', 'uint16');
const ADDRESS = f('dcerpc.cn_sec_addr', 'Secondary address', 'string');
const NUM_RESULTS = f('dcerpc.cn_num_results', 'Results', 'uint8');
const RESULT = f('dcerpc.cn_ack_result', 'Result', 'uint16', { names: RESULTS });
const REASON = f('dcerpc.cn_ack_reason', 'Reason', 'uint16', { names: REASONS });
const FEATURE_BITS = f('dcerpc.cn_ack_btfn', 'Negotiated features', 'uint16', { hex: true });
const ACK_SYNTAX = f('dcerpc.cn_ack_trans_id', 'Transfer syntax', 'guid');
const ACK_SYNTAX_VERSION = f('dcerpc.cn_ack_trans_ver', 'Transfer syntax version', 'uint32');
const REJECT = f('dcerpc.cn_reject_reason', 'Reject reason', 'uint16', { names: REJECT_REASONS });
const NUM_PROTOCOLS = f('dcerpc.cn_num_protocols', 'Protocol versions', 'uint8');
const PROTOCOL_MAJOR = f('dcerpc.cn_protocol_ver_major', 'Major version', 'uint8');
const PROTOCOL_MINOR = f('dcerpc.cn_protocol_ver_minor', 'Minor version', 'uint8');
const SIGNATURE = f('dcerpc.cn_nak_signature', 'Extended error signature', 'guid');
const NAK_DATA = f('dcerpc.cn_nak_data', 'Extended error information', 'bytes');

/** Binds and alter_contexts that wait for their answer: clients send one at a time. */
const MOST_OFFERS = 16;

/** Characters of the longest path that Windows takes. */
const MAX_PATH = 260;

type NameOf = (uuid: string) => RpcInterface | undefined;

/** Where contexts are offered. */
interface Offer {
  readonly nameOf: NameOf;
  readonly frame: number | null;
}

/** Reads a bind or alter_context and remembers what it offers. One list of syntaxes a context, the best one first. */
export function readBind(c: Cursor, f: Fragment): BindSummary {
  const { association, session, key, transport } = f;
  const nameOf: NameOf = (uuid) => session.interfaces.get(uuid);
  c.u16(MAX_XMIT);
  c.u16(MAX_RECV);
  const associationGroup = c.u32(ASSOC_GROUP);
  const count = c.u8(NUM_CONTEXTS);
  c.raw(RESERVED, 3);
  const where = { nameOf, frame: transport.frames.at(-1) ?? null };
  const offers: PresentationContext[][] = [];
  dropOldest(association.offers, key, MOST_OFFERS);
  association.offers.set(key, offers);
  const interfaces: string[] = [];
  for (let i = 0; i < count; i++) {
    const offer = c.group(CONTEXT, readContext, where);
    offers.push(offer);
    if (offer.length === 0) continue;
    interfaces.push(nameOf(offer[0].iid)?.name ?? offer[0].iid);
    // until the answer is seen; it may never be
    const known = association.contexts.get(offer[0].id);
    if (known === undefined || known.refused !== null) remember(f, tentative(offer, association));
  }
  return { associationGroup, interfaces, results: [], refused: [] };
}

/** The syntax that the same server took for other contexts, else NDR: which it is, the answer would tell. */
function tentative(offer: readonly PresentationContext[], { contexts }: Association): PresentationContext {
  if (offer.length === 1) return offer[0];
  for (const { accepted, syntax } of contexts.values()) {
    const same = accepted ? offer.find((o) => o.syntax === syntax) : undefined;
    if (same !== undefined) return same;
  }
  return { ...(offer.find((o) => o.syntax === 'NDR') ?? offer[0]), isSyntaxGuessed: true };
}

function readContext(c: Cursor, { nameOf, frame }: Offer): PresentationContext[] {
  const id = c.u16(CONTEXT_ID);
  const count = c.u8(NUM_SYNTAXES);
  c.raw(RESERVED, 1);
  const iid = c.guid(INTERFACE, (uuid) => uuidText(uuid, nameOf(uuid)?.name));
  const version = readVersion(c);
  const offer: PresentationContext[] = [];
  const syntaxes: string[] = [];
  for (let i = 0; i < count; i++) {
    const syntax = syntaxName(c.guid(SYNTAX, syntaxName));
    c.u32(SYNTAX_VERSION);
    syntaxes.push(syntax);
    offer.push({ id, iid, version, syntax, accepted: false, refused: null, isSyntaxGuessed: false, frame });
  }
  c.tell(`${id}: ${nameOf(iid)?.name ?? iid} ${version}, ${syntaxes.join(' or ')}`);
  return offer;
}

/** One number of 32 bits, the major version in its low half (C706 12.6.3.1): which half comes first, the drep says. */
function readVersion(c: Cursor): string {
  if (c.littleEndian) return `${c.u16(INTERFACE_VERSION)}.${c.u16(INTERFACE_MINOR)}`;
  const minor = c.u16(INTERFACE_MINOR);
  return `${c.u16(INTERFACE_VERSION)}.${minor}`;
}

/** A context is known from now on; the oldest may have to go for it. */
function remember(f: Fragment, context: PresentationContext): void {
  const { contexts } = f.association;
  makeRoom(f, contexts, context.id, 'contexts');
  contexts.set(context.id, context);
}

/** Reads a bind_ack or alter_context_resp: what was offered becomes what is bound. */
export function readBindAck(c: Cursor, f: Fragment): BindSummary {
  const { association, session, key } = f;
  const nameOf: NameOf = (uuid) => session.interfaces.get(uuid);
  c.u16(MAX_XMIT);
  c.u16(MAX_RECV);
  const associationGroup = c.u32(ASSOC_GROUP);
  const start = c.pos;
  const length = c.u16(ADDRESS_LENGTH);
  const address =
    length === 0 ? '' : c.frame(null, length, (inner: Cursor) => inner.terminated(ADDRESS, inner.left, false), null);
  // that of an alter_context_resp is empty
  if (address && address.length <= MAX_PATH) f.transport.connection.state.get(SECONDARY_ADDRESS).text = address;
  // results begin at a multiple of 4 from the start of the PDU (C706 12.6.4.4)
  c.align(4, start - (start & 3));
  const count = c.u8(NUM_RESULTS);
  c.raw(RESERVED, 3);
  const offers = association.offers.get(key) ?? [];
  association.offers.delete(key);
  const summary: BindSummary = { associationGroup, interfaces: [], results: [], refused: [] };
  const refused: PresentationContext[] = [];
  for (let i = 0; i < count; i++) {
    const { result, syntax, reason } = c.group(CONTEXT, readResult);
    const offer = offers[i] ?? [];
    const name = offer.length === 0 ? null : (nameOf(offer[0].iid)?.name ?? offer[0].iid);
    if (result === 0 && offer.length > 0) {
      remember(f, { ...offer[0], syntax, accepted: true });
    } else if (offer.length > 0 && result !== 3)
      refused.push(refuse(f, offer[0], REASONS[reason] ?? `reason ${reason}`));
    if (name !== null && result !== 3) summary.interfaces.push(name);
    if (result !== 3) summary.results.push(result === 0 ? 'accepted' : `refused (${REASONS[reason] ?? reason})`);
  }
  summary.refused.push(...inVain(f, refused));
  return summary;
}

/** A context that the server refused is remembered as such: what is sent on it all the same has its interface. */
function refuse(f: Fragment, offered: PresentationContext, reason: string): PresentationContext {
  const refused = { ...offered, refused: reason };
  if (!f.association.contexts.get(offered.id)?.accepted) remember(f, refused);
  return refused;
}

/** Of refused contexts the interfaces, each once, but for those that another context has: it was only a syntax. */
function inVain({ association, session }: Fragment, refused: readonly PresentationContext[]): RefusedInterface[] {
  const bound = new Set<string>();
  for (const { accepted, iid } of association.contexts.values()) if (accepted) bound.add(iid);
  const list: RefusedInterface[] = [];
  for (const { iid, version, refused: reason } of refused) {
    if (bound.has(iid)) continue;
    bound.add(iid);
    list.push({ iid, name: session.interfaces.get(iid)?.name ?? iid, version, reason: reason ?? '' });
  }
  return list;
}

function readResult(c: Cursor): { result: number; reason: number; syntax: Syntax } {
  const result = c.u16(RESULT, (r) => RESULTS[r] ?? 'unknown');
  const reason = result === 3 ? c.u16(FEATURE_BITS, featureText) : c.u16(REASON, (r) => REASONS[r] ?? 'unknown');
  const syntax = syntaxName(c.guid(ACK_SYNTAX, syntaxName));
  c.u32(ACK_SYNTAX_VERSION);
  c.tell(
    result === 0
      ? `accepted, ${syntax}`
      : result === 3
        ? 'feature negotiation'
        : `refused: ${REASONS[reason] ?? reason}`,
  );
  return { result, reason, syntax };
}

/** Reads a bind_nak (C706 12.6.4.5, MS-RPCE 2.2.2.9). */
export function readBindNak(c: Cursor, f: Fragment): BindSummary {
  const { association, key } = f;
  const code = c.u16(REJECT, (r) => REJECT_REASONS[r] ?? 'unknown');
  const offers = association.offers.get(key) ?? [];
  association.offers.delete(key);
  const reason = REJECT_REASONS[code] ?? `reason ${code}`;
  const contexts = offers.flatMap(([offer]) => (offer === undefined ? [] : [refuse(f, offer, reason)]));
  const refused = inVain(f, contexts);
  if (contexts.length === 0) refused.push({ iid: null, name: 'an interface', version: null, reason });
  if (c.left > 0) {
    const count = c.u8(NUM_PROTOCOLS);
    for (let i = 0; i < count && c.left >= 2; i++) {
      c.u8(PROTOCOL_MAJOR);
      c.u8(PROTOCOL_MINOR);
    }
    if (c.left > 0) c.align(4, c.pos & ~3);
    if (c.left >= 16) {
      const signature = c.guid(SIGNATURE);
      if (signature === EERR_SIGNATURE && atExtendedError(c)) c.frame(null, c.left, readExtendedError);
      if (c.left > 0) c.raw(NAK_DATA, c.left);
    }
  }
  return { associationGroup: null, interfaces: [], results: [`refused: ${reason}`], refused };
}

/** MS-RPCE 2.2.2.14. */
function featureText(bits: number): string {
  const names = [];
  if (bits & 1) names.push('security context multiplexing');
  if (bits & 2) names.push('keep connection on orphan');
  return names.join(', ') || 'none';
}
