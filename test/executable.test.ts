/** The program can be run by its path after every build, not only after the one that npm links. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './cli.js';

const copy = mkdtempSync(join(tmpdir(), 'clrscope-build-'));
afterAll(() => rmSync(copy, { recursive: true }));

it.skipIf(process.platform === 'win32')('is bundled twice, and runs each time', { timeout: 300_000 }, () => {
  // what tsc makes was made before the tests; it is the bundle that loses the bit
  for (const name of ['dist', 'package.json', 'rolldown.config.js'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const { version, bin, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, bundle] = scripts.build.split(' && ');
  rmSync(join(copy, bin.clrscope));
  for (let i = 0; i < 2; i++) {
    execFileSync('npx', bundle.split(' '), { cwd: copy, stdio: 'pipe' });
    expect(execFileSync(join(copy, bin.clrscope), ['--version'], { encoding: 'utf8' }).trim()).toBe(version);
  }
});
