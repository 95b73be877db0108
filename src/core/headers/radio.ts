/** 802.11, the headers that receivers put in front of it, and TZSP, which carries it. */
import { type HeaderKind, layerOfLink } from './layer.js';
import { behind, type Stretch, withoutChecksum, word16 } from './stretch.js';

const little16 = (b: Uint8Array, at: number): number => b[at] | (b[at + 1] << 8);
const little32 = (b: Uint8Array, at: number): number => (little16(b, at) | (little16(b, at + 2) << 16)) >>> 0;
const big32 = (b: Uint8Array, at: number): number => ((word16(b, at) << 16) | word16(b, at + 2)) >>> 0;

const TO_DS = 1;
const FROM_DS = 2;
const MORE_FRAGMENTS = 4;
const PROTECTED = 0x40;
const ORDER = 0x80;

/** Bytes of an 802.11 data frame's header (802.11 9.3.2.1); 0 for frames that carry no data. */
export function wlanHeader(b: Uint8Array, at: number): number {
  const [type, subtype, flags] = [(b[at] >> 2) & 3, b[at] >> 4, b[at + 1]];
  // management and control, and data frames that are sent for their flags alone
  if ((b[at] & 3) !== 0 || type !== 2 || (subtype & 4) !== 0) return 0;
  const isQos = (subtype & 8) !== 0;
  const fourth = (flags & (TO_DS | FROM_DS)) === (TO_DS | FROM_DS) ? 6 : 0;
  return 24 + fourth + (isQos ? 2 : 0) + (isQos && (flags & ORDER) !== 0 ? 4 : 0);
}

/** Whether the QoS control of a data frame with a header of `length` bytes says that it holds several (802.11 9.2.4.5). */
export function holdsSeveral(b: Uint8Array, at: number, length: number): boolean {
  return (b[at] & 0x80) !== 0 && (b[at + length - ((b[at + 1] & ORDER) !== 0 ? 6 : 2)] & 0x80) !== 0;
}

/**
 * A data frame, behind which 802.2 stands unless it is encrypted, a fragment or several in one.
 * @param words what its header is padded to
 */
export function stepWlan(b: Uint8Array, at: number, end: number, s: Stretch, words = 1): HeaderKind | null {
  if (at + 24 > end) return null;
  const length = wlanHeader(b, at);
  if (length === 0 || at + length > end) return null;
  const flags = b[at + 1];
  let next: HeaderKind = holdsSeveral(b, at, length) ? 'amsdu' : 'llc';
  if ((flags & PROTECTED) !== 0) next = 'wlan-protected';
  else if ((flags & MORE_FRAGMENTS) !== 0 || (b[at + 22] & 15) !== 0) next = 'wlan-fragment';
  return behind(s, at + length + (-length & (words - 1)), end, next);
}

/** Bytes in front of each frame in an A-MSDU: two addresses and a length. */
const SUBFRAME = 14;

/** A frame in an A-MSDU: its header begins at `at`, 802.2 behind that, up to `end`, of which `captured` is here. */
interface Subframe {
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly captured: number;
}

/** The frames in one (802.11 9.3.2.2), each but the last padded to words. */
export function subframes(b: Uint8Array, from: number, to: number): Subframe[] {
  const found: Subframe[] = [];
  for (let at = from; at + SUBFRAME < to; ) {
    const start = at + SUBFRAME;
    const end = start + word16(b, start - 2);
    found.push({ at, start, end, captured: Math.min(end, to) });
    at = end + (-(end - at) & 3);
  }
  return found;
}

/** Flags of radiotap: a checksum is there; what is between header and body of the frame pads to words. */
const FCS = 0x10;
const PADDED = 0x20;

/** radiotap.org: the length stands third, and which fields there are in words behind it. */
export function stepRadiotap(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end || b[at] !== 0) return null;
  const length = little16(b, at + 2);
  if (length < 8 || at + length > end) return null;
  const flags = radiotapFlags(b, at, at + length);
  if ((flags & FCS) !== 0) withoutChecksum(s, 4);
  return behind(s, at + length, end, (flags & PADDED) !== 0 ? 'wlan-padded' : 'wlan');
}

/** The second of the fields, behind the last of the words (bit 31: one more) and a time of eight bytes, aligned. */
function radiotapFlags(b: Uint8Array, at: number, end: number): number {
  const present = b[at + 4];
  let to = at + 4;
  while (to + 4 <= end && (b[to + 3] & 0x80) !== 0) to += 4;
  to += 4;
  if ((present & 1) !== 0) to += (-(to - at) & 7) + 8;
  return (present & 2) !== 0 && to < end ? b[to] : 0;
}

const AVS = 0x80211;

/** Prism, in whose place AVS may stand. */
export function stepPrism(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 8 <= end && isAvs(b, at) ? 'avs' : stepRadio(b, at, end, s);
}

const isAvs = (b: Uint8Array, at: number): boolean => big32(b, at) >>> 12 === AVS;

/** Prism: name and length of the message, in the order of the machine; or AVS: version and length in network order. */
export function stepRadio(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end) return null;
  const length = isAvs(b, at) ? big32(b, at + 4) : Math.min(little32(b, at + 4), big32(b, at + 4));
  return length < 8 || length > end - at ? null : behind(s, at + length, end, 'wlan');
}

/** Per-Packet Information: length and the link type of what follows, both with the lowest byte first. */
export function stepPpi(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end || b[at] !== 0) return null;
  const length = little16(b, at + 2);
  const next = layerOfLink(little32(b, at + 4));
  // one in the other leads nowhere
  if (length < 8 || next === undefined || next === 'ppi' || at + length > end) return null;
  if (next === 'wlan' && hasChecksum(b, at + 8, at + length)) withoutChecksum(s, 4);
  return behind(s, at + length, end, next);
}

/** The field of PPI that all 802.11 has (PPI 4.1.2): a time of eight bytes, then flags, of which the lowest says it. */
const COMMON = 2;

function hasChecksum(b: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at + 14 <= end; at += 4 + little16(b, at + 2))
    if (little16(b, at) === COMMON) return (b[at + 12] & 1) !== 0;
  return false;
}

/** Apple's PKTAP (LINKTYPE_PKTAP): its length, a type of record, and the link type of what follows. */
export function stepPktap(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 12 > end) return null;
  const length = little32(b, at);
  const next = layerOfLink(little32(b, at + 8));
  return length < 12 || next === undefined || next === 'pktap' ? null : behind(s, at + length, end, next);
}

/** Link types of TZSP. */
const TZSP: Readonly<Record<number, HeaderKind>> = { 1: 'eth', 18: 'wlan', 119: 'prism', 127: 'avs' };

/** TaZmen Sniffer Protocol, version 1: received packets (type 0, 1) behind tags up to the one that ends them. */
export function stepTzsp(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 5 > end || b[at] !== 1 || b[at + 1] > 1) return null;
  const next = TZSP[word16(b, at + 2)];
  if (next === undefined) return null;
  for (let to = at + 4; to < end; to += b[to] === 0 ? 1 : 2 + b[to + 1])
    if (b[to] === 1) return behind(s, to + 1, end, next);
  return null;
}
