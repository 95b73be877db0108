/**
 * Shapes that attackers tried: clocks and lengths of pcapng, compressed files, stacks of headers, ids and texts of NRBF,
 * messages of remoting.
 */
import { gzipSync } from 'node:zlib';
import {
  block,
  concat,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  lz4Frame,
  option,
  sectionHeader,
  tcp,
  u16,
  u32,
  zstdBlock,
  zstdFrame,
} from '../bytes.js';
import { chunk, counted, custom, header, LAST_CHUNK, nrbfCall, nrtp } from '../remoting/messages.js';
import { half, REQUEST, RESPONSE, Talk } from '../worst/talk.js';
import { again, classWith, HEADER, int, name, objectArray, reference, stream } from '../worst/values.js';
import type { Random } from './random.js';

/** A title and colours for a terminal, C1, a line of its own, what turns text around and what nobody sees. */
export const HOSTILE_TEXT =
  '\u001b]0;x\u0007\u001b[31m\u009b2J\u0085\n\t\u0000\u202e\u2066\u061c\u200b\u2060\u00ad\ufeff\u2028\u{e0041}';

/** The extremes of 64 bits, and what stands between: times that no calendar has. */
const STAMPS = [0n, 1n, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn];
const RESOLUTIONS = [0, 6, 9, 0x7f, 0x80, 0xff];
const OFFSETS = [0n, 0x7fff_ffff_ffff_ffffn, -0x8000_0000_0000_0000n];

/** A bind, and a call with its answer. */
function conversation(): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const t = new Talk(packets);
  t.bind();
  t.send(0, half(0, 2, REQUEST));
  t.send(1, half(1, 2, RESPONSE));
  return packets;
}

/** Captures with every clock and with lengths of blocks that nobody has. */
export function hostileFiles(): Uint8Array[] {
  const packets = conversation();
  const clocks = RESOLUTIONS.flatMap((resolution) =>
    OFFSETS.map((offset) => {
      const seconds = new Uint8Array(8);
      new DataView(seconds.buffer).setBigInt64(0, offset, true);
      const options = concat(option(9, Uint8Array.of(resolution)), option(14, seconds));
      const all = packets.map((p, i) => enhancedPacket(p, { stamp: STAMPS[i % STAMPS.length] }));
      return concat(sectionHeader(), interfaceBlock(true, 1, options), ...all);
    }),
  );
  const lengths = [0xfffffffc, 0x7ffffffc, 64 << 20, 16 << 20].map((length) => {
    const long = concat(u32(6, true), u32(length, true), new Uint8Array(64));
    return concat(sectionHeader(), interfaceBlock(), long, enhancedPacket(packets[0]), block(0x0bad, long));
  });
  return [...clocks, ...lengths];
}

/** Conversations behind VLAN tags and extension headers, of one and of both sides of the bound on each. */
export function hostilePackets(): Uint8Array[][] {
  const plain = conversation();
  const behind = (between: (packet: Uint8Array) => Uint8Array): Uint8Array[] => plain.map(between);
  const tags = [15, 16, 17, 1000].map((n) =>
    behind((p) => ethernet(p.subarray(14), 0x0800, new Array<number>(n).fill(n % 2 === 0 ? 0x8100 : 0x88a8))),
  );
  const chains = [15, 16, 17, 1000].map((n) => behind((p) => extended(p, n)));
  return [...tags, ...chains, ...hostileRemoting().map((message) => [segmentOf(message)])];
}

/** One segment of a connection of which nothing else was captured. */
const segmentOf = (payload: Uint8Array): Uint8Array =>
  ethernet(ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 8085, 1000, payload)));

/** Messages of .NET remoting whose lengths, headers and chunks are lies or without end, and texts that steer. */
export function hostileRemoting(): Uint8Array[] {
  const open = nrtp({ uri: HOSTILE_TEXT, chunks: [] }).subarray(0, -LAST_CHUNK.length);
  const lengths = [0x7fffffff, -1, -0x80000000, 0x10000];
  return [
    nrtp({ uri: HOSTILE_TEXT, headers: [custom(HOSTILE_TEXT, HOSTILE_TEXT)], content: nrbfCall('M', HOSTILE_TEXT) }),
    nrtp({ headers: Array.from({ length: 9000 }, () => header(7, 0)), content: nrbfCall('M') }),
    ...lengths.map((length) => nrtp({ uri: 'a', length })),
    ...lengths.map((length) => nrtp({ headers: [header(4, 1, counted('a', 1, length))] })),
    ...lengths.map((length) => concat(open, u32(length, true), new Uint8Array(20))),
    concat(open, ...Array.from({ length: 5000 }, () => chunk(Uint8Array.of(0))), LAST_CHUNK),
  ];
}

/** The kinds of extension headers, of which one follows the other. */
const KINDS = [0, 43, 60, 135, 44];

/** An IPv4 packet of Ethernet in IPv6, behind `n` extension headers. */
export function extended(packet: Uint8Array, n: number): Uint8Array {
  const kind = (i: number): number => (i === n ? 6 : KINDS[i % KINDS.length]);
  const chain = concat(...Array.from({ length: n }, (_, i) => [kind(i + 1), 0, 0, 0, 0, 0, 0, 0]));
  const [from, to] = [packet.subarray(26, 30), packet.subarray(30, 34)].map((a) => concat(new Uint8Array(12), a));
  return ethernet(ipv6(from, to, kind(0), concat(chain, packet.subarray(34))), 0x86dd);
}

/** Streams with runs of nulls, ids of every kind before and behind what they name, and texts that steer. */
export function hostileNrbf(): Uint8Array[] {
  const end = [11];
  const ids = [0, -1, -2, 0x7fffffff, -0x80000000, 1, 7, 7, 1_000_000];
  const runs = [0, 1, 255].map((n) => [13, n]);
  const longRuns = [0, -1, 1000, 1_000_000, 0x7fffffff, -0x80000000].map((n) => concat([14], int(n)));
  return [
    ...[...runs, ...longRuns].map((run) => concat(HEADER, objectArray(1, 1_000_000), run, run, end)),
    concat(HEADER, objectArray(1, ids.length * 2), ...ids.map(reference), ...ids.map(text), end),
    concat(
      HEADER,
      objectArray(1, ids.length),
      ...ids.map((id) => concat(classWith(id, 'C', ['m']), reference(id))),
      end,
    ),
    concat(HEADER, objectArray(1, ids.length), ...ids.map((id) => again(id, id)), end),
    concat(HEADER, hostileNames(), end),
  ];
}

const text = (id: number): Uint8Array => concat([6], int(id), name('text'));

/** A class of which library, name, member and value steer terminals. */
function hostileNames(): Uint8Array {
  const hostile = name(HOSTILE_TEXT);
  const value = concat([6], int(3), hostile);
  return concat([12], int(2), hostile, [5], int(1), hostile, int(1), hostile, [2], int(2), value);
}

/** A capture that carries those names. */
export function hostileCapture(): Uint8Array {
  return stream(hostileNames());
}

/** Numbers without end, and repeats of nothing in repeats. */
export const HOSTILE_FILTERS = [
  'frame.time_relative == 1e99999 or frame.len >= -1e99999',
  'frame.time_delta in {-1e99999 .. 1e99999}',
  'dcom.bstr matches "((((){1000}){1000}){1000}){1000}"',
  'dcom.bstr matches "((a*)*)*$|(()*)*{2,}"',
];

/** A file as gzip, zstd or LZ4, in members and blocks of odd sizes, some of them empty; and often cut. */
export function packed(bytes: Uint8Array, r: Random): Uint8Array {
  const whole = r.pick([gzipMembers, zstdFrames, lz4Frames])(bytes, r);
  return r.once(3) ? whole.subarray(0, r.below(whole.length)) : whole;
}

function gzipMembers(bytes: Uint8Array, r: Random): Uint8Array {
  const cut = r.below(bytes.length + 1);
  return concat(gzipSync(bytes.subarray(0, cut)), gzipSync(''), gzipSync(bytes.subarray(cut)));
}

/** Raw blocks, and some without content. */
function lz4Frames(bytes: Uint8Array, r: Random): Uint8Array {
  const blocks: { packed: Uint8Array; isRaw?: boolean }[] = [];
  const most = r.pick([16, 300, 65_536]);
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(1 + r.below(most), bytes.length - at);
    blocks.push({ packed: bytes.subarray(at, at + size), isRaw: true });
    at += size;
    if (r.once(8)) blocks.push({ packed: Uint8Array.of(0) });
  }
  return lz4Frame(blocks, bytes, r.pick([0x50, 0x54, 0x70]));
}

/** Raw blocks, runs where a stretch is of one byte, blocks of nothing; the window has any size, too large ones too. */
function zstdFrames(bytes: Uint8Array, r: Random): Uint8Array {
  const blocks: Uint8Array[] = [];
  const most = r.pick([16, 300, 5000, 131_072]);
  for (let at = 0; at < bytes.length; ) {
    const size = Math.min(1 + r.below(most), bytes.length - at);
    let run = 1;
    while (at + run < bytes.length && bytes[at + run] === bytes[at] && run < size) run++;
    if (run > 4) blocks.push(zstdBlock('run', bytes.subarray(at, at + 1), run));
    else blocks.push(zstdBlock('raw', bytes.subarray(at, at + size)));
    at += run > 4 ? run : size;
    if (r.once(8)) blocks.push(r.once(2) ? zstdBlock('raw', new Uint8Array(0)) : zstdBlock('run', Uint8Array.of(0), 0));
  }
  const frames: Uint8Array[] = [zstdFrame(r.below(32), [...blocks, zstdBlock('raw', new Uint8Array(0), 0, true)])];
  if (r.once(2)) frames.unshift(concat([0x50, 0x2a, 0x4d, 0x18], u16(5, true), u16(0, true), new Uint8Array(5)));
  return concat(...frames);
}
