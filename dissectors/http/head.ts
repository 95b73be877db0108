/**
 * What the head of a message tells of what follows it (RFC 9112 6): one walk over its bytes, which makes no text of
 * them, for the cutter of streams and for the reader.
 */
import { latin1Bytes } from '../../src/core/bytes.js';
import {
  behindBlanks,
  behindEmptyLines,
  CR,
  colonOf,
  headerEnd,
  holdsText,
  isAnyCase,
  isDigit,
  isPost,
  LF,
  lineEnd,
  NO_START,
  REQUEST_START,
  standsAt,
  startsMessage,
  textEnd,
} from './lines.js';

/** No header of the kind. */
export const NO_LENGTH = -1;
/** Lengths that contradict each other, or are none. */
export const BAD_LENGTH = -2;
/** The body's length: it is in chunks. */
export const IN_CHUNKS = -3;
/** The body's length: it lasts until the connection is closed. */
export const UNTIL_CLOSE = -4;

/** What a head says, as far as it is there. */
export interface Head {
  readonly isRequest: boolean;
  /** POST or M-POST. */
  readonly isPost: boolean;
  /** Status code; 0 of a request. */
  readonly status: number;
  /** Minor version. */
  readonly minor: number;
  /** Offset behind its empty line; -1 where that is not there. */
  end: number;
  /** Content-Length, NO_LENGTH or BAD_LENGTH. */
  length: number;
  /** Transfer-Encoding: `other` where its last coding is not chunked. */
  transfer: 'none' | 'chunked' | 'other';
  /** Content-Type: `octets` application/octet-stream, `xml` text/xml and others of XML. */
  type: 'none' | 'octets' | 'xml' | 'other';
  /** Content-Encoding, but for identity. */
  isEncoded: boolean;
  /** User-Agent of a request, Server of a response. */
  agent: 'none' | 'remoting' | 'other';
  /** SOAPAction: `clr` is the namespace of types of the CLR (MS-NRTP 2.2.4). */
  action: 'none' | 'clr' | 'other';
}

const CONTENT_LENGTH = latin1Bytes('content-length');
const CONTENT_TYPE = latin1Bytes('content-type');
const CONTENT_ENCODING = latin1Bytes('content-encoding');
const TRANSFER_ENCODING = latin1Bytes('transfer-encoding');
const USER_AGENT = latin1Bytes('user-agent');
const SERVER = latin1Bytes('server');
const SOAP_ACTION = latin1Bytes('soapaction');

const CHUNKED_TEXT = latin1Bytes('chunked');
const IDENTITY = latin1Bytes('identity');
const OCTETS = latin1Bytes('application/octet-stream');
const XML = latin1Bytes('xml');
const CLR = latin1Bytes('http://schemas.microsoft.com/clr/');
const AGENTS = [latin1Bytes('MS .NET Remoting'), latin1Bytes('Mono Remoting')];
const QUOTE = 34;
const COMMA = 44;
const SEMICOLON = 59;

/** Reads the head that begins at `from`; null where a line begins there that starts no message. */
export function scanHead(b: Uint8Array, from: number, end: number): Head | null {
  const kind = startsMessage(b, from, end);
  if (kind === NO_START) return null;
  const at = behindEmptyLines(b, from, end);
  let line = lineEnd(b, at, end);
  const head: Head = {
    isRequest: kind === REQUEST_START,
    isPost: isPost(b, at, end),
    status: kind === REQUEST_START ? 0 : (b[at + 9] - 48) * 100 + (b[at + 10] - 48) * 10 + b[at + 11] - 48,
    minor: (kind === REQUEST_START ? b[textEnd(b, at, Math.max(line, at)) - 1] : b[at + 7]) === 48 ? 0 : 1,
    end: -1,
    length: NO_LENGTH,
    transfer: 'none',
    type: 'none',
    isEncoded: false,
    agent: 'none',
    action: 'none',
  };
  while (line >= 0 && line < end) {
    if (b[line] === LF || (b[line] === CR && b[line + 1] === LF && line + 1 < end)) {
      head.end = line + (b[line] === LF ? 1 : 2);
      break;
    }
    const next = headerEnd(b, line, end);
    if (next >= 0) header(head, b, line, next);
    line = next;
  }
  return head;
}

/** Takes what is wanted of the header from `line` to `next`. */
function header(head: Head, b: Uint8Array, line: number, next: number): void {
  const first = b[line] | 0x20;
  // c, t, u, s; the digits of a namespace prefix (RFC 2774)
  if (first !== 0x63 && first !== 0x74 && first !== 0x75 && first !== 0x73 && !isDigit(first)) return;
  const colon = colonOf(b, line, next);
  if (colon < 0) return;
  const from = behindBlanks(b, colon + 1, next);
  const to = textEnd(b, from, next);
  const is = (name: Uint8Array): boolean => isAnyCase(b, line, colon, name);
  switch (first) {
    case 0x63:
      if (is(CONTENT_LENGTH)) head.length = lengthOf(b, from, to, head.length);
      else if (is(CONTENT_TYPE)) head.type = typeOf(b, from, to);
      else if (is(CONTENT_ENCODING)) head.isEncoded ||= to > from && !isAnyCase(b, from, to, IDENTITY);
      break;
    case 0x74:
      if (is(TRANSFER_ENCODING)) head.transfer = transferOf(b, from, to);
      break;
    case 0x75:
      if (head.isRequest && is(USER_AGENT)) head.agent = agentOf(b, from, to);
      break;
    default:
      if (!head.isRequest && is(SERVER)) head.agent = agentOf(b, from, to);
      else if (head.isRequest && isAnyCase(b, Math.max(line, colon - SOAP_ACTION.length), colon, SOAP_ACTION))
        head.action = standsAt(b, b[from] === QUOTE ? from + 1 : from, to, CLR) ? 'clr' : 'other';
  }
}

/** A Content-Length's value (RFC 9110 8.6), which may be a list of equal ones; what was told `before` must be the same. */
function lengthOf(b: Uint8Array, from: number, to: number, before: number): number {
  let length = before;
  for (let at = from; at <= to; ) {
    let value = 0;
    const start = at;
    for (; at < to && isDigit(b[at]); at++) value = value * 10 + (b[at] - 48);
    if (at === start || value > Number.MAX_SAFE_INTEGER || (length !== NO_LENGTH && length !== value))
      return BAD_LENGTH;
    length = value;
    at = behindBlanks(b, at, to);
    if (at === to) break;
    if (b[at] !== COMMA) return BAD_LENGTH;
    at = behindBlanks(b, at + 1, to);
  }
  return length;
}

function typeOf(b: Uint8Array, from: number, to: number): Head['type'] {
  let end = from;
  while (end < to && b[end] !== SEMICOLON) end++;
  end = textEnd(b, from, end);
  if (isAnyCase(b, from, end, OCTETS)) return 'octets';
  return end - from > XML.length && isAnyCase(b, end - XML.length, end, XML) ? 'xml' : 'other';
}

function transferOf(b: Uint8Array, from: number, to: number): Head['transfer'] {
  if (isAnyCase(b, from, to, IDENTITY)) return 'none';
  const last = to - CHUNKED_TEXT.length;
  return last >= from && isAnyCase(b, last, to, CHUNKED_TEXT) ? 'chunked' : 'other';
}

function agentOf(b: Uint8Array, from: number, to: number): Head['agent'] {
  return AGENTS.some((name) => holdsText(b, from, to, name)) ? 'remoting' : 'other';
}

/** Length of the body behind a head, or IN_CHUNKS, or UNTIL_CLOSE (RFC 9112 6.3, for what no CONNECT and no HEAD asked for). */
export function bodyLength(head: Head): number {
  if (!head.isRequest && (head.status < 200 || head.status === 204 || head.status === 304)) return 0;
  if (head.transfer === 'chunked') return IN_CHUNKS;
  if (head.transfer === 'none' && head.length >= 0) return head.length;
  return head.isRequest ? 0 : UNTIL_CLOSE;
}
