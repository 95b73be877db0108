/** Headers of links that are no Ethernet: 802.2, PPP, frame relay, loopback, netfilter's log. */
import { type HeaderKind, layerOfPpp, layerOfVersion } from './layer.js';
import { behind, etherType, type Stretch, word16 } from './stretch.js';

/** 802.2: SNAP with an EtherType (RFC 1042), or the service access point of IP. */
export function stepLlc(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 3 > end || b[at + 2] !== 3) return null;
  if (b[at] === 6 && b[at + 1] === 6) return behind(s, at + 3, end, 'ip');
  if (b[at] !== 0xaa || b[at + 1] !== 0xaa || at + 8 > end) return null;
  return stepSnap(b, at + 3, end, s, 2);
}

/** Frames of Ethernet (RFC 2684 5.2) under the code of 802.1: with their checksums and without. */
const BRIDGED = 0x80c2;
const BRIDGED_ETHERNET = new Set([1, 7]);

/**
 * An organization's code and what it names: EtherTypes where it is zero (RFC 1042) or Cisco's 0000f8.
 * @param padding what stands in front of frames that are bridged
 */
function stepSnap(b: Uint8Array, at: number, end: number, s: Stretch, padding: number): HeaderKind | null {
  if (at + 5 > end) return null;
  const organization = (b[at] << 16) | word16(b, at + 1);
  if (organization === BRIDGED && BRIDGED_ETHERNET.has(word16(b, at + 3)))
    return behind(s, at + 5 + padding, end, 'eth');
  if (organization !== 0 && organization !== 0xf8) return behind(s, at + 5, end, null);
  const type = word16(b, at + 3);
  return type <= 1500 ? behind(s, at + 5, end, null) : etherType(b, at + 3, end, s);
}

/** BSD loopback: the family in the byte order of the machine or of the net; the version of IP says the same. */
export function stepNull(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 5 > end) return null;
  if (b[at] === 0xff && b[at + 1] === 3) return 'ppp';
  return behind(s, at + 4, end, layerOfVersion(b[at + 4]));
}

/** OpenBSD's enc(4): family, SPI, flags. */
export function stepEnc(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 13 > end ? null : behind(s, at + 12, end, layerOfVersion(b[at + 12]));
}

/** Addresses of Cisco HDLC, which stands where PPP is announced now and then. */
export const UNICAST = 0x0f;
export const MULTICAST = 0x8f;

/** RFC 1661 2, RFC 1662 3.1: address and control may be left out, and the protocol be one byte. */
export function stepPpp(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 4 <= end && (b[at] === UNICAST || b[at] === MULTICAST) && b[at + 1] === 0) return 'chdlc';
  const from = b[at] === 0xff ? at + (b[at + 1] === 3 ? 2 : 1) : at;
  if (from + 2 > end) return null;
  return (b[from] & 1) !== 0
    ? behind(s, from + 1, end, layerOfPpp(b[from]))
    : behind(s, from + 2, end, layerOfPpp(word16(b, from)));
}

/** RFC 3518 4.2: flags, of which one says that a LAN's identifier is there, the kind of frame (1: Ethernet), the frame. */
export function stepBridged(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 2 > end || b[at + 1] !== 1) return null;
  return behind(s, at + ((b[at] & 0x40) !== 0 ? 6 : 2), end, 'eth');
}

/** RFC 1990 3: first and last fragment at once is a packet of PPP; numbers are taken for long ones. */
export function stepMultilink(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at >= end) return null;
  return behind(s, at + 4, end, (b[at] & 0xc0) === 0xc0 ? 'ppp' : 'mp-fragment');
}

/** RFC 2427: address of Q.922, control of unnumbered information, and what the NLPID (RFC 2427 4) names. */
export function stepFrameRelay(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  let to = at;
  // the last byte of the address has its lowest bit set; there are two to four
  while (to < at + 4 && to < end && (b[to] & 1) === 0) to++;
  to++;
  if (to < at + 2 || to + 2 > end) return null;
  // Cisco's encapsulation has an EtherType here
  if (b[to] !== 3) return etherType(b, to, end, s);
  to++;
  if (b[to] === 0) to++;
  if (to >= end) return null;
  if (b[to] === 0x80) return stepSnap(b, to + 1, end, s, 0);
  const next: HeaderKind | null = b[to] === 0xcc ? 'ip' : b[to] === 0x8e ? 'ipv6' : b[to] === 0xcf ? 'ppp' : null;
  return behind(s, to + 1, end, next);
}

/** OpenBSD's pflog(4): its length, which is without the padding to words. */
export function stepPflog(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  const to = at + ((b[at] + 3) & ~3);
  return b[at] < 45 || to >= end ? null : behind(s, to, end, layerOfVersion(b[to]));
}

/** The payload among the parts of netfilter's log (LINKTYPE_NFLOG): length, type, value, padded to words. */
const PAYLOAD = 9;

export function stepNflog(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  const found = nflogPayload(b, at, end);
  return found < 0 || found >= end ? null : behind(s, found, end, layerOfVersion(b[found]));
}

/** Where the packet begins; -1 where it is not there. Lengths are in the byte order of the machine. */
function nflogPayload(b: Uint8Array, at: number, end: number): number {
  for (let pos = at + 4; pos + 4 <= end; ) {
    const little = b[pos] | (b[pos + 1] << 8);
    const big = word16(b, pos);
    const isLittle = Math.min(little, big) === little;
    const [length, type] = isLittle ? [little, b[pos + 2] | (b[pos + 3] << 8)] : [big, word16(b, pos + 2)];
    if ((type & 0x7fff) === PAYLOAD) return pos + 4;
    if (length < 4) return -1;
    pos += (length + 3) & ~3;
  }
  return -1;
}
