/** Reads a message of HTTP/1 (RFC 9112) into what .NET remoting (MS-NRTP 2.2.4) needs of it, and draws it. */
import { latin1Text } from '#platform';
import type { Cursor } from '../../src/core/cursor.js';
import { decodedContent, readHttpBody } from './body.js';
import {
  FULL_URI,
  HTTP,
  HTTP_FIELDS,
  HTTP_URI,
  IS_REQUEST,
  IS_RESPONSE,
  REQUEST_LINE,
  REQUEST_METHOD,
  REQUEST_VERSION,
  RESPONSE_CODE,
  RESPONSE_LINE,
  RESPONSE_PHRASE,
  RESPONSE_VERSION,
  START_LINE,
} from './fields.js';
import { BAD_LENGTH, bodyLength, type Head, NO_LENGTH, scanHead, UNTIL_CLOSE } from './head.js';
import { readHeaders, type Teller, tellBareLf, wireText } from './headers.js';
import { behindEmptyLines, CR, contentEnd, lineEnd, SPACE } from './lines.js';
import {
  type HttpHeader,
  type HttpMessage,
  headerValue,
  type RequestHeading,
  type ResponseHeading,
  startLineText,
} from './message.js';

/** The length of `HTTP/1.1`. */
const VERSION_LENGTH = 8;

type Start = Omit<RequestHeading, 'chunks' | 'trailers'> | Omit<ResponseHeading, 'chunks' | 'trailers'>;

/**
 * Reads a message from the cursor's place on. A plain body is left unread, the cursor before it; chunks are taken
 * apart and joined; what is compressed is inflated. Fails where no message begins.
 * @param hasBody whether the body is read too, as far as there is one: that of a channel of RPC goes on for hours
 */
export function readHttp(c: Cursor, hasBody = true): HttpMessage {
  return c.protocol(HTTP, HTTP_FIELDS, () => readMessage(c, hasBody));
}

function readMessage(c: Cursor, hasBody: boolean): HttpMessage {
  const head = scanHead(c.bytes, c.pos, c.end);
  if (head === null) c.fail('no message of HTTP/1 begins here');
  const told = new Set<string>();
  const tell: Teller = (code, message, offset) => {
    if (!told.has(code)) c.note(code, message, offset);
    told.add(code);
  };
  const headers: HttpHeader[] = [];
  const start = c.group(START_LINE, (c) => readStart(c, head, headers, tell));
  c.tell(() => startText(start));
  const { isRequest } = head;
  c.computed(isRequest ? IS_REQUEST : IS_RESPONSE, true);
  const isComplete = readHeaders(c, headers, isRequest ? REQUEST_LINE : RESPONSE_LINE, tell);
  if (start.kind === 'request') tellUri(c, start);
  if (!isComplete) {
    c.note('truncated', 'the end of the head was not captured');
    return {
      ...start,
      headers,
      chunks: null,
      trailers: [],
      body: null,
      content: null,
      isWhole: false,
      keepsOpen: false,
    };
  }
  checkLengths(c, head);
  if (!hasBody)
    return { ...start, headers, chunks: null, trailers: [], body: null, content: null, isWhole: true, keepsOpen: true };
  const { chunks, trailers, range, isWhole } = readHttpBody(c, head, tell);
  const codings = [...codingsOf(start, 'content-encoding'), ...codingsOf(start, 'transfer-encoding')];
  const content = range === null || (codings.length > 0 && !isWhole) ? null : decodedContent(c, range, codings);
  return { ...start, headers, chunks, trailers, body: range, content, isWhole, keepsOpen: keepsOpen(start, head) };
}

/** Reads the start line: status line or request line (RFC 9112 3 and 4), its blanks and its end being padding. */
function readStart(c: Cursor, head: Head, headers: HttpHeader[], tell: Teller): Start {
  const { bytes, pos } = c;
  c.pad(behindEmptyLines(bytes, pos, c.end) - pos);
  const from = c.pos;
  const to = lineEnd(bytes, from, c.end);
  if (to < 0) c.fail('the start line has no end');
  if (bytes[to - 2] !== CR) tellBareLf(tell, from);
  const end = contentEnd(bytes, from, to);
  const text = (field: typeof HTTP_URI, stop: number): string => {
    const at = c.pos;
    c.made(field, stop - at, (b) => wireText(b, 0, b.length));
    return latin1Text(bytes, at, stop);
  };
  let start: Start;
  if (head.isRequest) {
    const method = text(REQUEST_METHOD, bytes.indexOf(SPACE, from));
    c.pad(1);
    const target = text(HTTP_URI, bytes.indexOf(SPACE, c.pos));
    c.pad(1);
    const version = text(REQUEST_VERSION, c.pos + VERSION_LENGTH).slice(5);
    start = { kind: 'request', method, target, version, headers };
  } else {
    const version = text(RESPONSE_VERSION, c.pos + VERSION_LENGTH).slice(5);
    c.pad(1);
    const status = c.made(RESPONSE_CODE, 3, () => head.status);
    if (c.pos < end) c.pad(1);
    const phrase = c.pos < end ? text(RESPONSE_PHRASE, end) : '';
    start = { kind: 'response', status, phrase, version, headers };
  }
  c.pad(to - c.pos);
  c.tell(() => wireText(bytes, from, end));
  const spelled = latin1Text(bytes, pos, to);
  return spelled === startLineText(start) ? start : { ...start, startLine: spelled };
}

/** For people. */
function startText(start: Start): string {
  return start.kind === 'request' ? `${start.method} ${start.target}` : `${start.status} ${start.phrase}`;
}

/** The URI with the host that is asked (RFC 9112 3.3). */
function tellUri(c: Cursor, start: Start & { kind: 'request' }): void {
  const host = headerValue(start, 'host');
  if (!start.target.startsWith('/')) c.computed(FULL_URI, start.target);
  else if (host !== null) c.computed(FULL_URI, `http://${host}${start.target}`);
}

/** What is wrong with what tells a body's length (RFC 9112 6.1 and 6.3). */
function checkLengths(c: Cursor, head: Head): void {
  if (head.length === BAD_LENGTH) c.note('http-length', 'Content-Length tells no length, or several');
  if (head.transfer !== 'none' && head.length !== NO_LENGTH)
    c.note('http-length', 'Content-Length stands beside Transfer-Encoding, which is believed');
  if (head.transfer === 'other') c.note('http-length', 'the last transfer coding is not chunked');
}

/** What a header says that the body is encoded by, but for chunks. */
function codingsOf(start: Start, name: string): string[] {
  const codings = (headerValue(start, name) ?? '').split(',').map((coding) => coding.trim().toLowerCase());
  return codings.filter((coding) => coding !== '' && coding !== 'identity' && coding !== 'chunked');
}

function keepsOpen(start: Start, head: Head): boolean {
  if (bodyLength(head) === UNTIL_CLOSE) return false;
  const options = (headerValue(start, 'connection') ?? '').toLowerCase();
  return head.minor === 0 ? options.includes('keep-alive') : !options.includes('close');
}
