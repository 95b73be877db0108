/**
 * One header further: how long each header in front of IP is, and which comes behind it. What carries a packet of IP or
 * is a transport is not stepped over here: fragments, lengths and conversations belong to who walks (src/streams,
 * dissectors/link).
 */
import { stepErf } from './erf.js';
import { carries, type HeaderKind, layerOfEtherType, layerOfProtocol, layerOfVersion, MAX_LENGTH } from './layer.js';
import {
  stepCapwap,
  stepPktap,
  stepPpi,
  stepPrism,
  stepRadio,
  stepRadiotap,
  stepSwappedWlan,
  stepTzsp,
  stepWlan,
} from './radio.js';
import {
  stepBridged,
  stepEnc,
  stepFrameRelay,
  stepLlc,
  stepMultilink,
  stepNflog,
  stepNull,
  stepPflog,
  stepPpp,
} from './serial.js';
import { behind, etherType, type StepOver, type Stretch, word16 } from './stretch.js';
import {
  layerOfService,
  stepErspan,
  stepGeneve,
  stepGre,
  stepGtp,
  stepL2tp,
  stepTeredo,
  stepVxlan,
  stepVxlanGpe,
} from './tunnel.js';

/** Headers between the first of a frame or a tunnel and its IP header: tags, labels. Nets have one to three. */
export const MAX_HEADERS = 16;
/** Tunnels inside each other that are looked into. */
export const MAX_TUNNELS = 8;

const STEPS: { readonly [L in HeaderKind]?: StepOver } = {
  ah: (b, at, end, s) => (at + 8 > end ? null : behind(s, at + ((b[at + 1] + 2) << 2), end, layerOfProtocol(b[at]))),
  eth: (b, at, end, s) => etherType(b, at + 12, end, s),
  vlan: (b, at, end, s) => etherType(b, at + 2, end, s),
  stag: (b, at, end, s) => etherType(b, at + 2, end, s),
  hsr: (b, at, end, s) => etherType(b, at + 4, end, s),
  rtag: (b, at, end, s) => etherType(b, at + 4, end, s),
  vntag: (b, at, end, s) => etherType(b, at + 4, end, s),
  etag: (b, at, end, s) => etherType(b, at + 6, end, s),
  cmd: (b, at, end, s) => etherType(b, at + 6, end, s),
  // its EtherType stands in front
  'cmd-gre': (b, at, end, s) => (at + 8 > end ? null : behind(s, at + 8, end, layerOfEtherType(word16(b, at)))),
  // backbone service tag (802.1ah): four bytes, then a frame of the customer's
  itag: (b, at, end, s) => etherType(b, at + 16, end, s),
  llc: stepLlc,
  mpls: stepMpls,
  // RFC 4448 4.6
  pwcw: (_, at, end, s) => behind(s, at + 4, end, 'eth'),
  macsec: stepMacsec,
  nsh: stepNsh,
  sll: stepSll,
  sll2: stepSll2,
  null: stepNull,
  enc: stepEnc,
  raw: (b, at, end) => (at < end ? layerOfVersion(b[at]) : null),
  ppp: stepPpp,
  // RFC 2516 4; code 0 is a session's data
  pppoe: (b, at, end, s) => (at + 6 > end || b[at + 1] !== 0 ? null : behind(s, at + 6, end, 'ppp')),
  // the direction stands in front of the protocol, or of address and control
  pppd: (_, at, end, s) => behind(s, at + 1, end, 'ppp'),
  chdlc: (b, at, end, s) => etherType(b, at + 2, end, s),
  fr: stepFrameRelay,
  bcp: stepBridged,
  mp: stepMultilink,
  nflog: stepNflog,
  pflog: stepPflog,
  pktap: stepPktap,
  // the identifiers of both ends (LINKTYPE_IPOIB), then the header of RFC 4391 6
  ipoib: (b, at, end, s) => (at + 44 > end ? null : behind(s, at + 44, end, layerOfEtherType(word16(b, at + 40)))),
  erf: stepErf,
  wlan: stepWlan,
  'wlan-padded': (b, at, end, s) => stepWlan(b, at, end, s, 4),
  'wlan-swapped': stepSwappedWlan,
  radiotap: stepRadiotap,
  prism: stepPrism,
  avs: stepRadio,
  ppi: stepPpi,
  gre: stepGre,
  // WCCP 2 has a redirect header, WCCP 1 none
  wccp: (b, at, end, s) => (at >= end ? null : layerOfVersion(b[at]) === 'ip' ? 'ip' : behind(s, at + 4, end, 'ip')),
  erspan: stepErspan,
  // type I has no header
  'erspan-1': (_, at, end, s) => behind(s, at, end, 'eth'),
  // RFC 3378: version 3
  etherip: (b, at, end, s) => (at + 2 > end || b[at] >> 4 !== 3 ? null : behind(s, at + 2, end, 'eth')),
  vxlan: stepVxlan,
  'vxlan-gpe': stepVxlanGpe,
  geneve: stepGeneve,
  gtp: stepGtp,
  tzsp: stepTzsp,
  l2tp: stepL2tp,
  teredo: stepTeredo,
  capwap: stepCapwap,
};

/** Steps over the header `layer` at `s.start`; null where nothing of ours stands behind it. */
export function step(layer: HeaderKind, s: Stretch): HeaderKind | null {
  const over = STEPS[layer];
  return over === undefined ? null : over(s.bytes, s.start, s.captured, s);
}

/** Whether a datagram of a tunnel's port looks like that tunnel's, and not like another's that has the port by chance. */
export function isTunnel(layer: HeaderKind, bytes: Uint8Array, start: number, captured: number): boolean {
  return step(layer, { bytes, start, captured, end: captured }) !== null;
}

/** RFC 3032 2.1: a label; behind the last of a stack the first nibble tells what is there (RFC 4385 3). */
function stepMpls(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  const to = at + 4;
  if (to >= end) return null;
  if ((b[at + 2] & 1) === 0) return behind(s, to, end, 'mpls');
  return behind(s, to, end, layerOfVersion(b[to]) ?? pseudowire(b, to, end));
}

/** A frame in MPLS (RFC 4448): with a control word, whose first nibble is 0, or without; nothing tells but EtherTypes. */
function pseudowire(b: Uint8Array, at: number, end: number): HeaderKind | null {
  if (carries(b, at + 12, end)) return 'eth';
  return b[at] >> 4 === 0 && carries(b, at + 16, end) ? 'pwcw' : null;
}

/** 802.1AE 9.3: security tag, with the sender's identifier where the flag says so. */
function stepMacsec(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 6 > end) return null;
  const length = (b[at] & 0x20) !== 0 ? 14 : 6;
  // E: encrypted; C: the text was changed
  if ((b[at] & 0x0c) !== 0) return behind(s, at + length, end, 'macsec-sealed');
  return etherType(b, at + length, end, s);
}

/** RFC 8300 2.2: length in words, and what is next in the fourth byte. */
function stepNsh(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end) return null;
  const length = (b[at + 1] & 63) << 2;
  return length < 8 ? null : behind(s, at + length, end, layerOfService(b[at + 3]));
}

/** Linux cooked v1: the protocol stands last in its 16 bytes. */
function stepSll(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 16 > end ? null : behind(s, at + 16, end, cooked(word16(b, at + 2), word16(b, at + 14)));
}

/** Version 2: it stands first in its 20 bytes. */
function stepSll2(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 20 > end ? null : behind(s, at + 20, end, cooked(word16(b, at + 8), word16(b, at)));
}

const COOKED: Readonly<Record<number, HeaderKind>> = { 3: 'eth', 4: 'llc', 7: 'ppp' };

/** The protocol of Linux' cooked captures: an EtherType, or one of its own numbers (linux/if_ether.h). */
function cooked(hardware: number, protocol: number): HeaderKind | null {
  if (hardware === 778 && protocol === 0x88be) return 'erspan-1'; // IP over GRE
  if (hardware === 824) return null; // netlink
  if (hardware === 803 && protocol === 0x19) return 'radiotap';
  return COOKED[protocol] ?? (protocol <= MAX_LENGTH ? null : layerOfEtherType(protocol));
}
