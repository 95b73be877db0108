/** The way of a .NET remoting message over TCP: frame, content, call. Never throws. */
import type { TransportPdu } from '../../src/core/context.js';
import type { LimitName } from '../../src/core/limits.js';
import { closePdu, newPdu, type Pdu, pduCursor, type Session } from '../dcerpc/session.js';
import { takeMessage } from './calls.js';
import { contentSource } from './content.js';
import { type NrtpMessage, Operation, readNrtp } from './frame.js';
import { Token } from './headers.js';

const SAYS: Readonly<Record<number, string>> = { 0: 'Request', 1: 'One-way request', 2: 'Reply' };

/** Dissects a message. Nodes are made only when `record` is set; what was learnt stays in the stores either way. */
export function dissectNrtp(
  transport: TransportPdu,
  session: Session,
  record: boolean,
  limits: readonly LimitName[] = [],
): Pdu {
  const c = pduCursor(transport, session.limits, record);
  const pdu = newPdu('NRTP', transport, c);
  pdu.limits.push(...limits);
  const message = readNrtp(c, transport.length);
  const { operation, parts, isWhole } = message;
  if (operation !== null) {
    const { connection, direction } = transport;
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
      isWhole,
    });
  }
  closePdu(pdu, session.limits);
  return pdu;
}

function textOf({ headers }: NrtpMessage, token: number): string | null {
  const value = headers.find((h) => h.token === token)?.value ?? null;
  return typeof value === 'object' && value !== null ? value.text : null;
}

/** A status other than success: a fault of the transport, which has no content (MS-NRTP 2.2.3.3.3). */
function faultOf(message: NrtpMessage): { code: number; text: string } | null {
  const code = message.headers.find((h) => h.token === Token.statusCode)?.value ?? 0;
  return typeof code !== 'number' || code === 0 ? null : { code, text: textOf(message, Token.statusPhrase) ?? '' };
}
