/** Chunks of a body (RFC 9112 7.1): `size[;extension] CRLF data CRLF`, a last one of size 0, trailers, an empty line. */
import { CR, lineEnd } from './lines.js';

/** Bytes of a line with a chunk's size; extensions are short or none. */
const LONGEST_LINE = 4096;
/** Digits that a size has at most, leading zeros among them; 4 GB in a chunk are nobody's. */
const MOST_DIGITS = 16;

/** No size stands there. */
export const NO_CHUNK = -2;

/** Offset behind the line with a chunk's size; -1 where the line is not all there, NO_CHUNK where it is none. */
export function sizeLineEnd(b: Uint8Array, at: number, end: number): number {
  const to = lineEnd(b, at, Math.min(end, at + LONGEST_LINE));
  if (to < 0) return end - at < LONGEST_LINE ? -1 : NO_CHUNK;
  return to - at >= 3 && b[to - 2] === CR ? to : NO_CHUNK;
}

/** The size that a line tells; -1 where it tells none. */
export function httpChunkSize(b: Uint8Array, at: number, end: number): number {
  let size = 0;
  let i = at;
  for (; i < end; i++) {
    const digit = hexDigit(b[i]);
    if (digit < 0) break;
    size = size * 16 + digit;
  }
  const isEnd = i < end && (b[i] === CR || b[i] === 0x3b || b[i] === 0x20 || b[i] === 9);
  return i > at && i - at <= MOST_DIGITS && size <= 0xffff_ffff && isEnd ? size : -1;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
