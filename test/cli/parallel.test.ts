/** Captures on several threads: what comes out is what one thread prints, whatever becomes of the others. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { planOf } from '../../src/cli/parallel/plan.js';
import { clrscope, MAIN, ROOT, SHARED } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-parallel-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ENV = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', COLUMNS: '120' };
const DYING = fileURLToPath(new URL('dying-thread.cjs', import.meta.url));
const SAMPLE = `${ROOT}samples/managed-object/capture.pcap`;

/** A little-endian Ethernet capture again and again, between other hosts each time. */
function repeated(path: string, first: number, last: number): Buffer {
  const records = readFileSync(path).subarray(24);
  const rounds = Array.from({ length: last - first }, (_, i) => {
    const copy = Buffer.from(records);
    for (let at = 0; at + 16 <= copy.length; at += 16 + copy.readUInt32LE(at + 8))
      for (const address of [at + 16 + 26, at + 16 + 30]) copy[address + 1] += first + i;
    return copy;
  });
  return Buffer.concat(rounds);
}

function capture(name: string, ...parts: Buffer[]): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([readFileSync(SAMPLE).subarray(0, 24), ...parts]));
  return path;
}

const LONG = capture('long.pcap', repeated(SAMPLE, 0, 40));

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
  ['calls', '-T', 'ndjson', '--full'],
  ['read'],
  ['read', '-V'],
  ['read', '-x'],
  ['read', '-T', 'json'],
  ['read', '-T', 'ndjson'],
  ['read', '-T', 'ek'],
  ['read', '-T', 'fields', '-e', 'frame.number', '-e', 'dcerpc.opnum'],
  ['read', '-V', '-Y', 'dcerpc.opnum == 3'],
  ['objects'],
  ['audit'],
  ['stats'],
];

describe('one capture', () => {
  it.each(COMMANDS)('%s %s %s: threads print what one prints', (...args) => {
    same([...args.filter((a) => a !== undefined), LONG], '5');
  });

  it.each(
    ['samples/truth', ...(SHARED === null ? [] : ['../shared/captures/real', '../shared/captures/traffic'])].flatMap(
      (from) =>
        readdirSync(ROOT + from)
          .filter((name) => /\.pcap(ng)?$/.test(name))
          .filter((_, i) => i % (from.startsWith('samples') ? 2 : 16) === 0)
          .map((name) => join(ROOT, from, name)),
    ),
  )('%s', (file) => {
    for (const args of [
      ['calls', '-T', 'ndjson'],
      ['read', '-V'],
    ])
      same([...args, file], '2');
  });

  it('is opened by every thread', () => {
    const secrets = `${ROOT}samples/ntlm-sealed/secrets.json`;
    const file = `${ROOT}samples/ntlm-sealed/capture.pcap`;
    for (const args of [['calls'], ['calls', '-T', 'ndjson'], ['read', '-V']])
      same([...args, '--secrets', secrets, file], '5');
  });

  it('meets limits as on one thread, that of its output too', () => {
    for (const limit of ['output=40K', 'open-calls=1', 'pointers=8'])
      for (const args of [
        ['calls', '-T', 'ndjson'],
        ['read', '-T', 'ndjson'],
      ])
        same([...args, '--limit', limit, LONG], '2');
  });

  it('that is cut, empty, or none, is said once', () => {
    const cut = join(folder, 'cut.pcap');
    writeFileSync(cut, readFileSync(LONG).subarray(0, -10));
    const empty = join(folder, 'empty.pcap');
    writeFileSync(empty, '');
    for (const file of [cut, empty, join(folder, 'none.pcap'), SAMPLE.replace('capture.pcap', 'README.md')])
      for (const args of [['calls', '-T', 'ndjson'], ['read']]) same([...args, file], '2');
  });

  it('is read by one thread, and by several where the user says so', () => {
    const parallel = { command: 'calls', options: { T: 'text', color: 'never' }, splits: true } as const;
    expect(planOf([SAMPLE], null, parallel).splits).toBe(false);
    expect(planOf([SAMPLE], 2, parallel)).toMatchObject({ threads: 2, splits: true });
    expect(planOf([SAMPLE], 1, parallel).splits).toBe(false);
    expect(planOf(['-'], 2, parallel).splits).toBe(false);
  });
});

/** In a process in which the first thread dies. */
function dying(after: number, args: readonly string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', DYING, MAIN, ...args], {
    ...{ cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 30 },
    env: { ...ENV, DIES_AFTER: String(after) },
  });
  return { code: status, out: stdout, err: stderr };
}

describe('a thread that dies', () => {
  it.each([0, 1])('behind message %i is said, and nothing of what it read is missing or there twice', (after) => {
    for (const args of [
      ['calls', '-T', 'ndjson', LONG],
      ['read', '-V', LONG],
      ['calls', '-T', 'json', LONG, SAMPLE, LONG],
    ]) {
      const one = printed([...args, '--jobs', '1']);
      const { code, out, err } = dying(after, [...args, '--jobs', '2']);
      expect(out === one.out, args.join(' ')).toBe(true);
      expect(err.replace(/^clrscope: a thread died.*\n/, '')).toBe(one.err);
      expect(err).toMatch(/^clrscope: a thread died/);
      expect(code).toBe(one.code);
    }
  });
});

describe('threads end', () => {
  const start = () =>
    spawn(process.execPath, [MAIN, 'calls', '-T', 'ndjson', '--jobs', '2', LONG], { cwd: ROOT, env: ENV });

  it('with Ctrl-C, and what was printed is the beginning of all', async () => {
    const whole = clrscope(['calls', '-T', 'ndjson', '--jobs', '1', LONG]).out;
    const child = start();
    let out = '';
    child.stdout.setEncoding('utf8');
    child.stdout.once('data', () => child.kill('SIGINT'));
    child.stdout.on('data', (text: string) => {
      out += text;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(whole.startsWith(out)).toBe(true);
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
