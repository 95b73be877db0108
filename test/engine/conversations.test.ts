/** Frame, TCP and UDP columns are tshark's: over all captures at hand, and over packets that no real host sends. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allFields, LAYER_ALIASES } from '../../dissectors/index.js';
import {
  ACK,
  concat,
  enhancedPacket,
  ethernet,
  FIN,
  interfaceBlock,
  ipv4,
  ipv6,
  option,
  pcapFile,
  RST,
  SYN,
  sectionHeader,
  tcp,
  u16,
  udp,
} from '../bytes.js';
import { ROOT, SHARED } from '../cli.js';
import { columns, differences, framesOf, TSHARK, withCapture } from '../columns.js';
import { Random } from '../fuzz/random.js';

const NAMES = [...new Set([...allFields(), ...LAYER_ALIASES.map((alias) => alias.field)].map((f) => f.name))].filter(
  (name) => /^(?:frame|tcp|udp)\./.test(name) && !['frame.number', 'frame.protocols'].includes(name),
);

const A = '10.0.0.1';
const B = '10.0.0.2';

/** A segment with options: its header is as long as they make it. */
function segment(
  [from, to]: readonly [number, number],
  sequence: number,
  flags: number,
  o: { ack?: number; window?: number; options?: readonly number[]; payload?: number } = {},
): Uint8Array {
  const bytes = tcp(from, to, sequence, new Uint8Array(0), flags, o.ack ?? 0);
  const options = o.options ?? [];
  bytes[12] = (5 + options.length / 4) << 4;
  bytes.set(u16(o.window ?? 100), 14);
  return concat(bytes, options, new Uint8Array(o.payload ?? 0));
}

const there = (bytes: Uint8Array): Uint8Array => ethernet(ipv4(A, B, 6, bytes));
const back = (bytes: Uint8Array): Uint8Array => ethernet(ipv4(B, A, 6, bytes));
const SCALE = (shift: number): number[] => [3, 3, shift, 1];
const OUT = [40_000, 135] as const;
const IN = [135, 40_000] as const;

const file = (packets: readonly Uint8Array[]): Uint8Array => pcapFile(packets.map((bytes) => ({ bytes })));

describe('conversations', () => {
  it('numbers count from the first of their direction, windows are shifted as both SYNs said', async () => {
    const packets = [
      there(segment(OUT, 1000, SYN, { options: SCALE(7) })),
      back(segment(IN, 0xffffffff, SYN | ACK, { ack: 1001, options: SCALE(3) })),
      there(segment(OUT, 1001, ACK, { ack: 0 })),
      there(segment(OUT, 1001, ACK, { ack: 0, payload: 5 })),
      back(segment(IN, 0, ACK | FIN, { ack: 1006 })),
    ];
    const names = ['tcp.stream', 'tcp.seq', 'tcp.seq_raw', 'tcp.nxtseq', 'tcp.ack', 'tcp.ack_raw', 'tcp.window_size'];
    await withCapture(file(packets), async (f) => {
      expect(await columns(f, names)).toEqual([
        ['0', '0', '1000', '1', '0', '0', '100'],
        ['0', '0', '4294967295', '1', '1', '1001', '100'],
        ['0', '1', '1001', '1', '1', '0', '12800'],
        ['0', '1', '1001', '6', '1', '0', '12800'],
        ['0', '1', '0', '2', '6', '1006', '800'],
      ]);
    });
  });

  it('ports that are used again are another conversation; a SYN sent again is not', async () => {
    const packets = [
      there(segment(OUT, 1000, SYN)),
      there(segment(OUT, 1000, SYN)),
      there(segment(OUT, 5000, SYN)),
      back(segment(IN, 77, SYN | ACK, { ack: 5001 })),
      there(segment([40_001, 135], 1, ACK, { ack: 1 })),
    ];
    await withCapture(file(packets), async (f) => {
      expect((await columns(f, ['tcp.stream'])).flat()).toEqual(['0', '0', '1', '1', '2']);
      expect(await framesOf(f, 'tcp.stream eq 1 && tcp.seq == 0')).toEqual([3, 4]);
    });
  });

  it('windows are not shifted where one SYN says nothing of it', async () => {
    const packets = [
      there(segment(OUT, 1, SYN, { options: SCALE(7) })),
      back(segment(IN, 1, SYN | ACK, { ack: 2 })),
      there(segment(OUT, 2, ACK, { ack: 2 })),
    ];
    await withCapture(file(packets), async (f) => {
      expect((await columns(f, ['tcp.window_size'])).flat()).toEqual(['100', '100', '100']);
    });
  });

  it('a datagram in fragments has its transport in the frame that completes it', async () => {
    const whole = segment(OUT, 9, ACK, { payload: 28 });
    const part = (at: number, end: number): Uint8Array =>
      ethernet(
        ipv4(A, B, 6, whole.subarray(at, end), { id: 3, fragmentOffset: at, moreFragments: end < whole.length }),
      );
    await withCapture(file([part(24, 48), part(0, 16), part(16, 24), there(segment(OUT, 37, ACK))]), async (f) => {
      expect(await columns(f, ['tcp.srcport', 'tcp.len', 'tcp.stream'])).toEqual([
        ['', '', ''],
        ['', '', ''],
        ['40000', '28', '0'],
        ['40000', '0', '0'],
      ]);
    });
  });

  it('interfaces of a capture', async () => {
    const name = (text: string): Uint8Array => concat(option(2, Buffer.from(text)), option(3, Buffer.from(`${text}!`)));
    const packet = there(segment(OUT, 1, ACK));
    const bytes = concat(
      sectionHeader(),
      interfaceBlock(true, 1, name('eth7')),
      interfaceBlock(),
      enhancedPacket(packet, { interfaceId: 1 }),
      enhancedPacket(packet),
    );
    await withCapture(bytes, async (f) => {
      expect(await columns(f, ['frame.interface_id', 'frame.interface_name', 'frame.interface_description'])).toEqual([
        ['1', 'unknown', ''],
        ['0', 'eth7', 'eth7!'],
      ]);
      expect(await framesOf(f, 'frame.interface_id == 1')).toEqual([1]);
    });
    // as in Wireshark, each section counts its own; whose name that is there, it asks the first section
    const second = concat(sectionHeader(), interfaceBlock(true, 1, name('eth8')), enhancedPacket(packet));
    await withCapture(concat(bytes, second), async (f) => {
      expect(await columns(f, ['frame.interface_id', 'frame.interface_name'])).toEqual([
        ['1', 'unknown'],
        ['0', 'eth7'],
        ['0', 'eth8'],
      ]);
    });
  });
});

/** Packets of few hosts with whatever flags, numbers, options and cuts. */
function wildPackets(seed: number, n: number): Uint8Array[] {
  const random = new Random(seed, 0);
  const six = (last: number): Uint8Array => concat([0x20, 1, 0x0d, 0xb8], new Uint8Array(11), [last]);
  return Array.from({ length: n }, (_, i) => {
    const isBack = random.once(2);
    const low = random.below(3) + 1;
    const ports: readonly [number, number] = isBack ? [49_999, 40_000 + low] : [40_000 + low, 49_999];
    const wrap = (protocol: number, payload: Uint8Array, o = {}): Uint8Array => {
      if (random.once(3))
        return ethernet(
          isBack ? ipv6(six(2), six(1), protocol, payload) : ipv6(six(1), six(2), protocol, payload),
          0x86dd,
        );
      return ethernet(isBack ? ipv4(B, A, protocol, payload, o) : ipv4(A, B, protocol, payload, o));
    };
    if (random.once(5)) return wrap(17, udp(ports[0], ports[1], new Uint8Array(random.below(20))));
    const flags = random.pick([
      SYN,
      SYN | ACK,
      ACK,
      ACK,
      ACK,
      ACK | 8,
      FIN | ACK,
      FIN,
      RST,
      RST | ACK,
      0,
      SYN | FIN,
      SYN | RST,
    ]);
    const options = random.pick([
      [],
      [],
      SCALE(random.below(20)),
      [2, 4, 5, 180, 3, 3, 2, 0],
      [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2],
    ]);
    const bytes = segment(ports, random.pick([100, 101, 0, 0xffffffff, random.next()]), flags, {
      ack: random.pick([0, 0, 1, 101, random.next()]),
      window: random.below(65_536),
      options,
      payload: random.below(12),
    });
    return wrap(6, bytes, { id: i });
  });
}

const COMPARED = ['tcp.stream', 'tcp.seq', 'tcp.ack', 'tcp.nxtseq', 'tcp.window_size', 'tcp.len', 'udp.stream'];

describe.skipIf(TSHARK !== '4.0')('against tshark', () => {
  it.each([1, 2])('wild packets, seed %d', async (seed) => {
    await withCapture(file(wildPackets(seed, 1500)), async (f) => {
      expect(await differences(f, COMPARED)).toEqual([]);
    });
  });
});

const captures =
  SHARED === null
    ? []
    : ['real/', 'traffic/net-', 'traffic/udp']
        .map((start) => `${SHARED}captures/${start}`)
        .flatMap((start) => {
          const folder = start.slice(0, start.lastIndexOf('/') + 1);
          return readdirSync(folder)
            .map((f) => folder + f)
            .filter((f) => f.startsWith(start));
        });
const samples = readdirSync(`${ROOT}samples`, { recursive: true, encoding: 'utf8' })
  .filter((f) => SHARED === null || !f.startsWith('truth'))
  .map((f) => `${ROOT}samples/${f}`);

/** What stays different, by the name of the capture: tshark counts a custom block of pcapng as a frame. */
const REMAINS: Readonly<Record<string, readonly string[]>> = {
  'net-multi-if.pcapng': ['frame.time_delta', 'frame.time_relative'],
  'net-multi-if-mixed.pcapng': ['frame.time_delta', 'frame.time_relative'],
};

describe.skipIf(TSHARK !== '4.0')('captures against tshark', () => {
  it.each([...captures, ...samples].filter((f) => /\.pcap(?:ng)?(?:\.gz)?$/.test(f)))('%s', async (f) => {
    expect(NAMES.length).toBeGreaterThan(40);
    const out = REMAINS[f.slice(f.lastIndexOf('/') + 1)] ?? [];
    expect(
      await differences(
        f,
        NAMES.filter((name) => !out.includes(name)),
      ),
    ).toEqual([]);
  });
});
