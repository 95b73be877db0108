/** A message of HTTP/1 (RFC 9112) as it was read, and as it is written. Texts hold a byte in each character (Latin-1). */
import type { Range } from '../../src/core/source.js';

/** A line, where it is spelled otherwise than we write it: with its end. */
export interface Spelled {
  readonly line?: string | null;
}

/** A header or trailer: `name: value` and CRLF. A value has no blanks around it; lines that it was folded to are joined by a blank. */
export interface HeaderText extends Spelled {
  readonly name: string;
  readonly value: string;
}

/** A header that was read, and the bytes of its lines in the message's source. */
export interface HttpHeader extends HeaderText {
  readonly start: number;
  readonly end: number;
}

/** Size of a chunk; its line is the size in lower-case hex and CRLF. */
export interface ChunkText extends Spelled {
  readonly size: number;
}

interface Heading {
  /** `1.1`. */
  readonly version: string;
  /** The start line where it is spelled otherwise. */
  readonly startLine?: string | null;
  readonly headers: readonly HeaderText[];
  /** Chunks of the body, the last one of size 0; null where it is in none. */
  readonly chunks?: readonly ChunkText[] | null;
  readonly trailers?: readonly HeaderText[];
}

export interface RequestHeading extends Heading {
  readonly kind: 'request';
  readonly method: string;
  /** As it is on the wire, percent-encoded. */
  readonly target: string;
}

export interface ResponseHeading extends Heading {
  readonly kind: 'response';
  readonly status: number;
  readonly phrase: string;
}

/** A message without its body: what `writeHttp` writes. */
export type HttpHeading = RequestHeading | ResponseHeading;

/** What `readHttp` found beside the heading. */
interface Found {
  readonly headers: readonly HttpHeader[];
  readonly trailers: readonly HttpHeader[];
  readonly chunks: readonly ChunkText[] | null;
  /** The body as it was sent, out of its chunks; null where there is none, or none was captured. */
  readonly body: Range | null;
  /** The body's content, inflated where it was compressed; null where there is none or it cannot be had. */
  readonly content: Range | null;
  /** Whether head and body are all here, as far as the message tells. */
  readonly isWhole: boolean;
  /** Whether the connection is to be used again (RFC 9112 9.3). */
  readonly keepsOpen: boolean;
}

/** A message that was read. */
export type HttpMessage = (RequestHeading & Found) | (ResponseHeading & Found);

/** The value of a message's header, the values of several of a name joined by commas; null where it has none. */
export function headerValue(message: HttpHeading, name: string): string | null {
  const values = message.headers.filter((h) => h.name.toLowerCase() === name).map((h) => h.value);
  return values.length > 0 ? values.join(', ') : null;
}

/** What a message is, for people. */
export function headingText(heading: HttpHeading): string {
  return heading.kind === 'request' ? `${heading.method} ${heading.target}` : `${heading.status} ${heading.phrase}`;
}

/** How a start line is written. */
export function startLineText(heading: HttpHeading): string {
  return heading.kind === 'request'
    ? `${heading.method} ${heading.target} HTTP/${heading.version}\r\n`
    : `HTTP/${heading.version} ${String(heading.status).padStart(3, '0')} ${heading.phrase}\r\n`;
}

/** How a header is written. */
export function headerText({ name, value }: HeaderText): string {
  return `${name}: ${value}\r\n`;
}

/** How a chunk's size is written. */
export function chunkText(size: number): string {
  return `${size.toString(16)}\r\n`;
}
