/** The framing of NegotiateStream (MS-NNS 2.2): messages cut out of a stream, and read. */
import { latin1Bytes } from '../../src/core/bytes.js';
import type { Cursor } from '../../src/core/cursor.js';
import { NOT_YET, type StreamProtocol } from '../../src/core/dissector.js';
import { field } from '../../src/core/node.js';
import { dissectAuthToken, type Opened, wrapTokenLength } from '../../src/security/index.js';
import { statusName } from '../names/hresult.js';

/** MessageId of a handshake message (2.2.1). */
export const MessageId = { done: 0x14, error: 0x15, inProgress: 0x16 } as const;
const MESSAGE_IDS: Readonly<Record<number, string>> = {
  20: 'Handshake done',
  21: 'Handshake error',
  22: 'Handshake in progress',
};
const HANDSHAKE_HEADER = 5;
const DATA_HEADER = 4;
/** A data message has at most so many bytes behind its size (2.2.2), and more than a signature. */
const MOST_DATA = 0xfc30;
const LEAST_DATA = 17;

const NNS = field('nns', 'NegotiateStream');
const MESSAGE_ID = field('nns.handshake.message_id', 'Message id', 'uint8', { hex: true, names: MESSAGE_IDS });
const MAJOR = field('nns.handshake.version.major', 'Major version', 'uint8');
const MINOR = field('nns.handshake.version.minor', 'Minor version', 'uint8');
const LENGTH = field('nns.handshake.length', 'Payload length', 'uint16');
const TOKEN = field('nns.handshake.token', 'Token');
const ERROR_TOP = field('nns.handshake.error_top', 'Error, upper half', 'uint32', { hex: true });
const ERROR = field('nns.handshake.error', 'Error', 'uint32', { hex: true });
const PAYLOAD_SIZE = field('nns.payload_size', 'Payload size', 'uint32');
const SIGNATURE = field('nns.signature', 'Signature');
const SEALED = field('nns.sealed_data', 'Sealed data', 'bytes');
const DATA = field('nns.data', 'Data', 'bytes');
const CHECKSUM = field('nns.checksum', 'Checksum', 'bytes');
const UNFRAMED = field('nns.unframed', 'Unframed data', 'bytes');
export const NNS_FIELDS = [
  NNS,
  MESSAGE_ID,
  MAJOR,
  MINOR,
  LENGTH,
  TOKEN,
  ERROR_TOP,
  ERROR,
  PAYLOAD_SIZE,
  SIGNATURE,
  SEALED,
  DATA,
  CHECKSUM,
  UNFRAMED,
];

/**
 * How messages are cut out of a TCP stream. Nothing in a message says where in the exchange it stands: its first bytes
 * tell what it is.
 * @param inner what follows unframed where only the authentication was wanted
 */
export function nnsStream(inner: StreamProtocol): StreamProtocol {
  return {
    name: 'nns',
    transport: 'nns',
    carries: 'all',
    headerLength: HANDSHAKE_HEADER,
    maxLength: inner.maxLength,
    opens,
    claims: (b, at, end) => kindAt(b, at, end) !== 'inner' || inner.mayBegin(b, at, end - at),
    mayBegin: (b, at, length) => VERSIONED.some((start) => agrees(start, b, at, at + length)),
    pduLength(b, at, end, measuring, connection) {
      const kind = kindAt(b, at, end);
      if (kind === 'handshake') return HANDSHAKE_HEADER + handshakeSize(b, at);
      if (kind === 'data') return DATA_HEADER + dataSize(b, at);
      if (kind === 'unsure') return NOT_YET;
      if (end - at < inner.headerLength) return NOT_YET;
      return inner.claims(b, at, end) ? inner.pduLength(b, at, end, measuring, connection) : 0;
    },
  };
}

/** What a message is; `inner`: nothing of NegotiateStream. */
export type MessageKind = 'handshake' | 'data' | 'inner';

/** Handshake messages that may come first, in version 1.0. */
const VERSIONED = [Uint8Array.of(MessageId.inProgress, 1, 0), Uint8Array.of(MessageId.done, 1, 0)];
const NTLMSSP = latin1Bytes('NTLMSSP\0');
/** First bytes of tokens: SPNEGO and framed Kerberos, NTLMSSP, SPNEGO's answers, bare messages of Kerberos. */
const TOKEN_STARTS: ReadonlySet<number> = new Set([0x60, NTLMSSP[0], 0xa0, 0xa1, 0x6e, 0x6f, 0x7e]);
/** First bytes of protected data: NTLM's signature, Wrap tokens of RFC 4121 and of RFC 4757. */
const WRAPPED_STARTS = [Uint8Array.of(1, 0, 0, 0), Uint8Array.of(5, 4), Uint8Array.of(0x60)];

const handshakeSize = (b: Uint8Array, at: number): number => (b[at + 3] << 8) | b[at + 4];
const dataSize = (b: Uint8Array, at: number): number =>
  (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;

/** What begins at `at`, of which at least five bytes are here; `unsure` where it takes one more to tell. */
function kindAt(b: Uint8Array, at: number, end: number): MessageKind | 'unsure' {
  if (b[at] >= MessageId.done && b[at] <= MessageId.inProgress && b[at + 1] === 1 && b[at + 2] === 0) {
    const size = handshakeSize(b, at);
    if (size === 0 || (b[at] === MessageId.error && (size === 4 || size === 8))) return 'handshake';
    // a data message of 0x114 to 0x116 bytes begins in the same way
    if (end - at <= HANDSHAKE_HEADER) return 'unsure';
    if (TOKEN_STARTS.has(b[at + HANDSHAKE_HEADER])) return 'handshake';
  }
  const size = dataSize(b, at);
  if (size < LEAST_DATA || size > MOST_DATA) return 'inner';
  return WRAPPED_STARTS.some((start) => agrees(start, b, at + DATA_HEADER, end)) ? 'data' : 'inner';
}

/** Whether bytes from `at` on begin so, as far as they are here. */
function agrees(start: Uint8Array, b: Uint8Array, at: number, end: number): boolean {
  for (let i = 0; i < start.length && at + i < end; i++) if (start[i] !== b[at + i]) return false;
  return true;
}

/** Clients begin with a token of SPNEGO or NTLM. The header may come alone: .NET writes it apart. */
function opens(b: Uint8Array, at: number, end: number): boolean {
  const size = handshakeSize(b, at);
  if (!VERSIONED.some((start) => agrees(start, b, at, end)) || size < NTLMSSP.length) return false;
  const token = at + HANDSHAKE_HEADER;
  return agrees(NTLMSSP, b, token, end) || agrees(derStart(size), b, token, end);
}

/** How a token of GSS-API of so many bytes begins: its tag and length (RFC 2743 section 3.1). */
function derStart(size: number): Uint8Array {
  if (size < 0x82) return Uint8Array.of(0x60, size - 2);
  return size < 0x103 ? Uint8Array.of(0x60, 0x81, size - 3) : Uint8Array.of(0x60, 0x82, (size - 4) >> 8, size - 4);
}

/** What a whole PDU is. */
export function messageKind(bytes: Uint8Array): MessageKind {
  const kind = kindAt(bytes, 0, bytes.length);
  return kind === 'unsure' ? 'handshake' : kind;
}

/** The token of a handshake message; null in others, and where its end was not captured. */
export function tokenOf(bytes: Uint8Array): Uint8Array | null {
  const end = HANDSHAKE_HEADER + handshakeSize(bytes, 0);
  return bytes[0] === MessageId.error || end > bytes.length ? null : bytes.subarray(HANDSHAKE_HEADER, end);
}

/** What a data message holds as the mechanism wrapped it. */
export const payloadOf = (bytes: Uint8Array): Uint8Array => bytes.subarray(DATA_HEADER);

/** What a handshake message says, for people. */
export function handshakeText(bytes: Uint8Array): string {
  const size = handshakeSize(bytes, 0);
  const text = MESSAGE_IDS[bytes[0]];
  if (bytes[0] !== MessageId.error || size < 4 || bytes.length < HANDSHAKE_HEADER + size) return text;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `${text}: ${statusName(view.getUint32(HANDSHAKE_HEADER + size - 4))}`;
}

/** Reads a handshake message (2.2.1); numbers are big endian. */
export function readHandshake(c: Cursor, length: number, opened: Opened | undefined): void {
  c.frame(NNS, length, () => {
    c.littleEndian = false;
    const id = c.u8(MESSAGE_ID, (n) => MESSAGE_IDS[n]);
    c.u8(MAJOR);
    c.u8(MINOR);
    const size = c.u16(LENGTH);
    c.tell(MESSAGE_IDS[id]);
    if (size === 0) return;
    if (id !== MessageId.error) c.frame(TOKEN, size, () => dissectAuthToken(c, SPNEGO_AUTH, opened));
    else {
      // .NET makes 64 bits of the code, with its sign
      if (size > 4) c.u32(ERROR_TOP);
      c.u32(ERROR, statusName);
    }
  });
}

/** auth_type of SPNEGO: its tokens may be another mechanism's own, too. */
export const SPNEGO_AUTH = 9;

/** Where the clear data of a message lies in its own bytes: it then goes on from there. */
export interface DataPlace {
  readonly start: number;
  readonly end: number;
}

/** Reads a data message (2.2.2): the mechanism's signature, and what goes on in another source. */
export function readData(c: Cursor, length: number, place: DataPlace | null, opened: Opened | undefined): void {
  c.frame(NNS, length, () => {
    c.littleEndian = true;
    c.frame(null, c.u32(PAYLOAD_SIZE), () => {
      const signature = Math.min(wrapTokenLength(c.bytes.subarray(c.pos, c.end)), c.left);
      c.frame(SIGNATURE, signature, () => dissectAuthToken(c, SPNEGO_AUTH, opened));
      c.carry(place === null ? SEALED : DATA, (place?.end ?? c.claimed) - c.pos);
      if (c.left > 0) c.raw(CHECKSUM, c.left);
    });
    c.tell(place === null ? 'Sealed data' : 'Data');
  });
}

/** Reads what is not framed. */
export function readUnframed(c: Cursor, length: number): void {
  c.frame(NNS, length, () => {
    c.tell('Data without frames');
    c.carry(UNFRAMED, length);
  });
}

/** Reads what was decrypted: it goes on in a stream of its own. */
export const readClear = (c: Cursor): void => c.carry(DATA, c.left);
