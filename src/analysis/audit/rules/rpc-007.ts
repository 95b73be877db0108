import { ASSOCIATION } from '../../../../dissectors/dcerpc/association.js';
import { callKey, Ptype } from '../../../../dissectors/dcerpc/pdu.js';
import type { FactOf } from '../../../../dissectors/dcom/facts.js';
import { rolesOf } from '../../../core/connection.js';
import { type Connection, type Endpoint, stateKey } from '../../../core/context.js';
import type { Report, Rule } from '../rule.js';
import { isAnonymous, isVouched } from '../subject.js';

/** Remote management (C706 appendix Q), which every server has beside its own interfaces. */
const MGMT = 'afa8bd80-7d8a-11c9-bef4-08002b102989';
const INQ_IF_IDS = 0;

/** What one client asked of one server without authentication. */
interface Asked {
  /** Endpoints that ept_lookup told. */
  endpoints: number;
  lookups: number;
  /** Interfaces that a bind offered or ept_map asked for, and those of them that the server does not have. */
  readonly interfaces: Set<string>;
  readonly missing: Set<string>;
}

/** By pair of client and server; and how many interfaces there is room for in all of them. */
const ASKED = stateKey('audit.probes', () => ({ pairs: new Map<string, Asked>(), left: MOST_INTERFACES }));
/** Interfaces of binds that wait for their answer. */
const OFFERED = stateKey('audit.offered', () => new Map<number, readonly string[]>());
const MOST_PAIRS = 10_000;
const MOST_INTERFACES = 100_000;
const MOST_EACH = 1024;
const MOST_OFFERS = 64;

/** Clients of a service look up its few interfaces one by one: more is a list. */
const MANY_ENDPOINTS = 32;
/** No program is built against so many interfaces that a server does not have. */
const MANY_MISSING = 10;
const MANY_INTERFACES = 32;

export const RPC_007: Rule = {
  id: 'RPC-007',
  title: 'Endpoints or interfaces are listed without authentication',
  severity: 'low',
  shows: `The endpoint mapper tells all its elements to a client that did not authenticate (ept_lookup), a server lists its interfaces (inq_if_ids), or a client tries interfaces in numbers: ${MANY_MISSING} that the server does not have, or ${MANY_INTERFACES} that it has.`,
  why: 'The list names every service of the host, its ports, pipes and annotations: the map from which a scanner chooses what to attack.',
  fix: 'Let port 135 and the endpoints behind it be reached by those alone who need them; set RestrictRemoteClients and EnableAuthEpResolution. Find out what runs at the client: inventory tools and scanners ask like this, applications do not.',
  references: ['C706 appendix O', 'MS-RPCE 2.2.1.2'],
  cwe: ['CWE-200'],
  attack: ['T1046'],
  pdu({ header, transport }, report, state) {
    if (header === null) return;
    const isOffer = header.type === Ptype.bind || header.type === Ptype.alterContext;
    const isAnswer =
      header.type === Ptype.bindAck || header.type === Ptype.bindNak || header.type === Ptype.alterContextResp;
    if (!isOffer && !isAnswer) return;
    const { connection, direction } = transport;
    const key = callKey(header, direction);
    const { security, offers, contexts } = connection.state.get(ASSOCIATION);
    const offered = connection.state.get(OFFERED);
    if (isOffer) {
      if (header.authLength > 0 || security.size > 0 || isVouched(connection) || offered.size >= MOST_OFFERS) return;
      offered.set(
        key,
        (offers.get(key) ?? []).flatMap((offer) => offer.slice(0, 1).map((c) => c.iid)),
      );
      return;
    }
    const iids = offered.get(key);
    if (iids === undefined) return;
    offered.delete(key);
    const all = state.get(ASKED);
    const asked = askedBy(connection, all.pairs);
    if (asked === null || iids.every((iid) => asked.interfaces.has(iid))) return;
    const accepted = new Set([...contexts.values()].filter((c) => c.accepted).map((c) => c.iid));
    let isNew = false;
    for (const iid of new Set(iids)) isNew = note(all, asked, iid, accepted.has(iid)) || isNew;
    if (isNew) probed(asked, connection, report);
  },
  prefilter: { facts: ['listed', 'mapped'], interfaces: [MGMT] },
  call({ call, facts, remote, level, client, server }, report, state) {
    const { connection, response, fault, iid, opnum } = call;
    if (!remote || level !== 0 || response === null || fault !== null) return;
    if (iid === MGMT && opnum === INQ_IF_IDS && isAnonymous(connection)) {
      const evidence = `inq_if_ids of ${server.address}:${server.port} was answered`;
      report({ key: 'interfaces', evidence, side: 'response', confidence: 'clear' });
    }
    for (const fact of facts) {
      if ((fact.kind !== 'listed' && fact.kind !== 'mapped') || !isAnonymous(connection)) continue;
      const all = state.get(ASKED);
      const asked = askedBy(connection, all.pairs);
      if (asked === null) return;
      if (fact.kind === 'listed') listed(asked, fact, client, report);
      else if (fact.endpoints !== null && note(all, asked, fact.iid, fact.endpoints > 0))
        probed(asked, connection, report);
    }
  },
};

function listed(asked: Asked, { all, endpoints }: FactOf<'listed'>, client: Endpoint, report: Report): void {
  if (endpoints === 0) return;
  asked.endpoints += endpoints;
  asked.lookups++;
  if (!all && asked.endpoints < MANY_ENDPOINTS) return;
  report({
    key: 'endpoints',
    topic: client.address,
    weight: asked.endpoints,
    evidence: `ept_lookup told ${client.address} ${asked.endpoints} endpoint${asked.endpoints === 1 ? '' : 's'} in ${asked.lookups} call${asked.lookups === 1 ? '' : 's'}`,
    confidence: 'clear',
  });
}

function askedBy(connection: Connection, all: Map<string, Asked>): Asked | null {
  const [client, server] = rolesOf(connection);
  if (client.address === server.address) return null;
  const pair = `${client.address}\0${server.address}`;
  let asked = all.get(pair);
  if (asked === undefined && all.size < MOST_PAIRS) {
    asked = { endpoints: 0, lookups: 0, interfaces: new Set(), missing: new Set() };
    all.set(pair, asked);
  }
  return asked ?? null;
}

/** Returns whether the interface was not asked for before. */
function note(all: { left: number }, { interfaces, missing }: Asked, iid: string, isThere: boolean): boolean {
  if (interfaces.has(iid) || interfaces.size >= MOST_EACH || all.left === 0) return false;
  all.left--;
  interfaces.add(iid);
  if (!isThere) missing.add(iid);
  return true;
}

function probed({ interfaces, missing }: Asked, connection: Connection, report: Report): void {
  if (missing.size < MANY_MISSING && interfaces.size < MANY_INTERFACES) return;
  const [client] = rolesOf(connection);
  report({
    key: 'probes',
    topic: client.address,
    weight: interfaces.size,
    evidence: `${client.address} tried ${interfaces.size} interfaces, ${missing.size} of which the server does not have`,
    confidence: 'clear',
  });
}
