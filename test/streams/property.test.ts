import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK, concat, dcerpcPdu, ipv4, SYN, tcp } from '../bytes.js';
import { run } from './support.js';

const lengths = fc.array(
  fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 16, max: 400 }) }, fc.integer({ min: 16, max: 9000 })),
  {
    minLength: 1,
    maxLength: 20,
  },
);

interface Made {
  pdus: Uint8Array[];
  all: Uint8Array;
  isn: number;
  /** Offsets at which the stream is cut. */
  cuts: number[];
}

const made: fc.Arbitrary<Made> = fc
  .record({ lengths, isn: fc.integer({ min: 0, max: 0xffffffff }), cuts: fc.array(fc.nat(), { maxLength: 40 }) })
  .map(({ lengths, isn, cuts }) => {
    const pdus = lengths.map((n, i) => dcerpcPdu(n, { seed: i + 1 }));
    const all = concat(...pdus);
    const offsets = [...new Set([0, ...cuts.map((c) => c % all.length)])].sort((a, b) => a - b);
    return { pdus, all, isn, cuts: [...offsets, all.length] };
  });

const packetOf = ({ all, isn }: Made, from: number, to: number) =>
  ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 135, isn + 1 + from, all.slice(from, to), ACK));
const synOf = ({ isn }: Made) => ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 135, isn, undefined, SYN));

describe('any stream of PDUs', () => {
  it('cut anywhere, shuffled in a window, sent twice, overlapping: the same PDUs come out', () => {
    fc.assert(
      fc.property(
        made,
        fc.array(fc.tuple(fc.nat(), fc.nat(3000)), { maxLength: 10 }),
        fc.array(fc.nat(6), { minLength: 60, maxLength: 60 }),
        (m, extra, shifts) => {
          const sent = m.cuts.slice(1).map((to, i) => ({ from: m.cuts[i], to }));
          for (const [at, more] of extra) {
            const from = at % m.all.length;
            const range = { from, to: Math.min(m.all.length, from + 1 + more) };
            sent.splice(sent.findIndex((s) => s.to >= range.to) + 1 || sent.length, 0, range);
          }
          const order = sent.map((s, i) => ({ s, key: i + shifts[i % shifts.length] })).sort((a, b) => a.key - b.key);
          const { pdus, codes } = run([synOf(m), ...order.map(({ s }) => packetOf(m, s.from, s.to))], { link: 101 });
          expect(pdus.map((p) => Buffer.from(p.bytes).toString('hex'))).toEqual(
            m.pdus.map((p) => Buffer.from(p).toString('hex')),
          );
          expect(codes).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('with one segment lost: every PDU that it does not touch comes out whole, where a header tells of it', () => {
    fc.assert(
      fc.property(made, fc.nat(), fc.boolean(), (m, which, reversed) => {
        const sent = m.cuts.slice(1).map((to, i) => ({ from: m.cuts[i], to }));
        const lost = sent[which % sent.length];
        const packets = sent.flatMap((s) => (s === lost ? [] : [packetOf(m, s.from, s.to)]));
        if (reversed) packets.reverse();
        const { pdus } = run([synOf(m), ...packets], { link: 101 });
        const whole = new Set(
          pdus.filter((p) => p.bytes.length === p.length).map((p) => Buffer.from(p.bytes).toString('hex')),
        );
        let at = 0;
        for (const p of m.pdus) {
          const touched = lost.from < at + p.length && lost.to > at;
          // Where the very first header is lost, the stream is not known to be ours until a segment begins a PDU.
          const known = lost.from >= 16;
          if (!touched && known) expect(whole).toContain(Buffer.from(p).toString('hex'));
          at += p.length;
        }
        for (const p of pdus) {
          const seed = p.bytes.length >= 16 ? p.bytes[12] : 0;
          expect(Buffer.compare(p.bytes, m.pdus[seed - 1].slice(0, p.bytes.length))).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('random segments on one connection: no throw', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.uint8Array({ maxLength: 60 }), fc.nat(63), fc.boolean()),
          { maxLength: 60 },
        ),
        (segments) => {
          run(
            segments.map(([sequence, bytes, flags, turned]) =>
              turned
                ? ipv4('10.0.0.2', '10.0.0.1', 6, tcp(135, 50_000, sequence % 300, concat(dcerpcPdu(20), bytes), flags))
                : ipv4('10.0.0.1', '10.0.0.2', 6, tcp(50_000, 135, sequence, bytes, flags)),
            ),
            { link: 101 },
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});
