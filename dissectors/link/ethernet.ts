/** Ethernet (IEEE 802.3) with VLAN tags (802.1Q). */
import type { Cursor } from '../../src/core/cursor.js';
import { MAX_LENGTH } from '../../src/core/headers/layer.js';
import { type Field, field, type Node } from '../../src/core/node.js';
import type { LayerHeader } from './header.js';

const ETH = field('eth', 'Ethernet II');
const DST = field('eth.dst', 'Destination', 'bytes');
const SRC = field('eth.src', 'Source', 'bytes');
/** Names of EtherTypes. */
export const ETHER_TYPES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  33024: '802.1Q Virtual LAN',
  34525: 'IPv6',
  34984: '802.1ad Provider Bridge',
};
/** How fields are shown that say by an EtherType what follows. */
export const BY_ETHER_TYPE: Partial<Field> = { hex: true, names: ETHER_TYPES, ofProtocols: true };
const TYPE = field('eth.type', 'Type', 'uint16', BY_ETHER_TYPE);
const LENGTH = field('eth.len', 'Length', 'uint16');
const PADDING = field('eth.padding', 'Padding', 'bytes');
const TRAILER = field('eth.trailer', 'Trailer', 'bytes');
const CHECKSUM = field('eth.fcs', 'Frame check sequence', 'uint32', { hex: true });
const TAG = field('vlan', '802.1Q Virtual LAN');
const PRIORITY = field('vlan.priority', 'Priority', 'uint16');
const DEI = field('vlan.dei', 'DEI', 'bool');
const VLAN_ID = field('vlan.id', 'ID', 'uint16');
const VLAN_TYPE = field('vlan.etype', 'Type', 'uint16', BY_ETHER_TYPE);
const LOGICAL_LINK = field('llc', 'Logical-Link Control');
const LLC_HEADER = field('llc.header', 'DSAP, SSAP, control', 'bytes');
const LLC_OUI = field('llc.oui', 'Organization Code', 'uint32');
const LLC_PID = field('llc.pid', 'Protocol ID', 'uint16', { hex: true });
/** The organization of 802.1, whose numbers are of frames that are bridged. */
const BRIDGED = 0x80c2;
const LLC_TYPE = field('llc.type', 'Type', 'uint16', { hex: true, names: ETHER_TYPES });

/** One name for both addresses. */
export const ETHERNET_ALIASES = [
  { field: field('eth.addr', 'Source or Destination', 'bytes'), of: ['eth.dst', 'eth.src'] },
];

/** The Ethernet header. */
export const ETHERNET: LayerHeader = {
  group: ETH,
  fields: [ETH, DST, SRC, TYPE, LENGTH, PADDING, TRAILER, CHECKSUM],
  read: (c) => {
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
  },
};

/** A VLAN tag (802.1Q): its control, and the EtherType of what follows. */
export const VLAN: LayerHeader = {
  group: TAG,
  fields: [TAG, PRIORITY, DEI, VLAN_ID, VLAN_TYPE],
  read: (c) => {
    const tag = c.bits(VLAN_ID, 2, (n) => n & 0xfff);
    c.computed(PRIORITY, tag >>> 13);
    c.computed(DEI, (tag & 0x1000) !== 0);
    c.tell(() => `802.1Q Virtual LAN, PRI: ${tag >>> 13}, ID: ${tag & 0xfff}`);
    c.u16(VLAN_TYPE);
  },
};

/** 802.2, with SNAP where it is there (RFC 1042). */
export const LLC: LayerHeader = {
  group: LOGICAL_LINK,
  fields: [LOGICAL_LINK, LLC_HEADER, LLC_OUI, LLC_TYPE, LLC_PID],
  read: (c) => {
    const isSnap = c.peek() === 0xaa;
    c.skip(LLC_HEADER, 3);
    if (!isSnap) return;
    const organization = c.bits(LLC_OUI, 3, (n) => n);
    c.u16(organization === BRIDGED ? LLC_PID : LLC_TYPE);
  },
};

const BEHIND: readonly Field[] = [PADDING, TRAILER, CHECKSUM];
/** The shortest frame without its checksum (802.3 4A.2.3.2.4). */
const MIN_FRAME = 60;

/**
 * What stands behind the network packet: zeros up to the shortest frame, or something that was put there.
 * @param ethernet the frame's Ethernet header, and where it began
 * @param hasChecksum whether the frame was captured with its checksum, which then stands last
 */
export function dissectTrailer(
  c: Cursor,
  { node, start }: { readonly node: Node | null; readonly start: number },
  hasChecksum: boolean,
): void {
  if (c.left === 0 || !c.wantsAny(BEHIND)) return;
  const isWhole = c.claimedLeft === c.left;
  const checksum = hasChecksum && isWhole && c.left >= 4 ? 4 : 0;
  const end = c.end - checksum;
  const isPadding = end - start <= MIN_FRAME && c.bytes.subarray(c.pos, end).every((byte) => byte === 0);
  c.below(
    node,
    () => {
      if (end > c.pos) c.raw(isPadding ? PADDING : TRAILER, end - c.pos);
      if (checksum > 0) c.u32(CHECKSUM);
    },
    null,
  );
}

/** A hardware address as `08:00:27:60:3d:9c`. */
export function macText(b: Uint8Array): string {
  return Array.from(b, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}
