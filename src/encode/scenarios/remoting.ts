/** Connections of a scenario that speak .NET remoting, over TCP or over HTTP (MS-NRTP 2.2.3.3, 2.2.4). */
import { zeros } from '../../core/bytes.js';
import { REMOTING_CALL, REMOTING_CONNECTION, REMOTING_SENT } from '../documents/message-shapes.js';
import { checked } from '../documents/schema.js';
import { bytesAt, EncodeError, type Json, type JsonObject } from '../error.js';
import { binaryContent, type MessageContent, saidOnce } from '../messages/content.js';
import { encodeMessage, messageBytes, type RemotingTransport } from '../messages/message.js';
import type { MadeConnection } from './packets.js';
import { madeConnection, meanwhile, type World } from './world.js';

/** A channel at work. */
interface Channel extends World {
  readonly tcp: MadeConnection;
  readonly transport: RemotingTransport;
  /** Of the server, as HTTP names it. */
  readonly host: string;
}

/** Makes the connection of a document. */
export function remotingConnection(world: World, json: JsonObject, index: number, path: string): void {
  const o = checked(REMOTING_CONNECTION, json, path);
  const { transport, calls = [] } = o;
  const { tcp, server } = madeConnection(world, o, index, transport === 'nrtp_tcp' ? 8085 : 80, path);
  const host = `${server.address.includes(':') ? `[${server.address}]` : server.address}:${server.port}`;
  tcp.open();
  calls.forEach((call, i) => {
    oneCall({ ...world, tcp, transport, host }, call as JsonObject, `${path}.calls[${i}]`);
    world.network.wait(2000);
  });
  tcp.end(o.end);
}

/** Sends a call and its answer. */
function oneCall(channel: Channel, json: JsonObject, path: string): void {
  const { tcp, network } = channel;
  if (meanwhile(channel, json, path)) return;
  if (json.message !== undefined) {
    const { message, from } = checked(REMOTING_SENT, json, path);
    tcp.data(from === 'server' ? 1 : 0, wholeMessage(channel, message as Json, `${path}.message`));
    return;
  }
  tcp.data(0, requestOf(channel, json, path));
  network.wait(500);
  const answer = answerOf(channel, json, path);
  if (answer !== null) tcp.data(1, answer);
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
