/**
 * Lines of HTTP/1 as bytes (RFC 9112 2.2, 5.2): where they end, what they begin with. Nothing here looks beyond `end`,
 * and no byte is made text.
 */

import { latin1Bytes } from '../../src/core/bytes.js';

export const CR = 13;
export const LF = 10;
export const SPACE = 32;
const TAB = 9;
const COLON = 58;
const A = 65;
const Z = 90;
const DASH = 45;
const UNDERSCORE = 95;

/** Longest method that is taken for one: UPDATEREDIRECTREF of WebDAV, and some. */
const LONGEST_METHOD = 20;
const VERSION = latin1Bytes('HTTP/1.');

/** Offset behind the LF that ends the line at `from`; -1 where it is not there. */
export function lineEnd(b: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) if (b[i] === LF) return i + 1;
  return -1;
}

/** The same of a header's line, with the lines that go on with it (obs-fold, RFC 9112 5.2). */
export function headerEnd(b: Uint8Array, from: number, end: number): number {
  let to = lineEnd(b, from, end);
  while (to >= 0 && to < end && isBlank(b[to])) to = lineEnd(b, to, end);
  return to;
}

/**
 * Offset behind the empty line that ends the lines from `at` on, `at` to `from` having been looked through; -1 where it
 * is not there.
 */
export function emptyLineEnd(b: Uint8Array, at: number, from: number, end: number): number {
  for (let i = from; i < end; i++) {
    if (b[i] !== LF) continue;
    const before = b[i - 1] === CR ? i - 2 : i - 1;
    if (before >= at && b[before] === LF) return i + 1;
  }
  return -1;
}

/** Where a line's text ends that ends before `to`: without CR and LF, and without blanks. */
export function textEnd(b: Uint8Array, from: number, to: number): number {
  let end = contentEnd(b, from, to);
  while (end > from && isBlank(b[end - 1])) end--;
  return end;
}

/** Where a line's text ends that ends before `to`: without CR and LF. */
export function contentEnd(b: Uint8Array, from: number, to: number): number {
  if (to === from || b[to - 1] !== LF) return to;
  return to - 2 >= from && b[to - 2] === CR ? to - 2 : to - 1;
}

/** Offset of the first byte from `from` on that is no blank. */
export function behindBlanks(b: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(b[at])) at++;
  return at;
}

/** Offset of the colon behind a header's name; -1 where the line has none. */
export function colonOf(b: Uint8Array, from: number, end: number): number {
  for (let i = from; i < end; i++) if (b[i] === COLON) return i;
  return -1;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** Whether `text` stands at `at`, all of it before `end`. */
export function standsAt(b: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  if (at + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (b[at + i] !== text[i]) return false;
  return true;
}

/** Whether `from` to `to` is `text`, which is lower case, in whatever case. */
export function isAnyCase(b: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    const byte = b[from + i];
    if ((byte >= A && byte <= Z ? byte | 0x20 : byte) !== text[i]) return false;
  }
  return true;
}

/** Whether `text` stands anywhere from `from` to `to`. */
export function holdsText(b: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  for (let i = from; i + text.length <= to; i++) if (b[i] === text[0] && standsAt(b, i, to, text)) return true;
  return false;
}

/** Empty lines that may stand in front of a request (RFC 9112 2.2 asks for one): more are none of HTTP's. */
const MOST_EMPTY_LINES = 2;

/** Where what has empty lines in front of it begins. */
export function behindEmptyLines(b: Uint8Array, at: number, end: number): number {
  let from = at;
  for (let lines = 0; lines < MOST_EMPTY_LINES && from + 2 <= end && isCrLf(b, from); lines++) from += 2;
  return from;
}

/** Whether CRLF stands at `at`. */
export function isCrLf(b: Uint8Array, at: number): boolean {
  return b[at] === CR && b[at + 1] === LF;
}

/** What a line begins. */
export const NO_START = 0;
export const REQUEST_START = 1;
const RESPONSE_START = 2;

/**
 * Whether a start line begins at `at`, as far as it is there: `METHOD target HTTP/1.x` (RFC 9112 3), or `HTTP/1.x NNN`
 * (4). Methods are upper case here, and a target has no blank: what begins otherwise inside other data is none. At least
 * 14 bytes are there.
 */
function startsLine(b: Uint8Array, at: number, end: number): number {
  if (b[at] < A || b[at] > Z) return NO_START;
  if (standsAt(b, at, end, VERSION)) {
    for (let i = 9; i < 12; i++) if (!isDigit(b[at + i])) return NO_START;
    const behind = b[at + 12];
    return isDigit(b[at + 7]) && b[at + 8] === SPACE && (behind === SPACE || behind === CR || behind === LF)
      ? RESPONSE_START
      : NO_START;
  }
  const most = Math.min(end, at + LONGEST_METHOD);
  let i = at + 1;
  while (i < most && ((b[i] >= A && b[i] <= Z) || b[i] === DASH || b[i] === UNDERSCORE)) i++;
  if (i >= end || b[i] !== SPACE) return NO_START;
  const target = ++i;
  while (i < end && b[i] > SPACE && b[i] !== 0x7f) i++;
  if (i === end) return REQUEST_START;
  if (i === target || b[i] !== SPACE) return NO_START;
  return endsInVersion(b, i + 1, end) ? REQUEST_START : NO_START;
}

/** Whether `HTTP/1.x` and the line's end stand at `at`, as far as bytes are there. */
function endsInVersion(b: Uint8Array, at: number, end: number): boolean {
  for (let i = 0; i < VERSION.length; i++) {
    if (at + i >= end) return true;
    if (b[at + i] !== VERSION[i]) return false;
  }
  const behind = at + VERSION.length;
  if (behind < end && !isDigit(b[behind])) return false;
  return behind + 1 >= end || b[behind + 1] === CR || b[behind + 1] === LF;
}

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

/** Whether the start line at `at` is that of a POST (RFC 9110 9.3.3), or of an M-POST (RFC 2774). */
export function isPost(b: Uint8Array, at: number, end: number): boolean {
  return standsAt(b, at, end, POST) || standsAt(b, at, end, M_POST);
}

const POST = latin1Bytes('POST ');
const M_POST = latin1Bytes('M-POST ');
const HEAD = latin1Bytes('HEAD ');

/** What a message begins with: a start line; that of a request may have empty lines in front of it. */
export function startsMessage(b: Uint8Array, at: number, end: number): number {
  const from = behindEmptyLines(b, at, end);
  const start = startsLine(b, from, end);
  return from === at || start === REQUEST_START ? start : NO_START;
}

/** Whether `length` bytes, too few for a start line, may begin that of a POST, a HEAD or a response, or an empty line. */
export function mayStartMessage(b: Uint8Array, at: number, length: number): boolean {
  const from = behindEmptyLines(b, at, at + length);
  const left = at + length - from;
  return (left === 1 && b[from] === CR) || mayStartLine(b, from, left);
}

function mayStartLine(b: Uint8Array, at: number, length: number): boolean {
  return [POST, M_POST, HEAD, VERSION].some((text) => {
    for (let i = 0; i < Math.min(length, text.length); i++) if (b[at + i] !== text[i]) return false;
    return true;
  });
}
