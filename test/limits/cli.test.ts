/** `--limit` on the command line, on every number of threads, and the table in README. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { limitsOf } from '../../src/cli/limits.js';
import {
  DEFAULT_LIMITS,
  LIMITS,
  type LimitName,
  limitMessage,
  limitsWith,
  limitText,
  optionOf,
} from '../../src/core/limits.js';
import { readCalls } from '../../src/index.js';
import { pcapFile } from '../bytes.js';
import { clrscope, ROOT } from '../cli.js';
import { HEADER } from '../nrbf/support.js';
import { limitNotes } from './case.js';
import { unanswered } from './streams.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const three = write(
  'three.pcap',
  pcapFile(
    unanswered(3).map((bytes) => ({ bytes })),
    { link: 101 },
  ),
);
const other = write('other.pcap', readFileSync(three));
const names = Object.keys(LIMITS) as LimitName[];

/** Messages about limits in what `-T ndjson` or `-T json` prints. */
function told(lines: string): string[] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => limitNotes(JSON.parse(line).warnings));
}

describe('--limit', () => {
  test('moves a bound of the dissection, for read and calls, on each thread', () => {
    const message = limitMessage('openCalls', limitsWith({ openCalls: 2 }));
    for (const args of [['calls'], ['read'], ['calls', '-Y', 'dcerpc'], ['read', '-Y', 'dcerpc']]) {
      const at = (n: number, ...files: string[]) =>
        told(clrscope([...args, '-T', 'ndjson', '--jobs', '2', '--limit', `open-calls=${n}`, ...files]).out);
      expect(at(3, three), args.join(' ')).toEqual([]);
      expect(at(2, three, other), args.join(' ')).toEqual([message, message]);
    }
    // where nothing printed holds warnings, standard error tells
    for (const args of [['calls'], ['read'], ['read', '-c', '9'], ['objects'], ['stats'], ['audit']])
      expect(clrscope([...args, '--limit', 'open-calls=2', three]).err, args.join(' ')).toBe(
        `clrscope: ${three}: ${message}\n`,
      );
  });

  test('moves a bound of the streams', () => {
    const { err, code } = clrscope(['calls', '--limit', 'flows=1', '--limit', 'connections=1', three]);
    expect([err, code]).toEqual(['', 0]);
    const busy = clrscope(['stats', '--limit', 'connections=1', `${ROOT}samples/managed-object/capture.pcap`]);
    expect(busy.err).toContain('--limit connections=N');
  });

  test('moves a bound of reports', () => {
    const sample = `${ROOT}samples/managed-object/capture.pcap`;
    for (const [command, limit] of [
      ['objects', 'pointers'],
      ['stats', 'stats-rows'],
      ['audit', 'findings'],
    ]) {
      expect(clrscope([command, sample]).out, command).not.toContain('--limit');
      expect(clrscope([command, '--limit', `${limit}=1`, sample]).out, command).toContain(`--limit ${limit}=N`);
    }
    const vectors = (n: number) => clrscope(['vectors', '--format', 'jsonl', '--limit', `vectors=${n}`, sample]);
    expect(vectors(1).out.trimEnd().split('\n')).toHaveLength(1);
    expect(vectors(1).err).toContain('--limit vectors=N');
    expect(vectors(1000).err).toBe('');
  });

  test('moves a bound of nrbf', () => {
    const stream = write('string.nrbf', Buffer.from(`${HEADER} 06 01000000 03 414243 0b`.replaceAll(' ', ''), 'hex'));
    const at = (n: number) => clrscope(['nrbf', '-T', 'json', '--limit', `nrbf-string=${n}`, stream]);
    expect(at(3)).toMatchObject({ code: 0, err: '' });
    expect(at(2).code).toBe(3);
    expect(limitNotes(JSON.parse(at(2).out).warnings)).toEqual([
      limitMessage('nrbfString', limitsWith({ nrbfString: 2 })),
    ]);
  });

  test('calls tells when it forgets objects', () => {
    const sample = `${ROOT}samples/managed-object/capture.pcap`;
    const { err } = clrscope(['calls', '-T', 'ndjson', '--limit', 'pointers=2', sample]);
    expect(err.match(/--limit pointers=N/g)).toHaveLength(1);
    expect(err).toContain('is forgotten');
  });

  test('a wrong name lists all of them with their defaults', () => {
    for (const command of ['calls', 'nrbf']) {
      const { code, err } = clrscope([command, '--limit', 'opencalls=3', three]);
      expect(code).toBe(2);
      expect(err).toContain('"opencalls" is no NAME');
      for (const name of names) expect(err).toContain(`  ${optionOf(name)}=${limitText(DEFAULT_LIMITS[name])}\n`);
    }
  });

  test('of a long name there is as much as one can read', () => {
    const long = 'x'.repeat(1_000_000);
    for (const text of [`${long}=1`, `depth=${long}`])
      expect(() => limitsOf([text])).toThrow(
        expect.objectContaining({ message: expect.stringMatching(/^[\s\S]{1,5000}$/) }),
      );
  });

  test.each(['', '0', '-1', '1.5', '3T', 'K', '9999999999G', '1e3', ' 1'])('%j is no number of it', (number) => {
    expect(() => limitsOf([`depth=${number}`])).toThrow(
      /^--limit depth= takes a number from 1 on, as 20000, 64K, 32M or 1G/,
    );
  });

  test('numbers have suffixes, powers of 1024; the last one counts', () => {
    expect(limitsOf(['depth=3', 'open-bytes=2m', 'ipids=4K', 'depth=1G'])).toEqual({
      ...DEFAULT_LIMITS,
      depth: 2 ** 30,
      openBytes: 2 ** 21,
      ipids: 4096,
    });
  });

  test('what is printed as a number is read as the same', () => {
    for (const name of names)
      expect(limitsOf([`${optionOf(name)}=${limitText(DEFAULT_LIMITS[name])}`])).toEqual(DEFAULT_LIMITS);
  });

  test('--help of every command that reads names it', () => {
    for (const command of ['read', 'calls', 'objects', 'stats', 'audit', 'vectors', 'nrbf'])
      expect(clrscope([command, '--help']).out).toMatch(/--limit <NAME=N> .*--limit open-calls=64K/);
  });
});

test('the library takes limits too', async () => {
  const notes = async (openCalls: number): Promise<string[]> => {
    const seen: string[] = [];
    await readCalls(three, (call) => void seen.push(...limitNotes(call.warnings)), { limits: { openCalls } });
    return seen;
  };
  expect(await notes(3)).toEqual([]);
  expect(await notes(2)).toHaveLength(1);
});

test('README lists every limit', () => {
  const rows = names.map((name) => {
    const { most, what, then } = LIMITS[name];
    return `| \`${optionOf(name)}\` | ${limitText(most)} | ${what} | ${then} |`;
  });
  const table = ['| NAME | default | bounds | beyond it |', '|---|---|---|---|', ...rows].join('\n');
  const block = `<!-- limits -->\n\n${table}\n\n<!-- end -->`;
  const readme = readFileSync(`${ROOT}README.md`, 'utf8');
  const old = /<!-- limits -->[\s\S]*?<!-- end -->/;
  if (process.env.UPDATE_SAMPLES === '1')
    writeFileSync(
      `${ROOT}README.md`,
      readme.replace(old, () => block),
    );
  else expect(old.exec(readme)?.[0], 'stale: npm run samples').toBe(block);
});
