/** The frame of a .NET remoting message over TCP (MS-NRTP 2.2.3.3): cut out of a stream, and read. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Measuring, NOT_YET, type StreamProtocol } from '../../src/core/dissector.js';
import { field } from '../../src/core/node.js';
import type { Range } from '../../src/core/source.js';
import { checkHeaders, HEADER_FIELDS, type NrtpHeader, nrtpHeaderLength, readNrtpHeader } from './headers.js';

/** OperationType. */
export const Operation = { request: 0, oneWay: 1, reply: 2 } as const;
const OPERATIONS: Readonly<Record<number, string>> = { 0: 'Request', 1: 'One-way request', 2: 'Reply' };
/** ContentDistribution. */
const DISTRIBUTIONS: Readonly<Record<number, string>> = { 0: 'Not chunked', 1: 'Chunked' };
export const CHUNKED = 1;
/** More headers and chunks than anybody writes: what is behind them is not read, as each takes many times its bytes. */
const MOST_HEADERS = 1000;
const MOST_CHUNKS = 1 << 16;

const NRTP = field('nrtp', '.NET Remoting');
const PROTOCOL_ID = field('nrtp.protocol_id', 'Protocol id', 'bytes');
const MAJOR = field('nrtp.version.major', 'Major version', 'uint8');
const MINOR = field('nrtp.version.minor', 'Minor version', 'uint8');
const OPERATION = field('nrtp.operation', 'Operation type', 'uint16', { names: OPERATIONS });
const DISTRIBUTION = field('nrtp.distribution', 'Content distribution', 'uint16', { names: DISTRIBUTIONS });
const CONTENT_LENGTH = field('nrtp.content_length', 'Content length', 'int32');
const CHUNK_SIZE = field('nrtp.chunk_size', 'Chunk size', 'int32');
const CHUNK_END = field('nrtp.chunk_delimiter', 'Chunk delimiter', 'bytes');
const CONTENT = field('nrtp.content', 'Content', 'bytes');
export const NRTP_FIELDS = [
  NRTP,
  PROTOCOL_ID,
  MAJOR,
  MINOR,
  OPERATION,
  DISTRIBUTION,
  CONTENT_LENGTH,
  CHUNK_SIZE,
  CHUNK_END,
  CONTENT,
  ...HEADER_FIELDS,
];

/** How messages are cut out of a TCP stream. No port is fixed: it is told by how it begins. */
export const NRTP_STREAM: StreamProtocol = {
  name: 'nrtp',
  transport: 'nrtp_tcp',
  headerLength: 10,
  maxLength: 0x7fffffff,
  opens: claims,
  claims,
  mayBegin: (b, at, length) => PREAMBLE.every((byte, i) => i >= length || b[at + i] === byte),
  pduLength(b, at, end, measuring) {
    const isChunked = b[at + 8] === CHUNKED;
    if (measuring.at === 0) measuring.at = isChunked ? 10 : 14;
    if (measuring.state === IN_HEADERS) {
      const ended = passHeaders(b, at, end, measuring);
      if (ended <= 0) return ended === 0 ? NOT_YET : 0;
      if (!isChunked) return length32(b, at + 10) < 0 ? 0 : measuring.at + length32(b, at + 10);
      measuring.state = IN_CHUNKS;
    }
    for (;;) {
      if (at + measuring.at + 4 > end) return NOT_YET;
      const size = length32(b, at + measuring.at);
      if (size < 0) return 0;
      measuring.at += 4 + size + 2;
      if (size === 0) return measuring.at;
    }
  },
};

/** ".NET", version 1.0. */
export const PREAMBLE = [0x2e, 0x4e, 0x45, 0x54, 1, 0];
const IN_HEADERS = 0;
const IN_CHUNKS = 1;

function claims(b: Uint8Array, at: number): boolean {
  for (let i = 0; i < PREAMBLE.length; i++) if (b[at + i] !== PREAMBLE[i]) return false;
  return b[at + 6] <= Operation.reply && b[at + 7] === 0 && b[at + 8] <= CHUNKED && b[at + 9] === 0;
}

/** Goes on behind the headers: 1 where their end is here, 0 where it is not, -1 where there is something else. */
function passHeaders(b: Uint8Array, at: number, end: number, measuring: Measuring): number {
  for (;;) {
    const from = at + measuring.at;
    const length = nrtpHeaderLength(b, from, end);
    if (length <= 0) return length;
    measuring.at += length;
    if (length === 2) return 1;
    if (from + length > end) return 0;
  }
}

function length32(b: Uint8Array, at: number): number {
  return b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
}

/** A message as far as it was read. */
export interface NrtpMessage {
  /** Null where not even that could be read. */
  operation: number | null;
  readonly headers: NrtpHeader[];
  /** Sizes of its chunks, without the 0 that ends them; null where the content is in one piece. */
  chunks: number[] | null;
  /** Where its content lies: its chunks, as far as they were captured. */
  readonly parts: Range[];
  /** Whether it was read to its end. */
  isWhole: boolean;
}

/** Reads a message of `length` bytes; whatever goes wrong, what was read before stays. */
export function readNrtp(c: Cursor, length: number): NrtpMessage {
  const m: NrtpMessage = { operation: null, headers: [], chunks: null, parts: [], isWhole: false };
  c.littleEndian = true;
  c.frame(NRTP, length, readFrame, m);
  return m;
}

function readFrame(c: Cursor, m: NrtpMessage): void {
  c.raw(PROTOCOL_ID, 4, '.NET');
  c.u8(MAJOR);
  c.u8(MINOR);
  m.operation = c.u16(OPERATION, (n) => OPERATIONS[n] ?? 'unknown');
  const isChunked = c.u16(DISTRIBUTION, (n) => DISTRIBUTIONS[n] ?? 'unknown') === CHUNKED;
  const length = isChunked ? 0 : c.i32(CONTENT_LENGTH);
  c.tell(OPERATIONS[m.operation] ?? `operation ${m.operation}`);
  for (let h = readNrtpHeader(c); h !== null; h = readNrtpHeader(c)) {
    if (m.headers.length === MOST_HEADERS) c.limit(`more than ${MOST_HEADERS} headers: the rest is not read`);
    m.headers.push(h);
  }
  checkHeaders(c, m.headers);
  if (isChunked) {
    m.chunks = [];
    for (let size = c.i32(CHUNK_SIZE); size !== 0; size = c.i32(CHUNK_SIZE)) {
      if (m.chunks.length === MOST_CHUNKS) c.limit(`more than ${MOST_CHUNKS} chunks: the rest is not read`);
      m.chunks.push(size);
      readContent(c, size, m);
      readDelimiter(c);
    }
    readDelimiter(c);
  } else readContent(c, length, m);
  m.isWhole = true;
}

function readDelimiter(c: Cursor): void {
  const at = c.pos;
  const bytes = c.raw(CHUNK_END, 2, (b) => (isDelimiter(b) ? '\\r\\n' : 'not \\r\\n'));
  if (!isDelimiter(bytes)) c.note('chunk-delimiter', 'behind the data of a chunk stands no CRLF', at);
}

const isDelimiter = (bytes: Uint8Array): boolean => bytes[0] === 13 && bytes[1] === 10;

/** Content goes on in a source of its own, as much as there is of it. */
function readContent(c: Cursor, length: number, m: NrtpMessage): void {
  if (length < 0) c.fail(`a content length of ${length}`);
  m.parts.push({ source: c.source, start: c.pos, end: Math.min(c.pos + length, c.end) });
  c.carry(CONTENT, length);
}
