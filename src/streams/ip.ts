/**
 * IPv6 extension headers (RFC 8200 4) and the fragment fields of both versions.
 */
import type { Packet } from '../capture/packet.js';
import type { FragmentIn } from './fragments.js';
import type { IpPacket } from './tcp-flows.js';

/** More extension headers than this in a row mean nothing good. */
const MAX_EXTENSIONS = 16;

/**
 * Walks from the header of kind `next` at `at` to the transport header.
 * @returns its place and protocol; `fragment` is the index of the fragment header before it, -1 without one (then
 *   the walk ended there). Null where the packet ends first.
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
  return null;
}

/** The fragment in an IPv4 packet (RFC 791 3.1). */
export function ipv4Fragment(p: Packet, ip: IpPacket): FragmentIn | null {
  const { bytes, header, start } = ip;
  const fields = (bytes[header + 6] << 8) | bytes[header + 7];
  const protocol = bytes[header + 9];
  const id = (bytes[header + 4] << 8) | bytes[header + 5];
  return fragmentIn(p, ip, {
    key: `4 ${latin1(bytes, header + 12, 8)} ${protocol} ${id}`,
    protocol,
    header: bytes.subarray(header, start),
    at: (fields & 0x1fff) << 3,
    last: (fields & 0x2000) === 0,
  });
}

/** The fragment in an IPv6 packet whose fragment header is at `at` (RFC 8200 4.5). */
export function ipv6Fragment(p: Packet, ip: IpPacket, at: number): FragmentIn | null {
  const { bytes, header } = ip;
  const fields = (bytes[at + 2] << 8) | bytes[at + 3];
  return fragmentIn(p, ip, {
    key: `6 ${latin1(bytes, header + 8, 32)} ${latin1(bytes, at + 4, 4)}`,
    protocol: bytes[at],
    header: bytes.subarray(header, header + 40),
    at: fields & 0xfff8,
    last: (fields & 1) === 0,
  });
}

function fragmentIn(
  p: Packet,
  ip: IpPacket,
  what: Pick<FragmentIn, 'key' | 'protocol' | 'header' | 'at' | 'last'>,
): FragmentIn | null {
  const { bytes, start } = ip;
  const length = ip.end - start;
  const captured = Math.max(0, ip.captured - start);
  // All but the last carry a multiple of 8 bytes.
  if (length <= 0 || (!what.last && (length & 7) !== 0)) return null;
  return { ...what, bytes, start, captured, length, frame: p.number, fileOffset: p.fileOffset + start - p.start };
}

function latin1(b: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...b.subarray(at, at + length));
}
