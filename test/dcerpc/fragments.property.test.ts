/** However a call is cut into fragments, and these into segments that come late or twice: it is the same call. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectTable } from '../../src/analysis/objects/table.js';
import { callToJson } from '../../src/output/calls/json.js';
import { pass, type RawPacket } from '../fuzz/way.js';
import { half, REQUEST, RESPONSE, type Side, Talk } from '../worst/talk.js';

const FIRST = 1;
const LAST = 2;

/** A stub in fragments that end at the given places. */
function fragments(side: Side, callId: number, stub: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.map((c) => c % stub.length), stub.length])].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => {
    const flags = (i === 0 ? FIRST : 0) | (end === stub.length ? LAST : 0);
    return half(side, callId, stub.subarray(places[i], end), flags);
  });
}

/** How the PDUs of one direction travel. */
interface Travel {
  readonly cuts: readonly number[];
  readonly segment: number;
  readonly shifts: readonly number[];
  readonly twice: number;
}

const travel: fc.Arbitrary<Travel> = fc.record({
  cuts: fc.array(fc.nat(), { maxLength: 12 }),
  segment: fc.integer({ min: 1, max: 200 }),
  shifts: fc.array(fc.nat(5), { minLength: 1, maxLength: 20 }),
  twice: fc.integer({ min: 2, max: 9 }),
});

function send(t: Talk, side: Side, callId: number, stub: Uint8Array, how: Travel): void {
  for (const pdu of fragments(side, callId, stub, how.cuts)) {
    const packets = t.cut(side, pdu, how.segment);
    const more = packets.flatMap((p, i) => (i % how.twice === 1 ? [p, p] : [p]));
    const order = more.map((p, i) => ({ p, key: i + how.shifts[i % how.shifts.length] }));
    order.sort((a, b) => a.key - b.key);
    for (const { p } of order) t.packets.push(p);
  }
}

const PLAIN: Travel = { cuts: [], segment: 1400, shifts: [0], twice: 1_000_000 };

/** Calls as JSON, without the frames that carried them and without offsets, which count in a PDU or in a stub. */
function callsOf(stubs: readonly (readonly [Uint8Array, Uint8Array])[], ways: readonly Travel[]): unknown[] {
  const t = new Talk([]);
  t.bind();
  for (const [i, [request, response]] of stubs.entries()) {
    send(t, 0, i + 2, request, ways[i % ways.length]);
    send(t, 1, i + 2, response, ways[(i + 1) % ways.length]);
  }
  const packets = t.packets.map((bytes): RawPacket => ({ link: 1, bytes, length: bytes.length, sec: 1, nsec: 0 }));
  const calls: unknown[] = [];
  const table = new ObjectTable();
  const { problems, notes } = pass(packets, {
    record: true,
    onCall(call, number) {
      const json = JSON.parse(JSON.stringify(callToJson(call, number, 'x', { full: true }, table))) as {
        warnings: object[];
      };
      calls.push({ ...json, frames: null, warnings: json.warnings.map((w) => ({ ...w, offset: null })) });
    },
  });
  expect(problems).toEqual([]);
  expect(notes).toEqual([]);
  return calls;
}

const stub = fc.uint8Array({ minLength: 1, maxLength: 600 });

describe('a call in fragments', () => {
  it('of any stub: the same JSON as in one piece', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(fc.constant(REQUEST), stub), fc.oneof(fc.constant(RESPONSE), stub)), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(travel, { minLength: 1, maxLength: 3 }),
        (stubs, ways) => {
          expect(callsOf(stubs, ways)).toEqual(callsOf(stubs, [PLAIN]));
        },
      ),
      { numRuns: 150 },
    );
  });
});
