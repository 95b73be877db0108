/** Links without addresses: PPP and what carries it, Cisco HDLC, frame relay, loopback, netfilter's log. */

import { field } from '../../src/core/node.js';
import { ETHER_TYPES } from './ethernet.js';
import {
  bits,
  bitWord,
  flag,
  type HeaderPart,
  type LayerHeader,
  layerHeader,
  littleNumber,
  number,
  raw,
  when,
} from './header.js';

const isHdlc = (b: Uint8Array, at: number): boolean => b[at] === 0xff && b[at + 1] === 3;

/** RFC 1661 2 and RFC 1662 3.1: address and control, then the protocol, which may be one byte. */
export const PPP: LayerHeader = layerHeader(
  'ppp',
  'Point-to-Point Protocol',
  when(isHdlc, number(1, 'ppp.address', 'Address', { hex: true }), number(1, 'ppp.control', 'Control', { hex: true })),
  protocol('ppp.protocol', 'Protocol'),
);

/** The protocol of PPP: one byte where that is odd. */
function protocol(name: string, label: string): HeaderPart {
  const f = field(name, label, 'uint16', { hex: true });
  return {
    fields: [f],
    read: (c) => {
      c.bits(f, (c.peek() & 1) !== 0 ? 1 : 2, (n) => n);
    },
  };
}

/** pppd's captures: 0 for what was received, others for what was sent; Wireshark counts the other way round. */
export const PPP_DIRECTION: LayerHeader = layerHeader('ppp', 'Point-to-Point Protocol', direction());

function direction(): HeaderPart {
  const f = field('ppp.direction', 'Direction', 'uint8');
  return { fields: [f], read: (c) => c.bits(f, 1, (n) => (n === 0 ? 1 : 0)) };
}

/** RFC 2516 4. */
export const PPPOE: LayerHeader = layerHeader(
  'pppoe',
  'PPP-over-Ethernet',
  bitWord(1, bits('pppoe.version', 'Version', 'uint8', 4, 4), bits('pppoe.type', 'Type', 'uint8', 0, 4)),
  number(1, 'pppoe.code', 'Code', { hex: true }),
  number(2, 'pppoe.session_id', 'Session ID', { hex: true }),
  number(2, 'pppoe.payload_length', 'Payload Length'),
);

/** RFC 1547 4.3.1. */
export const CHDLC: LayerHeader = layerHeader(
  'chdlc',
  'Cisco HDLC',
  number(1, 'chdlc.address', 'Address', { hex: true }),
  number(1, 'chdlc.control', 'Control', { hex: true }),
  number(2, 'chdlc.protocol', 'Protocol', { hex: true, names: ETHER_TYPES }),
);

const isShort = (b: Uint8Array, at: number): boolean => (b[at + 1] & 1) !== 0;

const NLPID = number(1, 'fr.nlpid', 'NLPID', { hex: true });

/** Q.922 addresses of two bytes, control and NLPID (RFC 2427 3, 4). */
export const FRAME_RELAY: LayerHeader = layerHeader(
  'fr',
  'Frame Relay',
  when(
    isShort,
    dlci(),
    when(
      (b, at) => b[at + 2] === 3,
      number(1, 'fr.control', 'Control Field', { hex: true }),
      NLPID,
      // a zero in front of it is padding
      when((b, at) => b[at + 3] === 0, NLPID),
    ),
  ),
);

/** The identifier of the circuit: six bits of the first byte and four of the second. */
function dlci(): HeaderPart {
  const f = field('fr.dlci', 'DLCI', 'uint32');
  return {
    fields: [f],
    read: (c) => {
      c.bits(f, 2, (n) => ((n >> 6) & 0x3f0) | ((n >> 4) & 15));
    },
  };
}

/** RFC 3518 4.2. */
export const BRIDGED: LayerHeader = layerHeader(
  'bcp_bpdu',
  'PPP Bridging Control Protocol Bridged PDU',
  bitWord(
    1,
    bits('bcp_bpdu.flags', 'Flags', 'uint8', 0, 8, true),
    flag('bcp_bpdu.flags.fcs_present', 'LAN FCS present', 7),
    flag('bcp_bpdu.flags.zeropad', '802.3 pad zero-filled', 5),
    flag('bcp_bpdu.flags.bcontrol', 'Bridge control', 4),
    bits('bcp_bpdu.pads', 'Pads', 'uint8', 0, 4),
  ),
  number(1, 'bcp_bpdu.mac_type', 'MAC Type'),
);

/** RFC 1990 3, with long numbers. */
export const MULTILINK: LayerHeader = layerHeader(
  'mp',
  'PPP Multilink Protocol',
  bitWord(
    1,
    bits('mp.frag', 'Fragment', 'uint8', 2, 6, true),
    flag('mp.first', 'First fragment', 7),
    flag('mp.last', 'Last fragment', 6),
  ),
  number(3, 'mp.seq', 'Sequence number'),
);

/** OpenBSD's pflog(4); of what it tells of rules only what all versions have. */
export const PFLOG: LayerHeader = layerHeader(
  'pflog',
  'OpenBSD Packet Filter log file',
  number(1, 'pflog.length', 'Header Length'),
  number(1, 'pflog.af', 'Address Family'),
);

/** Apple's PKTAP; of what it tells of processes nothing. */
export const PKTAP: LayerHeader = layerHeader(
  'pktap',
  'PKTAP packet header',
  littleNumber(4, 'pktap.hdrlen', 'Header length'),
  littleNumber(4, 'pktap.rectype', 'Record type'),
  littleNumber(4, 'pktap.dlt', 'DLT'),
);

/** LINKTYPE_IPOIB: the identifiers in front of IP over InfiniBand's header (RFC 4391 6). */
export const INFINIBAND: LayerHeader = layerHeader(
  'ipoib',
  'IP over Infiniband',
  raw(40, 'ipoib.identifiers', 'Identifiers'),
  number(2, 'ipoib.type', 'Type', { hex: true, names: ETHER_TYPES }),
  number(2, 'ipoib.reserved', 'Reserved', { hex: true }),
);

/** Packets of IP that stand alone. */
export const RAW: LayerHeader = layerHeader('raw', 'Raw packet data');

/** OpenBSD's enc(4). */
export const ENC: LayerHeader = layerHeader(
  'enc',
  'OpenBSD Encapsulating device',
  number(4, 'enc.af', 'Address Family'),
  number(4, 'enc.spi', 'SPI', { hex: true }),
  number(4, 'enc.flags', 'Flags', { hex: true }),
);

/** LINKTYPE_NFLOG; of the parts in front of the packet only the bytes. */
export const NFLOG: LayerHeader = layerHeader(
  'nflog',
  'Linux Netfilter NFLOG',
  number(1, 'nflog.family', 'Family'),
  number(1, 'nflog.version', 'Version'),
  number(2, 'nflog.res_id', 'Resource id'),
);

const FAMILY = field('null.family', 'Family', 'uint32');

/** BSD loopback: the family in the order of the machine that captured, or of the net. */
export const LOOPBACK: LayerHeader = layerHeader('null', 'Null/Loopback', {
  fields: [FAMILY],
  read: (c) => {
    const family = c.peek32();
    c.littleEndian = family < 0 || family > 0xffff;
    c.u32(FAMILY);
    c.littleEndian = false;
  },
});
