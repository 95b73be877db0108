/** Connections of a scenario that speak .NET remoting, over TCP or over HTTP (MS-NRTP 2.2.3.3, 2.2.4). */
import type * as v from 'valibot';
import { zeros } from '../../core/bytes.js';
import { REMOTING_CALL, REMOTING_CONNECTION, REMOTING_SENT } from '../documents/message-shapes.js';
import { checked } from '../documents/schema.js';
import { bytesAt, EncodeError, type Json, type JsonObject } from '../error.js';
import { binaryContent, type MessageContent, saidOnce } from '../messages/content.js';
import { encodeMessage, messageBytes, type RemotingTransport } from '../messages/message.js';
import { nnsExchange, nnsSealed } from './nns.js';
import type { NtlmExchange } from './ntlm.js';
import type { MadeConnection } from './packets.js';
import { exchangeOf, madeConnection, meanwhile, seedOf, type World } from './world.js';

type ConnectionDocument = v.InferOutput<typeof REMOTING_CONNECTION>;

/** A channel at work. */
interface Channel extends World {
  readonly tcp: MadeConnection;
  readonly transport: RemotingTransport;
  /** What seals the messages; null where nothing does. */
  readonly secured: NtlmExchange | null;
  /** Of the server, as HTTP names it. */
  readonly host: string;
}

/** Makes the connection of a document. */
export function remotingConnection(world: World, json: JsonObject, index: number, path: string): void {
  const o = checked(REMOTING_CONNECTION, json, path);
  const { transport, calls = [] } = o;
  const secured = securedBy(o, seedOf(world, index), path);
  const { tcp, server } = madeConnection(world, o, index, transport === 'nrtp_tcp' ? 8085 : 80, path);
  const host = `${server.address.includes(':') ? `[${server.address}]` : server.address}:${server.port}`;
  tcp.open();
  for (const { from, bytes } of secured === null ? [] : nnsExchange(secured))
    tcp.data(from === 'client' ? 0 : 1, bytes);
  calls.forEach((call, i) => {
    oneCall({ ...world, tcp, transport, host, secured }, call as JsonObject, `${path}.calls[${i}]`);
    world.network.wait(2000);
  });
  tcp.end(o.end);
}

/** Sends a call and its answer. */
function oneCall(channel: Channel, json: JsonObject, path: string): void {
  const { network } = channel;
  if (meanwhile(channel, json, path)) return;
  if (json.message !== undefined) {
    const { message, from } = checked(REMOTING_SENT, json, path);
    send(channel, from === 'server' ? 1 : 0, wholeMessage(channel, message as Json, `${path}.message`));
    return;
  }
  send(channel, 0, requestOf(channel, json, path));
  network.wait(500);
  const answer = answerOf(channel, json, path);
  if (answer !== null) send(channel, 1, answer);
}

/** How a channel that is to be secure is made so; null where it is not. */
function securedBy(o: ConnectionDocument, seed: string, path: string): NtlmExchange | null {
  const { transport, secure = false, auth = null } = o;
  if (secure && transport !== 'nrtp_tcp')
    throw new EncodeError(`${path}.secure`, 'NegotiateStream is of nrtp_tcp alone');
  if (secure && auth === null) throw new EncodeError(`${path}.auth`, 'it is missing: a secure channel authenticates');
  if (!secure && auth !== null)
    throw new EncodeError(`${path}.auth`, 'only a secure channel authenticates: "secure": true is missing');
  return auth === null ? null : exchangeOf(auth, seed);
}

/** Sends a message, sealed where the channel is secure. */
function send({ tcp, secured }: Channel, side: 0 | 1, bytes: Uint8Array): void {
  tcp.data(side, secured === null ? bytes : nnsSealed(secured, side === 0 ? 'client' : 'server', bytes));
}

/** A message as a document, or as its bytes. */
function wholeMessage({ transport }: Channel, json: Json, path: string): Uint8Array {
  return typeof json === 'string' ? bytesAt(json, path) : encodeMessage(json, path, transport);
}

function requestOf(channel: Channel, json: JsonObject, path: string): Uint8Array {
  const o = checked(REMOTING_CALL, json, path);
  const { transport, host } = channel;
  if (o.request !== undefined) {
    saidOnce(o, 'request', ['call', 'uri'], path);
    return wholeMessage(channel, o.request as Json, `${path}.request`);
  }
  for (const name of ['call', 'uri'] as const)
    if (o[name] === undefined) throw new EncodeError(`${path}.${name}`, 'it is missing');
  const content = binaryContent({ call: { args: [], ...(o.call as JsonObject), kind: 'call' } }, path);
  const message =
    transport === 'nrtp_tcp'
      ? { operation: o.oneWay === true ? 'one-way' : 'request', uri: o.uri as string }
      : { operation: 'request', uri: o.uri as string, host };
  return messageBytes(message, content, transport, path);
}

const EMPTY: MessageContent = { bytes: zeros(0), type: null };

/** The answer; null where there is none. Over HTTP one-way calls have an empty one. */
function answerOf(channel: Channel, json: JsonObject, path: string): Uint8Array | null {
  const o = checked(REMOTING_CALL, json, path);
  const { transport } = channel;
  saidOnce(o, 'response', ['return', 'fault'], path);
  saidOnce(o, 'fault', ['return'], path);
  const isTcp = transport === 'nrtp_tcp';
  const reply = (more: JsonObject, content: MessageContent): Uint8Array =>
    messageBytes({ operation: 'reply', ...more }, content, transport, path);
  if (o.response !== undefined) return wholeMessage(channel, o.response as Json, `${path}.response`);
  if (o.return !== undefined) {
    const back = { args: [], ...(o.return as JsonObject), kind: 'return' };
    return reply({}, binaryContent({ call: back }, `${path}.return`));
  }
  if (o.fault !== undefined) {
    const { phrase } = o.fault;
    const status = Number(o.fault.status ?? (isTcp ? 1 : 400));
    return reply(isTcp ? { statusCode: status, statusPhrase: phrase, close: true } : { status, phrase }, EMPTY);
  }
  return o.oneWay === true && !isTcp ? reply({ status: 202 }, EMPTY) : null;
}
