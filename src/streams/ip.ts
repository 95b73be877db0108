/**
 * IPv6 extension headers (RFC 8200 4), the fragment fields of both versions, and those of what else comes in fragments.
 */
import type { Packet } from '../capture/packet.js';
import { capwapFragmentOf, capwapPayload, wlanFragmentOf } from '../core/headers/radio.js';
import type { Addresses, FragmentIn, Fragments } from './fragments.js';
import type { IpPacket } from './types.js';

/** More extension headers than this in a row mean nothing good. */
const MAX_EXTENSIONS = 16;

/**
 * Walks from the header of kind `next` at `at` to the transport header.
 * @returns its place and protocol; `fragment` is the index of the fragment header before it, -1 without one (then
 *   the walk ended there). Protocol -1 behind too many headers. Null where the packet ends first.
 */
export function walkExtensions(
  b: Uint8Array,
  at: number,
  end: number,
  next: number,
): { start: number; protocol: number; fragment: number } | null {
  let pos = at;
  let kind = next;
  for (let i = 0; i < MAX_EXTENSIONS; i++) {
    if (kind === 44) {
      if (pos + 8 > end) return null;
      const fields = (b[pos + 2] << 8) | b[pos + 3];
      // An atomic fragment (RFC 6946), first and last at once, is none.
      if ((fields & 0xfff9) !== 0) return { start: pos + 8, protocol: b[pos], fragment: pos };
      kind = b[pos];
      pos += 8;
      continue;
    }
    // Hop-by-hop, routing, destination, mobility, HIP, shim6: length in units of 8 behind the first 8 bytes.
    const isPlain = kind === 0 || kind === 43 || kind === 60 || kind === 135 || kind === 139 || kind === 140;
    if (!isPlain && kind !== 51) return { start: pos, protocol: kind, fragment: -1 };
    if (pos + 8 > end) return null;
    const length = isPlain ? (b[pos + 1] + 1) << 3 : (b[pos + 1] + 2) << 2;
    kind = b[pos];
    pos += length;
  }
  return { start: pos, protocol: -1, fragment: -1 };
}

const V4: Addresses = { at: 12, length: 8 };
const V6: Addresses = { at: 8, length: 32 };
/** Receiver, transmitter (802.11 9.3.2.1). */
const WLAN: Addresses = { at: 4, length: 12 };
const WLAN_HEADER = 24;

/** Reads the fragment fields of an IPv4 packet (RFC 791 3.1); false where they make no sense. */
export function ipv4Fragment(f: FragmentIn, p: Packet, ip: IpPacket): boolean {
  const { bytes, header, start } = ip;
  const fields = (bytes[header + 6] << 8) | bytes[header + 7];
  f.protocol = bytes[header + 9];
  f.id = (bytes[header + 4] << 8) | bytes[header + 5];
  f.headerLength = start - header;
  f.at = (fields & 0x1fff) << 3;
  f.last = (fields & 0x2000) === 0;
  return fill(f, p, ip);
}

/** The same for an IPv6 packet whose fragment header is at `at` (RFC 8200 4.5). */
export function ipv6Fragment(f: FragmentIn, p: Packet, ip: IpPacket, at: number): boolean {
  const { bytes } = ip;
  const fields = (bytes[at + 2] << 8) | bytes[at + 3];
  f.protocol = bytes[at];
  f.id = (bytes[at + 4] << 24) | (bytes[at + 5] << 16) | (bytes[at + 6] << 8) | bytes[at + 7];
  f.headerLength = 40;
  f.at = fields & 0xfff8;
  f.last = (fields & 1) === 0;
  return fill(f, p, ip);
}

/** A fragment of CAPWAP whose header is at `at`: the addresses of IP around it tell whose it is. */
export function capwapFragment(f: FragmentIn, p: Packet, ip: IpPacket, at: number): boolean {
  const { id, at: place, last } = capwapFragmentOf(ip.bytes, at);
  f.protocol = 0;
  f.id = id;
  f.at = place;
  f.last = last;
  f.headerLength = ip.version === 4 ? 20 : 40;
  const isSane = fill(f, p, ip);
  f.carries = capwapPayload(ip.bytes, at);
  return isSane && f.carries !== null;
}

/** A fragment of 802.11 whose header is at `at`; it tells its number, and `all` where its place is. */
export function wlanFragment(f: FragmentIn, p: Packet, ip: IpPacket, at: number, all: Fragments): boolean {
  const { id, number, last } = wlanFragmentOf(ip.bytes, at);
  f.protocol = 0;
  f.id = id;
  f.last = true;
  const isSane = fill(f, p, ip);
  f.last = last;
  f.header = at;
  f.headerLength = WLAN_HEADER;
  f.addresses = WLAN;
  f.carries = 'llc';
  return isSane && all.place(f, number);
}

function fill(f: FragmentIn, p: Packet, ip: IpPacket): boolean {
  const { start } = ip;
  f.bytes = ip.bytes;
  f.version = ip.version;
  f.addresses = ip.version === 4 ? V4 : V6;
  f.carries = null;
  f.header = ip.header;
  f.start = start;
  f.captured = Math.max(0, ip.captured - start);
  f.length = ip.end - start;
  f.frame = p.number;
  f.sec = p.sec;
  f.fileOffset = p.fileOffset + start - p.start;
  // All but the last carry a multiple of 8 bytes.
  return f.length > 0 && (f.last || (f.length & 7) === 0);
}

/** A fragment whose fields are to be filled. */
export function emptyFragment(): FragmentIn {
  return {
    bytes: new Uint8Array(0),
    version: 4,
    header: 0,
    headerLength: 0,
    addresses: V4,
    id: 0,
    protocol: 0,
    carries: null,
    start: 0,
    captured: 0,
    length: 0,
    at: 0,
    last: false,
    frame: 0,
    sec: 0,
    fileOffset: 0,
  };
}
