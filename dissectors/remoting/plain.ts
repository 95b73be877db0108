/** Remoting calls and channels as plain data, and back: what a message's description asks for beside its own bytes. */
import { type Connection, StateStore, type TransportPdu } from '../../src/core/context.js';
import { type Call, type CallAuth, type Half, PROTECTION } from '../call.js';
import { HTTP_REQUESTS } from '../http/index.js';
import type { Side } from '../ndr/interface.js';
import { stubCursor } from '../pdu.js';
import { type PlainCall, type PlainHalf, plainCall } from '../plain-call.js';
import type { Session } from '../session.js';
import { CHANNEL, paramsOf, tellAnswer, tellTarget } from './calls.js';
import { type Content, readContent } from './content.js';

/** What a message asks of its channel. */
export interface KnownChannel {
  /** The call that a reply ends; null where it was forgotten, too. */
  readonly next: PlainCall | null;
  readonly oneWay: PlainCall | null;
  readonly auth: CallAuth;
  /** Which way the message goes. */
  readonly direction: 0 | 1;
  readonly afterGap: boolean;
  /** How many calls of each direction wait. */
  readonly waiting: readonly [number, number];
}

/** What a message will ask for. */
export function knownChannel({ connection, afterGap, direction }: TransportPdu): KnownChannel {
  const { asked } = connection.state.get(CHANNEL);
  const { open, oneWay, next: end, answered } = asked[direction === 0 ? 1 : 0];
  const waiting = asked.map(({ next, answered }) => next - answered) as [number, number];
  const next = open.get(afterGap ? end - 1 : answered);
  const [unanswered] = oneWay.values();
  return {
    next: next === undefined ? null : plainCall(next),
    oneWay: unanswered === undefined ? null : plainCall(unanswered),
    auth: connection.state.get(PROTECTION).auth,
    direction,
    afterGap,
    waiting,
  };
}

/** Tells a channel of which nothing is known what was known. */
export function recallChannel(known: KnownChannel, connection: Connection, session: Session): void {
  const { next, oneWay, auth, direction, waiting, afterGap } = known;
  const channel = connection.state.get(CHANNEL);
  connection.state.get(PROTECTION).auth = auth;
  for (const [i, asked] of channel.asked.entries()) asked.next = waiting[i];
  const asked = channel.asked[direction === 0 ? 1 : 0];
  if (next !== null) asked.open.set(afterGap ? asked.next - 1 : 0, remotingCallOf(next, session, connection));
  if (oneWay !== null) asked.oneWay.set(0, remotingCallOf(oneWay, session, connection));
}

/** The same of HTTP, where a response may be none of remoting's. */
export interface KnownHttp extends KnownChannel {
  readonly isRemoting: boolean | null;
  readonly goesOn: boolean;
}

export function knownHttp(pdu: TransportPdu): KnownHttp {
  const { of, goesOn } = pdu.connection.state.get(HTTP_REQUESTS);
  const { waiting, next, answered } = of[pdu.direction === 0 ? 1 : 0];
  const isRemoting = waiting.get(pdu.afterGap ? next - 1 : answered)?.isRemoting ?? null;
  return { ...knownChannel(pdu), isRemoting, goesOn };
}

export function recallHttp(known: KnownHttp, connection: Connection, session: Session): void {
  recallChannel(known, connection, session);
  const { of } = Object.assign(connection.state.get(HTTP_REQUESTS), { goesOn: known.goesOn });
  const requests = of[known.direction === 0 ? 1 : 0];
  if (known.isRemoting !== null) {
    const { isRemoting } = known;
    requests.waiting.set(requests.next++, { isRemoting, isHead: false });
  }
}

/** The call of plain data. */
export function remotingCallOf(
  plain: PlainCall,
  session: Session,
  connection: Connection = { ...plain.connection, state: new StateStore() },
): Call {
  const { request, response, auth, warnings } = plain;
  const call: Call = {
    ...plain,
    connection,
    iface: null,
    operation: null,
    auth: { ...auth },
    warnings: [...warnings],
    nameOf: (iid) => iid,
    request: halfOf(request),
    response: halfOf(response),
    in: null,
    out: null,
  };
  if (request !== null) {
    const content = contentOf(request, 'request', session);
    call.in = paramsOf(content, request.stub !== null);
    if (content !== null) tellTarget(call, content);
  }
  if (response !== null) tellAnswer(call, contentOf(response, 'response', session), response.stub !== null);
  return call;
}

function halfOf(plain: PlainHalf | null): Half | null {
  if (plain === null) return null;
  const { hasParams: _, ...facts } = plain;
  return { ...facts, objrefs: [] };
}

function contentOf({ stub, cut }: PlainHalf, side: Side, session: Session): Content | null {
  const bytes = stub ?? cut?.bytes;
  if (bytes === undefined) return null;
  const c = stubCursor(bytes, cut?.length ?? bytes.length, true, session.limits);
  return readContent(c, c.source, cut?.length ?? bytes.length, side, session.capture);
}
