/** The program can be run by its path after every build, not only after the one that npm links. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './cli.js';

const copy = mkdtempSync(join(tmpdir(), 'clrscope-build-'));
afterAll(() => rmSync(copy, { recursive: true }));

it.skipIf(process.platform === 'win32')('builds twice, and runs each time', { timeout: 300_000 }, () => {
  for (const name of ['src', 'dissectors', 'package.json', 'tsconfig.json', 'rolldown.config.js'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const { version, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (let i = 0; i < 2; i++) {
    execFileSync('npm', ['run', 'build'], { cwd: copy, stdio: 'pipe' });
    expect(execFileSync(join(copy, bin.clrscope), ['--version'], { encoding: 'utf8' }).trim()).toBe(version);
  }
});
