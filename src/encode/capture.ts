/**
 * A scenario as a capture: connections with their binds, authentication and calls, cut into fragments and segments.
 * Everything that a document leaves out is made up, the same each time.
 */
import { createHash } from 'node:crypto';
import { Pfc, Ptype } from '../../dissectors/dcerpc/pdu.js';
import { join, zeros } from './bytes.js';
import { arrayAt, bytesAt, EncodeError, type Json, type JsonObject, numberAt, objectAt, textAt } from './error.js';
import { type NtlmExchange, ntlmExchange } from './ntlm.js';
import { Network, pcap, pcapng, TcpConnection } from './packets.js';
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
} from './pdu.js';
import { encodeStub, findOperation, type Interfaces } from './stub.js';

const NTLM = 10;
const LEVELS: Readonly<Record<string, number>> = { CONNECT: 2, PKT: 4, PKT_INTEGRITY: 5, PKT_PRIVACY: 6 };
const SIGNATURE = 16;

/** The bytes of a scenario's capture. */
export function encodeScenario(json: Json, interfaces: Interfaces): Uint8Array {
  const o = objectAt(json, '');
  const start = Date.parse(textAt(o.start ?? '2026-01-02T03:04:05Z', 'start'));
  if (Number.isNaN(start)) throw new EncodeError('start', 'no time in ISO 8601');
  const network = new Network(BigInt(start) * 1000n);
  arrayAt(o.connections, 'connections').forEach((c, i) => {
    connection(network, objectAt(c, `connections[${i}]`), o, interfaces, i);
    network.wait(1000);
  });
  if (o.format !== undefined && o.format !== 'pcap' && o.format !== 'pcapng')
    throw new EncodeError('format', 'pcap or pcapng');
  return (o.format === 'pcapng' ? pcapng : pcap)(network.packets);
}

/** One association at work. */
interface Association {
  readonly tcp: TcpConnection;
  readonly network: Network;
  readonly interfaces: Interfaces;
  readonly littleEndian: boolean;
  readonly fragmentSize: number;
  readonly offers: readonly Offer[];
  readonly seed: string;
  readonly path: string;
  readonly auth: { readonly exchange: NtlmExchange; readonly level: number } | null;
}

function connection(network: Network, o: JsonObject, doc: JsonObject, interfaces: Interfaces, index: number): void {
  const path = `connections[${index}]`;
  const end = (name: 'client' | 'server', port: number): { address: string; port: number } => {
    const e = objectAt(o[name] ?? {}, `${path}.${name}`);
    const address = textAt(e.address ?? (name === 'client' ? '10.9.0.10' : '10.9.0.20'), `${path}.${name}.address`);
    return { address, port: numberAt(e.port ?? port, `${path}.${name}.port`, 1, 65535) };
  };
  const server = end('server', 49664);
  const segment = numberAt(o.segmentSize ?? doc.segmentSize ?? 1460, `${path}.segmentSize`, 1, 65000);
  const seed = `${numberAt(doc.seed ?? 1, 'seed')} ${index}`;
  const tcp = new TcpConnection(network, [end('client', 50000 + index), server], segment, index);
  const contexts = arrayAt(o.contexts ?? [], `${path}.contexts`);
  const a: Association = {
    ...{ tcp, network, interfaces, seed, path },
    littleEndian: o.littleEndian !== false,
    fragmentSize: numberAt(o.fragmentSize ?? doc.fragmentSize ?? 5840, `${path}.fragmentSize`, 128, 65528) & ~7,
    offers: contexts.map((c, i) => offerOf({ id: i, ...objectAt(c, path) }, interfaces, `${path}.contexts[${i}]`)),
    auth: authOf(o.auth, seed, `${path}.auth`),
  };
  tcp.open();
  const refused = o.bindNak !== undefined;
  bind(
    a,
    contexts.map((c) => objectAt(c, path)),
    o,
    server.port,
  );
  if (!refused) {
    let callId = 2;
    arrayAt(o.calls ?? [], `${path}.calls`).forEach((call, i) => {
      const at = `${path}.calls[${i}]`;
      oneCall(a, objectAt(call, at), callId, at);
      callId = numberAt((call as JsonObject).callId ?? callId, at) + 1;
      network.wait(2000);
    });
  }
  if (o.end === 'reset') tcp.reset(0);
  else if (o.end !== 'open') tcp.close();
}

function authOf(json: Json | undefined, seed: string, path: string): Association['auth'] {
  if (json === undefined || json === null) return null;
  const o = objectAt(json, path);
  if (o.type !== undefined && o.type !== 'NTLM') throw new EncodeError(`${path}.type`, 'NTLM, or no auth at all');
  const level = LEVELS[textAt(o.level ?? 'PKT_PRIVACY', `${path}.level`)];
  if (level === undefined) throw new EncodeError(`${path}.level`, `one of ${Object.keys(LEVELS).join(', ')}`);
  const account = {
    user: textAt(o.user, `${path}.user`),
    domain: textAt(o.domain ?? '', `${path}.domain`),
    password: textAt(o.password, `${path}.password`),
  };
  // 2026-01-02, in units of 100 ns since 1601
  return { exchange: ntlmExchange(account, seed, 'SERVER', 134_118_000_000_000_000n), level };
}

/** bind, bind_ack or bind_nak, auth3; contexts with `alter` come with an alter_context of their own. */
function bind(a: Association, contexts: readonly JsonObject[], o: JsonObject, port: number): void {
  const { tcp, littleEndian: le, auth, network } = a;
  const token = (value: Uint8Array): AuthTrailer | null =>
    auth === null ? null : { type: NTLM, level: auth.level, contextId: 0, value };
  const flags = Pfc.first | Pfc.last | (auth === null ? 0 : Pfc.supportHeaderSign);
  const first = a.offers.filter((_, i) => contexts[i].alter !== true);
  if (first.length === 0) throw new EncodeError(`${a.path}.contexts`, 'a connection binds at least one context');
  const results = (offers: readonly Offer[]): BindResult[] =>
    offers.map((offer) => {
      const c = contexts[a.offers.indexOf(offer)];
      if (c.refused !== undefined) return { reason: numberAt(c.refused, `${a.path}.contexts`, 0, 0xffff) };
      return { syntax: textAt(c.accepted ?? offer.syntaxes[0], `${a.path}.contexts`) };
    });
  const say = (side: 0 | 1, type: number, body: Uint8Array, auth: AuthTrailer | null, callId = 1): void => {
    tcp.data(side, pduBytes({ type, flags, callId, littleEndian: le, body, auth }));
    network.wait(300);
  };
  const size = a.fragmentSize;
  say(0, Ptype.bind, bindBody(le, size, 0, first), token(auth?.exchange.negotiate ?? zeros(0)));
  if (o.bindNak !== undefined) {
    say(1, Ptype.bindNak, bindNakBody(le, numberAt(o.bindNak, `${a.path}.bindNak`, 0, 0xffff)), null);
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
function rawPdu(a: Association, o: JsonObject, path: string): void {
  const bytes =
    typeof o.pdu === 'string' ? bytesAt(o.pdu, `${path}.pdu`) : encodePdu(o.pdu, a.interfaces, `${path}.pdu`);
  a.tcp.data(o.from === 'server' ? 1 : 0, bytes);
}

function oneCall(a: Association, o: JsonObject, callId: number, path: string): void {
  if (o.pdu !== undefined) {
    rawPdu(a, o, path);
    return;
  }
  const offer = offerFor(a, o, path);
  const id = numberAt(o.callId ?? callId, `${path}.callId`);
  const request = stubOf(a, o, offer, 'request', path);
  const given = typeof o.request === 'string' ? {} : objectAt(o.request ?? {}, `${path}.request`);
  const opnum = numberAt(
    o.opnum ?? given.opnum ?? findOperation({ ...o, iid: offer.iid }, a.interfaces, path).opnum,
    `${path}.opnum`,
    0,
    0xffff,
  );
  const object = o.object === undefined || o.object === null ? null : textAt(o.object, `${path}.object`);
  const le = a.littleEndian;
  fragments(a, 0, Ptype.request, id, object === null ? 0 : Pfc.object, request, (left) =>
    requestHead(le, left, offer.id, opnum, object),
  );
  a.network.wait(500);
  if (o.fault !== undefined && o.fault !== null) {
    const body = faultBody(le, offer.id, numberAt(o.fault, `${path}.fault`));
    const flags = Pfc.first | Pfc.last | Pfc.didNotExecute;
    a.tcp.data(1, pduBytes({ type: Ptype.fault, flags, callId: id, littleEndian: le, body }));
  } else if (o.out !== undefined || o.result !== undefined || o.response !== undefined) {
    const response = stubOf(a, o, offer, 'response', path);
    fragments(a, 1, Ptype.response, id, 0, response, (left) => responseHead(le, left, offer.id));
  }
}

/** The context that a call names by `contextId`, or by its interface. */
function offerFor(a: Association, o: JsonObject, path: string): Offer {
  const wanted = [...a.interfaces.values()].find((i) => i.name === o.interface)?.uuid ?? o.iid;
  const found = a.offers.find((x) =>
    o.contextId !== undefined ? x.id === o.contextId : wanted === undefined || x.iid === wanted,
  );
  if (found === undefined) throw new EncodeError(path, 'its interface or contextId is not bound on the connection');
  return found;
}

/** A stub: the document `request` or `response`, or `in` and `out` with what the context says. */
function stubOf(a: Association, o: JsonObject, offer: Offer, side: 'request' | 'response', path: string): Uint8Array {
  const whole = o[side];
  if (typeof whole === 'string') return bytesAt(whole, `${path}.${side}`);
  if (whole !== undefined) return encodeStub(whole, a.interfaces, `${path}.${side}`);
  const params = side === 'request' ? (o.in ?? {}) : (o.out ?? {});
  // a cid of its own for each call, unless the document says which
  const cid = a.seed + path;
  const orpc =
    side === 'request' ? { cid: uuidFrom(cid), ...objectAt(o.orpc ?? {}, `${path}.orpc`) } : (o.orpcOut ?? {});
  const syntax = offer.syntaxes[0];
  const wire = { syntax, littleEndian: a.littleEndian, ...objectAt(o.wire ?? {}, `${path}.wire`) };
  const resultOnly = side === 'response' && o.out === undefined && Number(o.result) >= 0x80000000;
  const doc: JsonObject = {
    ...{ interface: null, iid: offer.iid, operation: o.operation ?? null, side, orpc, params },
    ...(o.opnum === undefined ? {} : { opnum: o.opnum }),
    ...(o.result === undefined ? {} : { result: o.result }),
    wire: resultOnly && o.wire === undefined ? { ...wire, resultOnly } : wire,
  };
  return encodeStub(doc, a.interfaces, path);
}

function uuidFrom(seed: string): string {
  const h = createHash('sha256').update(seed).digest('hex');
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
    const pdu = pduBytes({ type, flags, callId, littleEndian: a.littleEndian, body: join(start, part), auth: trailer });
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
