/** Attack: what a process takes at its peak, for inputs of a few kilobytes that stand for very much. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type LimitName, optionOf } from '../../src/core/limits.js';
import { ROOT } from '../cli.js';
import { distinct } from './distinct.js';
import {
  emptyBlocks,
  fullWindow,
  longBlock,
  longNamed,
  manyFrames,
  memberless,
  nulls,
  offering,
  tagged,
  timeless,
  unanswered,
} from './hostile-captures.js';
import { writeTogether } from './together.js';

/** Megabytes that no command takes. */
const MOST = 300;
const folder = mkdtempSync(join(tmpdir(), 'clrscope-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Peak of the resident set in megabytes, and what was said on standard error. */
function peak(args: readonly string[]): { code: number | null; megabytes: number; err: string } {
  const tell = 'process.on("exit",()=>process.stderr.write("\\nPEAK "+process.resourceUsage().maxRSS))';
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, `${ROOT}dist/bundle/cli/main.js`, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const megabytes = Number(/PEAK (\d+)/.exec(stderr)?.[1]) / 1024;
  return { code: status, megabytes, err: stderr };
}

/** Every way of reading a capture. */
const TOGETHER = [
  ['calls'],
  ['calls', '-T', 'ndjson'],
  ['-T', 'ek'],
  ['-V'],
  ['-T', 'fields', '-e', 'frame.number', '-e', 'dcerpc.opnum'],
  ['objects'],
  ['audit'],
  ['stats'],
  ['vectors', '--format', 'jsonl'],
];
/** What keeps tables, and what looks things up in them. */
const TABLES = [
  ['objects'],
  ['objects', '-T', 'json'],
  ['audit'],
  ['audit', '-T', 'json'],
  ['stats'],
  ['calls', '-T', 'ndjson'],
];
const EK = ['-T', 'ek'];
const FIELDS = ['-T', 'fields', '-e', 'frame.number', '-e', 'vlan.id', '-e', 'nrbf.value'];

const JSONS = ['objects', 'audit'].map((command) => [command, '-T', 'json']);
/** And every way of telling it as a document. */
const EVERY = [...TOGETHER, ['-T', 'json'], ...JSONS, ['vectors', '-o', join(folder, 'vectors')]];

/** What was sent, and the commands that it costs most. */
const INPUTS: readonly [name: string, make: () => Uint8Array, commands: readonly string[][]][] = [
  ['a pcapng block of 64 MB', () => gzipSync(longBlock(), { level: 1 }), [['calls'], EK, FIELDS]],
  ['frames of 16,000 VLAN tags', tagged, [EK, FIELDS, ['-V']]],
  ['300 connections with 4,080 offered contexts each', () => offering(300), [['calls']]],
  ['12,000 conversations that have nothing in common', () => distinct(12_000), TABLES],
  ['times that are no dates', timeless, [['stats'], EK]],
  ['four million zstd blocks without content', () => emptyBlocks(4_000_000), [['calls']]],
  ['a zstd window of 128 MB and 100,000 blocks behind it', () => fullWindow(100_000), [['calls'], EK]],
  ['100,000 zstd frames with windows of 128 MB', () => manyFrames(100_000), [['calls']]],
  ['an array of 16M nulls in one stream', () => nulls(1, 16_000_000), [EK, ['vectors', '--format', 'c']]],
  ['a class name of 50,000 characters, 4,000 objects', () => longNamed(1, 4000, 50_000), EVERY],
  ['long names that the wire says once, in many calls', () => longNamed(100, 600, 2400), EVERY],
  ['open calls with streams of objects', () => unanswered(600, 1200), EVERY],
  ['calls with streams of nulls', () => nulls(6, 2_000_000), [...TOGETHER, ['-T', 'json']]],
  ['calls with streams of objects without members', () => memberless(6, 200_000), [...TOGETHER, ['-T', 'json']]],
];

/** Bounds that each of them says it met. */
const KEPT: readonly LimitName[] = ['metadata', 'fragmentedBytes', 'assembledBytes', 'openBytes', 'buffered'];

describe('peak of memory', () => {
  for (const [name, make, commands] of INPUTS)
    it(name, { timeout: 300_000 }, () => {
      const file = join(folder, 'input');
      writeFileSync(file, make());
      for (const command of commands) {
        const { code, megabytes, err } = peak([...command, file]);
        expect([0, 3], err.slice(0, 500)).toContain(code);
        expect(megabytes, command.join(' ')).toBeLessThan(MOST);
      }
    });

  it('all that is kept of a capture, at its bounds at once', { timeout: 600_000 }, () => {
    const file = join(folder, 'together.pcapng');
    writeTogether(file);
    const peaks: Record<string, number> = {};
    for (const command of TOGETHER) {
      const { code, megabytes, err } = peak([...command, file]);
      expect([0, 3], err.slice(0, 500)).toContain(code);
      for (const name of KEPT) expect(err, command.join(' ')).toContain(`--limit ${optionOf(name)}=N`);
      peaks[command.join(' ')] = Math.round(megabytes);
    }
    expect(Math.max(...Object.values(peaks)), JSON.stringify(peaks)).toBeLessThan(MOST);
    rmSync(file);
  });

  const open = `${ROOT}../shared/faults/memory-open-calls/input.pcapng.gz`;
  it.skipIf(!existsSync(open))('open calls with large NRBF streams', { timeout: 300_000 }, () => {
    for (const command of [['calls'], ['audit']]) {
      const { code, megabytes, err } = peak([...command, open]);
      expect([0, 3], err.slice(0, 500)).toContain(code);
      expect(megabytes, command.join(' ')).toBeLessThan(MOST);
      expect(err).toContain('bytes of open calls');
    }
  });
});
