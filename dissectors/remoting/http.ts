/** The way of a message of HTTP (MS-NRTP 2.2.4) that .NET remoting may lie in: head, content, call. Never throws. */
import type { TransportPdu } from '../../src/core/context.js';
import { PROTECTION } from '../call.js';
import {
  FILE_DATA,
  HTTP_REQUESTS,
  type HttpMessage,
  type HttpRequest,
  headerValue,
  headingText,
  isHttpRemoting,
  readHttp,
} from '../http/index.js';
import { dropOldest } from '../limits.js';
import { startsAsNrbf } from '../nrbf/index.js';
import { dissecting } from '../pdu.js';
import type { Session } from '../session.js';
import { CHANNEL, type RemotingMessage, takeMessage } from './calls.js';
import { contentSource } from './content.js';

/** Dissects a message. */
export const dissectHttp = dissecting('HTTP', (c, pdu, session) => {
  const { transport } = pdu;
  const read: { message: HttpMessage | null } = { message: null };
  c.frame(null, transport.length, (c) => {
    read.message = readHttp(c);
    const { content, isWhole } = read.message;
    // a plain body goes on in a source of its own, as what chunks and compression hold does already
    if (content?.source === c.source) c.carry(FILE_DATA, isWhole ? content.end - content.start : c.claimedLeft);
    else if (content !== null) c.computed(FILE_DATA, () => content.source.bytes.subarray(content.start, content.end));
  });
  const { message } = read;
  if (message === null) return;
  const { connection, direction } = transport;
  pdu.says = headingText(message);
  const isRequest = message.kind === 'request';
  // who opened a connection is not told anew by a response
  if (isRequest || connection.midstream) connection.client = isRequest === (direction === 0) ? 0 : 1;
  const isRemoting =
    message.kind === 'request' ? ofRequest(message, transport, session) : ofResponse(message, transport);
  const requests = connection.state.get(HTTP_REQUESTS);
  const isFinal = message.kind === 'request' || message.status >= 200;
  const isEarly = isFinal && requests.goesOn;
  const { next, answered } = requests.of[direction === 0 ? 1 : 0];
  requests.goesOn = !isFinal && next === answered;
  if (isRemoting) takeMessage(c, pdu, session, messageOf(message, isEarly));
});

/** Whether a request is one of remoting; its response will be, too. */
function ofRequest(
  message: HttpMessage & { readonly kind: 'request' },
  { connection, bytes, direction }: TransportPdu,
  session: Session,
): boolean {
  const { state } = connection;
  const requests = state.get(HTTP_REQUESTS).of[direction];
  // without content nothing is called: so clients ask how to authenticate
  const isEmpty = message.isWhole && message.content === null;
  const isRemoting = !isEmpty && (isHttpRemoting(bytes, 0, bytes.length) || isRemotingContent(message));
  const asked = state.get(CHANNEL).asked[direction];
  if (asked.early === null) {
    dropOldest(requests.waiting, requests.next, session.limits.openCalls);
    requests.waiting.set(requests.next++, { isRemoting, isHead: message.method === 'HEAD' });
  } else if (!isRemoting) asked.early = null;
  const scheme = headerValue(message, 'authorization')?.split(' ', 1)[0];
  // NTLM and Negotiate authenticate the connection, Basic each request: either way the header is there first
  const protection = state.get(PROTECTION);
  if (scheme !== undefined) protection.auth = { ...protection.auth, type: scheme };
  return isRemoting;
}

function isRemotingContent({ content }: HttpMessage): boolean {
  return content !== null && startsAsNrbf(content.source.bytes.subarray(content.start, content.end));
}

/** Whether a response answers a request of remoting, or may: 1xx only says that the request may go on. */
function ofResponse(message: HttpMessage, { connection, direction, afterGap }: TransportPdu): boolean {
  if (message.kind === 'response' && message.status < 200) return false;
  const requests = connection.state.get(HTTP_REQUESTS).of[direction === 0 ? 1 : 0];
  const { waiting, next } = requests;
  let told: HttpRequest | undefined;
  // where responses were lost, this is that of the last request
  for (let more = afterGap ? next - requests.answered : 1; more > 0 && requests.answered < next; more--) {
    told = waiting.get(requests.answered);
    waiting.delete(requests.answered++);
  }
  return told?.isRemoting ?? true;
}

function messageOf(message: HttpMessage, isEarly: boolean): RemotingMessage {
  const { content, kind, isWhole } = message;
  const source = content === null ? null : content.start === 0 ? content.source : contentSource([content]);
  return {
    side: kind,
    uri: kind === 'request' ? uriOf(message) : null,
    // nothing in a request says so: an empty answer does
    oneWay: kind === 'response' && message.status <= 202 && source === null,
    isEarly,
    fault: null,
    content: source,
    contentType: headerValue(message, 'content-type'),
    action: headerValue(message, 'soapaction'),
    isWhole,
  };
}

/** The URI that is asked, with its host. */
function uriOf(message: HttpMessage & { readonly kind: 'request' }): string {
  const host = headerValue(message, 'host');
  return host === null || !message.target.startsWith('/') ? message.target : `http://${host}${message.target}`;
}
