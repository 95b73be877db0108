/**
 * A PDU with all that its description is made of, as plain data: its bytes, where they were seen, and what the
 * capture told before it came, cut down to what it asks for. Dissected again it gives the same tree, call and warnings,
 * whatever else was read, or was not.
 */
import { type Connection, StateStore, type TransportPdu } from '../../../src/core/context.js';
import { Cursor } from '../../../src/core/cursor.js';
import type { LimitName } from '../../../src/core/limits.js';
import { Recording } from '../../../src/core/recording.js';
import {
  type OpenedPart,
  type SecurityContext,
  type SecurityInfo,
  type SecurityNote,
  toldContext,
  type Unprotected,
  withoutKey,
} from '../../../src/security/index.js';
import { type Call, type CallAuth, PROTECTION } from '../../call.js';
import { ccwLayoutOf, learnCcwLayout } from '../../dcom/ccw-ptr.js';
import { type KnownPointer, learnPointer, pointerOf } from '../../dcom/ipids.js';
import { tellNoLimits } from '../../limits.js';
import type { Pdu } from '../../pdu.js';
import { type PlainCall, type PlainConnection, plainCall, plainConnection } from '../../plain-call.js';
import type { Session } from '../../session.js';
import {
  ASSOCIATION,
  type Assembly,
  type Association,
  type PresentationContext,
  type Security,
} from '../association.js';
import { readRequestHeader, readResponseHeader } from '../call-pdus.js';
import { type Datagram, readDatagramHeader } from '../cl/header.js';
import { ACTIVITIES, newActivity, type Pieces } from '../cl/pdu.js';
import { dissectPdu } from '../dissect.js';
import { callKey, Pfc, Ptype, readHeader } from '../pdu.js';
import { callOf } from './call.js';

/** A PDU as plain data. */
export interface PlainRpc {
  readonly transport: Omit<TransportPdu, 'connection'>;
  readonly connection: PlainConnection;
  /** Null where not even the header could be read. */
  readonly known: Known | null;
  readonly security: readonly PlainSecurity[];
  readonly tokenNotes: readonly SecurityNote[];
  readonly unprotected: Unprotected | null;
  readonly limits: readonly LimitName[];
}

/** What its association, or activity, and the capture told of what it asks for. */
interface Known {
  /** Of its call: `Fragment.key`. */
  readonly key: number;
  /** The activity of a datagram. */
  readonly activity: string | null;
  readonly contexts: readonly PresentationContext[];
  readonly offers: PresentationContext[][] | null;
  readonly orpc64: boolean | null;
  /** Of the connection. */
  readonly protection: CallAuth;
  /** The call of its call id: one that waits, one that is over (datagrams), one whose answer came first. */
  readonly call: PlainCall | null;
  readonly done: PlainCall | null;
  readonly early: { readonly call: PlainCall; readonly frame: number } | null;
  /** Fragments of its stub that came before it. */
  readonly requests: Assembly | Pieces | null;
  readonly responses: Assembly | Pieces | null;
  /** The object that is called. */
  readonly pointer: KnownPointer | null;
  /** How each end lays out CCW_PTRs. */
  readonly ccw: readonly (string | null)[];
}

/** A security context without its keys. */
interface PlainSecurity extends Omit<Security, 'context'> {
  readonly info: SecurityInfo;
  readonly opened: readonly OpenedPart[];
}

/** A PDU as it was dissected on the spot, and as plain data. */
export interface CapturedRpc {
  readonly pdu: Pdu;
  readonly plain: PlainRpc;
}

/** Dissects a PDU in the order of the capture, and makes it plain. */
export function capturedRpc(transport: TransportPdu, session: Session, record: boolean): CapturedRpc {
  const connection = plainConnection(transport.connection);
  const known = knownOf(transport, session);
  const pdu = dissectPdu(transport, session, record);
  const { connection: _, ...facts } = transport;
  const { tokenNotes, unprotected, limits } = pdu;
  const security = securityOf(pdu).map(({ context, ...s }) => {
    return { ...s, info: { ...context.info }, opened: [...(context.opened ?? [])] };
  });
  const plain = { transport: facts, connection, known, security, tokenNotes, unprotected, limits: [...limits] };
  return { pdu, plain };
}

/** The security context of its token, or those that its trailer may belong to. */
function securityOf({ header, security, transport }: Pdu): Security[] {
  if (header === null || header.authLength === 0) return [];
  return security !== null ? [security] : [...transport.connection.state.get(ASSOCIATION).security.values()];
}

/** Dissects a plain PDU; `sessionOf` makes the session of a capture of which nothing is known. */
export function describeRpc(plain: PlainRpc, sessionOf: (capture: StateStore) => Session, record: boolean): Pdu {
  const capture = new StateStore();
  const connection: Connection = { ...plain.connection, state: new StateStore() };
  const security = plain.security.map((s): Security => ({ ...s, context: contextOf(s, plain) }));
  const session = { ...sessionOf(capture), newSecurity: () => security[0].context };
  for (const store of [capture, connection.state]) tellNoLimits(store);
  if (plain.known !== null) remember(plain.known, connection, session);
  const association = connection.state.get(ASSOCIATION);
  for (const s of security) association.security.set(s.id, s);
  return dissectPdu({ ...plain.transport, connection }, session, record, plain.limits);
}

/** A security context that says of one PDU what was found on the spot. */
function contextOf({ info, opened }: PlainSecurity, { tokenNotes, unprotected }: PlainRpc): SecurityContext {
  return {
    ...toldContext({ info, opened }),
    token: () => tokenNotes,
    unprotect: (p) => unprotected ?? withoutKey(p),
  };
}

/** What a PDU will ask for; null where its header cannot be read. */
function knownOf(transport: TransportPdu, session: Session): Known | null {
  const { bytes, length, connection } = transport;
  const source = { kind: 'captured', name: 'PDU', bytes, pieces: [] } as const;
  const c = new Cursor(source, new Recording(false, session.limits), length);
  const read = connection.transport === 'ncadg_ip_udp' ? ofActivity : ofAssociation;
  return c.frame(null, length, () => read(c, transport, session), null) ?? null;
}

function ofAssociation(c: Cursor, { connection, direction }: TransportPdu, session: Session): Known {
  const association = connection.state.get(ASSOCIATION);
  const { contexts, offers, requests, responses } = association;
  const header = readHeader(c);
  const { type, flags } = header;
  const key = callKey(header, direction);
  const fragments = (of: Assembly | undefined): Assembly | null =>
    // all of them are asked for by the last one alone
    of === undefined ? null : { ...of, parts: flags & Pfc.last ? [...of.parts] : [] };
  const base = common(connection, session, association, key, null);
  const asked = c.frame(
    null,
    c.left,
    () => {
      if (type === Ptype.request) return readRequestHeader(c, { association, header, session });
      const contextId = type === Ptype.response || type === Ptype.fault ? readResponseHeader(c) : null;
      return { contextId, object: null };
    },
    null,
  );
  const ids = asked?.contextId == null ? [...contexts.keys()] : [asked.contextId, base.call?.contextId ?? -1];
  return {
    ...base,
    contexts: ids.flatMap((id) => contexts.get(id) ?? []),
    offers: offers.get(key) ?? null,
    requests: type === Ptype.request ? fragments(requests.get(key)) : null,
    responses: type === Ptype.response ? fragments(responses.get(key)) : null,
    pointer: asked?.object == null ? null : (pointerOf(session.capture, asked.object) ?? null),
  };
}

function ofActivity(c: Cursor, { connection }: TransportPdu, session: Session): Known {
  const datagram = readDatagramHeader(c, session);
  const { callId, object } = datagram;
  const activity = session.capture.get(ACTIVITIES).get(datagram.activity) ?? newActivity();
  const { pieces } = activity;
  return {
    ...common(connection, session, activity.association, callId, activity.done.get(callId) ?? null),
    activity: datagram.activity,
    requests: piecesBefore(datagram, pieces.request.get(callId)),
    responses: piecesBefore(datagram, pieces.response.get(callId)),
    pointer: object === null ? null : (pointerOf(session.capture, object) ?? null),
  };
}

/** The fragments that came before, all of them for the one that makes the stub whole. */
function piecesBefore({ flags, number }: Datagram, of: Pieces | undefined): Pieces | null {
  if (of === undefined) return null;
  const last = flags & Pfc.last ? number : of.last;
  const isWhole = last >= 0 && of.parts.size + 1 > last;
  const again = of.parts.get(number);
  return { ...of, parts: new Map(isWhole ? of.parts : again === undefined ? [] : [[number, again]]) };
}

/** What is the same for associations and activities. */
function common(
  { ends, state }: Connection,
  { capture }: Session,
  { calls, early, orpc64 }: Association,
  key: number,
  over: Call | null,
): Known {
  const call = calls.get(key) ?? null;
  const first = early.get(key) ?? null;
  const protection = state.get(PROTECTION).auth;
  const plain = call === null ? null : plainCall(call);
  return {
    key,
    activity: null,
    contexts: [],
    offers: null,
    orpc64,
    protection,
    call: plain,
    done: over === null ? null : plainCall(over),
    early:
      first === null
        ? null
        : { frame: first.frame, call: first.call === call && plain !== null ? plain : plainCall(first.call) },
    requests: null,
    responses: null,
    pointer: null,
    ccw: ends.map(({ address }) => ccwLayoutOf(capture, address)),
  };
}

/** Tells a connection and a capture of which nothing is known what was known. */
function remember(known: Known, connection: Connection, session: Session): void {
  const { key, call, done, early, requests, responses, pointer } = known;
  const { capture } = session;
  const activity = newActivity();
  const association = known.activity === null ? connection.state.get(ASSOCIATION) : activity.association;
  for (const context of known.contexts) association.contexts.set(context.id, context);
  if (known.offers !== null) association.offers.set(key, known.offers);
  association.orpc64 = known.orpc64;
  connection.state.get(PROTECTION).auth = known.protection;
  // an activity's calls may have come on other connections
  const asCall = (plain: PlainCall): Call =>
    known.activity === null ? callOf(plain, session, connection) : callOf(plain, session);
  const waiting = call === null ? null : asCall(call);
  if (waiting !== null) association.calls.set(key, waiting);
  if (done !== null) activity.done.set(key, asCall(done));
  if (early !== null) {
    const first = early.call === call && waiting !== null ? waiting : asCall(early.call);
    association.early.set(key, { call: first, frame: early.frame });
  }
  if (known.activity !== null) capture.get(ACTIVITIES).set(known.activity, activity);
  for (const [stub, assemblies, pieces] of [
    [requests, association.requests, activity.pieces.request],
    [responses, association.responses, activity.pieces.response],
  ] as const) {
    if (stub === null) continue;
    // copies: what is added to them must not be in the plain PDU
    if ('last' in stub) pieces.set(key, { ...stub, parts: new Map(stub.parts) });
    else assemblies.set(key, { ...stub, parts: [...stub.parts] });
  }
  if (pointer !== null) learnPointer(capture, pointer, 1);
  known.ccw.forEach((layout, end) => {
    if (layout !== null) learnCcwLayout(capture, connection.ends[end].address, layout);
  });
}
