import { describe, expect, it } from 'vitest';
import { ipv6Text } from '../../src/core/address.js';
import { concat, dcerpcPdu, ethernet, ipv4, ipv6, SYN, tcp, u16, u32, udp } from '../bytes.js';
import { collector, Feeder, type Outcome, run } from './support.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const pdu = dcerpcPdu(40, { seed: 1 });
const segment = tcp(50_000, 135, 1000, pdu);
const packet = ipv4(A, B, 6, segment);

function address6(last: number): Uint8Array {
  const b = new Uint8Array(16);
  b.set([0x20, 1, 0x0d, 0xb8]);
  b[15] = last;
  return b;
}

function expectThePdu(outcome: Outcome) {
  expect(outcome.pdus).toHaveLength(1);
  expect(outcome.pdus[0].bytes).toEqual(pdu);
}

describe('link types', () => {
  const cases: [string, number, Uint8Array][] = [
    ['Ethernet', 1, ethernet(packet)],
    ['Ethernet with three VLAN tags', 1, ethernet(packet, 0x0800, [0x88a8, 0x8100, 0x9100])],
    [
      'Ethernet with 802.2 SNAP',
      1,
      concat(new Uint8Array(12), u16(8 + packet.length), [0xaa, 0xaa, 3, 0, 0, 0, 8, 0], packet),
    ],
    ['Ethernet, padded behind the IP packet', 1, concat(ethernet(packet), new Uint8Array(30).fill(5))],
    ['Linux cooked v1', 113, concat(new Uint8Array(14), u16(0x0800), packet)],
    ['Linux cooked v2', 276, concat(u16(0x0800), new Uint8Array(18), packet)],
    ['raw IP 101', 101, packet],
    ['raw IP 12', 12, packet],
    ['raw IP 14', 14, packet],
    ['raw IPv4 228', 228, packet],
    ['null, little endian', 0, concat(u32(2, true), packet)],
    ['null, big endian', 0, concat(u32(2), packet)],
    ['loop', 108, concat(u32(2), packet)],
  ];
  for (const [name, link, bytes] of cases) it(name, () => expectThePdu(run([bytes], { link })));

  it('one that is not understood is said once, with the number of packets', () => {
    const { notes, pdus } = run([packet, packet], { link: 9999 });
    expect(pdus).toHaveLength(0);
    expect(notes.map((n) => [n.code, n.message])).toEqual([
      ['link-type', '2 of 2 packets are of link type 9999, which is not understood: not looked into'],
    ]);
  });
});

describe('IPv4 and IPv6', () => {
  it('IPv4 options are passed over', () => {
    expectThePdu(run([ipv4(A, B, 6, segment, { options: new Uint8Array(12).fill(1) })], { link: 101 }));
  });

  it('a total length of zero (TSO) is that of the frame', () => {
    const tso = packet.slice();
    tso.set([0, 0], 2);
    expectThePdu(run([tso], { link: 101 }));
  });

  it('IPv6, with hop-by-hop, routing, destination options and AH', () => {
    const plain = run([ipv6(address6(1), address6(2), 6, segment)], { link: 101 });
    expectThePdu(plain);
    expect(plain.pdus[0].connection.ends.map((e) => e.address)).toEqual(['2001:db8::1', '2001:db8::2']);
    const extended = concat(
      [43, 0, 0, 0, 0, 0, 0, 0],
      [60, 1, ...new Array(14).fill(0)],
      [51, 0, 0, 0, 0, 0, 0, 0],
      [6, 4, ...new Array(22).fill(0)],
      segment,
    );
    expectThePdu(run([ipv6(address6(1), address6(2), 0, extended)], { link: 101 }));
  });

  it('RFC 5952 texts', () => {
    const of = (...groups: number[]) => ipv6Text(concat(...groups.map((g) => u16(g))), 0);
    expect(of(0, 0, 0, 0, 0, 0, 0, 0)).toBe('::');
    expect(of(0, 0, 0, 0, 0, 0, 0, 1)).toBe('::1');
    expect(of(0xfe80, 0, 0, 0, 0, 0, 0, 0)).toBe('fe80::');
    expect(of(0x2001, 0xdb8, 0, 1, 1, 1, 1, 1)).toBe('2001:db8:0:1:1:1:1:1');
    expect(of(0x2001, 0, 0, 1, 0, 0, 0, 1)).toBe('2001:0:0:1::1');
    expect(of(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)).toBe('2001:db8::1:0:0:1');
    expect(of(0, 0, 0, 0, 0, 0xffff, 0x0a00, 1)).toBe('::ffff:10.0.0.1');
  });
});

describe('fragments', () => {
  const big = dcerpcPdu(300, { seed: 9 });
  const whole = tcp(50_000, 135, 1000, big);
  const cuts = [0, 64, 160, 240, whole.length];
  const of = (i: number, id = 7) =>
    ipv4(A, B, 6, whole.slice(cuts[i], cuts[i + 1]), { id, fragmentOffset: cuts[i], moreFragments: i < 3 });

  it('IPv4 in any order, duplicated, overlapped: the bytes and where each of them lies', () => {
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 1, 3, 0, 0, 2],
    ]) {
      const { pdus } = run(
        order.map((i) => of(i)),
        { link: 101 },
      );
      expect(pdus).toHaveLength(1);
      expect(pdus[0].bytes).toEqual(big);
      expect(pdus[0].pieces.reduce((n, p) => n + p.length, 0)).toBe(300);
      expect(pdus[0].frames).toEqual([...pdus[0].frames].sort((a, b) => a - b));
      expect(pdus[0].time.nsec).toBe(order.length);
    }
    const overlap = ipv4(A, B, 6, new Uint8Array(96).fill(0xbb), { id: 7, fragmentOffset: 40, moreFragments: true });
    expect(run([of(0), of(1), overlap, of(2), of(3)], { link: 101 }).pdus[0].bytes).toEqual(big);
  });

  it('the first last fragment tells where the datagram ends, and none stands behind what IP can carry', () => {
    const other = (at: number, length: number, moreFragments = false) =>
      ipv4(A, B, 6, new Uint8Array(length).fill(0xbb), { id: 7, fragmentOffset: at, moreFragments });
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const fragment of [of(3), other(400, 8), of(0), of(1), of(2)]) feeder.feed(fragment);
    expect(outcome.pdus.map((p) => p.bytes)).toEqual([big]);
    // 65,535 bytes of payload at most: these would end behind them
    for (const far of [other(65_528, 16), other(65_528, 600, true)])
      expect(run([of(0), far, of(1), of(2), of(3)], { link: 101 }).pdus.map((p) => p.bytes)).toEqual([big]);
  });

  it('IPv6', () => {
    const make = (from: number, to: number) =>
      ipv6(
        address6(1),
        address6(2),
        44,
        concat([6, 0], u16(from | (to < whole.length ? 1 : 0)), u32(99), whole.slice(from, to)),
      );
    const { pdus } = run([make(0, 80), make(240, whole.length), make(80, 240)], { link: 101 });
    expect(pdus.map((p) => p.bytes)).toEqual([big]);
    expect(pdus[0].frames).toEqual([1, 2, 3]);
  });

  it('what waits behind missing bytes keeps its own, whatever is put together meanwhile', () => {
    const bodies = [1, 2, 3, 4].map((seed) => dcerpcPdu(300, { seed }));
    const inTwo = (i: number): Uint8Array[] => {
      const segment = tcp(50_000, 135, 1000 + 300 * i, bodies[i]);
      return [0, 160].map((from) =>
        ipv4(A, B, 6, segment.slice(from, from === 0 ? 160 : segment.length), {
          id: 20 + i,
          fragmentOffset: from,
          moreFragments: from === 0,
        }),
      );
    };
    const { pdus } = run([...inTwo(0), ...inTwo(2), ...inTwo(3), ...inTwo(1)], { link: 101 });
    expect(pdus.map((p) => p.bytes)).toEqual(bodies);
  });

  it('a PDU is of the frame that completed its datagram, wherever its bytes stand', () => {
    const stream = tcp(50_000, 135, 1000, concat(dcerpcPdu(60, { seed: 1 }), dcerpcPdu(300, { seed: 2 })));
    // its end is padding behind what the UDP header tells
    const single = concat(udp(50_000, 135, concat([4, 0], new Uint8Array(90))), new Uint8Array(200));
    for (const [protocol, bytes] of [
      [6, stream],
      [17, single],
    ] as const) {
      const parts = [
        ipv4(A, B, protocol, bytes.slice(0, 128), { id: 9, fragmentOffset: 0, moreFragments: true }),
        ipv4(A, B, protocol, bytes.slice(128), { id: 9, fragmentOffset: 128, moreFragments: false }),
      ];
      for (const order of [parts, [...parts].reverse()])
        expect(run(order, { link: 101 }).pdus.map((p) => p.frames.at(-1))).toEqual(protocol === 6 ? [2, 2] : [2]);
    }
  });

  it('a missing fragment: what is in front of it comes out as a cut PDU', () => {
    const { pdus, codes } = run([of(0), of(1), of(3)], { link: 101 });
    expect(pdus.map((p) => [p.bytes.length, p.length])).toEqual([[140, 300]]);
    expect(codes).toContain('truncated');
  });

  it('a flood of datagrams that are never complete stays within its bound', () => {
    const { streams, outcome } = collector({ fragmented: 16 });
    const feeder = new Feeder(streams, 101);
    for (let id = 0; id < 5000; id++) feeder.feed(of(1, id));
    feeder.feed(of(0, 5000));
    for (const i of [1, 2, 3]) feeder.feed(of(i, 5000));
    expect(outcome.pdus).toHaveLength(1);
    expect(outcome.codes.filter((c) => c === 'limit')).toHaveLength(1);
    streams.end();
  });
});

describe('UDP', () => {
  const body = new Uint8Array(100);
  body[0] = 4;

  it('each claimed datagram is a PDU; both directions are one connection', () => {
    const { pdus, closed } = run(
      [
        ipv4(A, B, 17, udp(1025, 135, body)),
        ipv4(B, A, 17, udp(135, 1025, body)),
        ipv4(B, A, 17, udp(53, 1025, new Uint8Array(100))),
        concat(ipv4(A, B, 17, udp(1025, 135, body.slice(0, 90))), new Uint8Array(20)),
      ],
      { link: 101 },
    );
    expect(pdus.map((p) => [p.direction, p.length, p.connection.id, p.connection.client])).toEqual([
      [0, 100, 0, 0],
      [1, 100, 0, 0],
      [0, 90, 0, 0],
    ]);
    expect(pdus[0].connection.transport).toBe('ncadg_ip_udp');
    expect(closed).toHaveLength(1);
  });

  it('a port named by the user needs no claim', () => {
    const ports = new Map([[999, 'dcerpc' as const]]);
    expect(run([ipv4(A, B, 17, udp(999, 5, body.slice(0, 20)))], { link: 101, ports }).pdus).toHaveLength(1);
  });
});

it('a packet cut at every length, and each byte of it set to extremes: no throw', () => {
  const syn = ipv4(A, B, 6, tcp(50_000, 135, 999, undefined, SYN));
  const frames = [
    ethernet(syn),
    ethernet(packet),
    ethernet(ipv6(address6(1), address6(2), 44, concat([6, 0, 0, 1, 0, 0, 0, 1], segment)), 0x86dd),
  ];
  const { streams } = collector();
  const feeder = new Feeder(streams);
  for (const frame of frames) {
    for (let n = 0; n <= frame.length; n++) feeder.feed(frame.slice(0, n), { length: frame.length });
    for (let at = 0; at < frame.length; at++)
      for (const value of [0, 1, 0x45, 0x60, 0x7f, 0x80, 0xff]) {
        const odd = frame.slice();
        odd[at] = value;
        feeder.feed(odd);
      }
  }
  streams.end();
});
