/** Messages of .NET remoting over TCP, written byte by byte after MS-NRTP 2.2.3. */
import { concat, u16, u32 } from '../bytes.js';

/** A CountedString; `length` other than that of the text is a lie. */
export function counted(text: string, encoding: 0 | 1 = 1, length?: number): Uint8Array {
  const bytes = Buffer.from(text, encoding === 0 ? 'utf16le' : 'utf8');
  return concat([encoding], u32(length ?? bytes.length, true), bytes);
}

/** A header with a format byte. */
export function header(
  token: number,
  format: number,
  ...value: readonly (Uint8Array | readonly number[])[]
): Uint8Array {
  return concat(u16(token, true), [format], ...value);
}
export const custom = (name: string, value: string): Uint8Array => concat(u16(1, true), counted(name), counted(value));
const uriHeader = (uri: string): Uint8Array => header(4, 1, counted(uri));
export const typeHeader = (type = 'application/octet-stream'): Uint8Array => header(6, 1, counted(type));
export const END = u16(0, true);

/** A chunk with its delimiter. */
export function chunk(bytes: Uint8Array, size = bytes.length, delimiter: readonly number[] = [13, 10]): Uint8Array {
  return concat(u32(size, true), bytes, delimiter);
}
export const LAST_CHUNK = concat(u32(0, true), [13, 10]);

/** What may be said of a message; a request with content in one piece by default. */
export interface Nrtp {
  readonly operation?: number;
  readonly uri?: string;
  /** Behind the URI and in front of the end. */
  readonly headers?: readonly Uint8Array[];
  readonly content?: Uint8Array;
  /** Sizes of chunks; in one piece without. */
  readonly chunks?: readonly number[];
  /** What stands for the content's length. */
  readonly length?: number;
}

export function nrtp({
  operation = 0,
  uri,
  headers = [],
  content = new Uint8Array(0),
  chunks,
  length,
}: Nrtp): Uint8Array {
  const start = concat(Buffer.from('.NET'), [1, 0], u16(operation, true));
  const all = concat(...(uri === undefined ? [] : [uriHeader(uri)]), ...headers, END);
  if (chunks === undefined) return concat(start, u16(0), u32(length ?? content.length, true), all, content);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const size of chunks) {
    parts.push(chunk(content.subarray(at, at + size)));
    at += size;
  }
  return concat(start, u16(1, true), all, ...parts, LAST_CHUNK);
}

const text = (s: string): Uint8Array => concat([0x12, Buffer.byteLength(s)], Buffer.from(s));
const STREAM = concat([0], new Uint8Array(8), u32(1, true), u32(0, true));
/** A call without arguments as the binary formatter writes it (MS-NRBF 2.2.3.1); names of up to 127 bytes. */
export const nrbfCall = (method: string, type = 'A.B, C'): Uint8Array =>
  concat(STREAM, [0x15], u32(0x11, true), text(method), text(type), [0x0b]);
/** Its return of nothing (2.2.3.3). */
export const NRBF_RETURN = concat(STREAM, [0x16], u32(0x211, true), [0x0b]);
