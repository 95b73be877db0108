/**
 * The headers of a frame one behind the other, as the streams go over them (src/core/headers): each with its fields, and
 * with what it carries behind it.
 */
import type { Cursor } from '../../src/core/cursor.js';
import {
  type HeaderKind,
  layerOfLink,
  layerOfPorts,
  layerOfProtocol,
  layerOfVersion,
} from '../../src/core/headers/layer.js';
import { subframes } from '../../src/core/headers/radio.js';
import { isTunnel, MAX_HEADERS, MAX_TUNNELS, step } from '../../src/core/headers/step.js';
import type { Field, Node } from '../../src/core/node.js';
import { AUTHENTICATION } from './authentication.js';
import { ERF } from './erf.js';
import { dissectTrailer, ETHERNET, LLC, VLAN } from './ethernet.js';
import type { LayerHeader } from './header.js';
import { dissectIpv4, IPV4_FIELDS } from './ipv4.js';
import { dissectIpv6, IPV6_FIELDS } from './ipv6.js';
import { COOKED, COOKED_2 } from './linux-sll.js';
import {
  BRIDGED,
  CHDLC,
  ENC,
  FRAME_RELAY,
  INFINIBAND,
  LOOPBACK,
  MULTILINK,
  NFLOG,
  PFLOG,
  PKTAP,
  PPP,
  PPP_DIRECTION,
  PPPOE,
  RAW,
} from './serial.js';
import {
  CONTROL_WORD,
  dissectIcv,
  E_TAG,
  HSR,
  I_TAG,
  ICV,
  MACSEC,
  METADATA,
  METADATA_IN_GRE,
  MPLS,
  NSH,
  REDUNDANCY_TAG,
  SERVICE_TAG,
  VN_TAG,
} from './tags.js';
import { dissectTcp, TCP_FIELDS, type TcpContext } from './tcp.js';
import {
  CAPWAP,
  ERSPAN,
  ERSPAN_1,
  ETHERIP,
  GENEVE,
  GRE,
  GTP,
  L2TP,
  TEREDO,
  TZSP,
  VXLAN,
  VXLAN_GPE,
  WCCP,
} from './tunnels.js';
import { dissectUdp, UDP_FIELDS } from './udp.js';
import { AVS, PPI, PRISM, RADIOTAP, SUBFRAME, SWAPPED_WLAN, WLAN } from './wlan.js';

/** Headers that are read here; IP and transports have more to them. */
const HEADERS: { readonly [L in HeaderKind]?: LayerHeader } = {
  ah: AUTHENTICATION,
  eth: ETHERNET,
  vlan: VLAN,
  stag: SERVICE_TAG,
  hsr: HSR,
  rtag: REDUNDANCY_TAG,
  llc: LLC,
  mpls: MPLS,
  pwcw: CONTROL_WORD,
  cmd: METADATA,
  'cmd-gre': METADATA_IN_GRE,
  vntag: VN_TAG,
  etag: E_TAG,
  itag: I_TAG,
  macsec: MACSEC,
  nsh: NSH,
  sll: COOKED,
  sll2: COOKED_2,
  null: LOOPBACK,
  enc: ENC,
  raw: RAW,
  ppp: PPP,
  pppoe: PPPOE,
  pppd: PPP_DIRECTION,
  bcp: BRIDGED,
  mp: MULTILINK,
  chdlc: CHDLC,
  fr: FRAME_RELAY,
  nflog: NFLOG,
  pflog: PFLOG,
  pktap: PKTAP,
  ipoib: INFINIBAND,
  erf: ERF,
  wlan: WLAN,
  'wlan-padded': WLAN,
  'wlan-swapped': SWAPPED_WLAN,
  amsdu: SUBFRAME,
  radiotap: RADIOTAP,
  prism: PRISM,
  avs: AVS,
  ppi: PPI,
  gre: GRE,
  wccp: WCCP,
  erspan: ERSPAN,
  'erspan-1': ERSPAN_1,
  etherip: ETHERIP,
  vxlan: VXLAN,
  'vxlan-gpe': VXLAN_GPE,
  geneve: GENEVE,
  gtp: GTP,
  tzsp: TZSP,
  l2tp: L2TP,
  teredo: TEREDO,
  capwap: CAPWAP,
};

const TRANSPORT_FIELDS: readonly Field[] = [...TCP_FIELDS, ...UDP_FIELDS];

/** Fields of what is in a frame, up to the transport. */
export const INNER_FIELDS: readonly Field[] = [
  ...new Set([
    ...Object.values(HEADERS).flatMap(({ fields }) => fields),
    ...IPV4_FIELDS,
    ...IPV6_FIELDS,
    ...TRANSPORT_FIELDS,
    ICV,
  ]),
];

/** A datagram or frame that was put together: from behind its headers on, as captured, its length as sent, what it is. */
export interface WholeDatagram {
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly layer: HeaderKind | null;
}

/** What the headers themselves do not tell, in the order in which they are met: tunnels have several of each. */
export interface LayersContext {
  /** The conversations of the transports; undefined where one is not followed. */
  readonly conversations?: readonly (TcpContext | undefined)[] | undefined;
  /** Datagrams that this frame completed. */
  readonly wholes?: readonly WholeDatagram[] | undefined;
}

/** Records the headers of a packet of this link type. Never throws. */
export function dissectLayers(c: Cursor, link: number, context: LayersContext): void {
  const first = layerOfLink(link);
  if (first !== undefined) new Layers(context).from(c, first, c.claimed);
}

/** The way down one frame. */
class Layers {
  private networks = 0;
  private transports = 0;
  private wholes = 0;

  constructor(private readonly context: LayersContext) {}

  /** Reads the header `first` at the cursor and all behind it, up to `end` as the network layer claims it. */
  from(c: Cursor, first: HeaderKind | null, end: number): void {
    let layer = first;
    let ethernet: { node: Node | null; start: number } | null = null;
    let macsec: Node | null = null;
    // its cards keep the checksums of frames
    const hasChecksum = first === 'erf';
    for (let headers = 0; layer !== null; headers++) {
      switch (layer) {
        case 'ip':
        case 'ipv6':
          this.network(c, layer);
          if (macsec !== null) dissectIcv(c, macsec);
          if (ethernet !== null) dissectTrailer(c, ethernet, hasChecksum);
          return;
        case 'tcp':
        case 'udp':
          this.transport(c, layer, end - c.pos);
          return;
        case 'amsdu':
          for (const { at, start, end: last } of subframes(c.bytes, c.pos, c.end)) {
            c.pos = at;
            c.protocol(SUBFRAME.group, SUBFRAME.fields, () => SUBFRAME.read(c, at, start));
            c.pos = start;
            c.frame(null, Math.min(last - start, c.claimedLeft), () => this.from(c, 'llc', last), null);
          }
          return;
        case 'wlan-fragment':
        case 'capwap-fragment':
          this.fragment(c, c.left, layer === 'wlan-fragment' ? 'Reassembled 802.11' : 'Reassembled CAPWAP');
          return;
        default: {
          if (headers > MAX_HEADERS) {
            c.note('too-many-tags', `more than ${MAX_HEADERS} tags: what follows them is not read`);
            return;
          }
          const start = c.pos;
          const { next, node } = readHeader(c, layer);
          if (layer === 'eth') ethernet = { node, start };
          if (layer === 'macsec') macsec = node;
          layer = next;
        }
      }
    }
  }

  /** An IP header, and what is in the packet. */
  private network(c: Cursor, layer: 'ip' | 'ipv6'): void {
    if (this.networks++ > MAX_TUNNELS) {
      c.note('too-many-tunnels', `more than ${MAX_TUNNELS} tunnels inside each other: what is in them is not read`);
      return;
    }
    // the header's own version tells more than what stood in front of it, and is what the streams go by
    const version = layerOfVersion(c.peek()) ?? layer;
    const ip = version === 'ip' ? dissectIpv4(c) : dissectIpv6(c);
    if (!ip.isFragment) {
      const end = c.pos + ip.length;
      c.frame(null, Math.min(ip.length, c.claimedLeft), () => this.from(c, layerOfProtocol(ip.protocol), end), null);
      return;
    }
    this.fragment(c, ip.length, 'Reassembled IP');
  }

  /** A fragment's bytes; only the frame that completes a datagram shows what is in it, as in Wireshark. */
  private fragment(c: Cursor, claimed: number, name: string): void {
    const start = c.pos;
    c.pos += Math.min(claimed, c.left);
    const whole = this.context.wholes?.[this.wholes++];
    if (whole === undefined) return;
    const from = { source: c.source, start, end: c.pos };
    const { bytes, length, layer } = whole;
    const inner = c.over({ kind: 'derived', name, bytes, from }, length);
    inner.frame(null, length, () => this.from(inner, layer, length), null);
  }

  private transport(c: Cursor, layer: 'tcp' | 'udp', length: number): void {
    const conversation = this.context.conversations?.[this.transports++] ?? {};
    const tunnel = layer === 'udp' ? tunnelBehind(c) : undefined;
    if (tunnel === undefined && !c.wantsAny(TRANSPORT_FIELDS)) return;
    if (layer === 'tcp') {
      dissectTcp(c, length, conversation);
      return;
    }
    const payload = dissectUdp(c, length, conversation.stream, tunnel !== undefined);
    const end = c.pos + payload;
    if (tunnel !== undefined) c.frame(null, Math.min(payload, c.claimedLeft), () => this.from(c, tunnel, end), null);
  }
}

/** The tunnel whose datagram begins at the cursor; undefined where it is a datagram like others. */
function tunnelBehind(c: Cursor): HeaderKind | undefined {
  const { bytes: b, pos: at } = c;
  if (c.left <= 8) return undefined;
  const layer = layerOfPorts((b[at] << 8) | b[at + 1], (b[at + 2] << 8) | b[at + 3]);
  return layer !== undefined && isTunnel(layer, b, at + 8, c.end) ? layer : undefined;
}

/** Records a header; what stands behind it, and its node. */
function readHeader(c: Cursor, layer: HeaderKind): { next: HeaderKind | null; node: Node | null } {
  const stretch = { bytes: c.bytes, start: c.pos, captured: c.end, end: c.claimed };
  const next = step(layer, stretch);
  const header = HEADERS[layer];
  const read = (): Node | null => {
    const at = c.pos;
    // what only tells that another begins here has none of its own
    if (next === null || stretch.start > at) header?.read(c, at, stretch.start);
    if (next !== null) c.pos = stretch.start;
    return c.here;
  };
  return { next, node: header === undefined ? read() : c.protocol(header.group, header.fields, read) };
}
