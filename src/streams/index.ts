/**
 * Packets in, PDUs out: link layer, IP with fragments, TCP and UDP, and the cutting of PDUs.
 */
import type { Packet } from '../capture/packet.js';
import type { Carriers } from '../core/dissector.js';
import { type Limits, limitsWith } from '../core/limits.js';
import { CarriedStreams } from './carried.js';
import { sides } from './ends.js';
import { EXPORTED_LINK, ExportedPdus } from './exported.js';
import { Fragments, type Whole } from './fragments.js';
import { emptyFragment, ipv4Fragment, ipv6Fragment, walkExtensions } from './ip.js';
import { ipStart, TOO_DEEP, UNKNOWN_LINK } from './link.js';
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

export type { StreamEvents, StreamProtocols } from './types.js';

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
  /** Packets so far of link types that are not understood. */
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
  /** Packets of link types that are not understood, by link type. */
  private readonly unknownLinks = new Map<number, number>();
  /** Packets behind too many VLAN tags or extension headers. */
  private tooDeep = 0;
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
    let sum = 0;
    for (const count of this.unknownLinks.values()) sum += count;
    return sum;
  }

  packet(p: Packet): void {
    const b = p.bytes;
    const at = ipStart(p.link, b, p.start, p.end);
    if (at < 0) {
      if (at === TOO_DEEP) this.tooDeep++;
      if (p.link === EXPORTED_LINK) this.exported.packet(p);
      else if (at === UNKNOWN_LINK) this.unknownLinks.set(p.link, (this.unknownLinks.get(p.link) ?? 0) + 1);
      return;
    }
    const room = p.end - at;
    if (room < 20) return;
    const version = b[at] >> 4;
    const { ip } = this;
    if (version === 4) {
      const protocol = b[at + 9];
      if (protocol !== TCP && protocol !== UDP) return;
      const header = (b[at] & 15) << 2;
      const total = (b[at + 2] << 8) | b[at + 3];
      // Zero: the sending machine's network card was to fill it in (TSO); the frame's length tells it.
      const end = total === 0 ? p.start + p.length : at + total;
      if (header < 20 || header > room || end < at + header) return;
      ip.end = end;
      ip.captured = Math.min(end, p.end);
      ip.start = at + header;
      ip.bytes = b;
      ip.header = at;
      ip.version = 4;
      if ((((b[at + 6] << 8) | b[at + 7]) & 0x3fff) !== 0) this.fragment(p, 4, 0);
      else if (protocol === TCP) this.tcp.packet(p, ip);
      else this.datagram(p, ip);
    } else if (version === 6 && room >= 40) {
      const length = (b[at + 4] << 8) | b[at + 5];
      const end = length === 0 ? p.start + p.length : at + 40 + length;
      ip.end = end;
      ip.captured = Math.min(end, p.end);
      ip.start = at + 40;
      ip.bytes = b;
      ip.header = at;
      ip.version = 6;
      const next = b[at + 6];
      if (next === TCP) this.tcp.packet(p, ip);
      else if (next === UDP) this.datagram(p, ip);
      else this.extended(p, next);
    }
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
    for (const [link, count] of this.unknownLinks)
      this.events.note({
        code: 'link-type',
        message: `${count} ${count === 1 ? 'packet' : 'packets'} of link type ${link} not looked into: it is not understood`,
        offset: null,
        source: null,
      });
    if (this.tooDeep > 0)
      this.events.note({
        code: 'too-many-headers',
        message: `${this.tooDeep} packets were not looked into: more than 16 VLAN tags or IPv6 extension headers`,
        offset: null,
        source: null,
      });
  }

  /** An IPv6 packet with extension headers. */
  private extended(p: Packet, next: number): void {
    const { ip } = this;
    const found = walkExtensions(ip.bytes, ip.start, ip.captured, next);
    if (found === null) return;
    ip.start = found.start;
    if (found.fragment >= 0) this.fragment(p, 6, found.fragment);
    else if (found.protocol === TCP) this.tcp.packet(p, ip);
    else if (found.protocol === UDP) this.datagram(p, ip);
    else if (found.protocol < 0) this.tooDeep++;
  }

  private fragment(p: Packet, version: 4 | 6, header: number): void {
    const { ip, oneFragment } = this;
    const sane = version === 4 ? ipv4Fragment(oneFragment, p, ip) : ipv6Fragment(oneFragment, p, ip, header);
    if (!sane) return;
    this.fragmentTime.sec = p.sec;
    this.fragmentTime.nsec = p.nsec;
    const whole = this.fragments.take(oneFragment);
    while (this.fragmentBudget.used > this.fragmentedBytes && this.fragments.dropOldest(p.sec, 'fragmentedBytes'));
    if (whole !== null) this.reassembled(p, whole);
  }

  /** A datagram that was put together goes on as a packet of its own; `p` completed it. */
  private reassembled(p: Packet, whole: Whole): void {
    const { version, bytes, start, captured, end, pieces, protocol } = whole;
    const packet: IpPacket = { bytes, header: 0, version, start, captured, end, pieces };
    if (protocol === TCP) this.tcp.packet(p, packet);
    else if (protocol === UDP) this.datagram(p, packet);
    else if (version === 6) {
      const found = walkExtensions(bytes, start, captured, protocol);
      if (found === null || found.fragment >= 0) return;
      packet.start = found.start;
      if (found.protocol === TCP) this.tcp.packet(p, packet);
      else if (found.protocol === UDP) this.datagram(p, packet);
    }
  }

  /** Fragments of which some are missing: what is there in front of the hole goes on as cut packet. */
  private givenUp(prefix: Whole): void {
    const last = prefix.pieces[prefix.pieces.length - 1];
    this.reassembled(
      {
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
      },
      prefix,
    );
  }

  /** UDP: one PDU a datagram, where the protocol claims it. */
  private datagram(p: Packet, ip: IpPacket): void {
    const { bytes } = ip;
    const at = ip.start;
    this.events.transport?.(p, ip, UDP);
    if (ip.captured - at < 8) return;
    const start = at + 8;
    const told = (bytes[at + 4] << 8) | bytes[at + 5];
    // Zero stands for more than 65535 (RFC 2675); else what is behind the told length is padding.
    const end = told === 0 ? ip.end : Math.min(ip.end, at + told);
    const captured = Math.min(ip.captured, end);
    if (captured <= start) return;
    if (!this.protocols.datagram.claims(bytes, start, captured) && !this.isForced(bytes, at)) return;
    const [from, to] = sides(ip);
    const { connection, direction } = this.udp.get(from, to);
    const time = { sec: p.sec, nsec: p.nsec };
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
