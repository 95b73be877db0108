/** Calls of which fragments are missing say so, whichever half lacks them: no call looks whole that is not. */
import { describe, expect, it } from 'vitest';
import type { Call } from '../../dissectors/call.js';
import { CallList } from '../../src/analysis/calls.js';
import { describeCallText } from '../../src/output/calls/text.js';
import { hex, laboratory } from '../dcerpc/support.js';

const BIND = `05000b03 10000000 48000000 01000000 b810b810 00000000 01000000 0000 0100 9ec1fcc370a9d2118b5a00a0c9b7c9c4
  00000000 045d888aeb1cc9119fe808002b104860 02000000`;
const ACK = `05000c03 10000000 3c000000 01000000 b810b810 34120000 0600 343936363400 01000000 0000 0000
  045d888aeb1cc9119fe808002b104860 02000000`;
const first = 1;
const last = 2;
/** ORPCTHIS, which is all that GetSerializedBuffer (opnum 3) is asked with. */
const STUB = `05000700 00000000 00000000 ${'11'.repeat(16)} 00000000`.replaceAll(' ', '');
const flagsOf = (flags: number): string => flags.toString(16).padStart(2, '0');
/** A request with a part of it, in hex digits; the object is behind the header's 24 bytes. */
const request = (flags: number, part = STUB): Uint8Array =>
  hex(`050000${flagsOf(flags | 0x80)} 10000000 ${flagsOf(40 + part.length / 2)}000000 02000000 20000000 0000 0300
    ${'00'.repeat(16)} ${part}`);
const response = (flags: number): Uint8Array =>
  hex(`050002${flagsOf(flags)} 10000000 28000000 02000000 20000000 0000 0000 ${'00'.repeat(16)}`);
const HALVES = [STUB.slice(0, 32), STUB.slice(32)];

/** The one call of a talk: fragments of the client, then of the server, then the end. */
function callOf(client: readonly Uint8Array[], server: readonly Uint8Array[]): Call {
  const found: Call[] = [];
  const list = new CallList((call) => found.push(call));
  const talk = laboratory().connection();
  talk.client(hex(BIND));
  talk.server(hex(ACK));
  for (const bytes of client) list.add(talk.client(bytes));
  for (const bytes of server) list.add(talk.server(bytes));
  talk.close();
  list.end();
  expect(found).toHaveLength(1);
  return found[0];
}

const codes = (call: Call): string[] => call.warnings.map((w) => w.code);

describe('fragments that were not captured', () => {
  it('of a request: its answer does not make it whole', () => {
    const call = callOf([request(first, HALVES[0])], [response(first | last)]);
    expect(call.request?.stub).toBeNull();
    expect(codes(call)).toContain('incomplete');
    expect(describeCallText(call)).toMatch(/not seen whole.*⚠/);
  });

  it('of an answer: it is none, and not "no answer" either', () => {
    const call = callOf([request(first | last)], [response(first)]);
    expect(call.response).toBeNull();
    expect(codes(call)).toEqual(['incomplete']);
    expect(describeCallText(call)).toMatch(/✗ answer not seen whole ⚠ incomplete$/);
  });

  it('none: nothing is said', () => {
    const whole = callOf([request(first, HALVES[0]), request(last, HALVES[1])], [response(first), response(last)]);
    expect(codes(whole)).not.toContain('incomplete');
    const unanswered = callOf([request(first | last)], []);
    expect(codes(unanswered)).toEqual([]);
    expect(describeCallText(unanswered)).toMatch(/✗ no answer$/);
  });
});
