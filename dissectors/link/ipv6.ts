/** Internet Protocol version 6 and its extension headers (RFC 8200). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';
import { VERSION as ANY_VERSION, IP_PROTOCOLS, type NetworkPacket } from './ipv4.js';

const IPV6 = field('ipv6', 'Internet Protocol Version 6');
const VERSION = field('ipv6.version', 'Version', 'uint8');
const CLASS = field('ipv6.tclass', 'Traffic Class', 'uint32', { hex: true });
const DSCP = field('ipv6.tclass.dscp', 'Differentiated Services Codepoint', 'uint32');
const ECN = field('ipv6.tclass.ecn', 'Explicit Congestion Notification', 'uint32');
const FLOW = field('ipv6.flow', 'Flow Label', 'uint32', { hex: true });
const LENGTH = field('ipv6.plen', 'Payload Length', 'uint16');
const NEXT = field('ipv6.nxt', 'Next Header', 'uint8', { names: IP_PROTOCOLS });
const HOP_LIMIT = field('ipv6.hlim', 'Hop Limit', 'uint8');
const SOURCE = field('ipv6.src', 'Source Address', 'ipv6');
const DESTINATION = field('ipv6.dst', 'Destination Address', 'ipv6');

/** The fields of one kind of extension header: all but the fragment header look alike. */
interface Extension {
  readonly group: Field;
  readonly next: Field;
  readonly length: Field;
  readonly data: Field;
}

function extension(name: string, label: string): Extension {
  return {
    group: field(`ipv6.${name}`, label),
    next: field(`ipv6.${name}.nxt`, 'Next Header', 'uint8', { names: IP_PROTOCOLS }),
    length: field(`ipv6.${name}.len`, 'Length', 'uint8'),
    data: field(`ipv6.${name}.data`, 'Data', 'bytes'),
  };
}

const EXTENSIONS: Readonly<Record<number, Extension>> = {
  0: extension('hopopts', 'Hop-by-Hop Options'),
  43: extension('routing', 'Routing Header'),
  51: extension('ah', 'Authentication Header'),
  60: extension('dstopts', 'Destination Options'),
  135: extension('mipv6', 'Mobility Header'),
  139: extension('hip', 'Host Identity Protocol'),
  140: extension('shim6', 'Shim6 Protocol'),
};
const FRAGMENT = 44;
const FRAGMENT_HEADER = field('ipv6.fraghdr', 'Fragment Header');
const FRAGMENT_NEXT = field('ipv6.fraghdr.nxt', 'Next header', 'uint8', { names: IP_PROTOCOLS });
const FRAGMENT_RESERVED = field('ipv6.fraghdr.reserved_octet', 'Reserved octet', 'uint8', { hex: true });
const FRAGMENT_OFFSET = field('ipv6.fraghdr.offset', 'Offset', 'uint16');
const FRAGMENT_MORE = field('ipv6.fraghdr.more', 'More Fragments', 'bool');
const FRAGMENT_ID = field('ipv6.fraghdr.ident', 'Identification', 'uint32', { hex: true });

/** Fields of IPv6. */
export const IPV6_FIELDS: readonly Field[] = [
  IPV6,
  VERSION,
  ANY_VERSION,
  CLASS,
  DSCP,
  ECN,
  FLOW,
  LENGTH,
  NEXT,
  HOP_LIMIT,
  SOURCE,
  DESTINATION,
  ...Object.values(EXTENSIONS).flatMap((e) => [e.group, e.next, e.length, e.data]),
  FRAGMENT_HEADER,
  FRAGMENT_NEXT,
  FRAGMENT_RESERVED,
  FRAGMENT_OFFSET,
  FRAGMENT_MORE,
  FRAGMENT_ID,
];
/** One name for both addresses. */
export const IPV6_ALIASES = [
  { field: field('ipv6.addr', 'Source or Destination Address', 'ipv6'), of: ['ipv6.src', 'ipv6.dst'] },
];

/** More extension headers than this in a row mean nothing good. */
const MAX_EXTENSIONS = 16;

/** Records the header and the extension headers, and stands behind them. */
export function dissectIpv6(c: Cursor): NetworkPacket {
  return c.protocol(IPV6, IPV6_FIELDS, () => readHeader(c));
}

function readHeader(c: Cursor): NetworkPacket {
  const word = c.bits(VERSION, 4, (n) => n >>> 28);
  // one name for both versions, as Wireshark has it
  c.computed(ANY_VERSION, word >>> 28);
  if (word >>> 28 !== 6) c.fail(`an IPv6 header of version ${word >>> 28}`);
  c.computed(CLASS, (word >>> 20) & 0xff);
  c.computed(DSCP, (word >>> 22) & 0x3f);
  c.computed(ECN, (word >>> 20) & 3);
  c.computed(FLOW, word & 0xfffff);
  const claimed = c.u16(LENGTH);
  const next = c.u8(NEXT);
  c.u8(HOP_LIMIT);
  c.skip(SOURCE, 16, groupsText);
  c.skip(DESTINATION, 16, groupsText);
  // zero: segmentation offload or a jumbogram, whose length the packet's own has to tell
  const end = c.pos + (claimed === 0 ? c.claimedLeft : claimed);
  const { protocol, isFragment } = readExtensions(c, next);
  return { protocol, isFragment, length: Math.max(0, end - c.pos) };
}

function readExtensions(c: Cursor, first: number): { protocol: number; isFragment: boolean } {
  let kind = first;
  for (let i = 0; i < MAX_EXTENSIONS; i++) {
    if (kind === FRAGMENT) {
      const fragment = c.group(FRAGMENT_HEADER, readFragment, null);
      kind = fragment.next;
      if (fragment.isFragment) return { protocol: kind, isFragment: true };
    } else if (Object.hasOwn(EXTENSIONS, kind)) {
      const at: number = kind;
      kind = c.group(EXTENSIONS[at].group, () => readExtension(c, EXTENSIONS[at], at === 51), null);
    } else return { protocol: kind, isFragment: false };
  }
  c.note('too-many-extensions', `more than ${MAX_EXTENSIONS} extension headers: what follows them is not read`);
  return { protocol: -1, isFragment: false };
}

/** The authentication header counts words and not double words (RFC 4302 2.2). */
function readExtension(c: Cursor, e: Extension, isAuthentication: boolean): number {
  const next = c.u8(e.next);
  const units = c.u8(e.length);
  c.skip(e.data, (isAuthentication ? (units + 2) * 4 : (units + 1) * 8) - 2);
  return next;
}

function readFragment(c: Cursor): { next: number; isFragment: boolean } {
  const next = c.u8(FRAGMENT_NEXT);
  c.u8(FRAGMENT_RESERVED);
  const word = c.bits(FRAGMENT_OFFSET, 2, (n) => n >>> 3);
  c.computed(FRAGMENT_MORE, (word & 1) !== 0);
  c.u32(FRAGMENT_ID);
  // first and last at once (RFC 6946) is no fragment
  return { next, isFragment: (word & 0xfff9) !== 0 };
}

/** RFC 5952: lower case, the longest run of zero groups (two or more, the first of equals) as `::`. */
function groupsText(b: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((b[2 * i] << 8) | b[2 * i + 1]).toString(16));
  let best = { at: 0, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === '0') length++;
    if (length > best.length) best = { at: i, length };
  }
  if (best.length === 1) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
