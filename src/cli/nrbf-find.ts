/** `clrscope nrbf --find`: NRBF streams in files that hold them among other bytes, packed or written as text. */
import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import { type NrbfStream, readNrbf, startsAsNrbf } from '../../dissectors/nrbf/index.js';
import { fromHex } from '../core/bytes.js';
import { Cursor } from '../core/cursor.js';
import type { Limits } from '../core/limits.js';
import { Recording } from '../core/recording.js';
import { fileSource } from '../core/source.js';
import { bareBase64 } from '../core/written-text.js';

/** Wrappings inside each other. */
const MOST_DEPTH = 4;
/** Streams of a file. */
const MOST_STREAMS = 10_000;
/** Bytes made by unpacking, all together. */
const MOST_UNPACKED = 1 << 25;
/** Times that something is unpacked, and bytes that show whether it is worth it: two bytes are often a compression's by chance. */
const MOST_TRIES = 1 << 14;
const PROBE = 1 << 16;
/** What one costs that breaks off behind these. */
const BROKEN = 1 << 21;
/** Bytes that may be read for each byte of a file: what looks like a stream and is none must not take for ever. */
const MOST_READ = 16;
const MORE_READ = 1 << 24;
/** Bytes of a stream of which there is nothing but a header and an end, and characters that write them. */
const SHORTEST = 18;

/** What a stream lies in, and where that begins in what is around it. */
export interface Wrapping {
  readonly kind: string;
  readonly offset: number;
}

/** A stream that was found. */
export interface FoundStream {
  readonly stream: NrbfStream;
  readonly recording: Recording;
  /** From the file inwards. */
  readonly wrapping: readonly Wrapping[];
  /** Where it begins in the innermost. */
  readonly offset: number;
}

/** Bytes to look through. */
interface Place {
  readonly bytes: Uint8Array;
  readonly wrapping: readonly Wrapping[];
}

/** What was found, in the order of the file, each wrapping behind what is around it; `isAll` is false where a bound was met. */
export function findStreams(
  file: Uint8Array,
  limits: Limits,
  record: boolean,
): { readonly found: readonly FoundStream[]; readonly isAll: boolean } {
  const search = new Search(limits, record, MOST_READ * file.length + MORE_READ);
  search.through(file);
  return search;
}

class Search {
  readonly found: FoundStream[] = [];
  isAll = true;
  private unpacked = 0;
  private tries = 0;

  constructor(
    private readonly limits: Limits,
    private readonly record: boolean,
    /** Bytes that may still be read. */
    private left: number,
  ) {}

  through(file: Uint8Array): void {
    const places: Place[] = [{ bytes: file, wrapping: [] }];
    for (let place = places.shift(); place !== undefined; place = places.shift()) {
      const inner = { ...place, wrapping: [...place.wrapping, ...holderOf(place.bytes)] };
      this.streams(inner);
      const wrapped = [...this.packed(inner), ...this.written(inner)];
      if (place.wrapping.length < MOST_DEPTH) places.push(...wrapped);
      else if (wrapped.length > 0) this.isAll = false;
    }
  }

  /** Streams that stand in bytes as they are. */
  private streams({ bytes, wrapping }: Place): void {
    for (let at = 0; at + SHORTEST <= bytes.length; at++) {
      if (!startsAsNrbf(bytes, at)) continue;
      if (this.found.length >= MOST_STREAMS || this.left <= 0) {
        this.isAll = false;
        return;
      }
      const recording = new Recording(this.record, this.limits);
      const stream = readNrbf(new Cursor(fileSource('NRBF', bytes.subarray(at), at), recording));
      recording.finish();
      this.left -= stream.length + SHORTEST;
      // a header and nothing behind it that could follow is one by chance
      if (!stream.complete && stream.recordCount < 2) continue;
      const prefix = prefixed(bytes, at, stream.length);
      this.found.push({ stream, recording, wrapping: prefix === null ? wrapping : [...wrapping, prefix], offset: at });
    }
  }

  /** What compressions hold that begin somewhere. */
  private packed({ bytes, wrapping }: Place): Place[] {
    const places: Place[] = [];
    const take = (kind: 'gzip' | 'zlib' | 'deflate', offset: number): void => {
      const inner = this.inflated(kind, bytes.subarray(kind === 'gzip' ? behindGzipHeader(bytes, offset) : offset));
      if (inner !== null) places.push({ bytes: inner, wrapping: [...wrapping, { kind, offset }] });
    };
    for (let at = 0; at + SHORTEST <= bytes.length; at++) {
      const second = bytes[at + 1];
      if (bytes[at] === 0x1f && second === 0x8b && bytes[at + 2] === 8) take('gzip', at);
      else if (bytes[at] === 0x78 && (second === 1 || second === 0x5e || second === 0x9c || second === 0xda))
        take('zlib', at);
    }
    // nothing marks it: what a DeflateStream wrote is all of what there is
    if (places.length === 0 && !startsAsNrbf(bytes)) take('deflate', 0);
    return places;
  }

  private inflated(kind: 'gzip' | 'zlib' | 'deflate', bytes: Uint8Array): Uint8Array | null {
    const most = MOST_UNPACKED - this.unpacked;
    if (++this.tries > MOST_TRIES || most <= 0) {
      this.isAll = false;
      return null;
    }
    const unpack = kind === 'zlib' ? inflateSync : inflateRawSync;
    let inner = inflate(unpack, bytes, Math.min(most, PROBE));
    if (inner === 'limit' && most > PROBE) {
      inner = inflate(unpack, bytes, most);
      if (typeof inner === 'string') this.unpacked += BROKEN;
    }
    if (inner === 'limit') this.isAll = false;
    if (typeof inner === 'string' || inner.length < SHORTEST) return null;
    this.unpacked += inner.length;
    return inner;
  }

  /** What is written as text: base64 or hex digits, characters of one byte or of two. */
  private written({ bytes, wrapping }: Place): Place[] {
    const places: Place[] = [];
    const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (const { kind, unit, least, decode } of WRITTEN)
      for (const [from, to] of runsOf(latin1, unit, least)) {
        const inner = decode(latin1.slice(from, to).replaceAll('\0', ''));
        if (inner.length < SHORTEST) continue;
        this.unpacked += inner.length;
        if (this.unpacked > MOST_UNPACKED) {
          this.isAll = false;
          return places;
        }
        places.push({ bytes: inner, wrapping: [...wrapping, { kind, offset: from }] });
      }
    return places;
  }
}

/** What is unpacked up to where it ends or is cut, whatever stands behind it. */
function inflate(unpack: typeof inflateSync, bytes: Uint8Array, most: number): Uint8Array | 'limit' | 'damaged' {
  try {
    const { buffer, byteOffset, length } = unpack(bytes, {
      maxOutputLength: most,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return new Uint8Array(buffer, byteOffset, length);
  } catch (e) {
    return (e as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? 'limit' : 'damaged';
  }
}

/** Where deflated bytes begin behind the header of gzip at `at` (RFC 1952 2.3). */
function behindGzipHeader(b: Uint8Array, at: number): number {
  const flags = b[at + 3];
  let to = at + 10;
  if ((flags & 4) !== 0) to += 2 + b[to] + (b[to + 1] << 8);
  for (const text of [8, 16]) if ((flags & text) !== 0) to = b.indexOf(0, to) + 1 || b.length;
  return (flags & 2) !== 0 ? to + 2 : to;
}

/**
 * Base64 with the escapes and line ends that may stand in it; each character may have a zero byte behind it, as in UTF-16. Where
 * the greater byte comes first the zeros are those of the next characters, and the last one in a file has none.
 */
const BASE64 = /[A-Za-z0-9+/_-]|%2[bf]|\\(?:u002[bf]|[/rn])|&#x2[bf];|\r?\n[ \t]*/;
const BASE64_WIDE = /[A-Za-z0-9+/_\r\n-](?:\0|$)/;
const HEX = /(?:\\x|0x|%)?[0-9a-f]{2}[-:,; \r\n]{0,2}/;
const HEX_WIDE = /[0-9a-f]\0[0-9a-f](?:\0|$)(?:[-:,; \r\n]\0)?/;

/** Spellings of bytes: what writes one or a part of one, and how many of them in a row may be a stream. */
const WRITTEN = [
  { kind: 'base64', unit: BASE64, least: 24, decode: fromBase64 },
  { kind: 'base64 in UTF-16', unit: BASE64_WIDE, least: 24, decode: fromBase64 },
  { kind: 'hex', unit: HEX, least: 18, decode: fromDigits },
  { kind: 'hex in UTF-16', unit: HEX_WIDE, least: 18, decode: fromDigits },
] as const;

/** Units that one expression takes: of millions its stack would overflow. */
const AT_ONCE = 4096;

/** Where units stand in a row, at least so many, in upper or lower case. */
function* runsOf(text: string, unit: RegExp, least: number): Generator<readonly [from: number, to: number]> {
  const begins = new RegExp(`(?:${unit.source}){${least},${AT_ONCE}}`, 'gi');
  const goesOn = new RegExp(`(?:${unit.source}){1,${AT_ONCE}}`, 'yi');
  for (let found = begins.exec(text); found !== null; found = begins.exec(text)) {
    let to = begins.lastIndex;
    for (goesOn.lastIndex = to; goesOn.test(text); ) to = goesOn.lastIndex;
    begins.lastIndex = to;
    yield [found.index, to];
  }
}

/** What base64 of nearly every stream begins with: a word in front of it may be taken for a part of it. */
const BEGINS = /AAEAAAD[/_]{5}AQ/;

function fromBase64(text: string): Uint8Array {
  const base64 = bareBase64(text);
  const at = base64.search(BEGINS);
  return Buffer.from(at > 0 && at % 4 !== 0 ? base64.slice(at) : base64, 'base64');
}

function fromDigits(text: string): Uint8Array {
  return fromHex(text.replace(/\\x|0x|[^0-9a-f]/gi, ''));
}

/** What bytes begin as, where that is a format that holds streams. */
export function holderOf(b: Uint8Array): Wrapping[] {
  if (b[0] === 0xff && b[1] === 1) return [{ kind: 'ViewState', offset: 0 }];
  if (b[0] === 0xce && b[1] === 0xca && b[2] === 0xef && b[3] === 0xbe) return [{ kind: '.resources', offset: 0 }];
  return [];
}

/** Whether a stream's length stands in front of it: four bytes in either order, or seven bits a byte. */
function prefixed(b: Uint8Array, at: number, length: number): Wrapping | null {
  const is = (bytes: readonly number[]): boolean =>
    at >= bytes.length && bytes.every((byte, i) => b[at - bytes.length + i] === byte);
  const four = [length & 255, (length >>> 8) & 255, (length >>> 16) & 255, length >>> 24];
  const seven: number[] = [];
  for (let rest = length; ; rest >>>= 7) {
    seven.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const spelling = [four, [...four].reverse(), seven].find(is);
  return spelling === undefined ? null : { kind: 'length', offset: at - spelling.length };
}
