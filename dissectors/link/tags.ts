/** Tags and labels between a link and IP: MPLS, Cisco metadata, VN-Tag, 802.1BR, 802.1ah, MACsec, NSH. */
import type { Cursor } from '../../src/core/cursor.js';
import { field, type Node } from '../../src/core/node.js';
import { BY_ETHER_TYPE, ETHER_TYPES, macText } from './ethernet.js';
import { bits, bitWord, flag, type LayerHeader, layerHeader, number, raw, skip, when } from './header.js';

const etherType = (name: string) => number(2, name, 'Type', BY_ETHER_TYPE);

/** RFC 3032 2.1: one label of a stack. */
export const MPLS: LayerHeader = layerHeader(
  'mpls',
  'MultiProtocol Label Switching Header',
  bitWord(
    4,
    bits('mpls.label', 'MPLS Label', 'uint32', 12, 20),
    bits('mpls.exp', 'MPLS Experimental Bits', 'uint32', 9, 3),
    bits('mpls.bottom', 'MPLS Bottom Of Label Stack', 'uint32', 8, 1),
    bits('mpls.ttl', 'MPLS TTL', 'uint32', 0, 8),
  ),
);

/** RFC 4448 4.6. */
export const CONTROL_WORD: LayerHeader = layerHeader(
  'pwethcw',
  'PW Ethernet Control Word',
  bitWord(2, bits('pwethcw.cw', 'PW Control Word', 'uint16', 0, 16, true)),
  number(2, 'pwethcw.sequence_number', 'Sequence Number'),
);

const METADATA_PARTS = [
  number(1, 'cmd.version', 'Version'),
  number(1, 'cmd.length', 'Length'),
  number(2, 'cmd.options', 'Options', { hex: true }),
  number(2, 'cmd.sgt', 'SGT'),
];
const METADATA_TYPE = etherType('cmd.type');

/** Cisco metadata, its EtherType behind it. */
export const METADATA: LayerHeader = layerHeader('cmd', 'Cisco MetaData', ...METADATA_PARTS, METADATA_TYPE);

/** The same behind GRE, where the EtherType stands in front. */
export const METADATA_IN_GRE: LayerHeader = layerHeader('cmd', 'Cisco MetaData', METADATA_TYPE, ...METADATA_PARTS);

/** VN-Tag (802.1Qbh). */
export const VN_TAG: LayerHeader = layerHeader(
  'vntag',
  'VN-Tag',
  bitWord(
    4,
    flag('vntag.dir', 'Direction', 31),
    flag('vntag.ptr', 'Pointer', 30),
    bits('vntag.dst', 'Destination', 'uint32', 16, 14),
    flag('vntag.looped', 'Looped', 15),
    bits('vntag.r', 'Reserved', 'uint32', 14, 1),
    bits('vntag.version', 'Version', 'uint32', 12, 2),
    bits('vntag.src', 'Source', 'uint32', 0, 12),
  ),
  etherType('vntag.etype'),
);

/** E-Tag (802.1BR). */
export const E_TAG: LayerHeader = layerHeader(
  'etag',
  '802.1BR E-Tag',
  bitWord(
    2,
    bits('etag.pcp', 'E-PCP', 'uint16', 13, 3),
    bits('etag.dei', 'E-DEI', 'uint16', 12, 1),
    bits('etag.iecid_base', 'Ingress_E-CID_base', 'uint16', 0, 12, true),
  ),
  bitWord(
    2,
    bits('etag.resv', 'Reserved', 'uint16', 14, 2),
    bits('etag.group', 'GRP', 'uint16', 12, 2),
    bits('etag.ecid_base', 'E-CID_base', 'uint16', 0, 12, true),
  ),
  number(1, 'etag.iecid_ext', 'Ingress_E-CID_ext', { hex: true }),
  number(1, 'etag.ecid_ext', 'E-CID_ext', { hex: true }),
  etherType('etag.etype'),
);

/** 802.1ah: the backbone's service tag with the addresses of the customer's frame. */
export const I_TAG: LayerHeader = layerHeader(
  'ieee8021ah',
  'IEEE 802.1ah',
  bitWord(
    4,
    bits('ieee8021ah.priority', 'Priority', 'uint32', 29, 3),
    bits('ieee8021ah.drop', 'DROP', 'uint32', 28, 1),
    bits('ieee8021ah.nca', 'NCA', 'uint32', 27, 1),
    bits('ieee8021ah.res1', 'RES1', 'uint32', 26, 1),
    bits('ieee8021ah.res2', 'RES2', 'uint32', 24, 2),
    bits('ieee8021ah.isid', 'I-SID', 'uint32', 0, 24),
  ),
  raw(6, 'ieee8021ah.cdst', 'C-Destination', macText),
  raw(6, 'ieee8021ah.csrc', 'C-Source', macText),
  etherType('ieee8021ah.etype'),
);

/** The service tag of provider bridges (802.1ad); Wireshark has the EtherType behind it among those of 802.1ah. */
export const SERVICE_TAG: LayerHeader = layerHeader(
  'ieee8021ad',
  'IEEE 802.1ad',
  bitWord(
    2,
    bits('ieee8021ad.priority', 'Priority', 'uint16', 13, 3),
    bits('ieee8021ad.dei', 'DEI', 'uint16', 12, 1),
    bits('ieee8021ad.id', 'ID', 'uint16', 0, 12),
  ),
  etherType('ieee8021ah.etype'),
);

/** IEC 62439-3 5.7: what the rings of plants put in front of frames that go both ways round. */
export const HSR: LayerHeader = layerHeader(
  'hsr',
  'High-availability Seamless Redundancy',
  bitWord(
    2,
    bits('hsr.path', 'Path', 'uint16', 12, 4),
    bits('hsr.netid', 'Network id', 'uint16', 13, 3),
    bits('hsr.laneid', 'Lane id', 'uint16', 12, 1),
    bits('hsr.lsdu_size', 'LSDU size', 'uint16', 0, 12),
  ),
  number(2, 'hsr.sequence_nr', 'Sequence number'),
  number(2, 'hsr.type', 'Type', { hex: true, names: ETHER_TYPES }),
);

/** 802.1CB 7.8: the redundancy tag. */
export const REDUNDANCY_TAG: LayerHeader = layerHeader(
  'ieee8021cb',
  '802.1CB Redundancy Tag',
  skip(2),
  number(2, 'ieee8021cb.seq', 'SEQ', { hex: true }),
  etherType('ieee8021cb.etype'),
);

/** 802.1AE 9.3. */
export const MACSEC: LayerHeader = layerHeader(
  'macsec',
  '802.1AE Security tag',
  bitWord(
    1,
    bits('macsec.AN', 'AN', 'uint8', 0, 2, true),
    bits('macsec.TCI', 'TCI', 'uint8', 2, 6, true),
    bits('macsec.TCI.V', 'VER', 'uint8', 7, 1, true),
    flag('macsec.TCI.ES', 'ES', 6),
    flag('macsec.TCI.SC', 'SC', 5),
    flag('macsec.TCI.SCB', 'SCB', 4),
    flag('macsec.TCI.E', 'E', 3),
    flag('macsec.TCI.C', 'C', 2),
  ),
  number(1, 'macsec.SL', 'Short length'),
  number(4, 'macsec.PN', 'Packet number'),
  when(
    (b, at) => (b[at] & 0x20) !== 0,
    raw(6, 'macsec.SCI.system_identifier', 'System Identifier', macText),
    number(2, 'macsec.SCI.port_identifier', 'Port Identifier'),
  ),
  when((b, at) => (b[at] & 0x0c) === 0, etherType('macsec.etype')),
);

/** The integrity check value behind what MACsec protects (802.1AE 9.2). */
export const ICV = field('macsec.ICV', 'ICV', 'bytes');
const ICV_LENGTH = 16;

/** Records the check value at the end of a frame, where there is room for it behind the packet. */
export function dissectIcv(c: Cursor, node: Node): void {
  if (c.left >= ICV_LENGTH) c.below(node, () => c.skip(ICV, c.left), null);
}

/** RFC 8300 2.2 and 2.3: base and service path; the context behind them is not taken apart. */
export const NSH: LayerHeader = layerHeader(
  'nsh',
  'Network Service Header',
  skip(2),
  number(1, 'nsh.mdtype', 'MD Type'),
  number(1, 'nsh.nextproto', 'Next Protocol'),
  bitWord(4, bits('nsh.spi', 'SPI', 'uint32', 8, 24), bits('nsh.si', 'SI', 'uint32', 0, 8)),
);
