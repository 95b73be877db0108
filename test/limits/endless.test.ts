/** Nothing grows without end: memory stays flat over many connections, and what costs no bytes costs all the same. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { Pdu } from '../../dissectors/pdu.js';
import { CallList } from '../../src/analysis/calls.js';
import { limitMessage, limitsWith } from '../../src/core/limits.js';
import { dcerpcPdu, ethernet, ipv4, SYN, tcp } from '../bytes.js';
import { pass, type RawPacket } from '../fuzz/way.js';
import { emptyFragments } from './calls.js';

const FIRST = 1;
const LAST = 2;

/** A request PDU; `flags` say which fragment it is. */
function request(length: number, callId: number, flags = FIRST | LAST): Uint8Array {
  const pdu = dcerpcPdu(length, { seed: callId });
  pdu[3] = flags;
  // alloc hint, context 0, opnum 3
  pdu.set([0, 0, 0, 0, 0, 0, 3, 0], 16);
  return pdu;
}

/** Packets of one connection's client, one a PDU. */
function* connection(number: number, pdus: Iterable<Uint8Array>): Generator<RawPacket> {
  const client = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
  const wrap = (segment: Uint8Array): RawPacket => {
    const bytes = ethernet(ipv4(client, '192.168.0.1', 6, segment));
    return { link: 1, bytes, length: bytes.length, sec: 1_700_000_000, nsec: 0 };
  };
  yield wrap(tcp(50000, 49700, 999, undefined, SYN));
  let sequence = 1000;
  for (const pdu of pdus) {
    yield wrap(tcp(50000, 49700, sequence, pdu));
    sequence += pdu.length;
  }
}

test('fragments without any bytes cost too', () => {
  expect(emptyFragments(1000, {})).toEqual([]);
  expect(emptyFragments(1000, { assembledBytes: 100_000 })).toHaveLength(1);
});

/** A call of which the request was seen. */
function waiting(open: boolean, bytes: number) {
  const base = { warnings: [], response: null, in: null, out: null, auth: { decrypted: null }, answering: false };
  return { ...base, open, request: { stub: new Uint8Array(bytes) } };
}

test('calls behind one that is never answered come out in time, in order, each once', () => {
  const numbers: number[] = [];
  const list = new CallList((_, number) => void numbers.push(number));
  const add = (open: boolean, bytes: number): void => {
    const call = waiting(open, bytes);
    list.add({ call, completes: 'request' } as unknown as Pdu);
    list.add({ call, completes: 'response' } as unknown as Pdu);
  };
  add(true, 10);
  for (let i = 0; i < 1000; i++) add(false, 10_000);
  expect(numbers).toEqual([]);
  for (let i = 0; i < 3000; i++) add(false, 10_000);
  expect(numbers.length).toBeGreaterThan(0);
  list.end();
  expect(numbers).toEqual(Array.from({ length: 4001 }, (_, i) => i + 1));
});

test('a call that came out without its answer counts no more when that comes', () => {
  const told: string[] = [];
  const limits = limitsWith({ waitingCalls: 1, waitingBytes: 100_000 });
  const list = new CallList(({ warnings }) => void told.push(...warnings.map((w) => w.message)), limits);
  for (let round = 0; round < 50; round++) {
    const calls = [1, 2, 3].map(() => waiting(true, 10_000));
    for (const call of calls) list.add({ call, completes: 'request' } as unknown as Pdu);
    for (const call of calls)
      list.add({ call: Object.assign(call, { open: false }), completes: 'response' } as unknown as Pdu);
  }
  expect(new Set(told)).toEqual(new Set([limitMessage('waitingCalls', limits)]));
});

/** A full garbage collection: what is measured then is what is kept. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('memory stays flat over a connection without end whose calls nobody answers', () => {
  const [ROUNDS, EACH] = [8, 2000];
  const memory: number[] = [];
  function* requests(): Generator<Uint8Array> {
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < EACH; i++) yield request(2000, round * EACH + i);
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      memory.push((heapUsed + arrayBuffers) / 2 ** 20);
    }
  }
  // a bound that two rounds fill: without one, what is kept grows by 4 MB with each
  const limits = { openBytes: 6 << 20, openCalls: 1_000_000 };
  const passed = pass(connection(1, requests()), { record: false, check: false, limits });
  expect(passed.calls).toBe(ROUNDS * EACH);
  expect(memory[7] - memory[3], memory.map((m) => m.toFixed(1)).join(' ')).toBeLessThan(8);
});

test('memory stays flat over connections without end', () => {
  // bounds that the first rounds fill: what grows from there on grows for ever, 4 KB a connection would be 18 MB
  const limits = { connections: 500, flows: 2000, openBytes: 1 << 20, assembledBytes: 1 << 20, waitingCalls: 100 };
  const ROUNDS = 6;
  const EACH = 1500;
  function* connections(from: number, count: number): Generator<RawPacket> {
    for (let n = from; n < from + count; n++) yield* connection(n, [request(200, 1), request(400, 2, FIRST)]);
  }
  function* all(): Generator<RawPacket> {
    for (let round = 0; round < ROUNDS; round++) {
      yield* connections(round * EACH, EACH);
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      memory.push((heapUsed + arrayBuffers) / 2 ** 20);
    }
  }
  const memory: number[] = [];
  const passed = pass(all(), { record: false, check: false, limits });
  expect(passed.pdus).toBe(2 * ROUNDS * EACH);
  expect(memory[5] - memory[2], memory.map((m) => m.toFixed(1)).join(' ')).toBeLessThan(4);
});
