/**
 * The worst inputs that we could think of, each in any size: what an attacker sends to make time or memory grow
 * faster than the bytes do. `n` counts what there is many of. Of packets here; of values in values.ts.
 */
import { Pfc, Ptype } from '../../dissectors/dcerpc/pdu.js';
import { bindBody, type Offer } from '../../src/encode/pdu.js';
import {
  block,
  concat,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  option,
  SYN,
  sectionHeader,
  tcp,
  u16,
  u32,
  udp,
} from '../bytes.js';
import { extended } from '../fuzz/hostile.js';
import { collidingFlow } from './collisions.js';
import { capture, half, OFFER, pdu, REQUEST, RESPONSE, type Side, Talk } from './talk.js';
import { VALUES } from './values.js';

/** An input that can be made in any size. */
export interface Shape {
  readonly name: string;
  /** The size that takes about a tenth of a second. */
  readonly n: number;
  readonly make: (n: number) => Uint8Array;
  /** Commands that read it, without the file; `#` in them stands for `filter(n)`. */
  readonly commands: readonly string[];
  readonly filter?: (n: number) => string;
}

const FIRST: number = Pfc.first;
const LAST: number = Pfc.last;
const NONE = new Uint8Array(0);

/** A conversation of one connection, as a capture. */
function talk(play: (t: Talk, packets: Uint8Array[]) => void): Uint8Array {
  const packets: Uint8Array[] = [];
  const t = new Talk(packets);
  t.bind();
  play(t, packets);
  return capture(packets);
}

function add(packets: Uint8Array[], more: readonly Uint8Array[]): void {
  for (const packet of more) packets.push(packet);
}

/** A call and its answer. */
function call(t: Talk, id: number, size = 1400): void {
  t.send(0, half(0, id, REQUEST), size);
  t.send(1, half(1, id, RESPONSE), size);
}

/** The PDUs of `n` calls, as many bytes as they take. */
function requests(n: number): Uint8Array {
  return Buffer.concat(Array.from({ length: n }, (_, i) => half(0, i + 2, REQUEST)));
}

function smallFragments(t: Talk, n: number, side: Side, stub: Uint8Array): void {
  for (let i = 0; i < n; i++) {
    const flags = (i === 0 ? FIRST : 0) | (i === n - 1 ? LAST : 0);
    t.send(side, half(side, 2, i < stub.length ? stub.subarray(i, i + 1) : Uint8Array.of(0), flags));
  }
}

/** Segments in blocks of 256: every other one first, then the rest from the last to the first. */
function shuffled(packets: readonly Uint8Array[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  for (let at = 0; at < packets.length; at += 256) {
    const part = packets.slice(at, at + 256);
    out.push(...part.filter((_, i) => i % 2 === 1), ...part.filter((_, i) => i % 2 === 0).reverse());
  }
  return out;
}

/** A datagram of UDP in fragments of 8 bytes, at places that are not in order. */
function fragments(
  id: number,
  length: number,
  order: (i: number, all: number) => number,
  count?: number,
): Uint8Array[] {
  const datagram = udp(50000, 49700, new Uint8Array(length - 8));
  const all = length >> 3;
  return Array.from({ length: count ?? all }, (_, i) => {
    const at = order(i, all) * 8;
    const more = at + 8 < length;
    const options = { id, fragmentOffset: at, moreFragments: more };
    return ethernet(ipv4('10.0.0.1', '10.0.0.2', 17, datagram.subarray(at, at + 8), options));
  });
}

/** Offers of 200 contexts from `from` on. */
function offers(from: number): Offer[] {
  return Array.from({ length: 200 }, (_, i) => ({ ...OFFER, id: (from + i) & 0xffff }));
}

/** A connection that asks one thing and is gone. */
function visitors(n: number): Uint8Array {
  const packets: Uint8Array[] = [];
  for (let i = 0; i < n; i++) {
    const t = new Talk(packets, i + 1);
    t.bind();
    call(t, 2);
  }
  return capture(packets);
}

/** Behind the first byte, that never comes, 500 runs with holes between; then over and over what overlaps them. */
function overlaps(n: number): Uint8Array {
  return talk((t, packets) => {
    for (let round = 0; round < n; round++) {
      const runs = t.cut(0, new Uint8Array(1000), 1, 2).slice(1);
      packets.push(...runs);
      for (let i = 0; i < 100; i++) packets.push(runs[(i * 7) % runs.length]);
    }
  });
}

/** A SYN of a flow. */
function flow([from, to, ports]: readonly [number, number, number]): Uint8Array {
  const address = (n: number): string => [24, 16, 8, 0].map((by) => (n >>> by) & 255).join('.');
  return ethernet(ipv4(address(from), address(to), 6, tcp(ports >>> 16, ports & 0xffff, 1, NONE, SYN)));
}

/** A connectionless request (C706 12.5.2) of a client of its own. */
function datagram(i: number): Uint8Array {
  const header = new Uint8Array(80);
  header.set([4, 0, 0x28, 0, 0x10]);
  header.set(u32(i, true), 40);
  return ethernet(ipv4(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, '192.168.0.1', 17, udp(50000, 49700, header)));
}

/** Connections of which, once they are known, every other segment comes, cut behind its headers by the snap length. */
function headersOnly(n: number): Uint8Array {
  const packets: Uint8Array[] = [];
  const held: Uint8Array[] = [];
  for (let i = 0; i < n; i++) {
    const t = new Talk(packets, i + 1);
    t.send(0, half(0, 2, REQUEST));
    const late = t.cut(0, new Uint8Array(24_000), 100, 200).slice(1);
    for (const packet of late) held.push(packet);
  }
  const whole = packets.length;
  add(packets, held);
  return capture(packets, whole);
}

function pcapng(n: number, each: (i: number) => Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [sectionHeader(), interfaceBlock()];
  for (let i = 0; i < n; i++) parts.push(...each(i));
  return Buffer.concat(parts);
}

const QUIET = ethernet(ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50000, 80, 1, new Uint8Array(60))));
const TEXT_AND_TREE = ['calls -T ndjson', '-V'];
const ALL = ['calls -T ndjson', '-V', 'objects', 'stats', 'audit'];

const PACKETS: readonly Shape[] = [
  {
    name: 'DCE/RPC fragments of one byte, one call',
    n: 10_000,
    make: (n) =>
      talk((t) => {
        smallFragments(t, n, 0, REQUEST);
        smallFragments(t, n, 1, RESPONSE);
      }),
    commands: TEXT_AND_TREE,
  },
  {
    name: 'DCE/RPC fragments of one byte, 200 calls at a time',
    n: 10_000,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.send(0, half(0, 2 + (i % 200), NONE, i < 200 ? FIRST : 0));
      }),
    commands: ['calls', '-V'],
  },
  {
    name: 'TCP segments of one byte',
    n: 300,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) call(t, i + 2, 1);
      }),
    commands: TEXT_AND_TREE,
  },
  {
    name: 'a PDU of 60 KB in TCP segments of one byte',
    n: 4,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.send(0, half(0, i + 2, concat(REQUEST, new Uint8Array(60_000))), 1);
      }),
    commands: TEXT_AND_TREE,
  },
  {
    name: 'TCP segments of 4 bytes, every other first, the rest backwards',
    n: 1000,
    make: (n) => talk((t, packets) => add(packets, shuffled(t.cut(0, requests(n), 4)))),
    commands: ['calls', '-V'],
  },
  {
    name: 'TCP segments of 8 bytes, the whole stream backwards',
    n: 2000,
    make: (n) => talk((t, packets) => add(packets, t.cut(0, requests(n), 8).reverse())),
    commands: ['calls'],
  },
  {
    name: 'TCP segments of 1,000 bytes, each one byte ahead of the last',
    n: 200,
    make: (n) => talk((t, packets) => add(packets, t.cut(0, requests(n), 1000, 1))),
    commands: ['calls'],
  },
  { name: 'TCP segments that overlap what waits behind a hole', n: 20, make: overlaps, commands: ['calls'] },
  {
    name: 'bytes that begin no PDU, in a stream that is ours',
    n: 20,
    make: (n) =>
      talk((t) => {
        t.send(0, half(0, 2, REQUEST));
        // headers that claim a length and are followed by none
        for (let i = 0; i < n * 2500; i++) t.send(0, Uint8Array.of(5, 0, 0, 3, 16, 0, 0), 7);
      }),
    commands: ['calls'],
  },
  {
    name: 'IP fragments of 8 bytes, backwards',
    n: 3,
    make: (n) => capture(Array.from({ length: n }, (_, i) => fragments(i, 65_000, (k, all) => all - 1 - k)).flat()),
    commands: ['calls'],
  },
  {
    name: 'IP fragments of 8 bytes with holes, and one of them again',
    n: 4,
    make: (n) => {
      const holes = fragments(1, 65_000, (k) => k * 2, 4000);
      return capture([...holes, ...Array.from({ length: n * 10_000 }, () => holes[0])]);
    },
    commands: ['calls'],
  },
  {
    name: 'IP datagrams of which one fragment comes',
    n: 20_000,
    make: (n) => capture(Array.from({ length: n }, (_, i) => fragments(i & 0xffff, 2000, (k) => k, 1)[0])),
    commands: ['calls'],
  },
  {
    name: 'VLAN tags, 10,000 a frame',
    n: 100,
    make: (n) => {
      const frame = ethernet(QUIET.subarray(14), 0x0800, new Array<number>(10_000).fill(0x8100));
      return capture(new Array<Uint8Array>(n).fill(frame));
    },
    commands: ['calls', '-T ek'],
  },
  {
    name: 'IPv6 extension headers, 7,000 a packet',
    n: 100,
    make: (n) => capture(new Array<Uint8Array>(n).fill(extended(QUIET, 7000))),
    commands: ['calls', '-T ek'],
  },
  {
    name: 'alter_contexts of 200 contexts, never answered',
    n: 100,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.send(0, pdu(Ptype.alterContext, i + 2, bindBody(true, 5840, 7, offers(i * 200))));
      }),
    commands: TEXT_AND_TREE,
  },
  {
    name: 'binds of 200 contexts, accepted',
    n: 100,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.bind(offers(i * 200));
      }),
    commands: ['calls', '-V'],
  },
  {
    name: 'calls that are never answered',
    n: 5000,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.send(0, half(0, i + 2, REQUEST));
      }),
    commands: ALL,
  },
  {
    name: 'answers that nobody asked for',
    n: 5000,
    make: (n) =>
      talk((t) => {
        for (let i = 0; i < n; i++) t.send(1, half(1, i + 2, RESPONSE));
      }),
    commands: ALL,
  },
  { name: 'connections of one call', n: 2000, make: visitors, commands: ALL },
  {
    name: 'flows chosen to fall together in a table',
    n: 50_000,
    make: (n) => capture(Array.from({ length: n }, (_, i) => flow(collidingFlow(i)))),
    commands: ['calls'],
  },
  {
    name: 'UDP endpoints',
    n: 10_000,
    make: (n) => capture(Array.from({ length: n }, (_, i) => datagram(i))),
    commands: ['calls', '-V'],
  },
  { name: 'headers only, behind holes, on many connections', n: 1000, make: headersOnly, commands: ['calls'] },
  {
    name: 'pcapng: interfaces',
    n: 8000,
    make: (n) =>
      pcapng(n, (i) => [
        interfaceBlock(true, 1, option(2, Buffer.from(`if${i}`))),
        enhancedPacket(QUIET, { interfaceId: i }),
      ]),
    commands: ['calls'],
  },
  {
    name: 'pcapng: options of a packet',
    n: 20_000,
    make: (n) => {
      const comments = Buffer.concat(Array.from({ length: n }, () => option(1, Buffer.from('#'))));
      return pcapng(4, () => [enhancedPacket(QUIET, { options: comments })]);
    },
    commands: ['calls', '-V'],
  },
  {
    name: 'pcapng: names and secrets',
    n: 20_000,
    make: (n) =>
      pcapng(n, (i) => [
        block(4, concat(u16(1, true), u16(7, true), [10, 0, i >> 8, i, 97, 97, 0, 0], new Uint8Array(4))),
        block(10, concat(u32(0x4e544c4d, true), u32(4, true), [1, 2, 3, 4])),
      ]),
    commands: ['calls'],
  },
  {
    name: 'pcapng: sections',
    n: 8000,
    make: (n) => pcapng(n, () => [sectionHeader(), interfaceBlock()]),
    commands: ['calls'],
  },
];

export const SHAPES: readonly Shape[] = [...PACKETS, ...VALUES];
