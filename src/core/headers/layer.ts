/**
 * Which headers may stand in front of TCP and UDP, and what names them: link types (tcpdump.org/linktypes.html),
 * EtherTypes (IEEE 802), protocols of IP (IANA), of PPP (IANA) and ports of UDP. The streams go by these tables, and the
 * trees of frames.
 */

/** A header, or what stands behind one and cannot be looked into (`OPAQUE`). */
export type HeaderKind =
  // network and transport
  | 'ip'
  | 'ipv6'
  | 'ah'
  | 'tcp'
  | 'udp'
  // Ethernet and its tags
  | 'eth'
  | 'vlan'
  | 'stag'
  | 'hsr'
  | 'rtag'
  | 'llc'
  | 'mpls'
  | 'pwcw'
  | 'cmd'
  | 'cmd-gre'
  | 'vntag'
  | 'etag'
  | 'itag'
  | 'macsec'
  | 'nsh'
  // links of other kinds
  | 'sll'
  | 'sll2'
  | 'null'
  | 'enc'
  | 'raw'
  | 'ppp'
  | 'pppoe'
  | 'pppd'
  | 'bcp'
  | 'mp'
  | 'chdlc'
  | 'fr'
  | 'nflog'
  | 'pflog'
  | 'pktap'
  | 'ipoib'
  | 'erf'
  // radio
  | 'wlan'
  | 'wlan-padded'
  | 'wlan-swapped'
  | 'wlan-fragment'
  | 'radiotap'
  | 'prism'
  | 'avs'
  | 'ppi'
  | 'amsdu'
  // tunnels
  | 'gre'
  | 'wccp'
  | 'erspan'
  | 'erspan-1'
  | 'etherip'
  | 'vxlan'
  | 'vxlan-gpe'
  | 'geneve'
  | 'gtp'
  | 'tzsp'
  | 'l2tp'
  | 'teredo'
  | 'capwap'
  | 'capwap-fragment'
  | OpaqueLayer;

/** What is there and cannot be looked into, in words that follow "are". */
export const OPAQUE = {
  esp: 'IPsec ESP, which is encrypted',
  'wlan-protected': 'protected 802.11, which is encrypted',
  'capwap-sealed': 'CAPWAP under DTLS, which is encrypted',
  'macsec-sealed': 'MACsec, which is encrypted',
  'ppp-packed': 'PPP that is compressed or encrypted',
  'mp-fragment': 'fragments of multilink PPP, which are not put together',
  'erf-other': 'ERF records of cells, counters or links that carry no IP',
} as const;

export type OpaqueLayer = keyof typeof OPAQUE;

/** Why a packet whose next layer this is goes no further; undefined where it does. */
export function whyOpaque(layer: HeaderKind): string | undefined {
  return Object.hasOwn(OPAQUE, layer) ? OPAQUE[layer as OpaqueLayer] : undefined;
}

/** Link types that are understood. */
const LINKS: Readonly<Record<number, HeaderKind>> = {
  0: 'null',
  1: 'eth',
  9: 'ppp',
  11: 'llc',
  12: 'raw',
  14: 'raw',
  50: 'ppp',
  51: 'pppoe',
  100: 'llc',
  101: 'raw',
  104: 'chdlc',
  105: 'wlan',
  107: 'fr',
  108: 'null',
  109: 'enc',
  113: 'sll',
  117: 'pflog',
  119: 'prism',
  127: 'radiotap',
  163: 'avs',
  166: 'pppd',
  192: 'ppi',
  197: 'erf',
  204: 'pppd',
  219: 'mpls',
  228: 'ip',
  229: 'ipv6',
  239: 'nflog',
  242: 'ipoib',
  258: 'pktap',
  276: 'sll2',
};

/** The first header of a packet of this link type; undefined where the type is not understood. */
export function layerOfLink(link: number): HeaderKind | undefined {
  return LINKS[link];
}

/** Up to here an EtherType is the length of what follows (802.3 3.2.6). */
export const MAX_LENGTH = 1500;

const ETHER_TYPES: Readonly<Record<number, HeaderKind>> = {
  2048: 'ip', // 0x0800
  8939: 'erspan', // 0x22eb: ERSPAN III
  25944: 'eth', // 0x6558: transparent Ethernet bridging
  33024: 'vlan', // 0x8100
  34525: 'ipv6', // 0x86dd
  34827: 'ppp', // 0x880b
  34878: 'wccp', // 0x883e
  34887: 'mpls', // 0x8847
  34888: 'mpls', // 0x8848
  34916: 'pppoe', // 0x8864: session
  34928: 'llc', // 0x8870: jumbo frames
  34984: 'stag', // 0x88a8
  35006: 'erspan', // 0x88be: ERSPAN I and II
  35045: 'macsec', // 0x88e5
  35047: 'itag', // 0x88e7
  35081: 'cmd', // 0x8909
  35110: 'vntag', // 0x8926
  35119: 'hsr', // 0x892f
  35135: 'etag', // 0x893f
  35151: 'nsh', // 0x894f
  37120: 'vlan', // 0x9100
  61889: 'rtag', // 0xf1c1
};

/** What an EtherType names; a length says that 802.2 follows. Null where it is nothing that carries IP. */
export function layerOfEtherType(type: number): HeaderKind | null {
  return type <= MAX_LENGTH ? 'llc' : (ETHER_TYPES[type] ?? null);
}

/** Whether an EtherType that leads to IP stands at `at`: what tells a frame where nothing else does. */
export function carries(b: Uint8Array, at: number, end: number): boolean {
  const type = (b[at] << 8) | b[at + 1];
  return at + 2 <= end && type > MAX_LENGTH && layerOfEtherType(type) !== null;
}

const PROTOCOLS: Readonly<Record<number, HeaderKind>> = {
  4: 'ip',
  6: 'tcp',
  17: 'udp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  97: 'etherip',
  137: 'mpls',
  143: 'eth', // RFC 8986 4.9
};

/** What a protocol of IP (or the next header of IPv6) names. */
export function layerOfProtocol(protocol: number): HeaderKind | null {
  return PROTOCOLS[protocol] ?? null;
}

const PPP_PROTOCOLS: Readonly<Record<number, HeaderKind>> = {
  33: 'ip', // 0x0021
  45: 'ppp-packed', // 0x002d, 0x002f: headers compressed (RFC 1144)
  47: 'ppp-packed',
  49: 'bcp', // 0x0031
  61: 'mp', // 0x003d
  83: 'ppp-packed', // 0x0053: encrypted
  87: 'ipv6', // 0x0057
  253: 'ppp-packed', // 0x00fd: compressed
  641: 'mpls', // 0x0281
  643: 'mpls', // 0x0283
};

/** What a protocol of PPP names. */
export function layerOfPpp(protocol: number): HeaderKind | null {
  return PPP_PROTOCOLS[protocol] ?? null;
}

/** Ports of UDP that tunnels have. 8472 is VXLAN as Linux had it first, and Wireshark's OTV: the headers are alike. */
const PORTS: ReadonlyMap<number, HeaderKind> = new Map<number, HeaderKind>([
  [1701, 'l2tp'],
  [2152, 'gtp'],
  [3544, 'teredo'],
  [4789, 'vxlan'],
  [4790, 'vxlan-gpe'],
  [5247, 'capwap'],
  [6081, 'geneve'],
  [6635, 'mpls'],
  [8472, 'vxlan'],
  [37008, 'tzsp'],
]);

/** Which ports are among them: asked for every datagram, of which nearly none is a tunnel's. */
const IS_PORT = new Uint8Array(1 << 16);
for (const port of PORTS.keys()) IS_PORT[port] = 1;

/** The tunnel that one of these ports of UDP may be. */
export function layerOfPorts(source: number, destination: number): HeaderKind | undefined {
  if (IS_PORT[destination] === 0 && IS_PORT[source] === 0) return undefined;
  return PORTS.get(destination) ?? PORTS.get(source);
}

/** The version that an IP header names: where nothing else tells which of the two it is. */
export function layerOfVersion(first: number): HeaderKind | null {
  const version = first >> 4;
  return version === 4 ? 'ip' : version === 6 ? 'ipv6' : null;
}
