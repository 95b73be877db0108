/** Tunnels and links: what is wrapped into them gives the calls that it gives without them, as tshark reads it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/open.js';
import { callToJson, readCalls } from '../../src/index.js';
import { concat, dcerpcPdu, type FilePacket, ipv4, ipv6, pcapFile, tcp, u32, udp } from '../bytes.js';
import { ROOT } from '../cli.js';
import { columns, framesOf, TSHARK, tsharkColumns } from '../columns.js';
import { collector, Feeder, run } from '../streams/support.js';
import { capwapFragments, LINKS, TUNNELS, type Wrapping, wlanFragments } from './wrappings.js';

/** The same numbers below `n` every time. */
function randoms(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** An IPv6 address for the last byte of one of IPv4. */
const six6 = (last: number): Uint8Array => concat([0x20, 1, 0x0d, 0xb8], new Uint8Array(11), [last]);

const folder = mkdtempSync(join(tmpdir(), 'clrscope-links-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The IP packets of a sample's frames. */
async function packetsOf(sample: string): Promise<FilePacket[]> {
  const found: FilePacket[] = [];
  await readCapture(`${ROOT}samples/${sample}/capture.pcap`, ({ bytes, start, end, sec, nsec }) => {
    found.push({ bytes: bytes.slice(start + 14, end), sec, fraction: nsec / 1000 });
  });
  return found;
}
const packets = await packetsOf('managed-object');

const wrapped = ({ link, wrap }: Wrapping, all: readonly FilePacket[] = packets): Uint8Array =>
  pcapFile(
    all.map((p, i) => ({ ...p, bytes: wrap(p.bytes, i) })),
    { link },
  );

async function callsOf(capture: Uint8Array): Promise<unknown[]> {
  const found: unknown[] = [];
  await readCalls(capture, (call, number) => found.push(callToJson(call, number, '')));
  return found;
}
const plain = await callsOf(pcapFile(packets, { link: 101 }));

/** Columns that show both what is around and what is inside. */
const COLUMNS = [
  'frame.number',
  'ip.src',
  'ip.dst',
  'tcp.srcport',
  'tcp.stream',
  'tcp.seq',
  'tcp.len',
  'dcerpc.opnum',
  'frame.protocols',
];

describe('the calls of a sample come out of', () => {
  it('its packets alone', () => {
    expect(plain).toHaveLength(16);
  });

  it.each([...TUNNELS, ...LINKS])('$name', async (wrapping) => {
    expect(await callsOf(wrapped(wrapping))).toEqual(plain);
  });

  it('6in4, and IPv6 in GENEVE', async () => {
    const six = (ip: Uint8Array): Uint8Array => ipv6(six6(ip[15]), six6(ip[19]), 6, ip.subarray(20));
    const want = (await callsOf(
      pcapFile(
        packets.map((p) => ({ ...p, bytes: six(p.bytes) })),
        { link: 101 },
      ),
    )) as object[];
    expect(want).toHaveLength(16);
    for (const wrap of [
      (ip: Uint8Array) => ipv4('192.0.2.1', '192.0.2.2', 41, six(ip)),
      (ip: Uint8Array) =>
        ipv4('192.0.2.1', '192.0.2.2', 17, udp(9, 6081, concat([0, 0, 0x86, 0xdd, 0, 0, 0, 0], six(ip)))),
    ])
      expect(await callsOf(wrapped({ name: '', link: 101, wrap }))).toEqual(want);
  });

  it('tunnels in fragments, of which the last comes first', async () => {
    const fragments = packets.flatMap((p, i) => {
      const whole = TUNNELS[0].wrap(p.bytes, i).subarray(34);
      const at = (whole.length >> 4) << 3;
      const part = (from: number, to: number, moreFragments: boolean): FilePacket => ({
        ...p,
        bytes: ipv4('192.0.2.1', '192.0.2.2', 17, whole.subarray(from, to), {
          id: i,
          fragmentOffset: from,
          moreFragments,
        }),
      });
      return [part(at, whole.length, false), part(0, at, true)];
    });
    const found = (await callsOf(pcapFile(fragments, { link: 101 }))) as { in: unknown; out: unknown }[];
    expect(found.map((c) => [c.in, c.out])).toEqual(
      (plain as { in: unknown; out: unknown }[]).map((c) => [c.in, c.out]),
    );
  });
});

describe('frames in fragments', () => {
  type Halves = { in: unknown; out: unknown }[];
  const halves = (calls: unknown[]): unknown[] => (calls as Halves).map((call) => [call.in, call.out]);
  const capture = (link: number, fragments: (ip: Uint8Array, i: number) => Uint8Array[]): Uint8Array =>
    pcapFile(
      packets.flatMap((p, i) => fragments(p.bytes, i).map((bytes) => ({ ...p, bytes }))),
      { link },
    );
  const radiotap = [0, 0, 9, 0, 2, 0, 0, 0, 0x10];

  it.each([
    ['802.11', 105, wlanFragments],
    ['802.11 with QoS', 105, (ip, i) => wlanFragments(ip, i, [], [3, 0])],
    [
      '802.11 with a checksum behind each',
      127,
      (ip, i) => wlanFragments(ip, i, u32(7)).map((f) => concat(radiotap, f)),
    ],
    ['802.11, each sent twice', 105, (ip, i) => wlanFragments(ip, i).flatMap((f) => [f, f])],
    ['802.11, all with one number', 105, (ip) => wlanFragments(ip, 9)],
    [
      '802.11, behind a first one whose others were lost',
      105,
      (ip) => [wlanFragments(ip, 9)[0], ...wlanFragments(ip, 9)],
    ],
    ['CAPWAP', 1, capwapFragments],
    ['CAPWAP, out of order', 1, (ip, i) => capwapFragments(ip, i).reverse()],
  ] as [string, number, (ip: Uint8Array, i: number) => Uint8Array[]][])(
    'give the calls: %s',
    async (_, link, fragments) => {
      expect(halves(await callsOf(capture(link, fragments)))).toEqual(halves(plain));
    },
  );

  const [first, second, third] = wlanFragments(packets[3].bytes, 5, [], [1, 0]);
  const [, other] = wlanFragments(packets[5].bytes, 5, [], [2, 0]);

  it('classes of traffic count for themselves', () => {
    const { pdus } = run([first, other, second, third], { link: 105 });
    expect(pdus.map(({ bytes }) => bytes)).toEqual(
      run([packets[3].bytes], { link: 101 }).pdus.map(({ bytes }) => bytes),
    );
  });

  it('a missing one is not passed over', () => {
    const { pdus } = run([first, third, second], { link: 105 });
    expect(pdus.map(({ frames }) => frames)).not.toContainEqual([1, 2]);
    expect(run([second, third], { link: 105 }).pdus).toEqual([]);
  });

  it('what is held of them is bounded', () => {
    const firsts = Array.from({ length: 3000 }, (_, i) => {
      const frame = first.slice();
      frame[10] = i >> 8;
      frame[11] = i & 255;
      return frame;
    });
    const { notes } = run(firsts, { link: 105, limits: { fragmented: 10 } });
    expect(notes.map(({ code }) => code)).toContain('limit');
  });

  it.skipIf(TSHARK === null).each([
    ['802.11', 105, wlanFragments],
    ['CAPWAP', 1, capwapFragments],
  ] as [string, number, (ip: Uint8Array, i: number) => Uint8Array[]][])(
    'have the columns of tshark: %s',
    async (name, link, fragments) => {
      const file = join(folder, `${name}.pcap`);
      writeFileSync(file, capture(link, fragments));
      const theirs = tsharkColumns(file, COLUMNS).map((row) => row.map((value) => value.replace(/:data$/, '')));
      expect(await columns(file, COLUMNS)).toEqual(theirs);
    },
  );

  it('under DTLS CAPWAP is encrypted, and that is said', () => {
    const sealed = ipv4('192.0.2.1', '192.0.2.2', 17, udp(50_000, 5247, concat([1, 0, 0, 0], new Uint8Array(40))));
    const { notes } = run([sealed], { link: 101 });
    expect(notes.map(({ message }) => message)).toEqual([
      '1 of 1 packets are CAPWAP under DTLS, which is encrypted: not looked into',
    ]);
  });
});

describe('fragments in a tunnel in fragments', () => {
  const body = dcerpcPdu(600, { seed: 3 });
  const segment = tcp(50_000, 135, 1, body);
  const inside = [
    ipv4('10.0.0.1', '10.0.0.2', 6, segment.subarray(0, 320), { id: 5, moreFragments: true }),
    ipv4('10.0.0.1', '10.0.0.2', 6, segment.subarray(320), { id: 5, fragmentOffset: 320 }),
  ];
  const outside = inside.flatMap((ip, i) => [
    ipv4('192.0.2.1', '192.0.2.2', 4, ip.subarray(0, 160), { id: 20 + i, moreFragments: true }),
    ipv4('192.0.2.1', '192.0.2.2', 4, ip.subarray(160), { id: 20 + i, fragmentOffset: 160 }),
  ]);

  it.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[2, 0, 3, 1]]])('in the order %j', (order) => {
    const { pdus } = run(
      order.map((i) => outside[i]),
      { link: 101 },
    );
    expect(pdus.map((pdu) => pdu.bytes)).toEqual([body]);
    expect(pdus[0].pieces.reduce((n, piece) => n + piece.length, 0)).toBe(600);
    expect(pdus[0].frames).toEqual([1, 2, 3, 4]);
    // each piece lies in the packet that it is said to lie in
    const starts = order.map(
      (_, i) => 24 + order.slice(0, i).reduce((n, k) => n + outside[k].length, 0) + 16 * (i + 1),
    );
    for (const { at, length, frame, fileOffset } of pdus[0].pieces) {
      const from = fileOffset - starts[frame - 1];
      expect(outside[order[frame - 1]].subarray(from, from + length)).toEqual(body.subarray(at, at + length));
    }
  });
});

describe('addresses', () => {
  const file = join(folder, 'vxlan.pcap');
  writeFileSync(file, wrapped(TUNNELS[0]));

  it.each(['ip.addr == 192.0.2.1', 'ip.addr == 10.20.0.10', 'ip.src == 192.0.2.0/24 && ip.src == 10.20.0.0/16'])(
    'around and inside match: %s',
    async (filter) => {
      expect((await framesOf(file, `dcerpc && ${filter}`)).length).toBeGreaterThan(20);
    },
  );

  it('and are columns in their order', async () => {
    const [first] = await columns(file, ['ip.src', 'vxlan.vni', 'udp.dstport', 'tcp.dstport']);
    expect(first).toEqual(['192.0.2.1,10.20.0.10', '4660', '4789', '135']);
  });
});

// of a packet of each the tests of fields compare all columns
describe.skipIf(TSHARK === null)('tshark has the same columns of the sample in', () => {
  it.each([
    ...[
      'VXLAN',
      'GTP-U',
      'ERSPAN III',
      'radiotap',
      'NFLOG',
      'ERSPAN I',
      'MACsec in clear',
      '802.1ad',
      'HSR',
      '802.1CB',
    ],
    ...[
      'bridged frames',
      'PPPoE with bridged frames',
      'PPPoE with multilink PPP',
      'GTP-U with Ethernet',
      'PPI',
      'PKTAP',
    ],
    ...['PPI with Ethernet', 'AVS as Prism', 'jumbo frames', 'cooked 2 with radiotap', 'OpenBSD pflog', 'cooked 2'],
  ])('%s', async (name) => {
    const file = join(folder, 'x.pcap');
    writeFileSync(file, wrapped([...TUNNELS, ...LINKS].find((one) => one.name === name) as Wrapping));
    expect(await columns(file, COLUMNS)).toEqual(tsharkColumns(file, COLUMNS));
  });
});

describe('frames of 802.11 without data', () => {
  it.each([
    ['null frames', [0x48, 1]],
    ['beacons', [0x80, 0]],
  ])('have addresses and numbers: %s', async (_, control) => {
    const frame = concat(
      control,
      [0, 0],
      new Uint8Array(6).fill(1),
      new Uint8Array(6).fill(2),
      new Uint8Array(6),
      [0x23, 1],
    );
    const file = join(folder, 'none.pcap');
    writeFileSync(file, pcapFile([{ bytes: frame }], { link: 105 }));
    expect(await columns(file, ['wlan.ta', 'wlan.sa', 'wlan.seq', 'wlan.frag'])).toEqual([
      ['02:02:02:02:02:02', '02:02:02:02:02:02', '18', '3'],
    ]);
  });
});

describe('what leads nowhere', () => {
  const nested = (n: number, ip: Uint8Array): Uint8Array =>
    n === 0 ? ip : ipv4('192.0.2.1', '192.0.2.2', 4, nested(n - 1, ip));

  it('eight tunnels inside each other are looked into, and no more', () => {
    const ip = ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 135, 1, dcerpcPdu(40, { seed: 1 })));
    expect(run([nested(8, ip)], { link: 101 }).pdus).toHaveLength(1);
    const { pdus, notes } = run([nested(9, ip), nested(500, ip)], { link: 101 });
    expect(pdus).toEqual([]);
    expect(notes.map(({ message }) => message)).toEqual([
      '2 of 2 packets are in more than 8 tunnels inside each other: not looked into',
    ]);
  });

  it('what is encrypted is counted and said', () => {
    const ip = packets[0].bytes;
    const protectedFrame = LINKS.find(({ name }) => name === '802.11')?.wrap(ip, 0) ?? ip;
    protectedFrame[1] |= 0x40;
    const { notes } = run([protectedFrame, protectedFrame], { link: 105 });
    expect(notes.map(({ code, message }) => [code, message])).toEqual([
      ['opaque-link', '2 of 2 packets are protected 802.11, which is encrypted: not looked into'],
    ]);
  });

  it('a datagram of another protocol on the port of a tunnel is a datagram', () => {
    const body = new Uint8Array(100);
    body[0] = 4;
    for (const port of [4789, 5247, 6081, 2152, 37_008, 1701, 3544, 8472])
      expect(run([ipv4('10.0.0.1', '10.0.0.2', 17, udp(port, 135, body))], { link: 101 }).pdus).toHaveLength(1);
  });

  it('headers that are cut, damaged or random: nothing throws, and the walk ends', () => {
    const random = randoms(7);
    for (const { link, wrap } of [...TUNNELS, ...LINKS]) {
      const { streams } = collector();
      const feeder = new Feeder(streams, link);
      const whole = wrap(packets[5].bytes, 1);
      for (let n = 0; n < whole.length; n += 1 + (n >> 6)) feeder.feed(whole.slice(0, n), { length: whole.length });
      for (let i = 0; i < 200; i++) {
        const odd = whole.slice();
        for (let k = random(6); k >= 0; k--) odd[random(Math.min(odd.length, 80))] = random(256);
        feeder.feed(odd);
      }
      streams.end();
    }
  });
});
