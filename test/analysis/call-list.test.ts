/** Calls in the order of their requests, in whatever order they end: each comes once, with one number. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallList } from '../../src/analysis/calls.js';
import { limitsWith } from '../../src/core/limits.js';
import { hex, laboratory } from '../dcerpc/support.js';

const BIND = `05000b03 10000000 48000000 01000000 b810b810 00000000 01000000 0000 0100 9ec1fcc370a9d2118b5a00a0c9b7c9c4
  00000000 045d888aeb1cc9119fe808002b104860 02000000`;
const ACK = `05000c03 10000000 3c000000 01000000 b810b810 34120000 0600 343936363400 01000000 0000 0000
  045d888aeb1cc9119fe808002b104860 02000000`;
const idOf = (call: number): string => (call + 2).toString(16).padStart(2, '0');
const request = (call: number): Uint8Array =>
  hex(`05000083 10000000 48000000 ${idOf(call)}000000 20000000 0000 0300 ${'00'.repeat(16)}
    05000700 00000000 00000000 ${'11'.repeat(16)} 00000000`);
const response = (call: number): Uint8Array =>
  hex(`05000203 10000000 28000000 ${idOf(call)}000000 20000000 0000 0000 ${'00'.repeat(16)}`);

/** Requests of so many calls and their answers, mixed as `places` say; behind the steps `pauses` nothing comes for a while. */
function talkOf(calls: number, places: readonly number[], waitingCalls: number, pauses: readonly number[]) {
  const told: number[] = [];
  const list = new CallList((_, number) => told.push(number), limitsWith({ waitingCalls }));
  const talk = laboratory().connection();
  list.add(talk.client(hex(BIND)));
  list.add(talk.server(hex(ACK)));
  const asked: number[] = [];
  const waiting: number[] = [];
  const numbers: (number | null)[] = [];
  for (let step = 0; asked.length < calls || waiting.length > 0; step++) {
    const isAnswer = waiting.length > 0 && (asked.length === calls || places[step % places.length] % 2 === 0);
    const call = isAnswer ? waiting.splice(places[step % places.length] % waiting.length, 1)[0] : asked.length;
    const pdu = isAnswer ? talk.server(response(call)) : talk.client(request(call));
    const number = list.begin(pdu);
    if (isAnswer) expect(number).toBe(numbers[call]);
    else {
      asked.push(call);
      waiting.push(call);
      numbers.push(number);
    }
    list.add(pdu, number);
    if (pauses.includes(step)) list.goAhead();
  }
  list.end();
  return { told, numbers };
}

const PLACES = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 });

describe('calls', () => {
  it('are numbered by their requests, and come once each, whatever is waited for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        PLACES,
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat(40)),
        (calls, places, most, pauses) => {
          const { told, numbers } = talkOf(calls, places, most, pauses);
          expect(numbers).toEqual(Array.from({ length: calls }, (_, i) => i + 1));
          expect([...told].sort((a, b) => a - b)).toEqual(numbers);
        },
      ),
    );
  });

  it('come in the order of their numbers where there is room to wait, and nothing pauses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), PLACES, (calls, places) => {
        const { told, numbers } = talkOf(calls, places, 100, []);
        expect(told).toEqual(numbers);
      }),
    );
  });

  it('come out of order behind a pause', () => {
    // three requests, then the answer to the last, then a pause
    expect(talkOf(3, [1, 1, 1, 2], 100, [3]).told).toEqual([3, 1, 2]);
  });
});
