/**
 * Packets in, PDUs out: link layer, IP with fragments, TCP and UDP, and the cutting of PDUs.
 */
import type { Packet } from '../capture/packet.js';
import type { Carriers } from '../core/dissector.js';
import { type HeaderKind, layerOfLink, layerOfPorts, layerOfProtocol } from '../core/headers/layer.js';
import { subframes } from '../core/headers/radio.js';
import { isTunnel, MAX_HEADERS, MAX_TUNNELS, step } from '../core/headers/step.js';
import { type Limits, limitsWith } from '../core/limits.js';
import { CarriedStreams } from './carried.js';
import { sides } from './ends.js';
import { EXPORTED_LINK, ExportedPdus } from './exported.js';
import { Fragments, type Whole } from './fragments.js';
import { Glance } from './glance.js';
import { capwapFragment, emptyFragment, ipv4Fragment, ipv6Fragment, walkExtensions, wlanFragment } from './ip.js';
import type { Surroundings } from './tcp-connection.js';
import { TcpFlows } from './tcp-flows.js';
import {
  addPieces,
  type Budget,
  type IpPacket,
  LimitTeller,
  type StreamEvents,
  type StreamProtocols,
} from './types.js';
import { UdpConnections } from './udp.js';
import { Unseen } from './unseen.js';

export type { StreamEvents, StreamProtocols } from './types.js';

const ETHERNET = 1;
const TCP = 6;
const UDP = 17;

/** Takes the packets of one capture, in order. */
export interface Streams {
  /** Takes a packet; nothing of it is kept that is not copied. */
  packet(p: Packet): void;
  /** The capture is over: what is held back comes out. */
  end(): void;
  /** Whether PDUs of frames that went by are held back, because bytes in front of them are missing. */
  readonly holds: boolean;
  /** Waits no longer for bytes that PDUs of frames before this one wait for. */
  giveUp(before: number): void;
  /** Nothing has come for a while: what was displaced a little would be here, and is waited for no longer. */
  quiet(): void;
  /** Frames of which PDUs may still come, because bytes in front of these may still be sent again. */
  readonly held: ReadonlySet<number>;
  /** Makes streams that lie inside PDUs. */
  readonly carriers: Carriers;
  /** Packets so far that could not be looked into: of link types that are not understood, encrypted, too deep. */
  readonly notLookedInto: number;
}

/**
 * Makes the way from packets to PDUs. Nothing that a capture holds makes it throw; `events` may throw through it.
 * @param limits a `limit` note is given where one is met
 */
export function createStreams(protocols: StreamProtocols, events: StreamEvents, limits: Partial<Limits> = {}): Streams {
  return new PacketStreams(protocols, events, limitsWith(limits));
}

class PacketStreams implements Streams {
  readonly carriers: Carriers;
  private readonly around: Surroundings;
  private readonly tcp: TcpFlows;
  /** Takes nearly all packets, where that is enough. */
  private readonly glance: Glance | null;
  private readonly udp: UdpConnections;
  private readonly exported: ExportedPdus;
  private readonly fragments: Fragments;
  /** Apart from that of connections, so that a flood of fragments cannot push these out. */
  private readonly fragmentBudget: Budget = { used: 0 };
  private readonly ip: IpPacket = {
    bytes: new Uint8Array(0),
    header: 0,
    version: 4,
    start: 0,
    captured: 0,
    end: 0,
    pieces: null,
  };
  private ids = 0;
  /** When the last fragment came, for datagrams that are given up. */
  private readonly oneFragment = emptyFragment();
  private readonly fragmentTime = { sec: 0, nsec: 0 };
  private readonly unseen = new Unseen();
  private packets = 0;
  /** Set while a datagram that is given up goes on: fragments in it are lost with it. */
  private givingUp = false;
  private readonly fragmentedBytes: number;

  constructor(
    private readonly protocols: StreamProtocols,
    private readonly events: StreamEvents,
    limits: Limits,
  ) {
    const nextId = () => this.ids++;
    const budget: Budget = { used: 0 };
    const teller = new LimitTeller(limits, (note) => events.note(note));
    const remembered: Budget = { used: 0 };
    this.around = { protocols, events, budget, remembered, limits, nextId, holding: 0 };
    this.carriers = new CarriedStreams(events, teller, remembered, nextId);
    this.tcp = new TcpFlows(this.around, teller);
    // who hears of every transport is told by the walk
    this.glance = events.transport === undefined ? new Glance(this.ip, this.tcp, protocols) : null;
    this.udp = new UdpConnections(limits.connections, nextId, (connection, forced) => {
      if (forced) teller.met('connections');
      events.closed?.(connection);
    });
    const full = (): void => teller.met('connections');
    this.exported = new ExportedPdus(protocols, events, this.carriers, this.udp, limits.connections, full);
    this.fragmentedBytes = limits.fragmentedBytes;
    this.fragments = new Fragments(limits.fragmented, this.fragmentBudget, (prefix, limit) => {
      if (limit !== null) teller.met(limit);
      if (prefix !== null) this.givenUp(prefix);
    });
  }

  get notLookedInto(): number {
    return this.unseen.count;
  }

  packet(p: Packet): void {
    const { ip } = this;
    this.packets++;
    if (p.link === ETHERNET && this.glance?.takes(p) === true) return;
    ip.bytes = p.bytes;
    ip.start = p.start;
    ip.captured = p.end;
    ip.end = p.start + p.length;
    ip.pieces = null;
    const layer = layerOfLink(p.link);
    if (p.link === EXPORTED_LINK) this.exported.packet(p);
    else if (layer === undefined) this.unseen.link(p.number, p.link);
    else this.walk(p, ip, layer, 0);
  }

  /**
   * From one header to the next, up to a transport or to nothing of ours.
   * @param ip where the header `first` begins; moved on
   * @param around IP headers in front of it: one within the other are tunnels
   */
  private walk(p: Packet, ip: IpPacket, first: HeaderKind | null, around: number): void {
    let networks = around;
    let headers = 0;
    /** Where the header in front of `layer` begins. */
    let before = ip.start;
    let layer = first;
    while (layer !== null) {
      switch (layer) {
        case 'ip':
        case 'ipv6': {
          if (networks++ > MAX_TUNNELS) {
            this.unseen.tooManyTunnels(p.number);
            return;
          }
          headers = 0;
          const protocol = this.network(p, ip, networks);
          layer = protocol < 0 ? null : layerOfProtocol(protocol);
          break;
        }
        case 'tcp':
          this.tcp.packet(p, ip);
          return;
        case 'udp':
          layer = this.tunnel(p, ip);
          break;
        case 'amsdu':
          for (const { start, end, captured } of subframes(ip.bytes, ip.start, ip.captured))
            this.walk(p, { ...ip, start, end, captured }, 'llc', networks);
          return;
        case 'wlan-fragment':
        case 'capwap-fragment':
          this.carriedFragment(p, ip, layer, before, networks);
          return;
        default:
          this.unseen.layer(p.number, layer);
          if (headers++ > MAX_HEADERS) {
            this.unseen.tooManyHeaders(p.number);
            return;
          }
          before = ip.start;
          layer = step(layer, ip);
      }
    }
  }

  /** Steps over an IP header. Returns the protocol behind it, -1 where it goes no further. */
  private network(p: Packet, ip: IpPacket, networks: number): number {
    const b = ip.bytes;
    const at = ip.start;
    const room = ip.captured - at;
    if (room < 20) return -1;
    const version = b[at] >> 4;
    ip.header = at;
    if (version === 4) {
      const header = (b[at] & 15) << 2;
      const total = (b[at + 2] << 8) | b[at + 3];
      // Zero: the sending machine's network card was to fill it in (TSO); the frame's length tells it.
      const end = total === 0 ? ip.end : at + total;
      if (header < 20 || header > room || end < at + header) return -1;
      ip.end = end;
      ip.captured = Math.min(end, ip.captured);
      ip.start = at + header;
      ip.version = 4;
      const protocol = b[at + 9];
      if ((((b[at + 6] << 8) | b[at + 7]) & 0x3fff) === 0) return protocol;
      if (layerOfProtocol(protocol) !== null) this.fragment(p, ip, 0, networks);
    } else if (version === 6 && room >= 40) {
      const length = (b[at + 4] << 8) | b[at + 5];
      const end = length === 0 ? ip.end : at + 40 + length;
      ip.end = end;
      ip.captured = Math.min(end, ip.captured);
      ip.start = at + 40;
      ip.version = 6;
      const next = b[at + 6];
      return next === TCP || next === UDP ? next : this.extended(p, ip, next, networks);
    }
    return -1;
  }

  /** What a UDP datagram carries where it is a tunnel's; null where it went on as a datagram. */
  private tunnel(p: Packet, ip: IpPacket): HeaderKind | null {
    const { bytes: b, start: at, captured } = ip;
    const payload = at + 8;
    if (payload < captured) {
      const layer = layerOfPorts((b[at] << 8) | b[at + 1], (b[at + 2] << 8) | b[at + 3]);
      if (layer !== undefined && isTunnel(layer, b, payload, captured) && !this.isForced(b, at)) {
        this.events.transport?.(p, ip, UDP);
        ip.start = payload;
        ip.end = endOfDatagram(ip, at);
        ip.captured = Math.min(ip.captured, ip.end);
        return layer;
      }
    }
    this.datagram(p, ip);
    return null;
  }

  get holds(): boolean {
    return this.around.holding > 0;
  }

  giveUp(before: number): void {
    this.tcp.giveUp(before);
  }

  quiet(): void {
    if (this.holds) this.tcp.quiet();
  }

  get held(): ReadonlySet<number> {
    return this.tcp.held();
  }

  end(): void {
    this.fragments.end();
    this.exported.end();
    this.tcp.end();
    this.udp.end();
    this.unseen.tell(this.packets, (note) => this.events.note(note));
  }

  /** Walks over the extension headers of an IPv6 packet. Returns the protocol behind them as `network` does. */
  private extended(p: Packet, ip: IpPacket, next: number, networks: number): number {
    const found = walkExtensions(ip.bytes, ip.start, ip.captured, next);
    if (found === null) return -1;
    ip.start = found.start;
    if (found.fragment >= 0) this.fragment(p, ip, found.fragment, networks);
    else if (found.protocol < 0) this.unseen.tooManyHeaders(p.number);
    else return found.protocol;
    return -1;
  }

  /** A fragment, of IPv6 with its header at `header`. */
  private fragment(p: Packet, ip: IpPacket, header: number, networks: number): void {
    const { oneFragment: f } = this;
    if (this.givingUp) return;
    if (ip.version === 4 ? ipv4Fragment(f, p, ip) : ipv6Fragment(f, p, ip, header)) this.take(p, ip, networks);
  }

  /** A fragment of a frame, whose header with the fields of fragments is at `header`. */
  private carriedFragment(
    p: Packet,
    ip: IpPacket,
    layer: 'wlan-fragment' | 'capwap-fragment',
    header: number,
    networks: number,
  ): void {
    const { oneFragment: f } = this;
    if (this.givingUp) return;
    const sane =
      layer === 'wlan-fragment' ? wlanFragment(f, p, ip, header, this.fragments) : capwapFragment(f, p, ip, header);
    if (sane) this.take(p, ip, networks);
  }

  /** Takes the fragment that was read. */
  private take(p: Packet, ip: IpPacket, networks: number): void {
    const { oneFragment: f } = this;
    this.fragmentTime.sec = p.sec;
    this.fragmentTime.nsec = p.nsec;
    const whole = ip.pieces === null ? this.fragments.take(f) : this.fragments.takePieces(f, ip.pieces);
    while (this.fragmentBudget.used > this.fragmentedBytes && this.fragments.dropOldest(p.sec, 'fragmentedBytes'));
    if (whole !== null) this.reassembled(p, whole, networks);
  }

  /** A datagram that was put together goes on as a packet of its own; `p` completed it. */
  private reassembled(p: Packet, whole: Whole, networks: number): void {
    const { version, bytes, start, captured, end, pieces, carries } = whole;
    const ip: IpPacket = { bytes, header: 0, version, start, captured, end, pieces };
    let layer = carries;
    if (layer === null) {
      const protocol = version === 4 ? whole.protocol : this.extended(p, ip, whole.protocol, networks);
      if (protocol < 0) return;
      layer = layerOfProtocol(protocol);
    }
    this.events.whole?.(p, ip, layer);
    this.walk(p, ip, layer, networks);
  }

  /** Fragments of which some are missing: what is there in front of the hole goes on as cut packet. */
  private givenUp(prefix: Whole): void {
    const last = prefix.pieces[prefix.pieces.length - 1];
    const packet = {
      number: last.frame,
      ...this.fragmentTime,
      link: 101,
      bytes: prefix.bytes,
      start: 0,
      end: prefix.captured,
      length: prefix.end,
      fileOffset: last.fileOffset,
      interfaceId: 0,
      interface: null,
    };
    this.givingUp = true;
    this.reassembled(packet, prefix, 0);
    this.givingUp = false;
  }

  /** UDP: one PDU a datagram, where the protocol claims it. */
  private datagram(p: Packet, ip: IpPacket): void {
    const { bytes } = ip;
    const at = ip.start;
    this.events.transport?.(p, ip, UDP);
    if (ip.captured - at < 8) return;
    const start = at + 8;
    const end = endOfDatagram(ip, at);
    const captured = Math.min(ip.captured, end);
    if (captured <= start) return;
    if (!this.protocols.datagram.claims(bytes, start, captured) && !this.isForced(bytes, at)) return;
    const [from, to] = sides(ip);
    const { connection, direction } = this.udp.get(from, to);
    const time = { sec: p.sec, nsec: p.nsec, units: p.units };
    const segment = {
      bytes,
      start,
      captured: captured - start,
      length: end - start,
      frame: p.number,
      fileDelta: p.fileOffset - p.start,
      pieces: ip.pieces,
      time,
      acknowledges: -1,
    };
    const pieces: { at: number; length: number; frame: number; fileOffset: number }[] = [];
    addPieces(pieces, 0, segment, start, captured - start);
    const frames = [...new Set(pieces.map((piece) => piece.frame)).add(p.number)].sort((a, b) => a - b);
    this.events.pdu({
      connection,
      direction,
      bytes: bytes.slice(start, captured),
      length: end - start,
      pieces,
      frames,
      time,
      afterGap: false,
    });
  }

  private isForced(b: Uint8Array, at: number): boolean {
    const { ports } = this.protocols;
    if (ports === undefined || ports.size === 0) return false;
    return ports.has((b[at] << 8) | b[at + 1]) || ports.has((b[at + 2] << 8) | b[at + 3]);
  }
}

/** Where the UDP datagram at `at` ends. */
function endOfDatagram({ bytes, end }: IpPacket, at: number): number {
  const told = (bytes[at + 4] << 8) | bytes[at + 5];
  // Zero stands for more than 65535 (RFC 2675); else what is behind the told length is padding.
  return told === 0 ? end : Math.min(end, at + told);
}
