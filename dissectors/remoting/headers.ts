/** Headers of a .NET remoting message over TCP (MS-NRTP 2.2.3.2 and 2.2.3.3): described once, read and written. */
import { concat, dword, utf8Bytes, utf16Bytes, word } from '../../src/core/bytes.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';
import { cut } from '../../src/core/text.js';

/** Formats of a header's value (2.2.3.2.2). */
export const FORMATS: Readonly<Record<number, string>> = {
  0: 'Void',
  1: 'CountedString',
  2: 'Byte',
  3: 'UInt16',
  4: 'Int32',
};
export const Format = { void: 0, string: 1, byte: 2, uint16: 3, int32: 4 } as const;
/** Bytes of a value by its format; what a string has it says itself. */
const SIZES: readonly number[] = [0, -1, 1, 2, 4];

/** Header tokens (2.2.3.2.1). */
export const Token = {
  end: 0,
  custom: 1,
  statusCode: 2,
  statusPhrase: 3,
  requestUri: 4,
  closeConnection: 5,
  contentType: 6,
} as const;
export const TOKENS: Readonly<Record<number, string>> = {
  0: 'EndHeaders',
  1: 'Custom',
  2: 'StatusCode',
  3: 'StatusPhrase',
  4: 'RequestUri',
  5: 'CloseConnection',
  6: 'ContentType',
};
/** The format that a header's value has (2.2.3.3.3), by its token. */
export const USUAL_FORMATS: Readonly<Record<number, number>> = {
  [Token.statusCode]: Format.uint16,
  [Token.statusPhrase]: Format.string,
  [Token.requestUri]: Format.string,
  [Token.closeConnection]: Format.void,
  [Token.contentType]: Format.string,
};

/** Encodings of a CountedString (2.2.3.1.2): UTF-16, little endian, or UTF-8. */
export const ENCODINGS: Readonly<Record<number, string>> = { 0: 'UTF-16', 1: 'UTF-8' };
const UTF16 = 0;
export const UTF8 = 1;

const HEADER = field('nrtp.header', 'Header');
const TOKEN = field('nrtp.header.token', 'Token', 'uint16', { names: TOKENS });
const FORMAT = field('nrtp.header.format', 'Data format', 'uint8', { names: FORMATS });
const ENCODING = field('nrtp.string.encoding', 'String encoding', 'uint8', { names: ENCODINGS });
const LENGTH = field('nrtp.string.length', 'String length', 'int32');
const CUSTOM_NAME = field('nrtp.custom.name', 'Name', 'string');
const CUSTOM_VALUE = field('nrtp.custom.value', 'Value', 'string');
const STATUS_CODE = field('nrtp.status_code', 'Status code', 'uint16', { names: { 0: 'Success', 1: 'Error' } });
const STATUS_PHRASE = field('nrtp.status_phrase', 'Status phrase', 'string');
const REQUEST_URI = field('nrtp.request_uri', 'Request URI', 'string');
const CONTENT_TYPE = field('nrtp.content_type', 'Content type', 'string');
const UNKNOWN_TEXT = field('nrtp.unknown.text', 'Unknown header, text', 'string');
const UNKNOWN_NUMBER = field('nrtp.unknown.number', 'Unknown header, number', 'int32');
export const HEADER_FIELDS = [
  HEADER,
  TOKEN,
  FORMAT,
  ENCODING,
  LENGTH,
  CUSTOM_NAME,
  CUSTOM_VALUE,
  STATUS_CODE,
  STATUS_PHRASE,
  REQUEST_URI,
  CONTENT_TYPE,
  UNKNOWN_TEXT,
  UNKNOWN_NUMBER,
];

/** Text as a CountedString says it. */
export interface CountedString {
  readonly encoding: number;
  readonly text: string;
}

/** One header. */
export interface NrtpHeader {
  readonly token: number;
  /** Null for a custom header, which has none. */
  readonly format: number | null;
  /** Of a custom header. */
  readonly name: CountedString | null;
  /** Null where the format says that there is none. */
  readonly value: CountedString | number | null;
}

/** What a header's value is called, where that is known. */
const VALUES: Readonly<Record<number, Field>> = {
  [Token.statusCode]: STATUS_CODE,
  [Token.statusPhrase]: STATUS_PHRASE,
  [Token.requestUri]: REQUEST_URI,
  [Token.contentType]: CONTENT_TYPE,
};

/** Reads one header; null for the one that ends them. */
export function readNrtpHeader(c: Cursor): NrtpHeader | null {
  return c.group(HEADER, readTokenAndValue, null, (h) => (h === null ? 'EndHeaders' : headerText(h)));
}

function readTokenAndValue(c: Cursor): NrtpHeader | null {
  const token = c.u16(TOKEN, (t) => TOKENS[t] ?? 'unknown');
  if (token === Token.end) return null;
  if (token === Token.custom) {
    const name = readString(c, CUSTOM_NAME);
    return { token, format: null, name, value: readString(c, CUSTOM_VALUE) };
  }
  const format = c.u8(FORMAT, (n) => FORMATS[n] ?? 'unknown');
  const usual = USUAL_FORMATS[token] ?? format;
  if (format !== usual)
    c.note('header-format', `${TOKENS[token]} has data format ${format}, where ${FORMATS[usual]} is wanted`);
  return { token, format, name: null, value: readValue(c, format, VALUES[token]) };
}

function readValue(c: Cursor, format: number, f: Field | undefined): NrtpHeader['value'] {
  switch (format) {
    case Format.void:
      return null;
    case Format.string:
      return readString(c, f ?? UNKNOWN_TEXT);
    case Format.byte:
      return c.u8(f ?? UNKNOWN_NUMBER);
    case Format.uint16:
      return c.u16(f ?? UNKNOWN_NUMBER);
    case Format.int32:
      return c.i32(f ?? UNKNOWN_NUMBER);
    default:
      return c.fail(`a header's value of data format ${format}, which there is not: its length is not known`);
  }
}

function readString(c: Cursor, f: Field): CountedString {
  const encoding = c.u8(ENCODING, (n) => ENCODINGS[n] ?? 'unknown');
  if (!(encoding in ENCODINGS))
    c.note('string-encoding', `string encoding ${encoding}, which there is not: read as UTF-8`);
  const length = c.items(c.i32(LENGTH), 1);
  return { encoding, text: encoding === UTF16 ? c.utf16(f, length) : c.utf8(f, length) };
}

/** What a header is called: those of one name are one header. */
function headerName({ token, name }: NrtpHeader): string {
  return name?.text ?? TOKENS[token] ?? `token ${token}`;
}

/** Characters of a name that a message shows. */
const MOST_NAME = 60;

/** Says which headers, of those that mean something, stand more than once. Mono takes the last, as `lastHeader` does. */
export function checkHeaders(c: Cursor, headers: readonly NrtpHeader[]): void {
  const seen = new Map<string, number>();
  const known = headers.filter(({ token }) => token in TOKENS);
  for (const name of known.map(headerName)) seen.set(name, (seen.get(name) ?? 0) + 1);
  for (const [name, count] of seen)
    if (count > 1) c.note('header-twice', `the header ${cut(name, MOST_NAME)} stands ${count} times: the last holds`);
}

/** The value of a header's last sight; null where there is none. */
export function lastHeader(headers: readonly NrtpHeader[], isIt: (h: NrtpHeader) => boolean): NrtpHeader['value'] {
  return headers.findLast(isIt)?.value ?? null;
}

function headerText(header: NrtpHeader): string {
  const { value } = header;
  const said = value === null ? '' : `: ${typeof value === 'number' ? value : value.text}`;
  return `${headerName(header)}${said}`;
}

/** Writes one header, as `readNrtpHeader` reads it; its value is one of its format. */
export function nrtpHeaderBytes({ token, format, name, value }: NrtpHeader): Uint8Array {
  const head = concat(word(token, true), format === null ? [] : [format], name === null ? [] : stringBytes(name));
  if (typeof value === 'number') return concat(head, dword(value, true).subarray(0, SIZES[format ?? Format.void]));
  return value === null ? head : concat(head, stringBytes(value));
}

function stringBytes({ encoding, text }: CountedString): Uint8Array {
  const bytes = encoding === UTF16 ? utf16Bytes(text) : utf8Bytes(text);
  return concat([encoding], dword(bytes.length, true), bytes);
}

/**
 * Length in bytes of the header that begins at `at`; 0 where it cannot be told from what stands up to `end`, -1 where it
 * cannot be one.
 */
export function nrtpHeaderLength(b: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return 0;
  const token = b[at] | (b[at + 1] << 8);
  if (token === Token.end) return 2;
  if (token === Token.custom) {
    const name = stringLength(b, at + 2, end);
    if (name <= 0) return name;
    const value = stringLength(b, at + 2 + name, end);
    return value <= 0 ? value : 2 + name + value;
  }
  if (at + 3 > end) return 0;
  const format = b[at + 2];
  if (format === Format.string) {
    const value = stringLength(b, at + 3, end);
    return value <= 0 ? value : 3 + value;
  }
  const size = SIZES[format] ?? -1;
  return size < 0 ? -1 : 3 + size;
}

function stringLength(b: Uint8Array, at: number, end: number): number {
  if (at + 5 > end) return 0;
  const length = b[at + 1] | (b[at + 2] << 8) | (b[at + 3] << 16) | (b[at + 4] << 24);
  return length < 0 ? -1 : 5 + length;
}
