/**
 * Limits: each has a default, holds at its bound, and is told as `limit` once it is met; and memory stays flat over
 * many connections. Those of streams, NRBF, objects and statistics are tested beside these.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../dissectors/dcerpc/connection.js';
import type { Pdu } from '../dissectors/dcerpc/session.js';
import { CallList } from '../src/analysis/calls.js';
import { dcerpcPdu, ethernet, ipv4, SYN, tcp } from './bytes.js';
import { pass, type RawPacket } from './fuzz/way.js';

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

/** Messages of `limit` notes on PDUs. */
function limitsOf(packets: Iterable<RawPacket>): string[] {
  const told: string[] = [];
  pass(packets, {
    record: false,
    check: false,
    onPdu: ({ recording }) =>
      void told.push(...recording.notes.filter((n) => n.code === 'limit').map((n) => n.message)),
  });
  return told;
}

describe('limit', () => {
  test('open calls of a connection', () => {
    const calls = (n: number): Uint8Array[] => Array.from({ length: n }, (_, i) => request(32, i + 1));
    expect(limitsOf(connection(1, calls(LIMITS.openCalls)))).toEqual([]);
    const told = limitsOf(connection(1, calls(LIMITS.openCalls + 1)));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`${LIMITS.openCalls} open calls`);
  });

  test('bytes of one stub', () => {
    const fragment = 65024;
    function* endless(fragments: number): Generator<Uint8Array> {
      for (let i = 0; i < fragments; i++) yield request(fragment, 1, i === 0 ? FIRST : 0);
    }
    const most = Math.floor(LIMITS.stubBytes / (fragment - 24));
    expect(limitsOf(connection(1, endless(most)))).toEqual([]);
    expect(limitsOf(connection(1, endless(most + 1)))[0]).toContain(`more than ${LIMITS.stubBytes} bytes`);
  });

  test('bytes of all stubs that wait for their end, on any number of connections', () => {
    function* connections(count: number): Generator<RawPacket> {
      for (let n = 0; n < count; n++)
        yield* connection(
          n,
          Array.from({ length: 32 }, (_, i) => request(65024, i + 1, FIRST)),
        );
    }
    const each = 32 * (65024 + LIMITS.fragmentCost);
    const most = Math.floor(LIMITS.assembledBytes / each);
    expect(limitsOf(connections(most))).toEqual([]);
    const told = limitsOf(connections(most + 1));
    expect(told.length).toBeGreaterThan(0);
    expect(told[0]).toContain(`${LIMITS.assembledBytes} bytes of stubs`);
  });

  test('fragments without any bytes cost too', () => {
    function* fragments(): Generator<Uint8Array> {
      const most = Math.ceil(LIMITS.assembledBytes / (24 + LIMITS.fragmentCost)) + 1;
      for (let i = 0; i < most; i++) yield request(24, 1, i === 0 ? FIRST : 0);
    }
    expect(limitsOf(connection(1, fragments())).length).toBeGreaterThan(0);
  });

  test('calls behind one that is never answered come out in time, in order, each once', () => {
    const numbers: number[] = [];
    const list = new CallList((_, number) => void numbers.push(number));
    const add = (open: boolean, bytes: number): void => {
      const call = { open, request: { stub: { length: bytes } }, response: null };
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
});

/** A full garbage collection: what is measured then is what is kept. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('memory stays flat over two hundred thousand connections', { timeout: 120_000 }, () => {
  function* connections(from: number, count: number): Generator<RawPacket> {
    for (let n = from; n < from + count; n++) yield* connection(n, [request(200, 1), request(400, 2, FIRST)]);
  }
  function* all(): Generator<RawPacket> {
    for (let round = 0; round < 10; round++) {
      yield* connections(round * 20_000, 20_000);
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      memory.push((heapUsed + arrayBuffers) / 2 ** 20);
    }
  }
  const memory: number[] = [];
  const passed = pass(all(), { record: false, check: false });
  expect(passed.pdus).toBe(400_000);
  // the first rounds fill tables up to their bounds; from there on nothing that is kept grows
  expect(memory[9] - memory[7], memory.map(Math.round).join(' ')).toBeLessThan(60);
});
