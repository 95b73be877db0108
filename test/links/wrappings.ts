/** Wraps IP packets into every tunnel and link that is understood, as sensors deliver them. */
import { concat, erfRecord, ipv4, ipv6, u16, u32, udp } from '../bytes.js';

/** How one packet of a capture goes into another. */
export interface Wrapping {
  readonly name: string;
  /** The link type of what comes out. */
  readonly link: number;
  /** A frame around an IPv4 packet; `i` counts packets. */
  readonly wrap: (ip: Uint8Array, i: number) => Uint8Array;
  /** Set where tshark 4.0 needs an option, or reads it otherwise: it is not asked. */
  readonly unlikeTshark?: true;
}

type Bytes = Uint8Array | readonly number[];

const MAC_A = [2, 0, 0, 0, 0, 0xa];
const MAC_B = [2, 0, 0, 0, 0, 0xb];
const OUTER_A = '192.0.2.1';
const OUTER_B = '192.0.2.2';
const SIX = (last: number): Uint8Array => concat([0x20, 1, 0x0d, 0xb8], new Uint8Array(11), [last]);

const eth = (type: number, ...parts: Bytes[]): Uint8Array => concat(MAC_A, MAC_B, u16(type), ...parts);
/** The frame that is carried where tunnels carry frames. */
const inner = (ip: Uint8Array): Uint8Array => concat(MAC_B, MAC_A, [8, 0], ip);
const outer = (protocol: number, ...parts: Bytes[]): Uint8Array =>
  eth(0x0800, ipv4(OUTER_A, OUTER_B, protocol, concat(...parts)));
const inUdp = (port: number, ...parts: Bytes[]): Uint8Array =>
  outer(17, udp(50_000 + (port % 100), port, concat(...parts)));
const gre = (flags: number, type: number, ...parts: Bytes[]): Uint8Array => outer(47, u16(flags), u16(type), ...parts);
const llc = (ip: Uint8Array): Uint8Array => concat([0xaa, 0xaa, 3, 0, 0, 0, 8, 0], ip);
/** A data frame to the access point, or with four addresses. */
const wlan = (type: number, flags: number, ...parts: Bytes[]): Uint8Array =>
  concat([type, flags, 44, 0], MAC_A, MAC_B, MAC_A, [0x10, 0x20], ...parts);

/** One packet in fragments of 802.11, three frames of it; `fcs` behind each. `i` is their sequence number. */
export function wlanFragments(ip: Uint8Array, i: number, fcs: Bytes = [], qos: Bytes = []): Uint8Array[] {
  const whole = llc(ip);
  const step = Math.ceil(whole.length / 6) * 2;
  return [0, 1, 2].map((n) =>
    concat(
      [qos.length > 0 ? 0x88 : 8, n < 2 ? 5 : 1, 44, 0],
      MAC_A,
      MAC_B,
      MAC_A,
      u16((i << 4) | n, true),
      qos,
      whole.subarray(n * step, (n + 1) * step),
      fcs,
    ),
  );
}

/** One packet in two fragments of CAPWAP. */
export function capwapFragments(ip: Uint8Array, i: number): Uint8Array[] {
  const whole = wlan(1, 8, llc(ip));
  const at = (whole.length >> 4) << 3;
  const part = (from: number, to: number, flags: number): Uint8Array =>
    inUdp(5247, [0, 0x10, 0x43, flags], u16(i), u16(from), whole.subarray(from, to));
  return [part(0, at, 0x80), part(at, whole.length, 0xc0)];
}
const OTHER = ipv4('192.0.2.7', '192.0.2.8', 17, udp(7007, 7008, new Uint8Array(0)));
const subframe = (ip: Uint8Array, isLast: boolean): Uint8Array => {
  const frame = concat(MAC_B, MAC_A, u16(8 + ip.length), llc(ip));
  return concat(frame, new Uint8Array(isLast ? 0 : -frame.length & 3));
};
const label = (value: number, isLast: boolean): Uint8Array => u32(value * 4096 + (isLast ? 0x100 : 0) + 64);
const radiotap = [0, 0, 8, 0, 0, 0, 0, 0];
const tlv = (type: number, value: Bytes): Uint8Array =>
  concat(u16(4 + value.length, true), u16(type, true), value, new Uint8Array(-value.length & 3));

const VXLAN = [8, 0, 0, 0, 0, 0x12, 0x34, 0];
const TZSP_END = [10, 1, 0xd0, 0, 1];

const IN_ETHERNET: readonly Omit<Wrapping, 'link'>[] = [
  { name: 'VXLAN', wrap: (ip) => inUdp(4789, VXLAN, inner(ip)) },
  { name: 'VXLAN with a group policy', wrap: (ip) => inUdp(4789, [0x88, 8, 0, 7, 0, 0x12, 0x34, 0], inner(ip)) },
  { name: 'VXLAN-GPE', wrap: (ip) => inUdp(4790, [0x0c, 0, 0, 1, 0, 0x12, 0x34, 0], ip) },
  {
    name: 'VXLAN-GPE with NSH',
    wrap: (ip) => inUdp(4790, [0x0c, 0, 0, 4, 0, 0x12, 0x34, 0], [0, 2, 2, 1, 0, 0, 9, 8], ip),
  },
  { name: "Linux' VXLAN", wrap: (ip) => inUdp(8472, VXLAN, inner(ip)), unlikeTshark: true },
  { name: 'GENEVE', wrap: (ip) => inUdp(6081, [0, 0, 0x65, 0x58, 0, 0, 7, 0], inner(ip)) },
  {
    name: 'GENEVE of a gateway load balancer',
    wrap: (ip) =>
      inUdp(
        6081,
        [8, 0, 8, 0, 0, 0, 0, 0],
        [1, 8, 1, 2],
        new Uint8Array(8),
        [1, 8, 2, 2],
        new Uint8Array(8),
        [1, 8, 3, 1, 0, 0, 0, 1],
        ip,
      ),
  },
  { name: 'GRE', wrap: (ip) => gre(0, 0x0800, ip) },
  { name: 'GRE with key, checksum and number', wrap: (ip, i) => gre(0xb000, 0x0800, u32(0), u32(77), u32(i), ip) },
  { name: 'NVGRE', wrap: (ip) => gre(0x2000, 0x6558, u32(0x123400), inner(ip)) },
  { name: 'GRE with MPLS', wrap: (ip) => gre(0, 0x8847, label(3000, true), ip) },
  {
    name: 'PPTP',
    wrap: (ip, i) => gre(0x3081, 0x880b, u16(ip.length + 4), u16(9), u32(i), u32(i), [0xff, 3, 0, 0x21], ip),
  },
  { name: 'WCCP 2', wrap: (ip) => gre(0, 0x883e, [1, 61, 0, 3], ip) },
  { name: 'WCCP 1', wrap: (ip) => gre(0, 0x883e, ip) },
  { name: 'Cisco metadata in GRE', wrap: (ip) => gre(0, 0x8909, [8, 0, 1, 1, 0, 1, 0, 9], ip) },
  { name: 'ERSPAN I', wrap: (ip) => gre(0, 0x88be, inner(ip)) },
  { name: 'ERSPAN II', wrap: (ip, i) => gre(0x1000, 0x88be, u32(i), [0x10, 100, 0x18, 5, 0, 0, 0, 3], inner(ip)) },
  {
    name: 'ERSPAN III',
    wrap: (ip, i) => gre(0x1000, 0x22eb, u32(i), [0x20, 100, 0, 5], u32(12_345), [0, 7, 0x80, 8], inner(ip)),
  },
  {
    name: 'ERSPAN III with a subheader',
    wrap: (ip, i) =>
      gre(0x1000, 0x22eb, u32(i), [0x20, 100, 0, 5], u32(12_345), [0, 7, 0, 1], [0x0c, 0, 0, 0, 0, 0, 0, 0], inner(ip)),
  },
  { name: 'MPLS', wrap: (ip) => eth(0x8847, label(17, false), label(18, true), ip) },
  { name: 'MPLS, multicast', wrap: (ip) => eth(0x8848, label(17, true), ip) },
  {
    name: 'MPLS with a pseudowire',
    wrap: (ip) =>
      eth(0x8847, label(17, true), [0, 0, 0, 1], [0, 0x50, 0x56, 1, 2, 3, 0, 0x50, 0x56, 1, 2, 4, 8, 0], ip),
  },
  {
    name: 'MPLS with a pseudowire without control word',
    wrap: (ip) => eth(0x8847, label(17, true), [0, 0x50, 0x56, 1, 2, 3, 0, 0x50, 0x56, 1, 2, 4, 8, 0], ip),
  },
  { name: 'MPLS in IP', wrap: (ip) => outer(137, label(17, true), ip) },
  { name: 'MPLS in UDP', wrap: (ip) => inUdp(6635, label(17, true), ip) },
  { name: 'PPPoE', wrap: (ip) => eth(0x8864, [0x11, 0, 0, 9], u16(ip.length + 2), [0, 0x21], ip) },
  { name: 'PPPoE with a short protocol', wrap: (ip) => eth(0x8864, [0x11, 0, 0, 9], u16(ip.length + 1), [0x21], ip) },
  {
    name: 'PPPoE with bridged frames',
    wrap: (ip) => eth(0x8864, [0x11, 0, 0, 9], u16(ip.length + 18), [0, 0x31, 0, 1], inner(ip)),
  },
  {
    name: 'PPPoE with multilink PPP',
    wrap: (ip, i) => eth(0x8864, [0x11, 0, 0, 9], u16(ip.length + 8), [0, 0x3d, 0xc0, 0, 0, i], [0, 0x21], ip),
  },
  { name: 'L2TP', wrap: (ip) => inUdp(1701, [0x40, 2], u16(ip.length + 12), [0, 1, 0, 2, 0xff, 3, 0, 0x21], ip) },
  {
    name: 'L2TP with all fields',
    wrap: (ip) =>
      inUdp(1701, [0x4b, 2], u16(ip.length + 20), [0, 1, 0, 2], [0, 3, 0, 4], [0, 2, 9, 9], [0xff, 3, 0, 0x21], ip),
  },
  {
    name: 'Teredo',
    wrap: (ip) =>
      inUdp(3544, [0, 1, 0, 0], new Uint8Array(9), [0, 0, 0xf0, 0xf0, 1, 2, 3, 4], ipv6(SIX(1), SIX(2), 4, ip)),
  },
  { name: 'IP in IP', wrap: (ip) => outer(4, ip) },
  { name: '4in6', wrap: (ip) => eth(0x86dd, ipv6(SIX(1), SIX(2), 4, ip)) },
  { name: 'EtherIP', wrap: (ip) => outer(97, [0x30, 0], inner(ip)) },
  { name: 'authentication header', wrap: (ip) => outer(51, [4, 4, 0, 0], u32(7), u32(8), new Uint8Array(12), ip) },
  { name: 'GTP-U', wrap: (ip) => inUdp(2152, [0x30, 0xff], u16(ip.length), u32(0x1234), ip) },
  {
    name: 'GTP-U with extension headers',
    wrap: (ip, i) => inUdp(2152, [0x36, 0xff], u16(ip.length + 8), u32(0x1234), u16(i), [0, 0x85], [1, 0x10, 9, 0], ip),
  },
  { name: 'GTP-U with Ethernet', wrap: (ip) => inUdp(2152, [0x30, 0xff], u16(ip.length + 14), u32(0x1234), inner(ip)) },
  { name: 'TZSP', wrap: (ip) => inUdp(37_008, [1, 0, 0, 1], TZSP_END, inner(ip)) },
  { name: 'TZSP with 802.11', wrap: (ip) => inUdp(37_008, [1, 0, 0, 18, 1], wlan(8, 1, llc(ip))) },
  { name: 'CAPWAP', wrap: (ip) => inUdp(5247, [0, 0x10, 0x43, 0, 0, 0, 0, 0], wlan(1, 8, llc(ip))) },
  {
    name: 'CAPWAP as RFC 5416 has it',
    wrap: (ip) => inUdp(5247, [0, 0x10, 0x43, 0, 0, 0, 0, 0], wlan(8, 1, llc(ip))),
    unlikeTshark: true,
  },
  {
    name: 'CAPWAP with what the radio said, and QoS',
    wrap: (ip) =>
      inUdp(5247, [0, 0x20, 0x43, 0x20, 0, 0, 0, 0, 4, 0xd0, 0x20, 0, 0x6c, 0, 0, 0], wlan(2, 0x88, [0, 0], llc(ip))),
  },
  { name: 'CAPWAP with Ethernet', wrap: (ip) => inUdp(5247, [0, 0x10, 0x42, 0, 0, 0, 0, 0], inner(ip)) },
  { name: 'Cisco metadata', wrap: (ip) => eth(0x8909, [1, 1, 0, 1, 0, 9, 8, 0], ip) },
  { name: 'VN-Tag', wrap: (ip) => eth(0x8926, [0x40, 7, 0, 9, 8, 0], ip) },
  { name: 'E-Tag', wrap: (ip) => eth(0x893f, [0x20, 3, 0x10, 4, 5, 6, 8, 0], ip) },
  { name: '802.1ad', wrap: (ip) => eth(0x88a8, [0x20, 5, 0x81, 0, 0x20, 6, 8, 0], ip) },
  { name: 'HSR', wrap: (ip, i) => eth(0x892f, u16(0x1000 + ip.length + 6), u16(i), [8, 0], ip) },
  { name: '802.1CB', wrap: (ip, i) => eth(0xf1c1, [0, 0], u16(i), [8, 0], ip) },
  { name: 'jumbo frames', wrap: (ip) => eth(0x8870, llc(ip)) },
  { name: 'bridged frames', wrap: (ip) => eth(24 + ip.length, [0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0], inner(ip)) },
  { name: 'Ethernet in IP', wrap: (ip) => outer(143, inner(ip)) },
  { name: '802.1ah', wrap: (ip) => eth(0x88e7, [0x60, 0, 1, 2], MAC_A, MAC_B, [8, 0], ip) },
  {
    name: 'MACsec in clear',
    wrap: (ip, i) => eth(0x88e5, [0x20, 0], u32(i), MAC_B, [0, 1], [8, 0], ip, new Uint8Array(16)),
  },
  { name: 'MACsec in clear without SCI', wrap: (ip, i) => eth(0x88e5, [0, 0], u32(i), [8, 0], ip, new Uint8Array(16)) },
  { name: 'VLAN in VXLAN', wrap: (ip) => inUdp(4789, VXLAN, MAC_B, MAC_A, [0x81, 0, 0x20, 5, 8, 0], ip) },
  {
    name: 'VXLAN in GRE in IP in IP',
    wrap: (ip) =>
      outer(
        4,
        ipv4(
          '192.0.2.3',
          '192.0.2.4',
          47,
          concat([0, 0, 8, 0], ipv4('192.0.2.5', '192.0.2.6', 17, udp(50_001, 4789, concat(VXLAN, inner(ip))))),
        ),
      ),
  },
];

/** Tunnels in Ethernet. */
export const TUNNELS: readonly Wrapping[] = IN_ETHERNET.map((wrapping) => ({ link: 1, ...wrapping }));

/** Other links. */
export const LINKS: readonly Wrapping[] = [
  { name: 'PPP', link: 9, wrap: (ip) => concat([0xff, 3, 0, 0x21], ip) },
  { name: 'PPP without address', link: 9, wrap: (ip) => concat([0x21], ip) },
  { name: 'PPP in HDLC', link: 50, wrap: (ip) => concat([0xff, 3, 0, 0x21], ip) },
  { name: 'Cisco HDLC as PPP', link: 50, wrap: (ip) => concat([0x0f, 0, 8, 0], ip) },
  { name: 'PPPoE alone', link: 51, wrap: (ip) => concat([0x11, 0, 0, 9], u16(ip.length + 2), [0, 0x21], ip) },
  { name: 'pppd', link: 204, wrap: (ip, i) => concat([i & 1, 0xff, 3, 0, 0x21], ip) },
  { name: 'C-HDLC', link: 104, wrap: (ip) => concat([0x0f, 0, 8, 0], ip) },
  { name: '802.11', link: 105, wrap: (ip) => wlan(8, 1, llc(ip)) },
  { name: '802.11 from the access point', link: 105, wrap: (ip) => wlan(8, 2, llc(ip)) },
  { name: '802.11 among stations', link: 105, wrap: (ip) => wlan(8, 0, llc(ip)) },
  { name: '802.11 with QoS', link: 105, wrap: (ip) => wlan(0x88, 1, [0, 0], llc(ip)) },
  { name: '802.11 with four addresses', link: 105, wrap: (ip) => wlan(0x88, 3, MAC_B, [0, 0], llc(ip)) },
  { name: '802.11 with HT control', link: 105, wrap: (ip) => wlan(0x88, 0x81, [0, 0], u32(0), llc(ip)) },
  {
    name: '802.11 with frames in one',
    link: 105,
    wrap: (ip) => wlan(0x88, 1, [0x80, 0], subframe(OTHER, false), subframe(ip, true)),
  },
  {
    name: '802.11 with frames in one, from the access point',
    link: 105,
    wrap: (ip) => wlan(0x88, 2, [0x80, 0], subframe(OTHER, false), subframe(OTHER, false), subframe(ip, true)),
  },
  {
    name: '802.11 with four addresses and frames in one',
    link: 105,
    wrap: (ip) => wlan(0x88, 3, MAC_B, [0x80, 0], subframe(ip, false), subframe(OTHER, true)),
    // protocols of PDUs stand behind those of all layers here
    unlikeTshark: true,
  },
  { name: 'radiotap', link: 127, wrap: (ip) => concat(radiotap, wlan(8, 1, llc(ip))) },
  {
    name: 'radiotap with a checksum, behind three words',
    link: 127,
    wrap: (ip) =>
      concat(
        [0, 0, 28, 0, 3, 0, 0, 0xa0, 0, 0, 0, 0x80, 0, 0, 0, 0],
        new Uint8Array(8),
        [0x10, 0, 0, 0],
        [...wlan(8, 1, llc(ip)), ...u32(7)],
      ),
  },
  {
    name: 'radiotap with padding between header and body',
    link: 127,
    wrap: (ip) => concat([0, 0, 9, 0, 2, 0, 0, 0, 0x20], wlan(0x88, 1, [0, 0], [0, 0], llc(ip))),
  },
  { name: 'PPI', link: 192, wrap: (ip) => concat([0, 0, 8, 0], u32(105, true), wlan(8, 1, llc(ip))) },
  { name: 'PPI with Ethernet', link: 192, wrap: (ip) => concat([0, 0, 8, 0], u32(1, true), inner(ip)) },
  {
    name: 'Prism',
    link: 119,
    wrap: (ip) => concat(u32(0x44, true), u32(144, true), new Uint8Array(136), wlan(8, 1, llc(ip))),
  },
  { name: 'AVS', link: 163, wrap: (ip) => concat(u32(0x80211001), u32(64), new Uint8Array(56), wlan(8, 1, llc(ip))) },
  { name: 'frame relay', link: 107, wrap: (ip) => concat([0x18, 0x41, 3, 0xcc], ip) },
  { name: 'frame relay with SNAP', link: 107, wrap: (ip) => concat([0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], ip) },
  {
    name: 'frame relay with bridged frames',
    link: 107,
    wrap: (ip) => concat([0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7], inner(ip)),
  },
  {
    name: 'AVS as Prism',
    link: 119,
    wrap: (ip) => concat(u32(0x80211001), u32(64), new Uint8Array(56), wlan(8, 1, llc(ip))),
  },
  { name: 'ATM', link: 100, wrap: llc },
  { name: 'OpenBSD pflog', link: 117, wrap: (ip) => concat([61, 2], new Uint8Array(62), ip) },
  { name: 'IP over InfiniBand', link: 242, wrap: (ip) => concat(new Uint8Array(40), [8, 0, 0, 0], ip) },
  {
    name: 'PKTAP',
    link: 258,
    wrap: (ip) => concat(u32(108, true), u32(1, true), u32(1, true), new Uint8Array(96), inner(ip)),
  },
  { name: 'loopback in network order', link: 0, wrap: (ip) => concat(u32(2), ip) },
  { name: 'OpenBSD enc', link: 109, wrap: (ip) => concat(u32(2), u32(0x1234), u32(0), ip) },
  { name: 'MPLS alone', link: 219, wrap: (ip) => concat(label(17, true), ip), unlikeTshark: true },
  { name: 'NFLOG', link: 239, wrap: (ip) => concat([2, 0, 0, 5], tlv(1, [8, 0, 1, 0]), tlv(10, [65, 0]), tlv(9, ip)) },
  { name: 'cooked 2', link: 276, wrap: (ip) => concat([8, 0, 0, 0], u32(3), [0, 1, 4, 6], MAC_A, [0, 0], ip) },
  { name: 'IP alone', link: 101, wrap: (ip) => ip },
  {
    name: 'cooked, of GRE',
    link: 113,
    wrap: (ip) => concat([0, 4, 3, 10, 0, 4], [192, 0, 2, 1, 0, 0, 0, 0], [8, 0], ip),
  },
  {
    name: 'cooked 2 with radiotap',
    link: 276,
    wrap: (ip) => concat([0, 0x19, 0, 0], u32(3), [3, 0x23, 4, 6], MAC_A, [0, 0], radiotap, wlan(8, 1, llc(ip))),
  },
  { name: 'ERF', link: 197, wrap: (ip, i) => erfRecord(2, [0, 0], inner(ip), { sec: i, lost: i }) },
  {
    name: 'ERF with checksums and extension headers',
    link: 197,
    wrap: (ip, i) =>
      erfRecord(11, [0, 0], concat(inner(ip), u32(0xdeadbeef)), {
        lost: i,
        flags: 5,
        extensions: [
          [3, 1, 2, 3, 4, 5, 6, 7],
          [16, 1, 2, 3, 4, 5, 6, 7],
        ],
      }),
  },
  { name: 'ERF of PPP', link: 197, wrap: (ip) => erfRecord(1, [], concat([0xff, 3, 0, 0x21], ip)) },
  { name: 'ERF of Cisco HDLC', link: 197, wrap: (ip) => erfRecord(10, [], concat([0x0f, 0, 8, 0], ip)) },
  {
    name: 'ERF of frame relay',
    link: 197,
    wrap: (ip) => erfRecord(1, [], concat([0x18, 0x41, 3, 0xcc], ip)),
    // it takes an option for it
    unlikeTshark: true,
  },
  { name: 'ERF of channels', link: 197, wrap: (ip) => erfRecord(5, [0, 1, 0, 0], concat([0xff, 3, 0, 0x21], ip)) },
  { name: 'ERF of IPv4', link: 197, wrap: (ip) => erfRecord(22, [], ip) },
  { name: 'ERF of AAL5', link: 197, wrap: (ip) => erfRecord(4, [], concat(u32(0x123450), llc(ip))) },
  {
    name: 'ERF of AAL5 in channels',
    link: 197,
    wrap: (ip) => erfRecord(9, [0, 0, 0, 7], concat(u32(0x123450), llc(ip))),
  },
  {
    name: 'cooked 2 with a VLAN',
    link: 276,
    wrap: (ip) => concat([0x81, 0, 0, 0], u32(3), [0, 1, 4, 6], MAC_A, [0, 0], [0, 5, 8, 0], ip),
  },
];
