/** 802.11, the headers that receivers put in front of it, and TZSP, which carries it. */
import { type HeaderKind, layerOfLink } from './layer.js';
import { behind, type Stretch, withoutChecksum, word16 } from './stretch.js';

const little16 = (b: Uint8Array, at: number): number => b[at] | (b[at + 1] << 8);
const little32 = (b: Uint8Array, at: number): number => (little16(b, at) | (little16(b, at + 2) << 16)) >>> 0;
const big32 = (b: Uint8Array, at: number): number => ((word16(b, at) << 16) | word16(b, at + 2)) >>> 0;

/** Version 0, type data, in the lower bits of a frame's kind. */
const DATA = 8;
const QOS = 0x80;
const TO_DS = 1;
const FROM_DS = 2;
const MORE_FRAGMENTS = 4;
const PROTECTED = 0x40;
const ORDER = 0x80;

/** Bytes of the header of an 802.11 data frame of this kind (802.11 9.3.2.1); 0 for frames that carry no data. */
export function wlanHeader(kind: number, flags: number): number {
  // management and control, and data frames that are sent for their flags alone
  if ((kind & 15) !== DATA || (kind & 0x40) !== 0) return 0;
  const isQos = (kind & QOS) !== 0;
  const fourth = (flags & (TO_DS | FROM_DS)) === (TO_DS | FROM_DS) ? 6 : 0;
  return 24 + fourth + (isQos ? 2 : 0) + (isQos && (flags & ORDER) !== 0 ? 4 : 0);
}

/** The lower byte of the QoS control of a data frame (802.11 9.2.4.5); 0 where it has none. */
function qosControl(b: Uint8Array, at: number, kind: number, flags: number): number {
  if ((kind & QOS) === 0) return 0;
  return b[at + wlanHeader(kind, flags) - ((flags & ORDER) !== 0 ? 6 : 2)];
}

/** Whether a data frame says that it holds several. */
export function holdsSeveral(b: Uint8Array, at: number, kind: number, flags: number): boolean {
  return (qosControl(b, at, kind, flags) & 0x80) !== 0;
}

/**
 * Kind and flags of a data frame, the two bytes of its frame control: access points put them into CAPWAP the other way
 * round (Wireshark: `capwap.swap_fc`), where RFC 5416 has them as they are on the air.
 */
export function controlOf(b: Uint8Array, at: number): readonly [kind: number, flags: number] {
  return (b[at] & 15) === DATA ? [b[at], b[at + 1]] : [b[at + 1], b[at]];
}

/** What a fragment of a data frame at `at` says of its place (802.11 9.2.4.4, 10.4). */
export function wlanFragmentOf(b: Uint8Array, at: number): { id: number; number: number; last: boolean } {
  const [kind, flags] = controlOf(b, at);
  const control = little16(b, at + 22);
  // each class of traffic counts for itself
  const traffic = qosControl(b, at, kind, flags) & 15;
  return { id: (traffic << 12) | (control >> 4), number: control & 15, last: (flags & MORE_FRAGMENTS) === 0 };
}

/**
 * A data frame, behind which 802.2 stands unless it is encrypted, a fragment or several in one.
 * @param words what its header is padded to
 */
export function stepWlan(b: Uint8Array, at: number, end: number, s: Stretch, words = 1): HeaderKind | null {
  return stepData(b, at, end, s, b[at], b[at + 1], words);
}

/** The same in CAPWAP. */
export function stepSwappedWlan(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  const [kind, flags] = controlOf(b, at);
  return stepData(b, at, end, s, kind, flags, 1);
}

function stepData(
  b: Uint8Array,
  at: number,
  end: number,
  s: Stretch,
  kind: number,
  flags: number,
  words: number,
): HeaderKind | null {
  if (at + 24 > end) return null;
  const length = wlanHeader(kind, flags);
  if (length === 0 || at + length > end) return null;
  let next: HeaderKind = holdsSeveral(b, at, kind, flags) ? 'amsdu' : 'llc';
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

/** Flags of CAPWAP's header: in its third byte that frames are as the radio has them, in its fourth the others. */
const NATIVE = 1;
const FRAGMENT = 0x80;
const LAST = 0x40;
const KEEP_ALIVE = 8;
const IEEE_802_11 = 1;

/** RFC 5415 4.3: a header of so many words; under DTLS (4.2) all is encrypted. */
export function stepCapwap(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end) return null;
  if (big32(b, at) === 0x01000000) return behind(s, at + 4, end, 'capwap-sealed');
  const length = (b[at + 1] >> 3) << 2;
  if (b[at] !== 0 || length < 8 || (b[at + 3] & KEEP_ALIVE) !== 0) return null;
  return behind(s, at + length, end, (b[at + 3] & FRAGMENT) !== 0 ? 'capwap-fragment' : capwapPayload(b, at));
}

/** What stands behind the header at `at`: a frame of Ethernet, or of the radio. */
export function capwapPayload(b: Uint8Array, at: number): HeaderKind | null {
  if ((b[at + 2] & NATIVE) === 0) return 'eth';
  return ((b[at + 2] >> 1) & 31) === IEEE_802_11 ? 'wlan-swapped' : null;
}

/** What a fragment whose header is at `at` says of its place (RFC 5415 4.3). */
export function capwapFragmentOf(b: Uint8Array, at: number): { id: number; at: number; last: boolean } {
  return { id: word16(b, at + 4), at: word16(b, at + 6) & 0xfff8, last: (b[at + 3] & LAST) !== 0 };
}
