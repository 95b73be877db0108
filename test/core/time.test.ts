/** Times as captures tell them: any number of seconds, in any unit; and what lies between two of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clockText, elapsed, isoTime, timeText } from '../../src/core/time.js';
import { block, concat, enhancedPacket, interfaceBlock, option, sectionHeader, simplePacket } from '../bytes.js';
import { clrscope } from '../cli.js';
import { half, REQUEST, RESPONSE, Talk } from '../worst/talk.js';

describe('times as text', () => {
  it.each([
    [0, 0, '1970-01-01T00:00:00.000000Z'],
    [1_694_504_294, 756_299_000, '2023-09-12T07:38:14.756299Z'],
    [1_694_504_294, 756_299_001, '2023-09-12T07:38:14.756299001Z'],
    // the last second of classic captures
    [2 ** 32 - 1, 999_999_000, '2106-02-07T06:28:15.999999Z'],
    [-1, 500_000_000, '1969-12-31T23:59:59.500000Z'],
    [253_402_300_800, 0, '+010000-01-01T00:00:00.000000Z'],
    [8_639_999_999_999, 0, '+275760-09-12T23:59:59.000000Z'],
    [-62_167_219_201, 0, '-000001-12-31T23:59:59.000000Z'],
  ])('%d s and %d ns', (sec, nsec, text) => {
    expect(isoTime({ sec, nsec })).toBe(text);
    expect(timeText({ sec, nsec })).toBe(text);
  });

  it.each([8.64e12, 18_446_744_073_709, -8.64e12, 2 ** 63, -(2 ** 63)])('%d s are no date', (sec) => {
    expect(isoTime({ sec, nsec: 1 })).toBeNull();
    expect(timeText({ sec, nsec: 1 })).toBe(`${BigInt(sec)} s since 1970`);
    // and leave nothing behind
    expect(isoTime({ sec: 1, nsec: 0 })).toBe('1970-01-01T00:00:01.000000Z');
  });

  it('the time of day ends any year', () => {
    expect(clockText({ sec: 59, nsec: 0 })).toBe('00:00:59.000000Z');
    expect(clockText({ sec: 253_402_300_801, nsec: 0 })).toBe('00:00:01.000000Z');
  });

  it('elapsed keeps nanoseconds of late times, and says which was first', () => {
    expect(elapsed({ sec: 4e9, nsec: 999_999_999 }, { sec: 4e9 + 1, nsec: 0 })).toBe(1e-9);
    expect(elapsed({ sec: 2, nsec: 0 }, { sec: 1, nsec: 500_000_000 })).toBe(-0.5);
  });
});

/** The packets of one call. */
function packetsOfCall(): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const t = new Talk(packets);
  t.bind();
  t.send(0, half(0, 1, REQUEST));
  t.send(1, half(1, 1, RESPONSE));
  return packets;
}

/** One call in pcapng whose packets have these stamps, in turn (the last for all that follow). */
function stamped(stamps: readonly bigint[], options: Uint8Array): Uint8Array {
  const blocks = packetsOfCall().map((p, i) => enhancedPacket(p, { stamp: stamps[Math.min(i, stamps.length - 1)] }));
  return concat(sectionHeader(), interfaceBlock(true, 1, options), ...blocks);
}

const resolution = (r: number): Uint8Array => option(9, Uint8Array.of(r));
const offset = (seconds: bigint): Uint8Array => {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigInt64(0, seconds, true);
  return option(14, value);
};
const MOST = 2n ** 64n - 1n;
const NONE = new Uint8Array(0);

const CALLS = [['calls', '-T', 'ndjson']];
/** Where the numbers themselves are printed or reckoned with. */
const NUMBERS = [
  ...CALLS,
  ['-T', 'fields', '-e', 'frame.time', '-e', 'frame.time_epoch', '-e', 'frame.time_relative'],
  ['stats', '-T', 'json'],
];
const COMMANDS = [
  ...NUMBERS,
  ['calls'],
  ['-T', 'ndjson'],
  ['-T', 'ek'],
  ['stats'],
  ['audit', '-T', 'json'],
  ['audit', '-T', 'sarif'],
  ['audit', '-T', 'html'],
  ['objects', '-T', 'json'],
  ['vectors', '--format', 'jsonl'],
];

/** Runs every output on a capture; none may fail, nor call it a defect. */
function everyOutput(
  bytes: Uint8Array,
  commands = COMMANDS,
): {
  call: Record<string, unknown> & { warnings: { code: string }[] };
  out: string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-time-'));
  try {
    const file = join(folder, 'x.pcapng');
    writeFileSync(file, bytes);
    let call = '';
    let out = '';
    for (const args of commands) {
      const ran = clrscope([...args, file]);
      expect(ran.err, args.join(' ')).not.toMatch(/defect|RangeError|NaN/);
      expect(ran.code, args.join(' ')).toBe(0);
      if (call === '') call = ran.out;
      out += ran.out;
    }
    expect(out).not.toMatch(/Invalid|NaN/);
    return { call: JSON.parse(call), out };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('captures with times beyond dates', () => {
  it.each([
    ['64 bits of microseconds', MOST, NONE, COMMANDS],
    ['64 bits of seconds', MOST, resolution(0), NUMBERS],
    ['halves of seconds', MOST, resolution(0x81), NUMBERS],
    ['an offset', 0n, offset(2n ** 63n - 1n), NUMBERS],
    ['an offset back', 5n, offset(-(2n ** 63n)), NUMBERS],
  ])('%s: null and a warning', { timeout: 60_000 }, (_, stamp, options, commands) => {
    const { call } = everyOutput(stamped([stamp], options), commands);
    expect(call.time).toBeNull();
    expect(call.operation).toBe('GetObjectIdentity');
    expect(call.warnings.map((w) => w.code)).toContain('time-out-of-range');
  });

  it.each([
    ['nanoseconds', 2n ** 63n, resolution(9), '2262-04-11T23:47:16.854775808Z'],
    ['units of 2^-127 s', MOST, resolution(0xff), '1970-01-01T00:00:00.000000Z'],
    ['a year of five digits', 253_402_300_800_000_000n, NONE, '+010000-01-01T00:00:00.000000Z'],
    ['before 1970', 0n, offset(-10n), '1969-12-31T23:59:50.000000Z'],
  ])('%s: a date', { timeout: 60_000 }, (_, stamp, options, text) => {
    const { call } = everyOutput(stamped([stamp], options), CALLS);
    expect(call.time).toBe(text);
    expect(call.warnings).toEqual([]);
  });

  it('an answer from before its request says so, and has no part in response times', { timeout: 60_000 }, () => {
    const { call, out } = everyOutput(stamped([10_000_000n, 10_000_000n, 10_000_000n, 10_000_000n, 8_500_000n], NONE));
    expect(call.duration).toBe(-1.5);
    expect(call.warnings.map((w) => w.code)).toEqual(['time-backwards']);
    expect(/"times": \{\s+"count": 0,/.test(out)).toBe(true);
  });
});

describe('packets without a time (simple packet blocks of pcapng)', () => {
  const start = concat(sectionHeader(), interfaceBlock(true, 1));
  const MORE = [
    ['read'],
    ['-t', 'a'],
    ['-t', 'e'],
    ['-t', 'dd'],
    ['-T', 'pdml'],
    ['-T', 'psml'],
    ['-T', 'csv'],
    ['calls', '-T', 'zeek'],
    ['calls', '-T', 'csv'],
    ['follow', '--connection', '0'],
    ['follow', '--connection', '0', '-T', 'json'],
  ];

  it('are of no time, which is not 1970, in every output', { timeout: 120_000 }, () => {
    const file = concat(start, ...packetsOfCall().map((p) => simplePacket(p)));
    const { call, out } = everyOutput(file, [...COMMANDS, ...MORE]);
    expect(call).toMatchObject({ time: null, duration: null, operation: 'GetObjectIdentity', warnings: [] });
    expect(out.replaceAll('packets-1970', '')).not.toMatch(/1970|"count": 1,\s+"min": 0/);
  });

  it('leave the times of others as they are', { timeout: 60_000 }, () => {
    const packets = packetsOfCall();
    const answer = packets.length - 1;
    const blocks = packets.map((p, i) => (i === answer ? simplePacket(p) : enhancedPacket(p, { stamp: BigInt(i) })));
    const columns = ['frame.number', 'frame.time_relative', 'frame.time_delta', 'frame.time_epoch'];
    const { call, out } = everyOutput(concat(start, ...blocks, blocks[0]), [
      ...CALLS,
      ['-T', 'fields', ...columns.flatMap((name) => ['-e', name])],
    ]);
    expect(call).toMatchObject({ time: `1970-01-01T00:00:00.00000${answer - 1}Z`, duration: null });
    const rows = out.trimEnd().split('\n').slice(-3);
    expect(rows).toEqual([
      `${answer}\t0.00000${answer - 1}000\t0.000001000\t0.00000${answer - 1}000`,
      `${answer + 1}\t\t\t`,
      `${answer + 2}\t0.000000000\t\t0.000000000`,
    ]);
  });

  it('times count from the first packet, whatever frame stands in front of it', { timeout: 60_000 }, () => {
    const journal = block(9, new Uint8Array(36));
    const packets = packetsOfCall().map((p) => enhancedPacket(p, { stamp: 1_700_000_000_000_000n }));
    const { out } = everyOutput(concat(start, journal, ...packets), [...CALLS, ['calls'], ['read']]);
    expect(out).toContain(' 0.000 s ');
    expect(out).not.toContain('1700000000.000 s');
    expect(out).toContain(`Frame ${packets.length + 1} `);
  });
});
