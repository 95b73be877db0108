/** The way of a .NET remoting message over TCP: frame, content, call. Never throws. */
import { dissecting } from '../pdu.js';
import { takeMessage } from './calls.js';
import { contentSource } from './content.js';
import { type NrtpMessage, Operation, readNrtp } from './frame.js';
import { lastHeader, type NrtpHeader, Token } from './headers.js';

const SAYS: Readonly<Record<number, string>> = { 0: 'Request', 1: 'One-way request', 2: 'Reply' };

/** Dissects a message. */
export const dissectNrtp = dissecting('NRTP', (c, pdu, session) => {
  const { connection, direction, length } = pdu.transport;
  const message = readNrtp(c, length);
  const { operation, parts, isWhole } = message;
  if (operation === null) return;
  const isReply = operation === Operation.reply;
  pdu.says = SAYS[operation] ?? `operation ${operation}`;
  // who opened a connection is not told anew by a reply
  if (!isReply || connection.midstream) connection.client = isReply === (direction === 0) ? 1 : 0;
  takeMessage(c, pdu, session, {
    side: isReply ? 'response' : 'request',
    uri: textOf(message, Token.requestUri),
    oneWay: operation === Operation.oneWay,
    isEarly: false,
    fault: faultOf(message),
    content: contentSource(parts),
    contentType: textOf(message, Token.contentType),
    action: textWhere(message, ({ name }) => name?.text.toLowerCase() === 'soapaction'),
    isWhole,
  });
});

function textOf(message: NrtpMessage, token: number): string | null {
  return textWhere(message, (h) => h.token === token);
}

function textWhere({ headers }: NrtpMessage, isIt: (h: NrtpHeader) => boolean): string | null {
  const value = lastHeader(headers, isIt);
  return typeof value === 'object' && value !== null ? value.text : null;
}

/** A status other than success: a fault of the transport, which has no content (MS-NRTP 2.2.3.3.3). */
function faultOf(message: NrtpMessage): { code: number; text: string } | null {
  const code = lastHeader(message.headers, (h) => h.token === Token.statusCode) ?? 0;
  return typeof code !== 'number' || code === 0 ? null : { code, text: textOf(message, Token.statusPhrase) ?? '' };
}
