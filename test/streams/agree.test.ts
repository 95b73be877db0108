/** What the fast path peeks at in a packet (src/streams) and what its layers record (dissectors) is the same. */
import { describe, expect, it } from 'vitest';
import { DCERPC_DATAGRAM } from '../../dissectors/dcerpc/cl/header.js';
import { DCERPC_STREAM } from '../../dissectors/dcerpc/pdu.js';
import { dissectFrame } from '../../dissectors/link/frame.js';
import { readCapture } from '../../src/capture/open.js';
import { emptyPacket, type Packet } from '../../src/capture/packet.js';
import type { TransportPdu } from '../../src/core/context.js';
import { type HeaderKind, layerOfLink } from '../../src/core/headers/layer.js';
import { step } from '../../src/core/headers/step.js';
import type { Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { formatNode } from '../../src/filter/format.js';
import { sides } from '../../src/streams/ends.js';
import { createStreams } from '../../src/streams/index.js';
import { emptyFragment, ipv4Fragment, ipv6Fragment, walkExtensions } from '../../src/streams/ip.js';
import type { IpPacket } from '../../src/streams/types.js';
import { allCaptures } from '../fields/captures.js';

/** Where the first IP header is that stands behind headers of links; -1 without one. */
function ipStart({ link, bytes, start, end }: Packet): number {
  const at = { bytes, start, captured: end, end };
  let layer: HeaderKind | null = layerOfLink(link) ?? null;
  for (let i = 0; layer !== null && layer !== 'ip' && layer !== 'ipv6'; i++) layer = i > 16 ? null : step(layer, at);
  return layer === null ? -1 : at.start;
}

/** The first node of each name. */
function recorded(p: Packet): Map<string, Node> {
  const recording = new Recording(true);
  const { number, sec, nsec, link, length } = p;
  dissectFrame({ number, sec, nsec, link, length, bytes: p.bytes.slice(p.start, p.end) }, recording);
  recording.finish();
  const found = new Map<string, Node>();
  // of tunnels, what is in the innermost
  const isNetwork = ({ field }: Node): boolean => field.name === 'ip' || field.name === 'ipv6';
  const networks = recording.roots.filter(isNetwork);
  const from = networks.length > 1 ? recording.roots.lastIndexOf(networks[networks.length - 1]) : 0;
  const todo = recording.roots.slice(from).reverse();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (!found.has(node.field.name)) found.set(node.field.name, node);
    todo.push(...node.children.toReversed());
  }
  return found;
}

type Facts = Record<string, unknown>;

/** The fragment's fields as the streams read them; null where the packet is none. */
function fragmentOf(p: Packet, at: number): Facts | null {
  const b = p.bytes;
  const version = b[at] >> 4;
  const f = emptyFragment();
  const ip: IpPacket = { bytes: b, header: at, version: 4, start: 0, captured: p.end, end: p.end, pieces: null };
  if (version === 4) {
    if (p.end - at < 20 || (((b[at + 6] << 8) | b[at + 7]) & 0x3fff) === 0) return null;
    ip.start = at + ((b[at] & 15) << 2);
    ipv4Fragment(f, p, ip);
  } else {
    if (p.end - at < 40) return null;
    const found = walkExtensions(b, at + 40, p.end, b[at + 6]);
    if (found === null || found.fragment < 0) return null;
    ip.start = found.start;
    ip.version = 6;
    ipv6Fragment(f, p, ip, found.fragment);
  }
  return { at: f.at, last: f.last, id: f.id >>> 0, protocol: f.protocol };
}

function recordedFragment(tree: ReadonlyMap<string, Node>): Facts | null {
  const value = (name: string): unknown => tree.get(name)?.value;
  if (tree.has('ipv6.fraghdr.ident')) {
    const [offset, more] = [Number(value('ipv6.fraghdr.offset')), value('ipv6.fraghdr.more') === true];
    if (offset === 0 && !more) return null;
    return { at: offset * 8, last: !more, id: value('ipv6.fraghdr.ident'), protocol: value('ipv6.fraghdr.nxt') };
  }
  const [offset, more] = [Number(value('ip.frag_offset') ?? 0), value('ip.flags.mf') === true];
  if (!tree.has('ip') || (offset === 0 && !more)) return null;
  return { at: offset * 8, last: !more, id: value('ip.id'), protocol: value('ip.proto') };
}

/** Where a packet's two readings differ, empty where they agree. */
class Readings {
  readonly differences: string[] = [];
  packets = 0;
  /** Pieces of PDUs that were looked at. */
  pieces = 0;
  private transport: Facts | null = null;
  private tree: ReadonlyMap<string, Node> = new Map();
  private readonly streams = createStreams(
    { streams: [DCERPC_STREAM], datagram: DCERPC_DATAGRAM },
    {
      pdu: (pdu) => this.pdu(pdu),
      note: () => {},
      transport: (p, ip, protocol) => this.took(p, ip, protocol),
    },
  );
  private current: Packet = emptyPacket();

  constructor(private readonly name: string) {}

  packet(p: Packet): void {
    this.packets++;
    this.current = p;
    this.transport = null;
    this.tree = recorded(p);
    const at = ipStart(p);
    const network = this.tree.get('ip') ?? this.tree.get('ipv6');
    const version = at >= 0 && at < p.end ? p.bytes[at] >> 4 : -1;
    // a header that was cut is read as far as it goes, and not looked into
    // nor is it the frame's own where the frame holds several (`step` goes no further there)
    const inTunnel = !this.tree.has('frame') || this.tree.has('wlan_aggregate.a_mdsu.subframe');
    if (!inTunnel && (this.tree.has('ip.dst') || this.tree.has('ipv6.dst'))) {
      this.same('network header', at - p.start, network?.start ?? null);
      this.same('version', version, this.tree.has('ip') ? 4 : 6);
      this.same('fragment', fragmentOf(p, at), recordedFragment(this.tree));
    }
    this.streams.packet(p);
    const told = this.recordedTransport();
    // what is around a tunnel has a transport too
    if (!inTunnel || told !== null) this.same('transport', this.transport, told);
  }

  /** The transport of a packet that holds it; fragments are compared above. */
  private took(p: Packet, ip: IpPacket, protocol: number): void {
    if (p !== this.current || ip.pieces !== null || ip.captured - ip.start < (protocol === 6 ? 20 : 8)) return;
    const [from, to] = sides(ip);
    const length = protocol === 6 ? ip.end - ip.start : null;
    this.transport = { protocol, at: ip.start - p.start, from, to, length };
  }

  private recordedTransport(): Facts | null {
    const { tree, transport: peeked } = this;
    // a header of less than 20 bytes, or longer than its segment, is told of and means nothing
    if (Number(tree.get('tcp.hdr_len')?.value) < 20 || Number(peeked?.length) < Number(tree.get('tcp.hdr_len')?.value))
      return peeked;
    const of = (name: string): Node => tree.get(name) as Node;
    const isTcp = tree.has('tcp.urgent_pointer');
    if (!isTcp && !tree.has('udp.checksum')) return null;
    const [network, transport] = [tree.has('ip') ? 'ip' : 'ipv6', isTcp ? 'tcp' : 'udp'];
    const end = (address: string, port: string): Facts => ({
      address: formatNode(of(`${network}.${address}`)),
      port: of(`${transport}.${port}`).value,
    });
    return {
      protocol: isTcp ? 6 : 17,
      at: of(transport).start,
      from: end('src', 'srcport'),
      to: end('dst', 'dstport'),
      length: isTcp ? Number(of('tcp.hdr_len').value) + Number(of('tcp.len').value) : null,
    };
  }

  /** What a PDU has of this packet lies in the packet's payload. */
  private pdu({ pieces }: TransportPdu): void {
    const { current: p, tree } = this;
    const payload = tree.get('tcp.payload') ?? tree.get('udp.payload');
    for (const { frame, fileOffset, length } of pieces) {
      if (frame !== p.number || this.transport === null) continue;
      this.pieces++;
      const at = fileOffset - p.fileOffset;
      const isInside = payload !== undefined && payload.start <= at && at + length <= payload.end;
      this.same('piece', { at, length, isInside: true }, { at, length, isInside });
    }
  }

  private same(what: string, peeked: unknown, told: unknown): void {
    const [a, b] = [JSON.stringify(peeked), JSON.stringify(told)];
    if (a !== b) this.differences.push(`${this.name} ${this.current.number}: ${what} ${a}, recorded ${b}`);
  }
}

/** The same numbers below `n` every time. */
function randoms(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

describe('streams and dissectors agree on every packet of', () => {
  it.each(allCaptures())('$name', async ({ name, file }) => {
    const readings = new Readings(name);
    await readCapture(file, (p) => readings.packet(p));
    expect(readings.differences).toEqual([]);
    expect(readings.packets).toBeGreaterThan(0);
  });

  it('damaged headers, cut packets and other lengths', async () => {
    const random = randoms(12);
    const packets: Packet[] = [];
    for (const { file, isShared } of allCaptures())
      if (!isShared)
        await readCapture(file, (p) => {
          const bytes = p.bytes.slice(p.start, p.end);
          if (p.number <= 30) packets.push({ ...p, bytes, start: 0, end: bytes.length });
        });
    const readings = new Readings('damaged');
    for (const p of packets)
      for (let i = 0; i < 20; i++) {
        const bytes = p.bytes.slice(0, random(3) === 0 ? random(p.bytes.length + 1) : p.bytes.length);
        for (let n = random(4); n > 0 && bytes.length > 0; n--) bytes[random(Math.min(bytes.length, 90))] = random(256);
        readings.packet({ ...p, bytes, end: bytes.length, number: readings.packets + 1 });
      }
    expect(readings.differences.slice(0, 20)).toEqual([]);
    expect(readings.packets).toBeGreaterThan(2000);
  });
});
