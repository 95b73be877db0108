/**
 * A scenario as a capture: connections with their binds, authentication and calls, cut into fragments and segments.
 * Everything that a document leaves out is made up, the same each time.
 */

import type * as v from 'valibot';
import { sha256 } from '#platform';
import { Pfc, Ptype } from '../../../dissectors/dcerpc/pdu.js';
import { concat, utf8Bytes, zeros } from '../../core/bytes.js';
import { checked } from '../documents/schema.js';
import { CALL, CONNECTION, SCENARIO, SENT } from '../documents/shapes.js';
import { bytesAt, EncodeError, found, type Json, type JsonObject } from '../error.js';
import {
  type AuthTrailer,
  type BindResult,
  bindAckBody,
  bindBody,
  bindNakBody,
  encodePdu,
  faultBody,
  type Offer,
  offerOf,
  pduBytes,
  requestHead,
  responseHead,
  syntaxAt,
} from '../pdu.js';
import {
  encodeStub,
  type Interfaces,
  namedInterface,
  namedOpnum,
  type StubContent,
  stubBytes,
  wireOf,
} from '../stub.js';
import type { NtlmExchange } from './ntlm.js';
import { type MadeConnection, Network, pcap, pcapng } from './packets.js';
import { remotingConnection } from './remoting.js';
import { exchangeOf, madeConnection, meanwhile, seedOf, type World } from './world.js';

const NTLM = 10;
const LEVELS = { CONNECT: 2, PKT: 4, PKT_INTEGRITY: 5, PKT_PRIVACY: 6 };
const SIGNATURE = 16;

type ConnectionOf = v.InferOutput<typeof CONNECTION>;

/** The bytes of a scenario's capture. */
export function encodeScenario(json: Json, interfaces: Interfaces): Uint8Array {
  const doc = checked(SCENARIO, json, '');
  const start = startOf(doc.start ?? '2026-01-02T03:04:05Z');
  const network = new Network(BigInt(start) * 1000n);
  let connections = 0;
  const world: World = {
    ...{ network, interfaces, doc },
    connect(json, path) {
      const index = connections++;
      if (index > 0x7fff) throw new EncodeError('connections', 'at most 32767 are wanted');
      const speak = Object.hasOwn(json, 'transport') ? remotingConnection : connection;
      speak(world, json, index, path);
      network.wait(1000);
    },
  };
  doc.connections.forEach((c, i) => void world.connect(c as JsonObject, `connections[${i}]`));
  return (doc.format === 'pcapng' ? pcapng : pcap)(network.packets);
}

/** Milliseconds since 1970 of the first packet: captures count seconds in 32 bits. */
function startOf(text: string): number {
  const start = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!(start >= 0 && start < 0xf0000000 * 1000))
    throw new EncodeError(
      'start',
      `a time in ISO 8601 (2026-01-02T03:04:05Z) from 1970 to 2097 is wanted, not ${found(text, 'start')}`,
    );
  return start;
}

/** One association at work. */
interface Association extends World {
  readonly tcp: MadeConnection;
  readonly littleEndian: boolean;
  readonly fragmentSize: number;
  readonly offers: readonly Bound[];
  readonly seed: string;
  readonly path: string;
  readonly auth: { readonly exchange: NtlmExchange; readonly level: number } | null;
}

/** A context, and what becomes of it. */
interface Bound extends Offer {
  readonly alter: boolean;
  readonly result: BindResult;
}

function connection(world: World, json: JsonObject, index: number, path: string): void {
  const o = checked(CONNECTION, json, path);
  const { doc, interfaces, network } = world;
  const seed = seedOf(world, index);
  const { tcp, server } = madeConnection(world, o, index, 49664, path);
  const a: Association = {
    ...{ ...world, tcp, seed, path },
    littleEndian: o.littleEndian !== false,
    fragmentSize: Number(o.fragmentSize ?? doc.fragmentSize ?? 5840) & ~7,
    offers: o.contexts.map((c, i) => boundOf(c, i, interfaces, `${path}.contexts[${i}]`)),
    auth: authOf(o.auth, seed),
  };
  const ids = a.offers.map((offer) => offer.id);
  const twice = ids.findIndex((id, i) => ids.indexOf(id) < i);
  if (twice >= 0) throw new EncodeError(`${path}.contexts[${twice}].id`, `${ids[twice]} is another context's already`);
  const calls = o.calls ?? [];
  if (o.bindNak !== undefined && calls.length > 0)
    throw new EncodeError(`${path}.calls`, 'bindNak refuses the connection: there are no calls on it');
  tcp.open();
  bind(a, o.bindNak === undefined ? null : Number(o.bindNak), server.port);
  let callId = 2;
  calls.forEach((call, i) => {
    callId = oneCall(a, call as JsonObject, callId, `${path}.calls[${i}]`) + 1;
    network.wait(2000);
  });
  tcp.end(o.end);
}

function boundOf(c: ConnectionOf['contexts'][number], index: number, interfaces: Interfaces, path: string): Bound {
  const { alter, refused, accepted, ...rest } = c;
  const offer = offerOf({ ...rest, id: c.id ?? index } as JsonObject, interfaces, path);
  if (refused !== undefined && accepted !== undefined)
    throw new EncodeError(`${path}.accepted`, 'refused says that it is not');
  const result: BindResult =
    refused === undefined
      ? { syntax: syntaxAt(accepted ?? offer.syntaxes[0], `${path}.accepted`) }
      : { reason: Number(refused) };
  return { ...offer, alter: alter === true, result };
}

function authOf(o: ConnectionOf['auth'], seed: string): Association['auth'] {
  if (o == null) return null;
  return { exchange: exchangeOf(o, seed), level: LEVELS[o.level ?? 'PKT_PRIVACY'] };
}

/** bind, bind_ack or bind_nak (with its reason), auth3; contexts with `alter` come with an alter_context of their own. */
function bind(a: Association, nak: number | null, port: number): void {
  const { tcp, littleEndian: le, auth, network } = a;
  const token = (value: Uint8Array): AuthTrailer | null =>
    auth === null ? null : { type: NTLM, level: auth.level, contextId: 0, value };
  const flags = Pfc.first | Pfc.last | (auth === null ? 0 : Pfc.supportHeaderSign);
  const first = a.offers.filter((offer) => !offer.alter);
  if (first.length === 0) throw new EncodeError(`${a.path}.contexts`, 'a connection binds at least one context');
  if (first.length > 255) throw new EncodeError(`${a.path}.contexts`, 'a bind has at most 255 contexts');
  const results = (offers: readonly Bound[]): BindResult[] => offers.map((offer) => offer.result);
  const say = (side: 0 | 1, type: number, body: Uint8Array, auth: AuthTrailer | null, callId = 1): void => {
    tcp.data(side, pduBytes({ type, flags, callId, littleEndian: le, body, auth }));
    network.wait(300);
  };
  const size = a.fragmentSize;
  say(0, Ptype.bind, bindBody(le, size, 0, first), token(auth?.exchange.negotiate ?? zeros(0)));
  if (nak !== null) {
    say(1, Ptype.bindNak, bindNakBody(le, nak), null);
    return;
  }
  const group = 0x1000 + port;
  const ack = bindAckBody(le, size, group, String(port), results(first));
  say(1, Ptype.bindAck, ack, token(auth?.exchange.challenge ?? zeros(0)));
  if (auth !== null) say(0, Ptype.auth3, zeros(4), token(auth.exchange.authenticate));
  for (const offer of a.offers.filter((x) => !first.includes(x))) {
    say(0, Ptype.alterContext, bindBody(le, size, group, [offer]), null);
    say(1, Ptype.alterContextResp, bindAckBody(le, size, group, '', results([offer])), null);
  }
}

/** What goes by itself: PDUs as documents or hex. */
function rawPdu(a: Association, json: JsonObject, path: string): void {
  const o = checked(SENT, json, path);
  const bytes =
    typeof o.pdu === 'string' ? bytesAt(o.pdu, `${path}.pdu`) : encodePdu(o.pdu as Json, a.interfaces, `${path}.pdu`);
  a.tcp.data(o.from === 'server' ? 1 : 0, bytes);
}

type CallOf = v.InferOutput<typeof CALL>;

/** Sends a call and its answer; gives its call id. */
function oneCall(a: Association, json: JsonObject, callId: number, path: string): number {
  if (json.pdu !== undefined) {
    rawPdu(a, json, path);
    return callId;
  }
  if (meanwhile(a, json, path)) return callId - 1;
  const o = checked(CALL, json, path);
  oneOfEach(o, path);
  const offer = offerFor(a, o, path);
  const id = Number(o.callId ?? callId);
  const iface = a.interfaces.get(offer.iid);
  const given = typeof o.request === 'object' && o.request !== null ? (o.request as JsonObject) : {};
  const opnum = namedOpnum(o, iface, path) ?? namedOpnum(given as { operation?: string }, iface, `${path}.request`);
  if (opnum === undefined) throw new EncodeError(`${path}.operation`, 'it is missing');
  const request = stubOf(a, o, offer, 'request', opnum, path);
  const object = o.object ?? null;
  const le = a.littleEndian;
  fragments(a, 0, Ptype.request, id, object === null ? 0 : Pfc.object, request, (left) =>
    requestHead(le, left, offer.id, opnum, object),
  );
  a.network.wait(500);
  if (o.fault != null) {
    const body = faultBody(le, offer.id, Number(o.fault) >>> 0);
    const flags = Pfc.first | Pfc.last | Pfc.didNotExecute;
    a.tcp.data(1, pduBytes({ type: Ptype.fault, flags, callId: id, littleEndian: le, body }));
  } else if (o.out !== undefined || o.result !== undefined || o.response !== undefined) {
    const response = stubOf(a, o, offer, 'response', opnum, path);
    fragments(a, 1, Ptype.response, id, 0, response, (left) => responseHead(le, left, offer.id));
  }
  return id;
}

/** What a call says twice would be lost once. */
function oneOfEach(o: CallOf, path: string): void {
  const pairs: readonly (readonly [keyof CallOf, keyof CallOf])[] = [
    ['request', 'in'],
    ['request', 'orpc'],
    ['response', 'out'],
    ['response', 'result'],
    ['response', 'orpcOut'],
    ['fault', 'out'],
    ['fault', 'response'],
    ['fault', 'orpcOut'],
  ];
  for (const [one, other] of pairs)
    if (o[one] != null && o[other] != null) throw new EncodeError(`${path}.${other}`, `${one} says it already`);
}

/** The context that a call names by `contextId`, by its interface, or by both, which must agree. */
function offerFor(a: Association, o: CallOf, path: string): Bound {
  const iface = namedInterface(o, a.interfaces, path);
  const wanted = o.iid?.toLowerCase() ?? iface?.uuid;
  const id = o.contextId === undefined ? undefined : Number(o.contextId);
  const found = a.offers.find((x) => (id === undefined || x.id === id) && (wanted === undefined || x.iid === wanted));
  if (found !== undefined) return found;
  const what = [
    ...(id === undefined ? [] : [`contextId ${id}`]),
    ...(wanted === undefined ? [] : [iface?.name ?? wanted]),
  ];
  throw new EncodeError(
    `${path}.${id === undefined ? 'interface' : 'contextId'}`,
    what.length === 0
      ? 'no context is bound on the connection'
      : `${what.join(' for ')} is not bound on the connection`,
  );
}

/** A stub: the document `request` or `response`, or `in` and `out` with what the context says. */
function stubOf(
  a: Association,
  o: CallOf,
  offer: Bound,
  side: 'request' | 'response',
  opnum: number,
  path: string,
): Uint8Array {
  const whole = o[side];
  if (typeof whole === 'string') return bytesAt(whole, `${path}.${side}`);
  if (whole !== undefined)
    return encodeStub(whole as Json, a.interfaces, `${path}.${side}`, { side, iid: offer.iid, opnum });
  const iface = a.interfaces.get(offer.iid);
  const op = iface?.ops[opnum];
  const ask = side === 'request';
  if (iface === undefined || op === undefined || !op.decoded)
    throw new EncodeError(
      `${path}.${o.operation == null ? 'opnum' : 'operation'}`,
      `${iface?.name ?? offer.iid} has no operation ${opnum} whose parameters are known: ${side} is wanted as bytes`,
    );
  // a cid of its own for each call, unless the document says which
  const cid = uuidFrom(a.seed + path);
  const orpc = ask ? (iface.orpc ? { cid, ...o.orpc } : o.orpc) : o.orpcOut;
  const syntax = 'syntax' in offer.result ? offer.result.syntax : offer.syntaxes[0];
  const failed = side === 'response' && o.out === undefined && Number(o.result) >>> 0 >= 0x80000000;
  const wire = wireOf(
    {
      syntax,
      littleEndian: a.littleEndian,
      ...(failed && o.wire === undefined ? { resultOnly: true } : {}),
      ...o.wire,
    },
    `${path}.wire`,
  );
  const values = { orpc, params: (ask ? o.in : o.out) ?? {}, ...(ask ? {} : { result: o.result }) };
  const places = {
    params: `${path}.${ask ? 'in' : 'out'}`,
    orpc: `${path}.${ask ? 'orpc' : 'orpcOut'}`,
    result: `${path}.result`,
    wire: `${path}.wire`,
  };
  return stubBytes({ content: values as StubContent, iface, op, side, wire }, places);
}

function uuidFrom(seed: string): string {
  const h = sha256(utf8Bytes(seed));
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

/** Sends a stub in as many fragments as it takes, each signed and sealed by itself. */
function fragments(
  a: Association,
  side: 0 | 1,
  type: number,
  callId: number,
  more: number,
  stub: Uint8Array,
  head: (left: number) => Uint8Array,
): void {
  const { auth } = a;
  const protect = auth !== null && auth.level >= 4;
  const room = a.fragmentSize - 16 - head(0).length - (protect ? 8 + SIGNATURE + 16 : 0);
  // fragments of a stub end at a multiple of 8 but for the last
  const step = Math.max(8, room & ~7);
  for (let at = 0; at === 0 || at < stub.length; at += step) {
    const part = stub.subarray(at, at + step);
    const flags = (at === 0 ? Pfc.first : 0) | (at + step >= stub.length ? Pfc.last : 0) | more;
    const start = head(stub.length - at);
    const trailer: AuthTrailer | null = protect
      ? { type: NTLM, level: auth.level, contextId: 0, value: zeros(SIGNATURE), align: 16, from: start.length }
      : null;
    const pdu = pduBytes({
      type,
      flags,
      callId,
      littleEndian: a.littleEndian,
      body: concat(start, part),
      auth: trailer,
    });
    const trailerAt = pdu.length - SIGNATURE - 8;
    if (protect)
      auth.exchange.session.protect(
        side === 0 ? 'client' : 'server',
        pdu,
        16 + start.length,
        trailerAt,
        auth.level === 6,
      );
    a.tcp.data(side, pdu);
  }
}
