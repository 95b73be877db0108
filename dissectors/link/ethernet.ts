/** Ethernet (IEEE 802.3) with VLAN tags (802.1Q). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field, type Node } from '../../src/core/node.js';

const ETH = field('eth', 'Ethernet II');
const DST = field('eth.dst', 'Destination', 'bytes');
const SRC = field('eth.src', 'Source', 'bytes');
export const ETHER_TYPES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  33024: '802.1Q Virtual LAN',
  34525: 'IPv6',
  34984: '802.1ad Provider Bridge',
};
const TYPE = field('eth.type', 'Type', 'uint16', { hex: true, names: ETHER_TYPES });
const LENGTH = field('eth.len', 'Length', 'uint16');
const PADDING = field('eth.padding', 'Padding', 'bytes');
const TRAILER = field('eth.trailer', 'Trailer', 'bytes');
const VLAN = field('vlan', '802.1Q Virtual LAN');
const PRIORITY = field('vlan.priority', 'Priority', 'uint16');
const DEI = field('vlan.dei', 'DEI', 'bool');
const VLAN_ID = field('vlan.id', 'ID', 'uint16');
const VLAN_TYPE = field('vlan.etype', 'Type', 'uint16', { hex: true, names: ETHER_TYPES });
const LLC = field('llc', 'Logical-Link Control');
const LLC_HEADER = field('llc.header', 'DSAP, SSAP, control', 'bytes');
const LLC_OUI = field('llc.oui', 'Organization Code', 'uint32');
const LLC_TYPE = field('llc.type', 'Type', 'uint16', { hex: true, names: ETHER_TYPES });

/** Fields of Ethernet and what may stand between it and IP. */
export const ETHERNET_FIELDS: readonly Field[] = [
  ETH,
  DST,
  SRC,
  TYPE,
  LENGTH,
  PADDING,
  TRAILER,
  VLAN,
  PRIORITY,
  DEI,
  VLAN_ID,
  VLAN_TYPE,
  LLC,
  LLC_HEADER,
  LLC_OUI,
  LLC_TYPE,
];
/** One name for both addresses. */
export const ETHERNET_ALIASES = [
  { field: field('eth.addr', 'Source or Destination', 'bytes'), of: ['eth.dst', 'eth.src'] },
];

/** EtherTypes of tags, which another EtherType follows. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** Tags in front of a payload that are read: nets have one to three, and each is a node with four below it. */
const MAX_TAGS = 16;
/** Up to here the field holds a length (802.3 3.2.6). */
const MAX_LENGTH = 1500;

/** Records the Ethernet header and tags. The EtherType of what follows, -1 where it is none; and the layer's node. */
export function dissectEthernet(c: Cursor): { type: number; node: Node | null } {
  const head = c.protocol(ETH, ETHERNET_FIELDS, () => {
    const { pos, bytes } = c;
    c.skip(DST, 6, macText);
    c.skip(SRC, 6, macText);
    const type = (c.peek(0) << 8) | c.peek(1);
    if (type >= 0 && type <= MAX_LENGTH) c.u16(LENGTH);
    else c.u16(TYPE);
    c.tell(() => {
      const [src, dst] = [bytes.subarray(pos + 6, pos + 12), bytes.subarray(pos, pos + 6)];
      return `Ethernet II, Src: ${macText(src)}, Dst: ${macText(dst)}`;
    });
    return { type, node: c.here };
  });
  return { ...head, type: dissectEtherType(c, head.type) };
}

/** Goes on behind an EtherType: over tags and LLC to the EtherType that says what the payload is. */
export function dissectEtherType(c: Cursor, first: number): number {
  let type = first;
  for (let tags = 0; TAGS.has(type); tags++) {
    if (tags === MAX_TAGS) {
      c.note('too-many-tags', `more than ${MAX_TAGS} VLAN tags: what follows them is not read`);
      return -1;
    }
    type = c.group(
      VLAN,
      () => {
        const tag = c.bits(VLAN_ID, 2, (n) => n & 0xfff);
        c.computed(PRIORITY, tag >>> 13);
        c.computed(DEI, (tag & 0x1000) !== 0);
        c.tell(() => `802.1Q Virtual LAN, PRI: ${tag >>> 13}, ID: ${tag & 0xfff}`);
        return c.u16(VLAN_TYPE);
      },
      null,
    );
  }
  if (type > MAX_LENGTH) return type;
  return c.peek(0) === 0xaa && c.peek(1) === 0xaa && c.peek(2) === 3 ? dissectSnap(c) : -1;
}

const BEHIND: readonly Field[] = [PADDING, TRAILER];
/** The shortest frame without its checksum (802.3 4A.2.3.2.4). */
const MIN_FRAME = 60;

/** What stands behind the network packet: zeros up to the shortest frame, or something that was put there. */
export function dissectTrailer(c: Cursor, node: Node | null): void {
  if (c.left === 0 || !c.wantsAny(BEHIND)) return;
  const padding = c.end <= MIN_FRAME && c.bytes.subarray(c.pos, c.end).every((byte) => byte === 0);
  c.below(node, () => c.raw(padding ? PADDING : TRAILER, c.left), null);
}

/** 802.2 with SNAP (RFC 1042). */
function dissectSnap(c: Cursor): number {
  return c.group(
    LLC,
    () => {
      c.skip(LLC_HEADER, 3);
      const oui = c.bits(LLC_OUI, 3, (n) => n);
      const type = c.u16(LLC_TYPE);
      return oui !== 0 ? -1 : type;
    },
    null,
  );
}

/** A hardware address as `08:00:27:60:3d:9c`. */
export function macText(b: Uint8Array): string {
  return Array.from(b, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
