/** Captures on several threads: what comes out is what one thread prints, whatever becomes of the others. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { workersFor } from '../../src/cli/parallel/parallel.js';
import { clrscope, MAIN, ROOT } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-parallel-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', COLUMNS: '120' };
const DYING = fileURLToPath(new URL('dying-thread.cjs', import.meta.url));
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

/** A little-endian Ethernet capture again and again, between other hosts each time. */
function repeated(path: string, rounds: number): Buffer {
  const records = readFileSync(path).subarray(24);
  const all = Array.from({ length: rounds }, (_, i) => {
    const copy = Buffer.from(records);
    for (let at = 0; at + 16 <= copy.length; at += 16 + copy.readUInt32LE(at + 8))
      for (const address of [at + 16 + 26, at + 16 + 30]) copy[address + 1] += i;
    return copy;
  });
  return Buffer.concat(all);
}

function capture(name: string, records: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([readFileSync(SAMPLE).subarray(0, 24), records]));
  return path;
}

const LONG = capture('long.pcap', repeated(SAMPLE, 40));
const CUT = capture('cut.pcap', repeated(SAMPLE, 40).subarray(0, -10));

/** What a command printed, and its exit code: what it took in memory is another matter. */
function printed(args: readonly string[]): { code: number | null; out: string; err: string } {
  const { code, out, err } = clrscope(args);
  return { code, out, err };
}

function same(args: readonly string[], ...jobs: readonly string[]): void {
  const one = printed([...args, '--jobs', '1']);
  for (const n of jobs) expect(printed([...args, '--jobs', n]), `${args.join(' ')} --jobs ${n}`).toEqual(one);
}

const COMMANDS = [
  ['calls'],
  ['calls', '-T', 'json'],
  ['calls', '-T', 'ndjson'],
  ['read', '-V'],
  ['read', '-T', 'ek'],
  ['objects', '-T', 'json'],
  ['audit'],
  ['vectors', '--format', 'jsonl'],
];

describe('several captures', () => {
  it.each(COMMANDS)('%s %s %s: threads print what one prints', (...args) => {
    same([...args.filter((a) => a !== undefined), LONG, SAMPLE, CUT, LONG], '2', '5');
  });

  it('are opened by every thread', () => {
    const sealed = `${ROOT}samples/ntlm-sealed`;
    for (const args of [['calls'], ['read', '-V']])
      same([...args, '--secrets', `${sealed}/secrets.json`, `${sealed}/capture.pcap`, SAMPLE], '2');
  });

  it('that are cut, empty, or none, are said in their order', () => {
    const empty = join(folder, 'empty.pcap');
    writeFileSync(empty, '');
    const files = [CUT, empty, join(folder, 'none.pcap'), SAMPLE.replace('capture.pcap', 'README.md')];
    for (const args of [['calls', '-T', 'ndjson'], ['read']]) same([...args, ...files], '2');
  });

  it('end where one cannot be written, and that is said once', () => {
    const o = join(folder, 'tables');
    expect(clrscope(['export', '-q', SAMPLE, '-o', o]).code).toBe(0);
    const digest = createHash('sha256').update(readFileSync(LONG)).digest('hex');
    mkdirSync(join(o, 'pdus', `${digest}.parquet`));
    same(['export', '-q', LONG, LONG, '-o', o], '2');
  });

  it('are read by no more threads than there are, and one by one thread', () => {
    const workers = (files: string[], jobs: number | null): number =>
      workersFor(
        files.map((file) => ({ name: file, files: [file] })),
        jobs,
      );
    expect(workers([SAMPLE], 5)).toBe(1);
    expect(workers([SAMPLE, SAMPLE], 5)).toBe(2);
    expect(workers([SAMPLE, SAMPLE], null)).toBe(1);
    expect(workers([SAMPLE, '-'], 5)).toBe(1);
    expect(workersFor([{ name: 'a group', files: [SAMPLE, SAMPLE] }], 5)).toBe(1);
  });
});

/** In a process in which the first thread dies, or each. */
function dying(
  after: number,
  args: readonly string[],
  dies: 'first' | 'all' = 'first',
): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', DYING, MAIN, ...args], {
    ...{ cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 30 },
    env: { ...ENV, DIES: dies, DIES_AFTER: String(after) },
  });
  return { code: status, out: stdout, err: stderr };
}

describe('a thread that dies', () => {
  it.each([0, 1, 4])('behind message %i is said, and nothing of what it read is missing or there twice', (after) => {
    for (const args of [
      ['calls', '-T', 'json', LONG, LONG],
      // of which something is said on the way, and at the end
      ['calls', '-T', 'ndjson', '--limit', 'pointers=8', '--limit', 'output=40K', CUT, LONG],
      ['read', '-V', LONG, CUT],
    ]) {
      const one = printed([...args, '--jobs', '1']);
      const { code, out, err } = dying(after, [...args, '--jobs', '2']);
      expect(out === one.out, args.join(' ')).toBe(true);
      expect(err.replace(/^clrscope: a thread died.*\n/m, '')).toBe(one.err);
      expect(err).toMatch(/^clrscope: a thread died/m);
      expect(code).toBe(one.code);
    }
  });

  it('and dies again leaves captures that are named', () => {
    const { code, out, err } = dying(0, ['calls', '--jobs', '2', SAMPLE, LONG], 'all');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const file of [SAMPLE, LONG]) expect(err).toContain(`clrscope: ${file}: threads that read it died\n`);
  });
});

describe('threads end', () => {
  const start = () =>
    spawn(process.execPath, [MAIN, 'calls', '-T', 'ndjson', '--jobs', '2', LONG, LONG], { cwd: ROOT, env: ENV });

  it('with Ctrl-C, and what was printed is of the beginning', async () => {
    const whole = clrscope(['calls', '-T', 'ndjson', '--jobs', '1', LONG, LONG]).out;
    const child = start();
    let out = '';
    child.stdout.setEncoding('utf8');
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: string) => {
      out += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    // calls that waited for their answers come out as they are, behind the others
    expect(whole.startsWith(out.slice(0, out.length >> 1))).toBe(true);
  });

  it('where nobody reads any more', async () => {
    const child = start();
    let messages = '';
    child.stderr.on('data', (text) => {
      messages += text;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(messages).toBe('');
  });
});
