/** Headers of tunnels: what carries packets of one net through another. */
import { carries, type HeaderKind, layerOfEtherType, layerOfVersion } from './layer.js';
import { behind, type Stretch, word16 } from './stretch.js';

const CHECKSUM = 0x8000;
const ROUTING = 0x4000;
const KEY = 0x2000;
const SEQUENCE = 0x1000;
const ACKNOWLEDGEMENT = 0x80;
const ERSPAN = 0x88be;
const CISCO_METADATA = 0x8909;

/** RFC 2784 and 2890, with the routing of RFC 1701 and the acknowledgement of PPTP (RFC 2637 4.1). */
export function stepGre(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 4 > end) return null;
  const flags = word16(b, at);
  const type = word16(b, at + 2);
  let to = at + 4;
  if ((flags & (CHECKSUM | ROUTING)) !== 0) to += 4;
  if ((flags & KEY) !== 0) to += 4;
  if ((flags & SEQUENCE) !== 0) to += 4;
  if ((flags & 7) === 1 && (flags & ACKNOWLEDGEMENT) !== 0) to += 4;
  if ((flags & ROUTING) !== 0) to = behindRoutes(b, to, end);
  // an ERSPAN header is there where frames are numbered, which is no more in type I
  if (type === ERSPAN && (flags & SEQUENCE) === 0) return behind(s, to, end, 'erspan-1');
  return behind(s, to, end, type === CISCO_METADATA ? 'cmd-gre' : type <= 1500 ? null : layerOfEtherType(type));
}

/** Source route entries (RFC 1701): family, offset, length, and an end with all of them zero. */
function behindRoutes(b: Uint8Array, at: number, end: number): number {
  for (let to = at; to + 4 <= end; to += 4 + b[to + 3]) if (word16(b, to) === 0 && b[to + 3] === 0) return to + 4;
  return end + 1;
}

/** draft-foschiano-erspan 4: type II in 8 bytes, type III in 12 and a subheader of 8; what is in it, types tell. */
export function stepErspan(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end) return null;
  const version = b[at] >> 4;
  if (version === 1) return behind(s, at + 8, end, 'eth');
  if (version !== 2 || at + 12 > end) return null;
  const type = (b[at + 10] >> 2) & 31;
  const length = (b[at + 11] & 1) !== 0 ? 20 : 12;
  return behind(
    s,
    at + length,
    end,
    type === 0 ? 'eth' : type !== 2 || at + length >= end ? null : layerOfVersion(b[at + length]),
  );
}

/** RFC 7348 5: the flag says that the network's identifier is there. */
export function stepVxlan(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 8 > end || (b[at] & 8) === 0 ? null : behind(s, at + 8, end, 'eth');
}

/** draft-ietf-nvo3-vxlan-gpe 3: the same with the next protocol. */
export function stepVxlanGpe(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  return at + 8 > end || (b[at] & 8) === 0 ? null : behind(s, at + 8, end, layerOfService(b[at + 3]));
}

/** Next protocols of VXLAN-GPE, which NSH (RFC 8300 2.2) has too. */
export function layerOfService(next: number): HeaderKind | null {
  return ([null, 'ip', 'ipv6', 'eth', 'nsh', 'mpls'] as const)[next] ?? null;
}

/** RFC 8926 3.4: options of as many words as the first byte says. */
export function stepGeneve(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 8 > end || b[at] >> 6 !== 0) return null;
  const type = word16(b, at + 2);
  return type <= 1500 ? null : behind(s, at + 8 + ((b[at] & 63) << 2), end, layerOfEtherType(type));
}

const G_PDU = 0xff;

/** 3GPP TS 29.281 5: version 1, four bytes more where one of three flags is set, then extension headers. */
export function stepGtp(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 9 > end || (b[at] & 0xf0) !== 0x30 || b[at + 1] !== G_PDU) return null;
  let to = at + 8;
  if ((b[at] & 7) !== 0) {
    to += 4;
    if (to >= end) return null;
    // each tells its length in words in front and the next one's kind behind
    for (let next = (b[at] & 4) !== 0 ? b[to - 1] : 0; next !== 0; next = b[to - 1]) {
      if (b[to] === 0) return null;
      to += b[to] << 2;
      if (to >= end) return null;
    }
  }
  // sessions of type Ethernet (3GPP TS 23.501 5.6.10.2): nothing tells but EtherTypes
  return behind(s, to, end, layerOfVersion(b[to]) ?? (carries(b, to + 12, end) ? 'eth' : null));
}

/** RFC 2661 3.1: a message with data and not of control, its optional fields by flags. */
export function stepL2tp(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  if (at + 6 > end) return null;
  const flags = word16(b, at);
  if ((flags & 0x8000) !== 0 || (flags & 0x34ff) !== 2) return null;
  let to = at + 6;
  if ((flags & 0x4000) !== 0) to += 2;
  if ((flags & 0x0800) !== 0) to += 4;
  if ((flags & 0x0200) !== 0) {
    if (to + 2 > end) return null;
    to += 2 + word16(b, to);
  }
  return behind(s, to, end, 'ppp');
}

/** RFC 4380 5.1.1: authentication and origin may stand in front of the IPv6 packet. */
export function stepTeredo(b: Uint8Array, at: number, end: number, s: Stretch): HeaderKind | null {
  let to = at;
  if (to + 4 <= end && word16(b, to) === 1) to += 13 + b[to + 2] + b[to + 3];
  if (to + 8 <= end && word16(b, to) === 0) to += 8;
  return to >= end ? null : layerOfVersion(b[to]) === 'ipv6' ? behind(s, to, end, 'ipv6') : null;
}
