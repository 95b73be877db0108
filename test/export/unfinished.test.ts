/** `export` that does not come to its end: a part is there whole or not at all, and nothing else is left. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { UnreadableInput } from '../../src/capture/packet.js';
import { digestOf } from '../../src/cli/export/digest.js';
import { TABLES } from '../../src/output/tables/tables.js';
import { clrscope, MAIN, ROOT } from '../cli.js';
import { allCaptures } from '../fuzz/way.js';
import { filesOf, manifestOf, parquet } from './exported.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-unfinished-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;
const REMOTING = `${ROOT}samples/remoting-tcp/capture.pcap`;

describe('the folder', () => {
  test('on a full disk is named, and nothing half made stays in it', () => {
    const out = join(folder, 'full');
    const command = [process.execPath, MAIN, 'export', CAPTURE, '-o', out].map((word) => `'${word}'`).join(' ');
    // files of two blocks at most: Node ignores the signal, and is refused the bytes
    const { status, stderr } = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 2; exec ${command}`], {
      encoding: 'utf8',
    });
    expect(stderr).toContain(`-o ${out}: the file may not grow so large`);
    expect(status).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  test.each(['1', '2'])('on a disk that fills lists what came before, of %s threads', (jobs) => {
    const out = join(folder, `fills ${jobs}`);
    const small = Array.from({ length: 4 }, (_, at) => {
      const copy = join(folder, `small${at}.pcap`);
      // of each its own digest: a capture may end with bytes that are nothing
      writeFileSync(copy, Buffer.concat([readFileSync(REMOTING), Buffer.alloc(at)]));
      return copy;
    });
    const command = [process.execPath, MAIN, 'export', '-q', ...small, CAPTURE, ...small, '--jobs', jobs, '-o', out];
    const line = command.map((word) => `'${word}'`).join(' ');
    const { status, stderr } = spawnSync('bash', ['-c', `trap '' XFSZ; ulimit -f 13; exec ${line}`], {
      encoding: 'utf8',
    });
    expect(stderr).toContain(`-o ${out}: the file may not grow so large`);
    expect(status).toBe(2);
    expect(manifestOf(out).parts.map(({ digest }) => `${digest}.json`)).toEqual(readdirSync(join(out, 'parts')));
    expect(manifestOf(out).parts.length).toBeGreaterThan(1);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('of a capture that is still written is none, and the next run has it', async () => {
    const out = join(folder, 'growing');
    const capture = join(folder, 'growing.pcap');
    const bytes = readFileSync(CAPTURE);
    writeFileSync(capture, Buffer.concat([bytes, ...Array.from({ length: 400 }, () => bytes.subarray(24))]));
    const child = spawn(process.execPath, [MAIN, 'export', capture, REMOTING, '-o', out, '--jobs', '1'], {
      stdio: 'pipe',
    });
    let err = '';
    child.stderr.on('data', (data) => {
      err += data;
    });
    const writing = setInterval(() => appendFileSync(capture, bytes.subarray(24)), 5);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(writing);
    expect(err).toContain(`${capture}: it changed while it was read`);
    expect(code).toBe(2);
    expect(manifestOf(out).parts.map((part) => part.capture)).toEqual(['capture.pcap']);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(clrscope(['export', capture, '-o', out]).code).toBe(0);
    expect(manifestOf(out).parts).toHaveLength(2);
  });

  test('leaves nothing unfinished behind when Ctrl-C ends its threads', async () => {
    const captures = allCaptures().filter((path) => statSync(path).size > 20_000);
    for (let round = 0; round < 5; round++) {
      const out = join(folder, `interrupted ${round}`);
      const child = spawn(process.execPath, [MAIN, 'export', ...captures, '-o', out, '--jobs', '2'], {
        stdio: 'ignore',
      });
      const over = new Promise((resolve) => child.on('exit', resolve));
      const isAtWork = (): boolean => existsSync(out) && readdirSync(out).some((name) => name.startsWith('.part'));
      while (child.exitCode === null && !isAtWork()) await wait(5);
      await wait(20 * round);
      child.kill('SIGINT');
      expect(await over).toBe(130);
      if (existsSync(out)) expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
    }
  });

  const ELSEWHERE = ['--user', '--map-root-user', '--pid', '--fork', process.execPath];
  test.skipIf(spawnSync('unshare', [...ELSEWHERE, '--version']).status !== 0)(
    'leaves alone what containers with the same name have begun',
    async () => {
      const out = join(folder, 'shared');
      const child = spawn(process.execPath, [MAIN, 'export', '-', '-o', out], { stdio: ['pipe', 'ignore', 'ignore'] });
      const over = new Promise((resolve) => child.on('exit', resolve));
      // its folder, and not the file of the manifest, which has a name of that kind for a moment
      const begun = (): string[] =>
        (existsSync(out) ? readdirSync(out, { withFileTypes: true }) : [])
          .filter((entry) => entry.isDirectory() && entry.name.startsWith('.'))
          .map((entry) => entry.name);
      let before = begun();
      for (; before.length === 0; before = begun()) await wait(5);
      expect(spawnSync('unshare', [...ELSEWHERE, MAIN, 'export', REMOTING, '-o', out]).status).toBe(0);
      expect(begun()).toEqual(before);
      child.stdin.end(readFileSync(CAPTURE));
      expect(await over).toBe(0);
      expect(manifestOf(out).parts).toHaveLength(2);
    },
  );

  test('of several files names the one that vanished', async () => {
    const gone = join(folder, 'ring_00002_20261126180000.pcap');
    await expect(digestOf([CAPTURE, gone, REMOTING], new AbortController().signal)).rejects.toThrow(
      `${gone}: there is no such file or folder`,
    );
    // one that vanishes later takes its capture with it, and no other
    copyFileSync(CAPTURE, gone);
    const { assertUnchanged } = await digestOf([CAPTURE, gone], new AbortController().signal);
    assertUnchanged();
    rmSync(gone);
    expect(assertUnchanged).toThrow(UnreadableInput);
    expect(assertUnchanged).toThrow(`${gone}: it changed while it was read`);
  });

  test('never shows half a part, whenever the program is killed, and the next run ends it', async () => {
    const out = join(folder, 'killed');
    const captures = readdirSync(`${ROOT}samples`).map((name) => `${ROOT}samples/${name}`);
    const usual = captures.filter((path) => statSync(path).isDirectory() && !path.endsWith('truth'));
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [MAIN, 'export', ...usual, '-o', out, '--jobs', '1'], { stdio: 'ignore' });
      const over = new Promise((resolve) => child.on('exit', resolve));
      await Promise.race([wait(150 + 130 * round), over]);
      child.kill('SIGKILL');
      await over;
      if (!existsSync(join(out, 'parts'))) continue;
      for (const name of readdirSync(join(out, 'parts')).filter((n) => n.endsWith('.json'))) {
        const part = JSON.parse(readFileSync(join(out, 'parts', name), 'utf8')) as ReturnType<
          typeof manifestOf
        >['parts'][number];
        for (const table of TABLES)
          expect((await parquet(join(out, table.name, `${part.digest}.parquet`))).length).toBe(
            part.tables[table.name].rows,
          );
      }
    }
    const whole = join(folder, 'whole');
    for (const to of [out, whole]) expect(clrscope(['export', ...usual, '-o', to, '-q']).code).toBe(0);
    expect(filesOf(out)).toEqual(filesOf(whole));
  });
});
