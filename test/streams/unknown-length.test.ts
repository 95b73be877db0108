/** PDUs whose length their first bytes do not tell: they are the same however their stream was cut into segments. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HTTP_STREAM } from '../../dissectors/http/index.js';
import { NRTP_STREAM } from '../../dissectors/remoting/frame.js';
import type { TransportPdu } from '../../src/core/context.js';
import type { StreamProtocol } from '../../src/core/dissector.js';
import { Cutter } from '../../src/streams/cut.js';
import type { Budget, CutPdu, CutSink, Segment } from '../../src/streams/types.js';
import { ACK, concat, FIN, ipv4, RST, SYN, tcp, u32 } from '../bytes.js';
import { nrtp } from '../remoting/messages.js';
import { run } from './support.js';
import { BAD_CHUNK, HEADER, hexOf, hexOfAll, Kind, type ToyKind, toyPdu, toyProtocol } from './toy.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const up = (at: number, bytes?: Uint8Array, flags = ACK) => ipv4(A, B, 6, tcp(50_000, 900, 1001 + at, bytes, flags));
const down = (at: number, bytes?: Uint8Array, flags = ACK) => ipv4(B, A, 6, tcp(900, 50_000, 1001 + at, bytes, flags));
const syn = up(-1, undefined, SYN);
const L = { link: 101, protocols: [toyProtocol()] };

/** A stream in segments that end at these offsets. */
function cutAt(all: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...cuts.map((c) => c % all.length), all.length])].filter((c) => c > 0);
  ends.sort((a, b) => a - b);
  return ends.map((end, i) => up(ends[i - 1] ?? 0, all.slice(ends[i - 1] ?? 0, end)));
}

const isWanted = (kind: ToyKind): boolean => kind !== 'passed' && kind !== 'passedLate';
const inside = fc.constantFrom<ToyKind>('known', 'untilZero', 'chunked', 'passed', 'passedLate');
const sizes = fc.oneof({ weight: 4, arbitrary: fc.nat(40) }, fc.nat(3000));
const pdus = fc.array(fc.tuple(inside, sizes), { minLength: 1, maxLength: 12 });
const cuts = fc.array(fc.nat(), { maxLength: 60 });

/** Where each PDU came from: frames, and bytes of the file. */
function checkPlaces(got: readonly TransportPdu[], packets: readonly Uint8Array[]): void {
  const file = concat(new Uint8Array(24), ...packets.flatMap((p) => [new Uint8Array(16), p]));
  for (const { pieces, frames, bytes, time } of got) {
    let at = 0;
    for (const piece of pieces) {
      expect(piece.at).toBe(at);
      expect(file.slice(piece.fileOffset, piece.fileOffset + piece.length)).toEqual(bytes.slice(at, at + piece.length));
      at += piece.length;
    }
    expect(at).toBe(bytes.length);
    expect(frames).toEqual([...new Set(pieces.map(({ frame }) => frame))]);
    expect(time.nsec).toBe(frames.at(-1));
  }
}

describe('PDUs of every kind in segments of any size', () => {
  it('come out as they were sent, with the frames and the bytes of the file that they came from', () => {
    fc.assert(
      fc.property(pdus, fc.option(sizes), cuts, (list, last, at) => {
        const kinds: [ToyKind, number][] = last === null ? list : [...list, ['toTheEnd', last]];
        const all = kinds.map(([kind, n]) => toyPdu(kind, n));
        const packets = [syn, ...cutAt(concat(...all), at)];
        const { pdus: got, codes } = run(packets, L);
        expect(hexOfAll(got)).toEqual(all.filter((_, i) => isWanted(kinds[i][0])).map(hexOf));
        expect(codes).toEqual([]);
        checkPlaces(got, packets);
        expect(got.every((p) => !p.afterGap)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('in segments of one byte', () => {
    const all = (['known', 'chunked', 'passed', 'untilZero', 'passedLate', 'known'] as const).map((k) => toyPdu(k, 70));
    const bytes = concat(...all);
    const packets = [syn, ...cutAt(bytes, [...bytes.keys()])];
    const { pdus: got } = run(packets, L);
    expect(hexOfAll(got)).toEqual([0, 1, 3, 5].map((i) => hexOf(all[i])));
    checkPlaces(got, packets);
  });

  it('with a segment lost: those that it does not touch come out whole, where something tells where they begin', () => {
    fc.assert(
      fc.property(pdus, cuts, fc.nat(), (list, at, which) => {
        const all = [toyPdu('known', 5), ...list.map(([kind, n]) => toyPdu(kind, n))];
        // the first PDU is there, so that the stream is known
        const known = cutAt(all[0], at);
        const rest = cutAt(concat(...all.slice(1)), at).length;
        const bytes = concat(...all);
        const ends = [...at.map((c) => c % all[0].length), all[0].length];
        const segments = cutAt(bytes, [
          ...ends,
          ...at.map((c) => all[0].length + (c % (bytes.length - all[0].length))),
        ]);
        const lost = known.length + (which % rest);
        const { pdus: got } = run([syn, ...segments.filter((_, i) => i !== lost)], L);
        const sent = new Set(all.map(hexOf));
        // nothing comes out that was not sent, but for ends that are missing
        for (const text of hexOfAll(got)) {
          const isCut = text.endsWith('…');
          if (isCut) expect([...sent].some((s) => s.startsWith(text.slice(0, -1)))).toBe(true);
          else expect(sent).toContain(text);
        }
        expect(hexOf(got[0].bytes)).toBe(hexOf(all[0]));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a PDU that turns out to be none', () => {
  const bad = (n: number) => concat([0xab, Kind.chunked, 0, 0, 3, 1, 1, 1, BAD_CHUNK], new Uint8Array(n).fill(1));

  it('costs none of those behind it, however the stream was cut; they say that something is missing', () => {
    fc.assert(
      fc.property(fc.nat(300), cuts, (n, at) => {
        const [before, after, last] = [toyPdu('known', 10), toyPdu('chunked', 100), toyPdu('known', 7)];
        const segments = cutAt(concat(before, bad(n), after, last), at);
        const { pdus: got } = run([syn, ...segments], L);
        const whole = got.filter((p) => p.bytes.length === p.length);
        expect(hexOfAll(whole)).toEqual([before, after, last].map(hexOf));
        expect(whole.map((p) => p.afterGap)).toEqual([false, true, false]);
        expect(got.length).toBeLessThan(5);
      }),
      { numRuns: 200 },
    );
  });

  it('first of a stream in one segment: the stream is left alone', () => {
    expect(run([syn, up(0, bad(3)), up(12, toyPdu('known', 4))], L).pdus).toEqual([]);
  });
});

describe('a PDU that lasts to the end of its stream', () => {
  const pdu = toyPdu('toTheEnd', 500);
  const segments = cutAt(pdu, [2, 100, 101]);
  const ends = {
    'FIN of both': [up(pdu.length, undefined, FIN | ACK), down(0, undefined, FIN | ACK)],
    'FIN of its sender': [up(pdu.length, undefined, FIN | ACK)],
    RST: [down(0, undefined, RST)],
    'the end of the capture': [],
    'a new connection on the same ports': [ipv4(A, B, 6, tcp(50_000, 900, 7_000_000, undefined, SYN))],
  };

  it.each(Object.entries(ends))('%s ends it', (_, end) => {
    const { pdus: got, codes } = run([syn, ...segments, ...end], L);
    expect(hexOfAll(got)).toEqual([hexOf(pdu)]);
    expect(codes).toEqual([]);
  });

  it('nothing that looks like a PDU in it is one', () => {
    const body = concat(pdu, toyPdu('known', 3), toyPdu('chunked', 9));
    expect(hexOfAll(run([syn, ...cutAt(body, [600])], L).pdus)).toEqual([hexOf(body)]);
  });

  it('a hole ends it: it is cut', () => {
    const { pdus: got, codes } = run([syn, segments[0], segments[1], segments[3]], L);
    expect(hexOfAll(got)).toEqual([`${hexOf(pdu.slice(0, 100))}…`]);
    expect(codes).toEqual(['truncated']);
  });
});

describe('a bound of length', () => {
  const short = { link: 101, protocols: [toyProtocol(200)] };

  it.each([[[]], [[50]], [[3, 10, 199, 200, 201]], [[150, 250]]])(
    'is kept to where the end does not come before it (cut at %j); the next PDU is found',
    (at) => {
      for (const kind of ['untilZero', 'chunked'] as const) {
        const [long, next] = [toyPdu(kind, 300), toyPdu('known', 20)];
        const { pdus: got } = run([syn, ...cutAt(concat(long, next), at)], short);
        expect(hexOfAll(got)).toEqual([`${hexOf(long.slice(0, 200))}…`, hexOf(next)]);
      }
    },
  );

  it('a PDU just as long is one', () => {
    const pdu = toyPdu('untilZero', 195);
    expect(hexOfAll(run([syn, ...cutAt(pdu, [9])], short).pdus)).toEqual([hexOf(pdu)]);
  });
});

/** A cutter by itself, fed with segments that stand one behind the other. */
function cutter(protocol = toyProtocol()) {
  const budget: Budget = { used: 0 };
  const got: CutPdu[] = [];
  const sink: CutSink = {
    pdu: (p) => got.push(p),
    truncated: () => {},
    known: () => null,
    lengthUnwanted: () => 0,
    passes: (b, at, end, length) => protocol.passes?.(b, at, end, length, null) === true,
    unclaimed: () => true,
    missed: () => {},
  };
  const cut = new Cutter(protocol, budget, sink, { used: 0 });
  let frame = 0;
  const feed = (bytes: Uint8Array): void => {
    const { length } = bytes;
    const time = { sec: 0, nsec: ++frame };
    const rest = { fileDelta: 0, pieces: null, time, acknowledges: -1 };
    const segment: Segment = { bytes, start: 0, captured: length, length, frame, ...rest };
    cut.data(segment);
  };
  return { cut, feed, got, budget };
}

describe('a PDU of which nothing is wanted', () => {
  const next = toyPdu('known', 6);

  it('is not kept, from its header on; the next one is found', () => {
    const { feed, got, budget } = cutter();
    const pdu = toyPdu('passed', 50_000);
    for (const at of [0, 3, 4, 700, 49_000]) {
      feed(pdu.slice(at, [3, 4, 700, 49_000][[0, 3, 4, 700, 49_000].indexOf(at)] ?? pdu.length));
      if (at > 0) expect(budget.used).toBe(0);
    }
    feed(next);
    expect(got.map((p) => hexOf(p.bytes))).toEqual([hexOf(next)]);
    expect(got[0].afterGap).toBe(false);
  });

  it('is passed too where its header is all of it', () => {
    const { feed, got } = cutter();
    feed(toyPdu('passed', 0).slice(0, 3));
    feed(concat(toyPdu('passed', 0).slice(3), next));
    expect(got.map((p) => hexOf(p.bytes))).toEqual([hexOf(next)]);
  });

  it('a hole in it is passed as well: the next PDU is in step, and says that bytes before it are missing', () => {
    const { cut, feed, got } = cutter();
    const pdu = toyPdu('passed', 1000);
    feed(pdu.slice(0, 10));
    cut.gap(900, true);
    // what looks like a PDU in its rest is none
    feed(concat(toyPdu('known', 0), pdu.slice(910 + HEADER), next));
    expect(got.map((p) => [hexOf(p.bytes), p.afterGap])).toEqual([[hexOf(next), true]]);
  });

  it('a hole beyond its end loses the step: the next PDU is searched for', () => {
    const { cut, feed, got } = cutter();
    feed(toyPdu('passed', 100).slice(0, 10));
    cut.gap(95, true);
    feed(concat([1, 2, 3], next));
    expect(got.map((p) => hexOf(p.bytes))).toEqual([hexOf(next)]);
  });
});

describe('what is held', () => {
  it('of a PDU that was cut out is nothing, whatever it looked like on the way', () => {
    fc.assert(
      fc.property(pdus, fc.array(fc.nat(200), { minLength: 1, maxLength: 30 }), (list, sizes) => {
        const { cut, feed, budget } = cutter();
        const all = concat(...list.map(([kind, n]) => toyPdu(kind, n)));
        for (let at = 0, i = 0; at < all.length; i++) {
          const to = Math.min(all.length, at + 1 + sizes[i % sizes.length]);
          feed(all.slice(at, to));
          at = to;
          expect(budget.used).toBe(cut.cost);
        }
        expect(budget.used).toBe(0);
        feed(toyPdu('untilZero', 90).slice(0, 50));
        cut.gap(10, true);
        expect(budget.used).toBe(0);
        feed(Uint8Array.of(0xab, 1, 0));
        cut.finish();
        expect(budget.used).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('grows with the bytes that are there and not with what a length promises', () => {
    const { feed, budget } = cutter();
    feed(Uint8Array.of(0xab, Kind.known, 0xea, 0x60, 1, 2, 3));
    expect(budget.used).toBeLessThan(200);
  });

  it('a PDU that never tells its length is read once: time grows with its bytes', () => {
    const { feed, got } = cutter(toyProtocol(1 << 24));
    const piece = new Uint8Array(100).fill(1);
    feed(Uint8Array.of(0xab, Kind.untilZero, 0, 0));
    const began = performance.now();
    for (let i = 0; i < 100_000; i++) feed(piece);
    feed(Uint8Array.of(0));
    expect(got[0].length).toBe(10_000_005);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('headers that lead far and nowhere', () => {
  const search = (protocol: StreamProtocol, first: Uint8Array, junk: Uint8Array): number => {
    let found = 0;
    const sink = {
      pdu: () => found++,
      truncated() {},
      known: () => null,
      passes: () => false,
      lengthUnwanted: () => 0,
      unclaimed: () => true,
      missed() {},
    };
    const cut = new Cutter(protocol, { used: 0 }, sink, { used: 0 });
    for (const bytes of [first, junk]) {
      const { length } = bytes;
      const rest = { frame: 1, fileDelta: 0, pieces: null, time: { sec: 0, nsec: 0 }, acknowledges: -1 };
      cut.data({ bytes, start: 0, captured: length, length, ...rest } satisfies Segment);
    }
    return found;
  };

  it('one inside another by the hundred thousand: a segment is not looked through for each', () => {
    const nested = concat(
      [3, 0, 1, 1],
      u32(14, true),
      Buffer.from('.NET'),
      [1, 0, ...new Array(8).fill(0)],
      new Array(18).fill(0).map((_, i) => (i % 3 === 0 ? 5 : 0)),
    );
    const junk = concat(...new Array(100_000).fill(nested), [7, 0, 9]);
    expect(search(NRTP_STREAM, nrtp({ uri: 'a' }), junk)).toBe(1);
  });

  it('start lines without an end of the head', () => {
    const first = Buffer.from('POST / HTTP/1.1\r\nUser-Agent: MS .NET Remoting\r\n\r\n');
    expect(search(HTTP_STREAM, first, Buffer.from(`\x01${'A / HTTP/1.1\n'.repeat(300_000)}`))).toBe(1);
  });
});
