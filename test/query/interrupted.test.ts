/** `query` that is ended from outside leaves nothing behind: what it made may hold what secrets opened. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { MAIN, ROOT } from '../cli.js';
import { DUCKDB } from './duckdb.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;

describe.skipIf(!DUCKDB)('query', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it, and leaves nothing behind', async (signal) => {
    const temporary = join(folder, signal);
    mkdirSync(temporary);
    const endless = 'SELECT count(*) FROM range(1000000000000) AS a, calls';
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [MAIN, 'query', endless, CAPTURE], { env, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const over = new Promise((resolve) => child.on('exit', (code, by) => resolve(code ?? by)));
    await expect
      .poll(() => readdirSync(temporary, { recursive: true }).length, { timeout: 60_000 })
      .toBeGreaterThan(20);
    await wait(1000);
    child.kill(signal);
    expect(await over).toBe(signal === 'SIGINT' ? 130 : signal);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('the next one takes away what one that was killed left, and nothing else', async () => {
    const temporary = join(folder, 'killed');
    mkdirSync(temporary);
    const env = { ...process.env, TMPDIR: temporary };
    const child = spawn(process.execPath, [MAIN, 'query', 'FROM calls', CAPTURE], { env, stdio: 'ignore' });
    const over = new Promise((resolve) => child.on('exit', resolve));
    while (readdirSync(temporary).length === 0) await wait(2);
    child.kill('SIGKILL');
    await over;
    const [left] = readdirSync(temporary);
    // of a process that is there, and of another machine
    const others = [left.replace(/-\d+-/, `-${process.pid}-`), left.replace(/query-[0-9a-f]+/, 'query-0123456789ab')];
    for (const name of others) mkdirSync(join(temporary, name));
    expect(spawnSync(process.execPath, [MAIN, 'query', 'SELECT 1', CAPTURE], { env }).status).toBe(0);
    expect(readdirSync(temporary).sort()).toEqual(others.sort());
  });

  test('Ctrl-C leaves nothing behind, whenever it comes', async () => {
    const temporary = join(folder, 'any-time');
    mkdirSync(temporary);
    const env = { ...process.env, TMPDIR: temporary };
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [MAIN, 'query', 'FROM calls', CAPTURE], { env, stdio: 'ignore' });
      const over = new Promise((resolve) => child.on('exit', (code, by) => resolve(code ?? by)));
      while (child.exitCode === null && readdirSync(temporary).length === 0) await wait(2);
      await wait(30 * round);
      child.kill('SIGINT');
      expect(['SIGINT', 130, 0]).toContain(await over);
      expect(readdirSync(temporary)).toEqual([]);
    }
  });
});
