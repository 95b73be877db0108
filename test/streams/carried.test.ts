/** Streams inside PDUs of other protocols: cut as those of TCP are, each by itself, with bounds of their own. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CarriedBetween, CarriedBytes, CarriedStream } from '../../src/core/dissector.js';
import type { Limits } from '../../src/core/limits.js';
import { concat } from '../bytes.js';
import { collector } from './support.js';
import { hexOf, hexOfAll, toyPdu, toyProtocol } from './toy.js';

const between: CarriedBetween = {
  ends: [
    { address: '10.0.0.1', port: 50_000 },
    { address: '10.0.0.2', port: 445 },
  ],
  client: 0,
  midstream: false,
};
const toy = toyProtocol();

/** Bytes that a frame carried, from this place of the file. */
function carried(bytes: Uint8Array, frame: number, fileOffset = 1000 * frame): CarriedBytes {
  const pieces = [{ at: 0, length: bytes.length, frame, fileOffset }];
  return { bytes, pieces, frame, time: { sec: 0, nsec: frame } };
}

function laboratory(limits: Partial<Limits> = {}) {
  const { streams, outcome } = collector(limits);
  const open = (more: Partial<CarriedBetween> = {}): CarriedStream =>
    streams.carriers.open(toy, { ...between, ...more });
  return { streams, outcome, open };
}

describe('a carried stream', () => {
  it('gives the PDUs in it however it was cut, with frames and places of what carried them', () => {
    const kinds = fc.constantFrom('known' as const, 'untilZero' as const, 'chunked' as const);
    const list = fc.array(fc.tuple(kinds, fc.nat(300)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(list, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (made, sizes) => {
        const { outcome, open } = laboratory();
        const stream = open();
        const all = made.map(([kind, n]) => toyPdu(kind, n));
        const bytes = concat(...all);
        for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]) {
          const part = bytes.slice(at, at + sizes[i % sizes.length]);
          stream.data(0, carried(part, i + 1, at));
          // what carried them is used again
          part.fill(0xee);
        }
        expect(hexOfAll(outcome.pdus)).toEqual(all.map(hexOf));
        for (const pdu of outcome.pdus) {
          for (const { at, length, fileOffset } of pdu.pieces)
            expect(pdu.bytes.slice(at, at + length)).toEqual(bytes.slice(fileOffset, fileOffset + length));
          expect(pdu.frames).toEqual([...new Set(pdu.pieces.map((p) => p.frame))]);
          expect(pdu.time.nsec).toBe(pdu.frames.at(-1));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is a connection of its own, with the ends, the transport and the pipe that it was told', () => {
    const { open } = laboratory();
    const one = open({ transport: 'ncacn_np', endpoint: '\\pipe\\srvsvc', client: 1 }).connection;
    const two = open().connection;
    expect(one).toMatchObject({ transport: 'ncacn_np', endpoint: '\\pipe\\srvsvc', client: 1, protocol: 'toy' });
    expect(two).toMatchObject({ transport: 'ncacn_ip_tcp', endpoint: null, midstream: false, ends: between.ends });
    expect(two.id).not.toBe(one.id);
    expect(two.state).not.toBe(one.state);
  });

  it('directions do not mix', () => {
    const { outcome, open } = laboratory();
    const stream = open();
    const [a, b] = [toyPdu('known', 20), toyPdu('untilZero', 30)];
    stream.data(0, carried(a.slice(0, 10), 1));
    stream.data(1, carried(b.slice(0, 3), 2));
    stream.data(0, carried(a.slice(10), 3));
    stream.data(1, carried(b.slice(3), 4));
    expect(outcome.pdus.map((p) => [p.direction, hexOf(p.bytes), p.frames])).toEqual([
      [0, hexOf(a), [1, 3]],
      [1, hexOf(b), [2, 4]],
    ]);
  });

  it('a hole cuts the PDU that it is in, and of its direction only; the next is found and says so', () => {
    const { outcome, open } = laboratory();
    const stream = open();
    const [a, b] = [toyPdu('untilZero', 20), toyPdu('known', 6)];
    stream.data(0, carried(a.slice(0, 10), 1));
    stream.data(1, carried(b.slice(0, 5), 1));
    stream.gap(0);
    stream.data(0, carried(concat([3, 3, 3], b), 2));
    stream.data(1, carried(b.slice(5), 3));
    expect(hexOfAll(outcome.pdus)).toEqual([`${hexOf(a.slice(0, 10))}…`, hexOf(b), hexOf(b)]);
    expect(outcome.pdus.map((p) => p.afterGap)).toEqual([false, true, false]);
  });

  it('many holes do not lose count', () => {
    const { outcome, open } = laboratory();
    const stream = open();
    for (let i = 0; i < 20_000; i++) {
      stream.gap(0);
      stream.data(0, carried(toyPdu('known', 5), i + 1));
    }
    expect(outcome.pdus.length).toBe(20_000);
  });

  it('one that begins in the middle is searched for its first PDU', () => {
    const { outcome, open } = laboratory();
    const stream = open({ midstream: true });
    stream.data(1, carried(concat([1, 2, 3], toyPdu('known', 6)), 1));
    expect(outcome.pdus.map((p) => [hexOf(p.bytes), p.afterGap, p.connection.midstream])).toEqual([
      [hexOf(toyPdu('known', 6)), true, true],
    ]);
  });

  it('its end gives what is not whole, tells once that it is closed, and then nothing more comes', () => {
    const { outcome, open, streams } = laboratory();
    const stream = open();
    const [a, b] = [toyPdu('toTheEnd', 20), toyPdu('known', 6)];
    stream.data(0, carried(a, 1));
    stream.data(1, carried(b.slice(0, 5), 2));
    stream.end();
    stream.end();
    stream.data(0, carried(b, 3));
    stream.gap(1);
    streams.end();
    expect(hexOfAll(outcome.pdus)).toEqual([hexOf(a), `${hexOf(b.slice(0, 5))}…`]);
    expect(outcome.closed).toEqual([stream.connection]);
  });

  it('bytes that begin no PDU are passed over', () => {
    const { outcome, open } = laboratory();
    const stream = open();
    stream.data(0, carried(concat(Buffer.from('HTTP/1.1 200'), toyPdu('known', 6)), 1));
    expect(hexOfAll(outcome.pdus)).toEqual([hexOf(toyPdu('known', 6))]);
  });
});

describe('the bound of what carried streams hold', () => {
  it('those that grew longest ago are given up, which is told once; others go on', () => {
    const { outcome, open } = laboratory({ carriedBytes: 7000 });
    const streams = [0, 1, 2].map(() => open());
    const pdu = toyPdu('known', 3000);
    for (const [i, stream] of streams.entries()) stream.data(0, carried(pdu.slice(0, 2000), i + 1));
    expect(hexOfAll(outcome.pdus)).toEqual([`${hexOf(pdu.slice(0, 2000))}…`]);
    expect(outcome.pdus[0].connection).toBe(streams[0].connection);
    for (const stream of streams) stream.data(0, carried(pdu.slice(2000), 4));
    expect(outcome.pdus.filter((p) => p.bytes.length === pdu.length).map((p) => p.connection)).toEqual([
      streams[1].connection,
      streams[2].connection,
    ]);
    expect(outcome.codes).toEqual(['limit']);
  });

  it('of one that is given up only the direction that held something has a hole', () => {
    const { outcome, open } = laboratory({ carriedBytes: 1000 });
    const stream = open();
    stream.data(0, carried(toyPdu('known', 3000).slice(0, 2000), 1));
    stream.data(1, carried(toyPdu('known', 7), 2));
    expect(outcome.pdus.map((p) => [p.direction, p.afterGap])).toEqual([
      [0, false],
      [1, false],
    ]);
  });

  it('a stream that never ends its PDU stays within it', () => {
    const { outcome, open } = laboratory({ carriedBytes: 100_000 });
    const stream = open();
    stream.data(0, carried(toyPdu('untilZero', 10).slice(0, 14), 1));
    const part = new Uint8Array(1000).fill(1);
    for (let i = 0; i < 5000; i++) stream.data(0, carried(part, i + 2));
    stream.end();
    expect(outcome.pdus.length).toBe(1);
    expect(outcome.pdus[0].bytes.length).toBeLessThan(101_000);
  });
});
