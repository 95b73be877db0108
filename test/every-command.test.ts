/**
 * Every command and every format over every capture and every NRBF stream that there is, malformed ones too: what
 * comes out is whole JSON where JSON is promised, never raw control characters, and no file ends in a defect. Commands
 * run in this process; what only a process shows (pipes, exit codes, threads) stands at the end.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { audit } from '../src/cli/audit.js';
import { calls } from '../src/cli/calls.js';
import { nrbfCommand } from '../src/cli/nrbf.js';
import { objects } from '../src/cli/objects.js';
import type { CommonOptions } from '../src/cli/options.js';
import { read } from '../src/cli/read.js';
import { stats } from '../src/cli/stats.js';
import { vectors } from '../src/cli/vectors.js';
import { asProcess, clrscope, MAIN, ROOT } from './cli.js';
import { allCaptures, PROJECT } from './fuzz/way.js';
import { catchPrinted, RAW } from './printed.js';

/** The PDUs of net-base once more, in another file format or order: test/streams holds that they are the same. */
const COPIES = /net-(?:bigendian|nsec|gzip|dup|ooo|overlap|rawip|multi-if)/;
const captures = allCaptures().filter((file) => !COPIES.test(file));
/** Captures of more bytes take turns among the commands; with CLRSCOPE_THOROUGH=1 none does. */
const LARGE = process.env.CLRSCOPE_THOROUGH === '1' ? Number.POSITIVE_INFINITY : 100_000;
const TURNS = 3;

/** What the command of a number goes over. */
function capturesFor(command: number): string[] {
  return captures.filter((file, i) => statSync(file).size < LARGE || i % TURNS === command % TURNS);
}

/** JSON and NDJSON of one thing are made by one printer: where there are both, they take turns. */
function byTurns(files: readonly string[], name: string, names: readonly string[]): readonly string[] {
  const isSecond = name.endsWith('-T ndjson');
  const twin = isSecond ? name.replace(/ndjson$/, 'json') : name.replace(/-T json$/, '-T ndjson');
  if (LARGE === Number.POSITIVE_INFINITY || twin === name || !names.includes(twin)) return files;
  return files.filter((_, i) => (i % 2 === 1) === isSecond);
}
const folder = mkdtempSync(join(tmpdir(), 'clrscope-every-'));
afterAll(() => rmSync(folder, { recursive: true }));

const prints = catchPrinted();

/** What a command printed, and its exit code. */
async function printed(run: () => unknown): Promise<{ text: string; code: number; messages: string }> {
  prints.clear();
  await run();
  return { text: prints.out, code: Number(process.exitCode ?? 0), messages: prints.err };
}

type Form = 'text' | 'json' | 'lines';

function check(text: string, form: Form, what: string): void {
  const raw = RAW.exec(text);
  if (raw !== null) expect.fail(`${what}: raw control character ${JSON.stringify(raw[0])} at ${raw.index}`);
  if (form === 'json') expect(() => JSON.parse(text), what).not.toThrow();
  else if (form === 'lines') for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
  expect(text, what).not.toMatch(/"code":"bug"|a defect of clrscope/);
}

/** Options as the command line gives them. */
function common(file: string): CommonOptions {
  const secrets = file.replace(/\.pcap(ng)?(\.gz)?$/, '.secrets.json');
  return { color: 'never', jobs: 1, ...(existsSync(secrets) ? { secrets: [secrets] } : {}) };
}

const COMMANDS: readonly (readonly [string, Form, (file: string) => unknown])[] = [
  ...(['text', 'json', 'ndjson'] as const).map(
    (T) => [`calls -T ${T}`, formOf(T), (f: string) => calls([f], { ...common(f), T })] as const,
  ),
  ['calls -Y', 'lines', (f) => calls([f], { ...common(f), T: 'ndjson', Y: 'dcerpc.opnum == 3' })],
  ['calls --full', 'lines', (f) => calls([f], { ...common(f), T: 'ndjson', full: true })],
  ...(['text', 'tree', 'json', 'ndjson', 'ek'] as const).map(
    (T) => [`read -T ${T}`, formOf(T), (f: string) => read([f], { ...common(f), T })] as const,
  ),
  ['read -V -x', 'text', (f) => read([f], { ...common(f), T: 'text', V: true, x: true })],
  ['read -c 5 -Y', 'text', (f) => read([f], { ...common(f), T: 'text', c: '5', Y: 'tcp.port > 1 or udp' })],
  [
    'read -T fields',
    'text',
    (f) => read([f], { ...common(f), T: 'fields', e: ['frame.number', 'ip.src', 'dcerpc.opnum', 'dcerpc.cn_call_id'] }),
  ],
  ...(['text', 'json', 'ndjson'] as const).map(
    (T) => [`objects -T ${T}`, formOf(T), (f: string) => objects([f], { ...common(f), T })] as const,
  ),
  ...(['text', 'json'] as const).map(
    (T) => [`stats -T ${T}`, formOf(T), (f: string) => stats([f], { ...common(f), T })] as const,
  ),
  ...(['text', 'json', 'sarif'] as const).map(
    (T) => [`audit -T ${T}`, formOf(T), (f: string) => audit([f], { ...common(f), T }, '0.0.0')] as const,
  ),
  ['audit -T html', 'text', (f) => audit([f], { ...common(f), T: 'html' }, '0.0.0')],
];

function formOf(format: string): Form {
  if (format === 'json' || format === 'sarif') return 'json';
  return format === 'ndjson' || format === 'ek' ? 'lines' : 'text';
}

describe.skipIf(captures.length === 0)('every command over every capture', () => {
  test.each(COMMANDS.map((command, i) => [...command, i] as const))('%s', async (name, form, run, i) => {
    const names = COMMANDS.map(([other]) => other);
    for (const file of byTurns(capturesFor(i), name, names)) {
      const { text, code, messages } = await printed(() => run(file));
      const what = `${name} ${basename(file)}`;
      expect([0, 3], `${what}: ${messages}`).toContain(code);
      expect(messages, what).not.toContain('a defect');
      expect(RAW.test(messages), what).toBe(false);
      check(text, form, what);
    }
  });

  test('vectors', async () => {
    for (const [i, file] of captures.entries()) {
      const { code, messages } = await printed(() =>
        vectors([file], { ...common(file), format: 'files', o: join(folder, `vectors-${i}`) }),
      );
      expect([0, 3], `${basename(file)}: ${messages}`).toContain(code);
      expect(messages).not.toContain('a defect');
    }
  });
});

const streams = ['test/nrbf/vectors', '../shared/nrbf/valid', '../shared/nrbf/malformed']
  .map((path) => join(PROJECT, path))
  .filter((path) => existsSync(path))
  .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
  .filter((path) => path.endsWith('.nrbf'));

describe('every format of nrbf over every stream', () => {
  const names = ['-T text', '-T tree', '-T json', '-T ndjson'];
  test.each(names)('%s', async (name) => {
    const format = name.slice(3);
    for (const file of byTurns(streams, name, names)) {
      const { text, code, messages } = await printed(() =>
        nrbfCommand().exitOverride().parseAsync(['-T', format, '--color', 'never', file], { from: 'user' }),
      );
      const what = `nrbf -T ${format} ${basename(file)}`;
      expect([0, 2, 3], `${what}: ${messages}`).toContain(code);
      expect(messages, what).not.toContain('a defect');
      if (code !== 2) check(text, formOf(format), what);
    }
  });
});

const built = existsSync(`${ROOT}dist/bundle/cli/worker.js`);
const sample = captures.find((f) => f.includes('clear-ndr.pcap')) ?? captures.find((f) => f.endsWith('.pcap')) ?? '';

describe.skipIf(!built || sample === '')('as a process', () => {
  test('standard input says what the file says', { timeout: 60_000 }, () => {
    const bytes = readFileSync(sample);
    expect(asProcess(['-V', '-'], bytes).out).toBe(clrscope(['-V', sample]).out);
    expect(asProcess(['calls', '-'], bytes).out).toBe(clrscope(['calls', sample]).out);
  });

  test('a cut file: what is there is told, the rest is named, exit code 3', { timeout: 60_000 }, () => {
    const bytes = readFileSync(sample);
    const cut = join(folder, 'cut.pcap');
    const run = (length: number, ...args: string[]) => {
      writeFileSync(cut, bytes.subarray(0, length));
      return clrscope(['calls', ...args, cut]);
    };
    for (const length of [24, 30, 41, bytes.length >> 1, bytes.length - 1]) {
      const { code, err } = run(length, '-T', 'ndjson');
      if (length === 24) expect(code).toBe(0);
      else {
        expect(code, `${length} bytes`).toBe(3);
        expect(err).toMatch(/byte \d+/);
      }
    }
    for (const length of [0, 1, 3]) expect(run(length).code).toBe(2);
    const piped = asProcess(['calls', '-'], bytes.subarray(0, bytes.length >> 1));
    expect(piped).toMatchObject({ code: 3, out: run(bytes.length >> 1).out });
    expect(asProcess(['calls', '-'], bytes.subarray(0, 3)).code).toBe(2);
  });

  test('a pipe that its reader closes early ends the program quietly', { timeout: 30_000 }, async () => {
    for (const args of [
      ['-V', '-x', ...captures],
      ['calls', '-T', 'ndjson', '--full', ...captures],
      ['calls', '-T', 'ndjson', '--full', '--jobs', '2', ...captures],
    ]) {
      const child = spawn(process.execPath, [MAIN, ...args, '-q'], { stdio: ['ignore', 'pipe', 'pipe'] });
      let messages = '';
      child.stderr.on('data', (data) => {
        messages += data;
      });
      child.stdout.once('data', () => child.stdout.destroy());
      const code = await new Promise((resolve) => child.on('exit', resolve));
      expect(messages).not.toMatch(/EPIPE|defect|at .*\.js/);
      expect(code, args.slice(0, 3).join(' ')).toBe(0);
    }
  });

  test('threads print what one core prints', { timeout: 60_000 }, () => {
    const some = captures.filter((_, i) => i % 10 === 0);
    for (const args of [['calls'], ['calls', '-T', 'json'], ['-T', 'json'], ['calls', '-Y', 'dcerpc.opnum == 3']]) {
      const one = clrscope([...args, '--jobs', '1', ...some]);
      const several = asProcess([...args, '--jobs', '3', ...some]);
      expect(several.out === one.out, args.join(' ')).toBe(true);
      expect(several.err).toBe(one.err);
      expect(several.code).toBe(one.code);
    }
  });

  test('one capture that cannot be read does not take the others with it, on any number of threads', {
    timeout: 60_000,
  }, () => {
    const empty = join(folder, 'empty.pcap');
    writeFileSync(empty, '');
    for (const jobs of ['1', '2']) {
      const { code, out, err } = asProcess(['calls', '--jobs', jobs, sample, empty, sample]);
      expect(code).toBe(2);
      expect(err).toContain('empty.pcap');
      expect(out.split('\n').filter((l) => l.includes('call')).length).toBe(2);
    }
  });
});
