/** Attack: what a process takes at its peak, for inputs of a few kilobytes that stand for very much. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type LimitName, optionOf } from '../../src/core/limits.js';
import { Resident, ROOT } from '../cli.js';
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

/** Runs each command on a file; none takes more than it may. Returns what each said on standard error. */
function peaks(process: Resident, commands: readonly string[][], file: string): string[] {
  const said = commands.map((command) => ({ command: command.join(' '), ...process.run([...command, file]) }));
  process.end();
  for (const { command, code, err } of said) expect([0, 3], `${command}: ${err.slice(0, 500)}`).toContain(code);
  const megabytes = said.map(({ command, megabytes }) => `${command}: ${Math.round(megabytes)}`);
  expect(Math.max(...said.map((s) => s.megabytes)), megabytes.join(', ')).toBeLessThan(MOST);
  return said.map(({ err }) => err);
}

const EK = ['-T', 'ek'];
/** Every way of reading a capture. */
const TOGETHER = [
  ['calls'],
  ['calls', '-T', 'ndjson'],
  EK,
  ['-V'],
  ['-T', 'fields', '-e', 'frame.number', '-e', 'dcerpc.opnum'],
  ['objects'],
  ['audit'],
  ['stats'],
  ['vectors', '--format', 'jsonl'],
];
const FIELDS = ['-T', 'fields', '-e', 'frame.number', '-e', 'vlan.id', '-e', 'nrbf.value'];

const JSONS = ['objects', 'audit'].map((command) => [command, '-T', 'json']);
/** And every way of telling it as a document. */
const EVERY = [...TOGETHER, ['-T', 'json'], ...JSONS, ['vectors', '-o', join(folder, 'vectors')]];

/** What was sent, and the commands that it costs most. */
const INPUTS: readonly [name: string, make: () => Uint8Array, commands: readonly string[][]][] = [
  ['a pcapng block of 64 MB', () => gzipSync(longBlock(), { level: 1 }), [['calls'], EK, FIELDS]],
  ['frames of 16,000 VLAN tags', tagged, [EK, FIELDS, ['-V']]],
  ['120 connections with 4,080 offered contexts each', () => offering(120), [['calls']]],
  ['12,000 conversations that have nothing in common', () => distinct(12_000), JSONS],
  ['times that are no dates', timeless, [['stats'], EK]],
  ['four million zstd blocks without content', () => emptyBlocks(4_000_000), [['calls']]],
  ['a zstd window of 128 MB and 100,000 blocks behind it', () => fullWindow(100_000), [['calls'], EK]],
  ['100,000 zstd frames with windows of 128 MB', () => manyFrames(100_000), [['calls']]],
  ['an array of 16M nulls in one stream', () => nulls(1, 16_000_000), [EK, ['vectors', '--format', 'c']]],
  ['a class name of 50,000 characters, 4,000 objects', () => longNamed(1, 4000, 50_000), EVERY],
  ['long names that the wire says once, in many calls', () => longNamed(100, 600, 2400), EVERY],
  // what holds open calls, and not how documents are written, which others show
  ['open calls with streams of objects', () => unanswered(600, 1200), [...TOGETHER.filter((c) => c !== EK), ...JSONS]],
  ['calls with streams of nulls', () => nulls(6, 2_000_000), [...TOGETHER, ['-T', 'json']]],
  [
    'calls with streams of objects without members',
    () => memberless(6, 200_000),
    [...TOGETHER.filter((c) => c !== EK), ['-T', 'json']],
  ],
];

/** Bounds that each of them says it met. */
const KEPT: readonly LimitName[] = [
  ...(['metadata', 'fragmentedBytes', 'assembledBytes', 'openBytes', 'buffered'] as const),
  ...(['smbBytes', 'carriedBytes'] as const),
];

/** What is started while this process is small: a peak begins with that of whoever starts. */
const start = (): Resident => new Resident('/dev/null');

describe('peak of memory', () => {
  for (const [name, make, commands] of INPUTS)
    it(name, { timeout: 300_000 }, () => {
      const process = start();
      const file = join(folder, 'input');
      writeFileSync(file, make());
      peaks(process, commands, file);
    });

  it('all that is kept of a capture, at its bounds at once', { timeout: 600_000 }, () => {
    // what one leaves behind would be counted with the next
    const commands = TOGETHER.map((command) => ({ command, process: start() }));
    const file = join(folder, 'together.pcapng');
    writeTogether(file);
    for (const err of commands.flatMap(({ command, process }) => peaks(process, [command], file)))
      for (const name of KEPT) expect(err).toContain(`--limit ${optionOf(name)}=N`);
    rmSync(file);
  });

  const open = `${ROOT}../shared/faults/memory-open-calls/input.pcapng.gz`;
  it.skipIf(!existsSync(open))('open calls with large NRBF streams', { timeout: 300_000 }, () => {
    for (const err of peaks(start(), [['calls'], ['audit']], open)) expect(err).toContain('bytes of open calls');
  });
});
