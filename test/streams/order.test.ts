/** In which order PDUs come out, when holes are given up, what is sent again with other bytes, and who never answers. */
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/core/context.js';
import { createStreams } from '../../src/streams/index.js';
import { ACK, concat, dcerpcPdu, FIN, ipv4, RST, SYN, tcp } from '../bytes.js';
import { collector, datagram, Feeder, run, stream } from './support.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
/** Client to server; `at` and `ack` count from the first payload byte of either direction. */
const up = (at: number, bytes?: Uint8Array, ack = 0, flags = ACK) =>
  ipv4(A, B, 6, tcp(50_000, 135, 1001 + at, bytes, flags, 5001 + ack));
const down = (at: number, bytes?: Uint8Array, ack = 0, flags = ACK) =>
  ipv4(B, A, 6, tcp(135, 50_000, 5001 + at, bytes, flags, 1001 + ack));
const hello = [up(-1, undefined, 0, SYN), down(-1, undefined, 0, SYN | ACK), up(0)];
const pdu = (seed: number, length = 100, type = 0) => dcerpcPdu(length, { seed, type });
const L = { link: 101 };

describe('the order of PDUs', () => {
  const requests = [pdu(1), pdu(3), pdu(5)];
  const answers = [pdu(2, 100, 2), pdu(4, 100, 2), pdu(6, 100, 2)];
  /** Each request knows of the answers before it, each answer of its request. */
  const talk = [0, 1, 2].flatMap((i) => [up(100 * i, requests[i], 100 * i), down(100 * i, answers[i], 100 * (i + 1))]);

  it('is that of what their senders knew, in whatever order packets were captured', () => {
    const orders = [
      [1, 0, 2, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
      [3, 5, 1, 0, 4, 2],
      [2, 0, 4, 1, 5, 3],
    ];
    for (const order of orders) {
      const { seeds, notes } = run([...hello, ...order.map((i) => talk[i])], L);
      expect(seeds).toEqual([1, 2, 3, 4, 5, 6]);
      expect(notes).toEqual([]);
    }
  });

  it('is that of what their senders knew where the answer comes in front of all else, the SYNs among it', () => {
    const [first, second, third] = hello;
    const [ask, answer] = talk;
    for (const begin of [
      [answer, ask, first, second, third],
      [second, answer, first, third, ask],
      [answer, first, ask, third, second],
    ])
      expect(run([...begin, ...talk.slice(2)], L).seeds).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('loses no first answer where no SYN was captured and answers were displaced', () => {
    const [ask, answer, again, further, ...rest] = talk;
    for (const begin of [
      [ask, further, answer, again],
      [ask, again, further, answer],
    ]) {
      const { seeds } = run([...begin, ...rest], L);
      expect(seeds.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
      expect(seeds.filter((seed) => seed % 2 === 0)).toEqual([2, 4, 6]);
    }
  });

  it('begins where its receiver still wanted bytes, the lowest of them, and not where that is far away', () => {
    const heard = [down(0, pdu(11, 100, 2), 0), down(100, pdu(12, 100, 2), 100)];
    const late = run([...heard, up(100, pdu(2)), up(0, pdu(1)), up(200, pdu(3))], L);
    expect(late.seeds.filter((seed) => seed < 10)).toEqual([1, 2, 3]);
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of [down(0, pdu(11, 100, 2), -100_000), up(0, pdu(1))]) feeder.feed(p);
    expect(outcome.seeds.toSorted()).toEqual([1, 11]);
    expect(streams.holds).toBe(false);
  });

  it('waits for a client that was not captured no longer than a few packets', () => {
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (let i = 0; i < 40; i++) feeder.feed(down(100 * i, pdu(i + 1, 100, 2), 100));
    expect(outcome.seeds).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(streams.holds).toBe(false);
  });

  it('is that of the bytes of one direction, whatever is missing in the other', () => {
    // the answer lacks its beginning; of the request's two segments the second was captured first
    const long = pdu(3, 160);
    const [front, back] = [long.slice(0, 60), concat(long.slice(60), pdu(5))];
    const answer = pdu(6, 200, 2);
    const { seeds } = run(
      [
        ...hello,
        up(0, pdu(1)),
        down(90, answer.slice(90), 360),
        up(160, back),
        up(100, front),
        down(0, answer.slice(0, 90), 360),
      ],
      L,
    );
    expect(seeds).toEqual([1, 3, 5, 6]);
  });

  it('does not depend on acknowledgements that make no sense', () => {
    const strange = [up(0, pdu(1), -900_000), down(0, pdu(2, 100, 2), 123_456_789), up(100, pdu(3), 0x7fffffff)];
    expect(run([...hello, ...strange], L).seeds).toEqual([1, 2, 3]);
    // a forged one that could be true delays, and no more
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of [...hello, up(0, pdu(1)), down(0, pdu(2, 100, 2), 50_000)]) feeder.feed(p);
    for (let i = 0; i < 20; i++) feeder.feed(up(100 + 100 * i, pdu(10 + i), 100));
    expect(outcome.seeds.slice(0, 8)).toEqual([1, 2, 10, 11, 12, 13, 14, 15]);
  });
});

describe('a hole that the receiver has acknowledged', () => {
  const late = up(100, pdu(2));
  const behind = [up(0, pdu(1)), up(200, pdu(3)), down(0, undefined, 300)];

  it('is filled by a segment that stands a little behind its acknowledgement', () => {
    for (let packets = 0; packets <= 12; packets++) {
      const between = Array.from({ length: packets }, () => down(0, undefined, 300));
      expect(run([...hello, ...behind, ...between, late], L).seeds).toEqual([1, 2, 3]);
    }
  });

  it('is given up soon: what stands behind it does not wait for the end', () => {
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of [...hello, ...behind]) feeder.feed(p);
    expect(outcome.seeds).toEqual([1]);
    expect(streams.holds).toBe(true);
    for (let i = 0; i < 16; i++) feeder.feed(down(0, undefined, 300));
    expect(outcome.seeds).toEqual([1, 3]);
    expect(streams.holds).toBe(false);
  });

  it('is given up when asked to, for frames before a given one', () => {
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of [...hello, ...behind]) feeder.feed(p);
    streams.giveUp(5);
    expect(outcome.seeds).toEqual([1]);
    streams.giveUp(6);
    expect(outcome.seeds).toEqual([1, 3]);
  });

  it('is given up when the connection falls silent', () => {
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of [...hello, ...behind]) feeder.feed(p);
    for (let i = 0; i < 9000; i++) feeder.feed(ipv4('10.9.9.9', B, 6, tcp(7, 80, 1)));
    expect(outcome.seeds).toEqual([1, 3]);
  });
});

describe('behind a hole', () => {
  it('what looks like a header in the middle of a PDU is none, where no PDU follows it', () => {
    const false1 = pdu(99, 40).slice(0, 16);
    const middle = concat(new Uint8Array(60).fill(0x33), false1, new Uint8Array(80).fill(0x33));
    const packets = [up(0, pdu(1)), up(300, concat(middle, pdu(2), pdu(3)))];
    expect(run([...hello, ...packets], L).seeds).toEqual([1, 2, 3]);
  });
});

describe('bytes that are sent again', () => {
  const long = pdu(1, 9000);
  const first = [up(0, long.slice(0, 5000)), up(5000, long.slice(5000)), up(9000, pdu(2)), up(9100, pdu(3))];
  const other = (n: number) => new Uint8Array(n).fill(0xcc);

  it('and differ are told, wherever they lie in what was kept', () => {
    for (const again of [
      up(9000, other(50)),
      up(100, other(100)),
      up(8990, other(5)),
      up(9099, other(1)),
      up(9150, other(40)),
    ])
      expect(run([...hello, ...first, again], L).codes).toEqual(['tcp-conflict']);
  });

  it('and are the same are not', () => {
    const all = concat(long, pdu(2), pdu(3));
    for (const [from, to] of [
      [0, 5000],
      [4000, 9150],
      [8990, 9110],
      [9100, 9200],
    ])
      expect(run([...hello, ...first, up(from, all.slice(from, to))], L).codes).toEqual([]);
  });

  it('go on with what is new in them', () => {
    const both = concat(pdu(1), pdu(2));
    expect(run([...hello, up(0, pdu(1)), up(50, both.slice(50)), up(200, pdu(3))], L).seeds).toEqual([1, 2, 3]);
    // behind a hole, too
    expect(run([...hello, up(0, pdu(1)), up(200, pdu(3)), up(50, both.slice(50))], L).seeds).toEqual([1, 2, 3]);
  });

  it('are compared within bounds', () => {
    const many = Array.from({ length: 300 }, (_, i) => up(1000 * i, pdu(i + 1, 1000)));
    expect(run([...hello, ...many, up(0, other(100))], L).codes).toEqual([]);
    expect(run([...hello, ...many, up(270_000, other(100))], L).codes).toEqual(['tcp-conflict']);
  });
});

describe('a server that answers bytes of no protocol of ours', () => {
  const strange = new Uint8Array(168).fill(0xff);

  it('with a PDU of ours is heard', () => {
    const { seeds, pdus, notes } = run([...hello, up(0, strange), down(0, pdu(7, 24, 13), 168)], L);
    expect(seeds).toEqual([7]);
    expect(pdus[0].connection.ends[pdus[0].direction].port).toBe(135);
    expect(notes).toEqual([]);
  });

  it('with other bytes is not, and neither is what follows', () => {
    expect(run([...hello, up(0, strange), down(0, strange, 168), down(168, pdu(7, 24, 13))], L).seeds).toEqual([]);
    expect(run([...hello, up(0, strange), up(168, pdu(7))], L).seeds).toEqual([]);
  });
});

describe('endpoints that PDUs told of', () => {
  const syn = (from: number, port: number, host = B, flags = SYN) =>
    ipv4(A, host, 6, tcp(from, port, 77, undefined, flags));
  const back = (to: number, port: number, flags: number) => ipv4(B, A, 6, tcp(port, to, 0, undefined, flags, 78));
  const attempts = (packets: readonly Uint8Array[]): Attempt[] => {
    const found: Attempt[] = [];
    const told = new Map([[49_664, new Set([B])]]);
    const events = { pdu: () => {}, note: () => {}, attempt: (a: Attempt) => found.push(a) };
    const streams = createStreams({ streams: [stream], datagram, told }, events);
    const feeder = new Feeder(streams, 101);
    for (const p of packets) feeder.feed(p);
    streams.end();
    return found;
  };

  it('and that nobody answers at are told with their SYNs', () => {
    const found = attempts([syn(5000, 49_664), syn(5000, 49_664), syn(5001, 49_664)]);
    expect(found).toMatchObject([
      {
        client: { address: A, port: 5000 },
        server: { address: B, port: 49_664 },
        syns: 3,
        outcome: 'no answer',
        frames: [1, 2, 3],
      },
    ]);
  });

  it('and that answer with a RST, too', () => {
    expect(attempts([syn(5000, 49_664), back(5000, 49_664, RST | ACK)])).toMatchObject([
      { syns: 1, outcome: 'reset', frames: [1, 2] },
    ]);
  });

  it('are not where a connection came about, also one that ends with a RST, or was captured the wrong way round', () => {
    const handshake = [syn(5000, 49_664), back(5000, 49_664, SYN | ACK)];
    expect(attempts(handshake)).toEqual([]);
    expect(attempts([...handshake, back(5000, 49_664, RST)])).toEqual([]);
    expect(attempts(handshake.reverse())).toEqual([]);
    expect(attempts([syn(5000, 49_664), syn(5000, 49_664, B, ACK), back(5000, 49_664, FIN | ACK)])).toEqual([]);
  });

  it('and no others', () => {
    expect(attempts([syn(5000, 80), syn(5000, 49_664, '10.0.0.9'), back(49_664, 5000, SYN)])).toEqual([]);
  });

  it('are counted within bounds', () => {
    const flood = Array.from({ length: 3000 }, (_, i) =>
      ipv4(`10.1.${i >> 8}.${i & 255}`, B, 6, tcp(9, 49_664, 1, undefined, SYN)),
    );
    expect(attempts(flood)).toHaveLength(1024);
  });
});
