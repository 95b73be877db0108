/** Remoting messages from documents (MS-NRTP 2.2.3.3, 2.2.4). */
import { RAW_MESSAGE, TRANSPORT } from '../documents/message-shapes.js';
import { checked } from '../documents/schema.js';
import { bytesAt, EncodeError, type Json, type JsonObject, objectAt } from '../error.js';
import { contentAt, type MessageContent } from './content.js';
import { httpMessage } from './http.js';
import { tcpMessage } from './tcp.js';

/** How remoting travels. */
export type RemotingTransport = 'nrtp_tcp' | 'nrtp_http';

/**
 * The bytes of a document of a message.
 * @param around the transport of the connection that it goes over
 */
export function encodeMessage(json: Json, path: string, around?: RemotingTransport): Uint8Array {
  const o = objectAt(json, path);
  const transport = checked(TRANSPORT, o.transport ?? around, `${path}.transport`);
  if (around !== undefined && transport !== around)
    throw new EncodeError(`${path}.transport`, `the connection's is ${around}, not ${transport}`);
  if (o.bytes !== undefined) return bytesAt(checked(RAW_MESSAGE, o, path).bytes, `${path}.bytes`);
  return messageBytes(o, contentAt(o.content, `${path}.content`), transport, path);
}

/** The bytes of a document of a message around content. */
export function messageBytes(
  o: JsonObject,
  content: MessageContent,
  transport: RemotingTransport,
  path: string,
): Uint8Array {
  return transport === 'nrtp_tcp' ? tcpMessage(o, content, path) : httpMessage(o, content, path);
}
