/** What networks and taps do to the order of packets does nothing to the calls, or is marked. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { callText } from '../../src/output/calls/text.js';
import { type JsonOptions, valueToJson } from '../../src/output/value.js';
import { capturesBelow, PROJECT, packetsOf, pass, type RawPacket } from '../fuzz/way.js';

const OPTIONS: JsonOptions = { full: true };
const files = capturesBelow(`${PROJECT}/samples`).filter((file) => !file.includes('/truth/'));
const captures = await Promise.all(files.map(packetsOf));

interface Told {
  readonly request: string;
  readonly whole: string;
  /** People and programs are told that it is not to be trusted whole. */
  readonly isMarked: boolean;
  readonly hasAnswer: boolean;
}

/** What a call says, but for its frames and times; by the connection, since numbers follow frames. */
function toldBy(call: Call): Told {
  const { connection, callId, contextId, opnum, iid, operation, object, causality, syntax, fault, result } = call;
  const ends = connection.ends.map((e) => `${e.address}:${e.port}`);
  const stub = (half: Call['request']) => (half?.stub == null ? null : Buffer.from(half.stub).toString('hex'));
  const facts = [ends, connection.client, callId, contextId, opnum, iid, operation?.name, object, causality, syntax];
  const request = JSON.stringify([...facts, stub(call.request), valueToJson(call.in, OPTIONS)]);
  const answer = JSON.stringify([fault, result, stub(call.response), valueToJson(call.out, OPTIONS)]);
  return {
    request,
    whole: `${request} ${answer}`,
    // what a CCW is depends on those seen before: one that may be another is told with what else it may be
    // without its bind a call's interface is the object's, as it says; its transfer syntax then is what its stub tells
    isMarked: callText(call).warning !== null || call.interfaceFrom !== 'bind' || answer.includes('"alternatives":[{'),
    hasAnswer: call.response !== null,
  };
}

function callsOf(packets: readonly RawPacket[]): Told[] {
  const told: Told[] = [];
  pass(packets, { record: false, check: false, onCall: (call) => told.push(toldBy(call)) });
  return told;
}

const truths = captures.map(callsOf);
const sorted = (told: readonly Told[]): string[] => told.map((t) => t.whole).sort();
const which = fc.nat(captures.length - 1);

/** Packets put in another order: none is further than `far` from its place. */
function displaced(packets: readonly RawPacket[], keys: readonly number[], far: number): RawPacket[] {
  const order = packets.map((p, i) => ({ p, key: i + (keys[i % keys.length] / 1000) * far }));
  return order.sort((a, b) => a.key - b.key).map(({ p }) => p);
}

const keys = fc.array(fc.nat(1000), { minLength: 97, maxLength: 97 });

describe('the calls of a capture', () => {
  test('are the same where packets stand up to five places from theirs', () => {
    fc.assert(
      fc.property(which, keys, (n, shifts) => {
        expect(sorted(callsOf(displaced(captures[n], shifts, 5)))).toEqual(sorted(truths[n]));
      }),
      { numRuns: 60 },
    );
  });

  test('are the same where packets were captured twice', () => {
    fc.assert(
      fc.property(which, fc.array(fc.tuple(fc.nat(), fc.nat(6)), { maxLength: 30 }), (n, again) => {
        const packets = captures[n].slice();
        for (const [at, later] of again) {
          const i = at % packets.length;
          packets.splice(Math.min(packets.length, i + 1 + later), 0, packets[i]);
        }
        expect(sorted(callsOf(packets))).toEqual(sorted(truths[n]));
      }),
      { numRuns: 60 },
    );
  });

  test('are the same, or marked, where packets of both directions are missing and the others are displaced', () => {
    fc.assert(
      fc.property(which, keys, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), (n, shifts, lost) => {
        const gone = new Set(lost.map((i) => i % captures[n].length));
        const left = displaced(captures[n], shifts, 4).filter((p) => !gone.has(captures[n].indexOf(p)));
        const wholes = new Set(truths[n].map((t) => t.whole));
        const requests = new Set(truths[n].map((t) => t.request));
        for (const { request, whole, isMarked, hasAnswer } of callsOf(left)) {
          const isTrue = hasAnswer ? wholes.has(whole) : requests.has(request);
          if (!isMarked) expect([whole, isTrue]).toEqual([whole, true]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
