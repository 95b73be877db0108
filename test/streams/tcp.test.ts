import { describe, expect, it } from 'vitest';
import { ACK, concat, dcerpcPdu, FIN, ipv4, RST, SYN, tcp } from '../bytes.js';
import { collector, Feeder, run } from './support.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
/** Client to server, sequence numbers counted from the first payload byte. */
const up = (at: number, bytes?: Uint8Array, flags = ACK, ack = 0, port = 50_000, isn = 0xffffff00) =>
  ipv4(A, B, 6, tcp(port, 135, isn + 1 + at, bytes, flags, ack));
const down = (at: number, bytes?: Uint8Array, flags = ACK, ack = 0, port = 50_000) =>
  ipv4(B, A, 6, tcp(135, port, 5001 + at, bytes, flags, ack));
const hello = [up(-1, undefined, SYN), down(-1, undefined, SYN | ACK, 0xffffff01), up(0)];
const pdus = Array.from({ length: 12 }, (_, i) => dcerpcPdu(100 + i, { seed: i + 1 }));
const all = concat(...pdus);
const L = { link: 101 };
/** The stream in segments of `size`. */
const segments = (size: number) =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => up(i * size, all.slice(i * size, (i + 1) * size)));
const ONE_TO_12 = pdus.map((_, i) => i + 1);

describe('in order', () => {
  it('segments of every size, over the wrap of sequence numbers: the PDUs, exactly, with their pieces', () => {
    for (let size = 1; size < 300; size++) {
      const { pdus: got, notes } = run([...hello, ...segments(size)], L);
      expect(got.map((p) => p.bytes)).toEqual(pdus);
      expect(notes).toEqual([]);
      for (const p of got) {
        expect(p.bytes.buffer.byteLength).toBe(p.length);
        expect(p.pieces.reduce((n, piece) => n + piece.length, 0)).toBe(p.length);
        expect(p.frames).toEqual([...new Set(p.pieces.map((piece) => piece.frame))]);
        expect(p.time.nsec).toBe(p.frames[p.frames.length - 1]);
        expect(p.afterGap).toBe(false);
      }
    }
  });

  it('pieces point at the bytes in the file', () => {
    const packets = [...hello, ...segments(77)];
    const file = concat(new Uint8Array(24), ...packets.flatMap((p) => [new Uint8Array(16), p]));
    for (const p of run(packets, L).pdus)
      for (const { at, length, fileOffset } of p.pieces)
        expect(file.slice(fileOffset, fileOffset + length)).toEqual(p.bytes.slice(at, at + length));
  });

  it('the SYN tells the client, whichever address is lower; both directions share one connection', () => {
    const { pdus: got } = run([...hello, up(0, pdus[0]), down(0, pdus[1])], L);
    expect(got[0].connection).toBe(got[1].connection);
    const { connection, direction } = got[0];
    expect(connection.ends[direction]).toEqual({ address: A, port: 50_000 });
    expect(connection.client).toBe(direction);
    expect(connection.midstream).toBe(false);
    expect(got[1].direction).toBe(1 - direction);
    const turned = run([down(-1, undefined, SYN), down(0, pdus[0])], L).pdus[0];
    expect(turned.connection.client).toBe(turned.direction);
  });

  it('both byte orders', () => {
    const big = dcerpcPdu(600, { littleEndian: false });
    expect(run([...hello, up(0, big.slice(0, 500)), up(500, big.slice(500))], L).pdus[0].bytes).toEqual(big);
  });
});

describe('out of order, again, overlapping', () => {
  it('the first segment of the connection comes late', () => {
    const s = segments(150);
    expect(run([...hello, s[2], s[1], s[0], ...s.slice(3)], L).seeds).toEqual(ONE_TO_12);
  });

  it('the SYN comes behind the data', () => {
    const s = segments(150);
    const { seeds, pdus: got } = run([s[0], hello[0], hello[1], ...s.slice(1)], L);
    expect(seeds).toEqual(ONE_TO_12);
    expect(new Set(got.map((p) => p.connection)).size).toBe(1);
    expect(got[0].connection.client).toBe(got[0].direction);
  });

  it('bytes sent again change nothing; keep-alives neither', () => {
    const s = segments(150);
    const again = up(100, all.slice(100, 400));
    const keepAlive = up(299, Uint8Array.of(0));
    const { seeds, notes } = run([...hello, s[0], s[0], s[1], again, ...s.slice(2), s[4]], L);
    expect(seeds).toEqual(ONE_TO_12);
    expect(notes).toEqual([]);
    expect(run([...hello, s[0], s[1], keepAlive, ...s.slice(2)], L).seeds).toEqual(ONE_TO_12);
  });

  it('bytes sent again that differ: the first stay, and a note says so', () => {
    const s = segments(150);
    const other = up(310, new Uint8Array(50).fill(0xcc));
    for (const packets of [
      [s[0], s[1], s[2], other, ...s.slice(3)],
      [s[0], s[2], other, s[1], ...s.slice(3)],
    ]) {
      const { pdus: got, codes } = run([...hello, ...packets], L);
      expect(got.map((p) => p.bytes)).toEqual(pdus);
      expect(codes).toEqual(['tcp-conflict']);
    }
  });
});

describe('holes', () => {
  it('inside a PDU: what is there comes out cut, and the next one is whole', () => {
    const s = segments(30);
    const { seeds, pdus: got, codes } = run([...hello, ...s.filter((_, i) => i !== 4)], L);
    expect(seeds).toEqual(ONE_TO_12);
    expect(got[1].bytes).toEqual(pdus[1].slice(0, 20));
    expect(got[1].length).toBe(101);
    expect(got.filter((p) => p.afterGap).map((p) => p.length)).toEqual([102]);
    expect(codes).toEqual(['truncated']);
  });

  it('over a header: the next PDU is searched for and found', () => {
    const s = segments(30);
    // Bytes 90 to 119: the end of the first PDU, the header of the second.
    const { seeds, pdus: got } = run([...hello, ...s.filter((_, i) => i !== 3)], L);
    expect(seeds).toEqual([1, ...ONE_TO_12.slice(2)]);
    expect(got[1].afterGap).toBe(true);
  });

  it('the header behind a hole may lie over two segments', () => {
    const rest = 100 + 101 - 8;
    const packets = [up(0, all.slice(0, 60)), up(120, all.slice(120, rest + 16)), up(rest + 16, all.slice(rest + 16))];
    expect(run([...hello, ...packets], L).seeds).toEqual([1, ...ONE_TO_12.slice(2)]);
  });

  it('is given up soon once the receiver has acknowledged it, else after a while', () => {
    const acked = collector();
    const waiting = collector();
    for (const [{ streams, outcome }, ack] of [
      [acked, true],
      [waiting, false],
    ] as const) {
      const feeder = new Feeder(streams, 101);
      for (const p of [...hello, up(0, pdus[0]), up(201, concat(pdus[2], pdus[3]))]) feeder.feed(p);
      expect(outcome.seeds).toEqual([1]);
      for (let i = 0; i < 20; i++) feeder.feed(down(0, undefined, ACK, ack ? 0xffffff01 + 406 : 0xffffff01 + 100));
      expect(outcome.seeds).toEqual(ack ? [1, 3, 4] : [1]);
      for (let i = 0; i < 120; i++) feeder.feed(down(0, undefined, ACK, 0xffffff01 + 100));
      expect(outcome.seeds).toEqual([1, 3, 4]);
    }
  });

  it('of the snap length is known at once', () => {
    const { streams, outcome } = collector();
    const feeder = new Feeder(streams, 101);
    for (const p of hello) feeder.feed(p);
    for (let i = 0, at = 0; i < 12; at += pdus[i++].length) feeder.feed(up(at, pdus[i]), { snap: 40 + 30 });
    expect(outcome.pdus.map((p) => [p.bytes.length, p.length])).toEqual(pdus.map((p) => [30, p.length]));
  });

  it('the first payload was never captured', () => {
    const s = segments(101);
    const { seeds, pdus: got } = run([...hello, ...s.slice(1)], L);
    expect(seeds.slice(-9)).toEqual(ONE_TO_12.slice(3));
    expect(got[0].afterGap).toBe(true);
  });

  it('a bound on what is held back is kept, and said', () => {
    const big = Array.from({ length: 200 }, (_, i) => dcerpcPdu(1400, { seed: i + 1 }));
    const packets = big.map((p, i) => up(i * 1400, p));
    const { seeds, codes } = run([...hello, packets[0], ...packets.slice(2)], {
      link: 101,
      limits: { bufferedPerConnection: 10_000 },
    });
    expect(seeds).toEqual(big.map((_, i) => i + 1).filter((n) => n !== 2));
    expect(codes).toContain('limit');
  });
});

describe('beginnings and ends', () => {
  it('a stream that begins in the middle: found at a segment that begins with a PDU, server guessed by its port', () => {
    const s = segments(100);
    const { seeds, pdus: got } = run([s[5], up(all.length, pdus[0]), down(7, pdus[1].slice(50)), down(58, pdus[2])], L);
    expect(seeds).toEqual([1, 3]);
    expect(got.map((p) => p.afterGap)).toEqual([true, true]);
    expect(got[0].connection).toMatchObject({ midstream: true, client: got[0].direction });
  });

  it('FIN of both ends closes; a new SYN on the same ports is another connection', () => {
    const end = [up(100, undefined, FIN | ACK), down(0, undefined, FIN | ACK)];
    const second = [up(-1, undefined, SYN, 0, 50_000, 777), up(0, pdus[1], ACK, 0, 50_000, 777)];
    const { pdus: got, closed, seeds } = run([...hello, up(0, pdus[0]), ...end, up(0, pdus[0]), ...second], L);
    expect(seeds).toEqual([1, 2]);
    expect(got[0].connection).not.toBe(got[1].connection);
    expect(closed).toEqual([got[0].connection, got[1].connection]);
  });

  it('a new SYN with another sequence number ends a connection that is still open', () => {
    const second = [up(-1, undefined, SYN, 0, 50_000, 777), up(0, pdus[1], ACK, 0, 50_000, 777)];
    const { pdus: got, seeds, codes } = run([...hello, up(0, pdus[0].slice(0, 50)), ...second], L);
    expect(seeds).toEqual([1, 2]);
    expect(got[0].bytes.length).toBe(50);
    expect(got[0].connection).not.toBe(got[1].connection);
    expect(codes).toEqual(['truncated']);
  });

  it('a SYN that is sent again changes nothing', () => {
    const { pdus: got } = run([...hello, up(0, pdus[0]), hello[0], up(100, pdus[1])], L);
    expect(got[0].connection).toBe(got[1].connection);
    expect(got).toHaveLength(2);
  });

  it('the text of a RST is no stream data', () => {
    expect(run([...hello, up(0, pdus[0]), up(100, dcerpcPdu(40), RST)], L).seeds).toEqual([1]);
  });

  it('a PDU that is not complete at the end comes out cut, with a note', () => {
    const { pdus: got, codes } = run([...hello, up(0, pdus[0].slice(0, 60))], L);
    expect(got.map((p) => [p.bytes.length, p.length])).toEqual([[60, 100]]);
    expect(codes).toEqual(['truncated']);
  });
});

describe('what is not ours', () => {
  const other = new Uint8Array(200).fill(0x47);

  it('is ignored once its first bytes do not claim, and looked at again after a new SYN', () => {
    expect(run([...hello, up(0, other), up(200, pdus[0])], L).pdus).toHaveLength(0);
    const again = [up(-1, undefined, SYN, 0, 50_000, 777), up(0, pdus[1], ACK, 0, 50_000, 777)];
    expect(run([...hello, up(0, other), ...again], L).seeds).toEqual([2]);
  });

  it('first bytes too few to tell are waited for', () => {
    expect(run([...hello, up(0, pdus[0].slice(0, 3)), up(3, pdus[0].slice(3))], L).seeds).toEqual([1]);
    expect(run([...hello, up(0, other.slice(0, 3)), up(3, other), up(203, pdus[0])], L).pdus).toHaveLength(0);
  });

  it('on a port named by the user is searched for PDUs', () => {
    const ports = new Map([[135, 'dcerpc' as const]]);
    expect(run([...hello, up(0, other), up(200, pdus[0])], { link: 101, ports }).seeds).toEqual([1]);
  });
});

describe('bounds on an endless capture', () => {
  it('connections: the one idle longest is given up, one note says so', () => {
    const { streams, outcome } = collector({ connections: 64 });
    const feeder = new Feeder(streams, 101);
    for (let i = 0; i < 1000; i++) {
      feeder.feed(up(-1, undefined, SYN, 0, 1024 + i));
      feeder.feed(up(0, pdus[0], ACK, 0, 1024 + i));
    }
    expect(outcome.pdus).toHaveLength(1000);
    expect(outcome.closed.length).toBeGreaterThan(900);
    expect(outcome.codes).toEqual(['limit']);
    streams.end();
    expect(outcome.closed).toHaveLength(1000);
  });

  it('PDUs that wait for the other direction count too', () => {
    const { streams, outcome } = collector({ buffered: 100_000 });
    const feeder = new Feeder(streams, 101);
    for (const packet of hello) feeder.feed(packet);
    feeder.feed(up(0, pdus[0]));
    // the client's next PDU is missing, and one that is behind it waits
    feeder.feed(up(5000, pdus[1]));
    for (let i = 0; i < 40; i++) feeder.feed(down(60_000 * i, dcerpcPdu(60_000, { type: 2, seed: 100 + i })));
    expect(outcome.codes.filter((c) => c === 'limit')).toHaveLength(1);
    streams.end();
    expect(outcome.seeds.filter((seed) => seed >= 100)).toEqual(Array.from({ length: 40 }, (_, i) => 100 + i));
  });

  it('bytes of PDUs that never end', () => {
    const { streams, outcome } = collector({ buffered: 1 << 20 });
    const feeder = new Feeder(streams, 101);
    const big = dcerpcPdu(60_000).slice(0, 30_000);
    for (let i = 0; i < 1000; i++) {
      feeder.feed(up(-1, undefined, SYN, 0, 1024 + i));
      feeder.feed(up(0, big, ACK, 0, 1024 + i));
    }
    expect(outcome.codes.filter((c) => c === 'limit')).toHaveLength(1);
    expect(outcome.pdus.length).toBeGreaterThan(900);
    streams.end();
  });

  it('headers without bytes behind holes', () => {
    const { streams, outcome } = collector({ buffered: 1 << 20 });
    const feeder = new Feeder(streams, 101);
    for (let i = 0; i < 200; i++) {
      feeder.feed(up(-1, undefined, SYN, 0, 1024 + i));
      feeder.feed(up(0, pdus[0], ACK, 0, 1024 + i));
      for (let at = 500; at < 20_000; at += 200)
        feeder.feed(up(at, new Uint8Array(100), ACK, 0, 1024 + i), { snap: 40 });
    }
    expect(outcome.codes.filter((c) => c === 'limit')).toHaveLength(1);
    expect(outcome.closed.length).toBeGreaterThan(100);
    streams.end();
  });

  it('flows of no interest are forgotten, followed ones are not', () => {
    const { streams, outcome } = collector({ flows: 256 });
    const feeder = new Feeder(streams, 101);
    for (const p of [...hello, up(0, pdus[0])]) feeder.feed(p);
    for (let i = 0; i < 20_000; i++) feeder.feed(ipv4('10.9.9.9', B, 6, tcp(i, 80, 1, new Uint8Array(50).fill(0x47))));
    feeder.feed(up(100, pdus[1]));
    streams.end();
    expect(outcome.seeds).toEqual([1, 2]);
    expect(outcome.closed).toHaveLength(1);
  });
});
