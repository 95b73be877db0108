/** Linux cooked captures, versions 1 and 2 (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2 of tcpdump.org). */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field, PADDING } from '../../src/core/node.js';
import { BY_ETHER_TYPE, ETHER_TYPES, macText } from './ethernet.js';
import type { LayerHeader } from './header.js';

const SLL = field('sll', 'Linux cooked capture');
const PACKET_TYPE = field('sll.pkttype', 'Packet type', 'uint16', {
  names: {
    0: 'Unicast to us',
    1: 'Broadcast',
    2: 'Multicast',
    3: 'Unicast to another host',
    4: 'Sent by us',
  },
});
const HARDWARE_TYPE = field('sll.hatype', 'Link-layer address type', 'uint16');
const ADDRESS_LENGTH = field('sll.halen', 'Link-layer address length', 'uint16');
const SOURCE = field('sll.src.eth', 'Source', 'bytes');
const SOURCE_IPV4 = field('sll.src.ipv4', 'Source', 'ipv4');
const SOURCE_OTHER = field('sll.src.other', 'Source', 'bytes');
const UNUSED = field('sll.unused', 'Unused', 'bytes');
const TYPE = field('sll.etype', 'Protocol', 'uint16', BY_ETHER_TYPE);
/** Numbers below those of EtherTypes are Linux' own. */
const OWN_TYPE = field('sll.ltype', 'Protocol', 'uint16', { hex: true });
const GRE_TYPE = field('sll.gretype', 'Protocol', 'uint16', { hex: true, names: ETHER_TYPES });
const LAST_OF_LINUX = 1535;
const IP_OVER_GRE = 778;
const INTERFACE = field('sll.ifindex', 'Interface index', 'uint32');

/** Fields of both versions. */
const FIELDS: readonly Field[] = [
  SLL,
  PACKET_TYPE,
  HARDWARE_TYPE,
  ADDRESS_LENGTH,
  SOURCE,
  SOURCE_IPV4,
  SOURCE_OTHER,
  UNUSED,
  TYPE,
  OWN_TYPE,
  GRE_TYPE,
  INTERFACE,
  PADDING,
];

/** The header of version 1. */
export const COOKED: LayerHeader = {
  group: SLL,
  fields: FIELDS,
  read: (c) => {
    c.u16(PACKET_TYPE);
    const hardware = c.u16(HARDWARE_TYPE);
    readAddress(c, c.u16(ADDRESS_LENGTH));
    readType(c, hardware);
  },
};

/** The header of version 2. */
export const COOKED_2: LayerHeader = {
  group: SLL,
  fields: FIELDS,
  read: (c, at) => {
    readType(c, (c.bytes[at + 8] << 8) | c.bytes[at + 9]);
    c.pad(2);
    c.u32(INTERFACE);
    c.u16(HARDWARE_TYPE);
    c.u8(PACKET_TYPE);
    readAddress(c, c.u8(ADDRESS_LENGTH));
  },
};

/** The protocol, whose numbers depend on the hardware. */
function readType(c: Cursor, hardware: number): void {
  const type = (c.peek(0) << 8) | c.peek(1);
  c.u16(hardware === IP_OVER_GRE ? GRE_TYPE : type <= LAST_OF_LINUX ? OWN_TYPE : TYPE);
}

/** Eight bytes, of which as many count as the length says. */
function readAddress(c: Cursor, length: number): void {
  const used = Math.min(length, 8);
  if (used === 4) c.raw(SOURCE_IPV4, used, (b) => b.join('.'));
  else if (used > 0) c.raw(used === 6 ? SOURCE : SOURCE_OTHER, used, macText);
  if (used < 8) c.raw(UNUSED, 8 - used);
}
