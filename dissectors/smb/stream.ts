/**
 * How messages of SMB are cut out of TCP: a session service of NetBIOS (RFC 1002 4.3, port 139), or the same four bytes of
 * type and length without the session's setup (MS-SMB2 2.1, port 445).
 */
import { type Measuring, NOT_YET, type StreamProtocol } from '../../src/core/dissector.js';

/** Packet types of the session service (RFC 1002 4.3.1). */
export const Nbss = {
  message: 0x00,
  request: 0x81,
  positive: 0x82,
  negative: 0x83,
  retarget: 0x84,
  keepalive: 0x85,
} as const;

/** Type and length. */
export const NBSS_HEADER = 4;
/** With the four bytes that say which SMB it is. */
const WITH_MAGIC = 8;
/** The shortest message: a header of SMB 1. */
const SHORTEST = 32;
/** Two names without a scope: a length, 32 letters and a zero each. */
const TWO_NAMES = 68;
/** The longest request: names with scopes of 255 bytes. */
const LONGEST_NAMES = 2 * 256;
/** DCE/RPC fragments have at most 65535 bytes; with headers and a few neighbours in a compound no pipe needs more. */
export const LONGEST_OF_PIPES = 72 * 1024;

/** Which SMB a message is of: the first byte of its protocol id, in front of the letters SMB. */
export const Magic = { smb1: 0xff, smb2: 0xfe, sealed: 0xfd, compressed: 0xfc } as const;

/** The same as it stands at `at`; 0 where there is none. */
export function smbMagic(b: Uint8Array, at: number): number {
  const first = b[at];
  return first >= Magic.compressed && b[at + 1] === 0x53 && b[at + 2] === 0x4d && b[at + 3] === 0x42 ? first : 0;
}

/** The length behind the type at `at`. */
export const lengthAt = (b: Uint8Array, at: number): number => (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];

/** A name in the half-ASCII of RFC 1001 14.1: 32 letters from A to P. */
function isName(b: Uint8Array, at: number, end: number): boolean {
  if (b[at] !== 32) return false;
  for (let i = at + 1; i < Math.min(at + 33, end); i++) if (b[i] < 0x41 || b[i] > 0x50) return false;
  return true;
}

function beginsSession(b: Uint8Array, at: number, end: number): boolean {
  if (b[at] !== Nbss.request || lengthAt(b, at) < TWO_NAMES || lengthAt(b, at) > LONGEST_NAMES) return false;
  return end - at >= WITH_MAGIC && isName(b, at + NBSS_HEADER, end);
}

/** READ, WRITE and IOCTL of SMB 2 (MS-SMB2 2.2.1.2), and a pipe's IOCTL (2.2.31). */
const READ = 8;
const WRITE = 9;
const IOCTL = 11;
/** Bytes of a header and of what tells where the data is. */
const TO_DATA = 64 + 8;

/**
 * Whether a long message of SMB 2 may have to do with a pipe: one of a compound, an IOCTL, and data that begins as DCE/RPC
 * does; and one of which too little is here to tell.
 */
function mayBeOfPipe(b: Uint8Array, at: number, end: number): boolean {
  if (end - at < WITH_MAGIC) return true;
  if (smbMagic(b, at + NBSS_HEADER) !== Magic.smb2) return false;
  const start = at + NBSS_HEADER;
  if (end - start < TO_DATA) return true;
  if ((b[start + 20] | b[start + 21] | b[start + 22] | b[start + 23]) !== 0) return true;
  const command = b[start + 12] | (b[start + 13] << 8);
  if (command === IOCTL) return true;
  if (command !== READ && command !== WRITE) return false;
  const isResponse = (b[start + 16] & 1) !== 0;
  if (isResponse !== (command === READ)) return false;
  const data = start + (isResponse ? b[start + 66] : b[start + 66] | (b[start + 67] << 8));
  // version 5, minor version 0 or 1, a type, flags, and how numbers are written (C706 12.6.3.1)
  if (data + 8 > end) return true;
  return b[data] === 5 && b[data + 1] <= 1 && b[data + 2] <= 19 && (b[data + 6] | b[data + 7]) === 0;
}

/** How SMB is found, and cut, whatever its trees are. */
export const SMB_STREAM: StreamProtocol = {
  name: 'smb',
  transport: 'smb',
  carries: 'some',
  // RFC 1002 4.3, MS-SMB2 2.1
  ports: new Set([139, 445]),
  headerLength: NBSS_HEADER,
  surelyBy: WITH_MAGIC,
  maxLength: 0xffffff + NBSS_HEADER,
  opens(b, at, end) {
    if (beginsSession(b, at, end)) return true;
    return b[at] === Nbss.message && end - at >= WITH_MAGIC && lengthAt(b, at) >= SHORTEST && smbMagic(b, at + 4) > 0;
  },
  claims(b, at, end) {
    const length = lengthAt(b, at);
    switch (b[at]) {
      case Nbss.message:
        return length >= SHORTEST && (end - at < WITH_MAGIC || smbMagic(b, at + NBSS_HEADER) > 0);
      case Nbss.request:
        return length <= LONGEST_NAMES && (end - at < WITH_MAGIC || isName(b, at + NBSS_HEADER, end));
      case Nbss.positive:
      case Nbss.keepalive:
        return length === 0;
      case Nbss.negative:
        return length === 1;
      case Nbss.retarget:
        return length === 6;
      default:
        return false;
    }
  },
  mayBegin: (b, at, length) =>
    b[at] === Nbss.request ? length < 2 || b[at + 1] === 0 : b[at] === Nbss.message && (length < 2 || b[at + 1] < 2),
  pduLength(b, at, end, _: Measuring) {
    // four bytes alone are not enough to tell a message from any zeros
    if (b[at] === Nbss.message && end - at < WITH_MAGIC) return NOT_YET;
    if (b[at] === Nbss.message && smbMagic(b, at + NBSS_HEADER) === 0) return 0;
    return NBSS_HEADER + lengthAt(b, at);
  },
  passes: (b, at, end, length) => length > LONGEST_OF_PIPES && !mayBeOfPipe(b, at, end),
};
