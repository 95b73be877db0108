/** What a start costs: what V8 compiled is kept beside the program, and only what a command needs is loaded. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { compile } from '../src/cli/start.js';
import { MAIN, ROOT } from './cli.js';

const CAPTURE = join(ROOT, 'samples/managed-object/capture.pcap');

describe('a package, which comes without what V8 compiled', () => {
  const installed = mkdtempSync(join(tmpdir(), 'clrscope-installed-'));
  const folder = join(installed, 'dist/bundle/cli');
  const program = join(folder, 'program.cjs');
  const shipped = readdirSync(join(MAIN, '..')).filter((name) => !name.endsWith('.cache'));
  const cache = `${program}.cache`;
  const calls = ['calls', CAPTURE];

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const name of shipped) cpSync(join(MAIN, '..', name), join(folder, name));
    cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  });
  afterAll(() => rmSync(installed, { recursive: true }));

  /** Runs it, and tells what it left beside itself. */
  function left(args: readonly string[], flags: readonly string[] = []): string[] {
    const argv = [...flags, join(folder, 'main.js'), ...args];
    const { status, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return readdirSync(folder).filter((name) => !shipped.includes(name));
  }

  it('keeps it at the end of the first run, and uses it from then on', () => {
    expect(left(calls)).toEqual(['program.cjs.cache']);
    expect(statSync(cache).mode & 0o777).toBe(0o644);
    expect(compile(program).cachedDataRejected).toBe(false);
    const { ino } = statSync(cache);
    left(calls);
    expect(statSync(cache).ino).toBe(ino);
  });

  it('replaces what this V8 does not take', () => {
    writeFileSync(cache, readFileSync(program).subarray(0, 1000));
    left(calls);
    expect(compile(program).cachedDataRejected).toBe(false);
  });

  it.each([
    ['only told how it is used', ['--help'], []],
    ['had flags of its own', calls, ['--stack-size=900']],
  ])('keeps nothing of a run that %s', (_, args, flags) => expect(left(args, flags)).toEqual([]));

  it.skipIf(process.getuid?.() !== 0)("leaves somebody else's folder alone", () => {
    chownSync(folder, 12345, 12345);
    expect(left(calls)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('says nothing where it may not write', () => {
    chmodSync(folder, 0o555);
    expect(left(calls)).toEqual([]);
    chmodSync(folder, 0o755);
  });
});

it('loads of Node what a command needs', () => {
  const told = "process.on('exit', () => console.error(process.moduleLoadList.join()))";
  const code = `${told}; require(${JSON.stringify(MAIN)})`;
  const { stderr } = spawnSync(process.execPath, ['-e', code, 'clrscope', 'calls', CAPTURE], { encoding: 'utf8' });
  const loaded = stderr.split(',').flatMap((name) => /^NativeModule ([a-z].*)/.exec(name)?.[1] ?? []);
  expect(loaded).toContain('fs');
  for (const name of ['crypto', 'fs/promises', 'http', 'https', 'readline']) expect(loaded).not.toContain(name);
});
