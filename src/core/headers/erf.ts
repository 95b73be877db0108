/**
 * Records of Endace's cards (Endace ERF Types; LINKTYPE_ERF): a header of 16 bytes, extension headers, for some types a
 * header of their own, and the packet as it was on the wire.
 */
import type { HeaderKind } from './layer.js';
import { MULTICAST, UNICAST } from './serial.js';
import { behind, type Stretch, word16 } from './stretch.js';

/** Link type of packets that begin with the header of their record. */
export const ERF_LINK = 197;
/** Bytes of a record up to its extension headers. */
export const ERF_RECORD = 16;
/** Offsets in it of the type, and of the lengths of the record and of what was on the wire. */
export const ERF_TYPE = 8;
export const ERF_RLEN = 10;
export const ERF_WLEN = 14;
/** The bit of a type, and of an extension header, behind which one more extension header stands. */
const MORE = 0x80;

/** What stands behind the headers of a record: those of its type, in bytes, the header of a cell of ATM, and what is next. */
interface Behind {
  readonly own: number;
  readonly cell: number;
  readonly next: HeaderKind | 'hdlc' | null;
}

const packet = (next: Behind['next'], own = 0, cell = 0): Behind => ({ own, cell, next });
const ETHERNET = packet('eth', 2);
const HDLC = packet('hdlc');
const OTHER = packet('erf-other');
const CHANNEL = packet('erf-other', 4);

/** Padding between records. */
export const ERF_PAD = 48;
const TYPES: Readonly<Record<number, Behind>> = {
  1: HDLC,
  2: ETHERNET,
  3: OTHER, // ATM
  4: packet('llc', 0, 4), // AAL5
  5: packet('hdlc', 4),
  6: CHANNEL,
  7: CHANNEL, // ATM
  8: CHANNEL,
  9: packet('llc', 4, 4), // AAL5
  10: HDLC,
  11: ETHERNET,
  12: CHANNEL, // AAL2
  13: OTHER,
  14: OTHER,
  15: HDLC,
  16: ETHERNET,
  17: packet('hdlc', 4),
  18: CHANNEL, // AAL2, not of a channel
  19: HDLC,
  20: ETHERNET,
  21: OTHER, // InfiniBand
  22: packet('ip'),
  23: packet('ipv6'),
  24: OTHER,
  25: OTHER,
  27: packet(null), // what the card says of itself
  28: OTHER,
  29: OTHER,
  [ERF_PAD]: packet(null),
};

/** What the byte of a type names: without its bit for extension headers. */
export function erfType(byte: number): number {
  return byte & ~MORE;
}

/** Whether a type is one that records have. */
export function isErfType(byte: number): boolean {
  return TYPES[erfType(byte)] !== undefined;
}

/** Where the extension headers of a record at `at` end; -1 where they go on behind `end`. */
export function erfExtensions(b: Uint8Array, at: number, end: number): number {
  let to = at + ERF_RECORD;
  if (to > end) return -1;
  for (let type = b[at + ERF_TYPE]; (type & MORE) !== 0; to += 8) {
    if (to + 8 > end) return -1;
    type = b[to];
  }
  return to;
}

/** Bytes in front of the packet of a record at `at`; -1 where they are not all there. */
export function erfHeader(b: Uint8Array, at: number, end: number): number {
  const to = erfExtensions(b, at, end);
  if (to < 0) return -1;
  const { own } = TYPES[erfType(b[at + ERF_TYPE])] ?? OTHER;
  return to + own > end ? -1 : to + own - at;
}

/** A record's headers. */
export function stepErf(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  const length = erfHeader(b, at, end);
  if (length < 0) return null;
  const { cell, next } = TYPES[erfType(b[at + ERF_TYPE])] ?? OTHER;
  const to = at + length + cell;
  return behind(s, to, end, next === 'hdlc' ? hdlc(b, to, end) : next);
}

/** NLPIDs of frame relay (RFC 2427 4) that lead to IP: padding, SNAP, IPv6, IPv4, PPP. */
const NLPIDS: ReadonlySet<number> = new Set([0, 0x80, 0x8e, 0xcc, 0xcf]);

/** Nothing in a record says which HDLC it is: Cisco's is told by its address, and frame relay by what it leads to. */
function hdlc(b: Uint8Array, at: number, end: number): HeaderKind {
  if (at < end && (b[at] === UNICAST || b[at] === MULTICAST)) return 'chdlc';
  const isFrameRelay = at + 4 <= end && (word16(b, at) & 0x0101) === 1 && b[at + 2] === 3 && NLPIDS.has(b[at + 3]);
  return isFrameRelay ? 'fr' : 'ppp';
}
