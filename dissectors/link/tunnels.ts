/** Headers of tunnels, and what may stand behind GRE's. */
import { ETHER_TYPES } from './ethernet.js';
import { bits, bitWord, flag, type HeaderPart, type LayerHeader, layerHeader, number, rest, when } from './header.js';

const u16 = (b: Uint8Array, at: number): number => (b[at] << 8) | b[at + 1];

/** RFC 2784, 2890, 1701, 2637. */
export const GRE: LayerHeader = layerHeader(
  'gre',
  'Generic Routing Encapsulation',
  bitWord(
    2,
    bits('gre.flags_and_version', 'Flags and Version', 'uint16', 0, 16, true),
    flag('gre.flags.checksum', 'Checksum Bit', 15),
    flag('gre.flags.routing', 'Routing Bit', 14),
    flag('gre.flags.key', 'Key Bit', 13),
    flag('gre.flags.sequence_number', 'Sequence Number Bit', 12),
    bits('gre.flags.version', 'Version', 'uint16', 0, 3),
  ),
  number(2, 'gre.proto', 'Protocol Type', { hex: true, names: ETHER_TYPES }),
  when(
    (b, at) => (b[at] & 0xc0) !== 0,
    number(2, 'gre.checksum', 'Checksum', { hex: true }),
    number(2, 'gre.offset', 'Offset'),
  ),
  // PPTP has the payload's length and a call there
  when((b, at) => (b[at] & 0x20) !== 0 && (b[at + 1] & 7) === 0, number(4, 'gre.key', 'Key', { hex: true })),
  when(
    (b, at) => (b[at] & 0x20) !== 0 && (b[at + 1] & 7) !== 0,
    number(2, 'gre.key.payload_length', 'Payload Length'),
    number(2, 'gre.key.call_id', 'Call ID'),
  ),
  when((b, at) => (b[at] & 0x10) !== 0, number(4, 'gre.sequence_number', 'Sequence Number')),
  when((b, at) => (b[at + 1] & 0x87) === 0x81, number(4, 'gre.ack_number', 'Acknowledgment Number')),
);

/** The redirect header of WCCP 2. */
export const WCCP: LayerHeader = layerHeader(
  'gre.wccp.redirect_header',
  'Redirect Header',
  when(
    (b, at) => b[at] >> 4 !== 4,
    bitWord(
      1,
      flag('gre.wccp.dynamic_service', 'Dynamic Service', 0),
      flag('gre.wccp.alternative_bucket_used', 'Alternative bucket used', 1),
      flag('gre.wccp.redirect_header_valid', 'WCCP Redirect header is valid', 2),
    ),
    number(1, 'gre.wccp.service_id', 'Service ID'),
    number(1, 'gre.wccp.alternative_bucket', 'Alternative Bucket'),
    number(1, 'gre.wccp.primary_bucket', 'Primary Bucket'),
  ),
);

const version = (b: Uint8Array, at: number): number => b[at] >> 4;
const erspanSession = (second: HeaderPart): readonly HeaderPart[] => [
  bitWord(2, bits('erspan.version', 'Version', 'uint16', 12, 4), bits('erspan.vlan', 'Vlan', 'uint16', 0, 12)),
  second,
];

/** draft-foschiano-erspan 4.2 and 4.3. */
export const ERSPAN: LayerHeader = layerHeader(
  'erspan',
  'Encapsulated Remote Switch Packet ANalysis',
  when(
    (b, at) => version(b, at) === 1,
    ...erspanSession(
      bitWord(
        2,
        bits('erspan.cos', 'COS', 'uint16', 13, 3),
        bits('erspan.encap', 'Encap', 'uint16', 11, 2),
        bits('erspan.truncated', 'Truncated', 'uint16', 10, 1),
        bits('erspan.spanid', 'SpanID', 'uint16', 0, 10),
      ),
    ),
    bitWord(4, bits('erspan.reserved', 'Reserved', 'uint32', 20, 12), bits('erspan.index', 'Index', 'uint32', 0, 20)),
  ),
  when(
    (b, at) => version(b, at) === 2,
    ...erspanSession(
      bitWord(
        2,
        bits('erspan.cos', 'COS', 'uint16', 13, 3),
        bits('erspan.bso', 'Bad/Short/Oversized', 'uint16', 11, 2),
        bits('erspan.truncated', 'Truncated', 'uint16', 10, 1),
        bits('erspan.spanid', 'SpanID', 'uint16', 0, 10),
      ),
    ),
    number(4, 'erspan.timestamp', 'Timestamp'),
    number(2, 'erspan.sgt', 'Security Group Tag'),
    bitWord(
      2,
      bits('erspan.p', 'Has Ethernet PDU', 'uint16', 15, 1),
      bits('erspan.ft', 'Frame Type', 'uint16', 10, 5),
      bits('erspan.hw', 'Hardware ID', 'uint16', 4, 6),
      flag('erspan.direction', 'Direction', 3),
      bits('erspan.gra', 'Timestamp granularity', 'uint16', 1, 2),
      bits('erspan.o', 'Optional Sub headers', 'uint16', 0, 1),
    ),
  ),
);

/** Type I (4.1), of which only GRE tells. */
export const ERSPAN_1: LayerHeader = layerHeader('erspan', 'Encapsulated Remote Switch Packet ANalysis');

/** RFC 3378. */
export const ETHERIP: LayerHeader = layerHeader(
  'etherip',
  'Ethernet over IP',
  bitWord(
    2,
    bits('etherip.ver', 'Version', 'uint16', 12, 4),
    bits('etherip.reserved', 'Reserved', 'uint16', 0, 12, true),
  ),
);

/** RFC 7348 5, with the group policy of draft-smith-vxlan-group-policy. */
export const VXLAN: LayerHeader = layerHeader(
  'vxlan',
  'Virtual eXtensible Local Area Network',
  bitWord(
    2,
    bits('vxlan.flags', 'Flags', 'uint16', 0, 16, true),
    flag('vxlan.flag_g', 'GBP Extension', 15),
    flag('vxlan.flag_i', 'VXLAN Network ID (VNI)', 11),
    flag('vxlan.flag_d', "Don't Learn", 6),
    flag('vxlan.flag_a', 'Policy Applied', 3),
  ),
  number(2, 'vxlan.gbp', 'Group Policy ID'),
  number(3, 'vxlan.vni', 'VXLAN Network Identifier (VNI)'),
  number(1, 'vxlan.reserved8', 'Reserved'),
);

/** draft-ietf-nvo3-vxlan-gpe 3. */
export const VXLAN_GPE: LayerHeader = layerHeader(
  'vxlan',
  'Virtual eXtensible Local Area Network',
  bitWord(
    1,
    bits('vxlan.ver', 'Version', 'uint8', 4, 2),
    bits('vxlan.i_bit', 'Instance', 'uint8', 3, 1),
    bits('vxlan.p_bit', 'Next Protocol Bit', 'uint8', 2, 1),
    bits('vxlan.o_bit', 'OAM bit', 'uint8', 0, 1),
  ),
  number(2, 'vxlan.reserved_16', 'Reserved'),
  number(1, 'vxlan.next_proto', 'Next Protocol'),
  number(3, 'vxlan.vni', 'VXLAN Network Identifier (VNI)'),
  number(1, 'vxlan.reserved8', 'Reserved'),
);

/** RFC 8926 3.4; of its options only the bytes. */
export const GENEVE: LayerHeader = layerHeader(
  'geneve',
  'Generic Network Virtualization Encapsulation',
  bitWord(1, bits('geneve.version', 'Version', 'uint8', 6, 2)),
  bitWord(
    1,
    bits('geneve.flags', 'Flags', 'uint8', 0, 8, true),
    flag('geneve.flags.oam', 'Operations, Administration and Management Frame', 7),
    flag('geneve.flags.critical', 'Critical Options Present', 6),
  ),
  number(2, 'geneve.proto_type', 'Protocol Type', { hex: true, names: ETHER_TYPES }),
  number(3, 'geneve.vni', 'Virtual Network Identifier (VNI)', { hex: true }),
  number(1, 'geneve.reserved', 'Reserved', { hex: true }),
  rest('geneve.options', 'Geneve Options'),
);

/** 3GPP TS 29.281 5.1. */
export const GTP: LayerHeader = layerHeader(
  'gtp',
  'GPRS Tunneling Protocol',
  bitWord(
    1,
    bits('gtp.flags', 'Flags', 'uint8', 0, 8, true),
    bits('gtp.flags.version', 'Version', 'uint8', 5, 3),
    bits('gtp.flags.payload', 'Protocol type', 'uint8', 4, 1),
    flag('gtp.flags.e', 'Is Next Extension Header present?', 2),
    flag('gtp.flags.s', 'Is Sequence Number present?', 1),
    flag('gtp.flags.pn', 'Is N-PDU number present?', 0),
  ),
  number(1, 'gtp.message', 'Message Type', { hex: true }),
  number(2, 'gtp.length', 'Length'),
  number(4, 'gtp.teid', 'TEID', { hex: true }),
);

/** TaZmen Sniffer Protocol; its tags are not taken apart. */
export const TZSP: LayerHeader = layerHeader(
  'tzsp',
  'Tazmen Sniffer Protocol',
  number(1, 'tzsp.version', 'Version'),
  number(1, 'tzsp.type', 'Type'),
  number(2, 'tzsp.encap', 'Encapsulation'),
);

const isClear = (b: Uint8Array, at: number): boolean => b[at] === 0;

/** RFC 5415 4.3; of what stands behind its words only the bytes. */
export const CAPWAP: LayerHeader = layerHeader(
  'capwap.data',
  'Control And Provisioning of Wireless Access Points - Data',
  bitWord(
    1,
    bits('capwap.preamble.version', 'Version', 'uint8', 4, 4),
    bits('capwap.preamble.type', 'Type', 'uint8', 0, 4),
  ),
  when(
    isClear,
    bitWord(
      3,
      bits('capwap.header.length', 'Header Length', 'uint32', 19, 5),
      bits('capwap.header.rid', 'Radio ID', 'uint32', 14, 5),
      bits('capwap.header.wbid', 'Wireless Binding ID', 'uint32', 9, 5),
      flag('capwap.header.flags.t', 'Payload Type', 8),
      flag('capwap.header.flags.f', 'Fragment', 7),
      flag('capwap.header.flags.l', 'Last Fragment', 6),
      flag('capwap.header.flags.w', 'Wireless header', 5),
      flag('capwap.header.flags.m', 'Radio MAC header', 4),
      flag('capwap.header.flags.k', 'Keep-Alive', 3),
    ),
    number(2, 'capwap.header.fragment.id', 'Fragment ID'),
    bitWord(2, bits('capwap.header.fragment.offset', 'Fragment Offset', 'uint16', 3, 13)),
  ),
);

const has = (bit: number) => (b: Uint8Array, at: number) => (u16(b, at) & bit) !== 0;

/** RFC 2661 3.1. */
export const L2TP: LayerHeader = layerHeader(
  'l2tp',
  'Layer 2 Tunneling Protocol',
  bitWord(
    2,
    bits('l2tp.flags', 'Flags', 'uint16', 0, 16, true),
    bits('l2tp.type', 'Type', 'uint16', 15, 1),
    flag('l2tp.length_bit', 'Length Bit', 14),
    flag('l2tp.seq_bit', 'Sequence Bit', 11),
    flag('l2tp.offset_bit', 'Offset bit', 9),
    flag('l2tp.priority', 'Priority', 8),
    bits('l2tp.version', 'Version', 'uint16', 0, 4),
  ),
  when(has(0x4000), number(2, 'l2tp.length', 'Length')),
  number(2, 'l2tp.tunnel', 'Tunnel ID'),
  number(2, 'l2tp.session', 'Session ID'),
  when(has(0x0800), number(2, 'l2tp.Ns', 'Ns'), number(2, 'l2tp.Nr', 'Nr')),
  when(has(0x0200), number(2, 'l2tp.offset', 'Offset')),
);

/** RFC 4380 5.1.1: what may stand in front of the packet. */
export const TEREDO: LayerHeader = layerHeader('teredo', 'Teredo IPv6 over UDP tunneling');
