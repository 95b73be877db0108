/**
 * Memory of NRBF streams of many small records: what is kept is bounded, not an object for each byte. Each stream has a
 * process of its own, whose peak is what the system counts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Resident } from '../cli.js';
import { HEADER, hex } from './support.js';

const MB = 1 << 20;

const i32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(n);
  return bytes;
};

/** An array of `count` elements whose records `piece` repeats. */
function arrayOf(count: number, first: Uint8Array, piece: Uint8Array, pieces: number): Buffer {
  const head = Buffer.concat([hex(`${HEADER} 10 01000000`), i32(count), first]);
  return Buffer.concat([head, Buffer.alloc(piece.length * pieces, piece), hex('0b')]);
}

/** ClassWithIds of a class without members, each of another id. */
function memberless(count: number): Buffer {
  const head = Buffer.concat([hex(`${HEADER} 10 01000000`), i32(count + 1), hex('04 02000000 0141 00000000')]);
  const objects = Buffer.alloc(9 * count, hex('01 00000000 02000000'));
  for (let i = 0; i < count; i++) objects.writeInt32LE(i + 3, 9 * i + 1);
  return Buffer.concat([head, objects, hex('0b')]);
}

/** Name, bytes, and whether all of it is read. */
const STREAMS: [string, () => Buffer, boolean][] = [
  ['64 MB of nulls', () => arrayOf(64 * MB, hex(''), hex('0a'), 64 * MB), true],
  ['runs of one null', () => arrayOf(12_000_000, hex(''), hex('0d01'), 12_000_000), false],
  [
    'short runs of nulls between references',
    () => arrayOf(16_000_000, hex(''), hex('0a0a0a0a0a0a0a 09 01000000'), 2_000_000),
    false,
  ],
  ['32 MB of objects without members', () => memberless(Math.floor((32 * MB) / 9)), false],
];

describe.each(STREAMS)('%s', (_, make, whole) => {
  let folder = '';
  let process: Resident;
  beforeAll(() => {
    process = new Resident();
    folder = mkdtempSync(join(tmpdir(), 'clrscope-peak-'));
    writeFileSync(join(folder, 'in.nrbf'), make());
  });
  afterAll(() => {
    process.end();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([[['nrbf']], [['nrbf', '-T', 'json']], [['nrbf', '-V']]])(
    '%j stays below 300 MB',
    { timeout: 120_000 },
    (args) => {
      const { megabytes, code, out, err } = process.run([...args, join(folder, 'in.nrbf')]);
      expect(megabytes).toBeLessThan(300);
      expect(code).toBe(whole ? 0 : 3);
      if (!whole) expect(err).toContain('--limit nrbf-kept=N');
      expect(out.length).toBeGreaterThan(100);
    },
  );
});
