/** Internet Protocol version 4 (RFC 791 3.1). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';

const IP = field('ip', 'Internet Protocol Version 4');
export const VERSION = field('ip.version', 'Version', 'uint8');
const HEADER_LENGTH = field('ip.hdr_len', 'Header Length', 'uint8');
const DSFIELD = field('ip.dsfield', 'Differentiated Services Field', 'uint8', { hex: true });
const DSCP = field('ip.dsfield.dscp', 'Differentiated Services Codepoint', 'uint8');
const ECN = field('ip.dsfield.ecn', 'Explicit Congestion Notification', 'uint8');
const LENGTH = field('ip.len', 'Total Length', 'uint16');
const ID = field('ip.id', 'Identification', 'uint16', { hex: true });
const FLAGS = field('ip.flags', 'Flags', 'uint8', { hex: true });
const RESERVED = field('ip.flags.rb', 'Reserved bit', 'bool');
const DONT_FRAGMENT = field('ip.flags.df', "Don't fragment", 'bool');
const MORE_FRAGMENTS = field('ip.flags.mf', 'More fragments', 'bool');
const FRAGMENT_OFFSET = field('ip.frag_offset', 'Fragment Offset', 'uint16');
const TTL = field('ip.ttl', 'Time to Live', 'uint8');
export const IP_PROTOCOLS: Readonly<Record<number, string>> = {
  0: 'IPv6 Hop-by-Hop Option',
  1: 'ICMP',
  6: 'TCP',
  17: 'UDP',
  43: 'Routing Header for IPv6',
  44: 'Fragment Header for IPv6',
  50: 'Encap Security Payload',
  51: 'Authentication Header',
  58: 'ICMPv6',
  59: 'No Next Header for IPv6',
  60: 'Destination Options for IPv6',
};
const PROTOCOL = field('ip.proto', 'Protocol', 'uint8', { names: IP_PROTOCOLS });
const CHECKSUM = field('ip.checksum', 'Header Checksum', 'uint16', { hex: true });
const SOURCE = field('ip.src', 'Source Address', 'ipv4');
const DESTINATION = field('ip.dst', 'Destination Address', 'ipv4');
const OPTIONS = field('ip.options', 'Options', 'bytes');

/** Fields of IPv4. */
export const IPV4_FIELDS: readonly Field[] = [
  IP,
  VERSION,
  HEADER_LENGTH,
  DSFIELD,
  DSCP,
  ECN,
  LENGTH,
  ID,
  FLAGS,
  RESERVED,
  DONT_FRAGMENT,
  MORE_FRAGMENTS,
  FRAGMENT_OFFSET,
  TTL,
  PROTOCOL,
  CHECKSUM,
  SOURCE,
  DESTINATION,
  OPTIONS,
];
/** One name for both addresses. */
export const IPV4_ALIASES = [
  { field: field('ip.addr', 'Source or Destination Address', 'ipv4'), of: ['ip.src', 'ip.dst'] },
];

/** What the layers above need to know of a network packet. */
export interface NetworkPacket {
  readonly protocol: number;
  /** Bytes behind the headers as the packet claims them. */
  readonly length: number;
  readonly isFragment: boolean;
}

const dotted = (b: Uint8Array): string => `${b[0]}.${b[1]}.${b[2]}.${b[3]}`;

/** Records the header and stands behind it. */
export function dissectIpv4(c: Cursor): NetworkPacket {
  return c.protocol(IP, IPV4_FIELDS, () => readHeader(c));
}

function readHeader(c: Cursor): NetworkPacket {
  const first = c.bits(VERSION, 1, (n) => n >>> 4);
  const headerLength = (first & 15) * 4;
  c.computed(HEADER_LENGTH, headerLength);
  if (first >>> 4 !== 4) c.fail(`an IPv4 header of version ${first >>> 4}`);
  if (headerLength < 20) c.fail(`an IPv4 header of ${headerLength} bytes`);
  const services = c.u8(DSFIELD);
  c.computed(DSCP, services >>> 2);
  c.computed(ECN, services & 3);
  const total = c.u16(LENGTH);
  c.u16(ID);
  const flags = c.bits(FLAGS, 1, (n) => n >>> 5);
  c.computed(RESERVED, (flags & 0x80) !== 0);
  c.computed(DONT_FRAGMENT, (flags & 0x40) !== 0);
  c.computed(MORE_FRAGMENTS, (flags & 0x20) !== 0);
  // its upper five bits stand in the byte of the flags
  const offset = ((flags & 31) << 8) | c.peek();
  c.bits(FRAGMENT_OFFSET, 1, () => offset);
  c.u8(TTL);
  const protocol = c.u8(PROTOCOL);
  c.u16(CHECKSUM);
  const { pos, bytes } = c;
  c.skip(SOURCE, 4, dotted);
  c.skip(DESTINATION, 4, dotted);
  c.tell(() => {
    const [source, destination] = [bytes.subarray(pos, pos + 4), bytes.subarray(pos + 4, pos + 8)];
    return `Internet Protocol Version 4, Src: ${dotted(source)}, Dst: ${dotted(destination)}`;
  });
  if (headerLength > 20) c.skip(OPTIONS, headerLength - 20);
  // segmentation offload leaves the length 0 where the packet is captured before it is cut
  const length = total === 0 ? c.claimedLeft : Math.max(0, total - headerLength);
  return { protocol, length, isFragment: offset !== 0 || (flags & 0x20) !== 0 };
}
