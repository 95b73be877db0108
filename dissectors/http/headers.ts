/** Header and trailer lines (RFC 9112 5): a leaf each, with all of its bytes. */
import { isUtf8, latin1Text, utf8Text } from '#platform';
import type { Cursor } from '../../src/core/cursor.js';
import type { Field } from '../../src/core/node.js';
import { CONTENT_LENGTH_HEADER, HTTP_CONTENT_LENGTH, KNOWN_HEADERS } from './fields.js';
import { behindBlanks, CR, colonOf, contentEnd, headerEnd, LF, lineEnd, textEnd } from './lines.js';
import { type HttpHeader, headerText } from './message.js';

/** Says something once a message. */
export type Teller = (code: string, message: string, offset: number) => void;

const FOLD = /\r?\n[ \t]+/g;
/** RFC 9110 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * Reads header lines up to and with the empty line behind them.
 * @param other the field of those that have none of their own
 * @returns whether the empty line was there; what is there of a line that is cut is a leaf
 */
export function readHeaders(c: Cursor, headers: HttpHeader[], other: Field, tell: Teller): boolean {
  while (c.left > 0) {
    const [first, second] = [c.peek(), c.peek(1)];
    if (first === LF || (first === CR && second === LF)) {
      if (first === LF) tellBareLf(tell, c.pos);
      c.pad(first === LF ? 1 : 2);
      return true;
    }
    const to = headerEnd(c.bytes, c.pos, c.end);
    if (to < 0) break;
    headers.push(readHeader(c, to, other, tell));
  }
  if (c.left > 0) c.skip(other, c.left);
  return false;
}

function readHeader(c: Cursor, end: number, other: Field, tell: Teller): HttpHeader {
  const { bytes, pos: start } = c;
  const colon = colonOf(bytes, start, contentEnd(bytes, start, end));
  const from = behindBlanks(bytes, colon < 0 ? start : colon + 1, end);
  const to = textEnd(bytes, from, end);
  const name = latin1Text(bytes, start, Math.max(start, colon));
  const plain = latin1Text(bytes, from, to);
  const folded = lineEnd(bytes, start, end) < end;
  const value = folded ? plain.replace(FOLD, ' ') : plain;
  const spelled = latin1Text(bytes, start, end);
  if (folded) tell('http-folded', 'a header goes on in the next line, which nobody should write any more', start);
  if (bytes[end - 2] !== CR) tellBareLf(tell, start);
  if (!TOKEN.test(name)) tell('http-header', 'a line that is no header stands among the headers', start);
  record(c, name.toLowerCase(), end - start, { from, to, folded }, other);
  return { name, value, start, end, line: spelled === headerText({ name, value }) ? null : spelled };
}

export function tellBareLf(tell: Teller, offset: number): void {
  tell('http-line', 'a line ends in a line feed alone', offset);
}

/** Makes the leaf of a header's lines, `length` bytes of them. */
function record(
  c: Cursor,
  name: string,
  length: number,
  { from, to, folded }: { from: number; to: number; folded: boolean },
  other: Field,
): void {
  if (!c.isRecording) {
    c.skip(other, length);
    return;
  }
  const { bytes, pos } = c;
  const text = wireText(bytes, from, to);
  const value = folded ? text.replace(FOLD, ' ') : text;
  const lineText = (line: string): string => line.replace(/\r?\n$/, '');
  const own = KNOWN_HEADERS.get(name);
  if (name !== 'content-length' && own === undefined) {
    c.made(other, length, (line) => wireText(line, 0, line.length), lineText);
    return;
  }
  if (own === undefined) recordLength(c, length, value);
  else c.made(own, length, () => value);
  // among the others it is listed too
  const line = wireText(bytes, pos, pos + length);
  c.computed(other, line, lineText(line));
}

/** Wireshark has the number below the text. */
function recordLength(c: Cursor, length: number, value: string): void {
  if (!/^\d{1,19}$/.test(value)) c.made(CONTENT_LENGTH_HEADER, length, () => value);
  else
    c.group(CONTENT_LENGTH_HEADER, () => {
      c.made(HTTP_CONTENT_LENGTH, length, () => BigInt(value));
      c.tell(JSON.stringify(value), value);
    });
}

/** Text for people: UTF-8 where it is, else a byte a character. */
export function wireText(b: Uint8Array, from: number, to: number): string {
  return isUtf8(b.subarray(from, to)) ? utf8Text(b, from, to) : latin1Text(b, from, to);
}
