/** Attack: what a process takes at its peak, for inputs of a few kilobytes that stand for very much. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type LimitName, optionOf } from '../../src/core/limits.js';
import { block, concat, enhancedPacket, ethernet, interfaceBlock, pcapFile, sectionHeader } from '../bytes.js';
import { ROOT } from '../cli.js';
import { writeTogether } from './together.js';

/** Megabytes that no command takes. */
const MOST = 300;
const folder = mkdtempSync(join(tmpdir(), 'clrscope-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Peak of the resident set in megabytes, and what was said on standard error. */
function peak(args: readonly string[]): { code: number | null; megabytes: number; err: string } {
  const tell = 'process.on("exit",()=>process.stderr.write("\\nPEAK "+process.resourceUsage().maxRSS))';
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, `${ROOT}dist/bundle/cli/main.js`, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const megabytes = Number(/PEAK (\d+)/.exec(stderr)?.[1]) / 1024;
  return { code: status, megabytes, err: stderr };
}

const good = enhancedPacket(ethernet(new Uint8Array(60)));
const FRONT = concat(sectionHeader(), interfaceBlock());
const emptyBlocks = (n: number): Uint8Array => {
  const capture = concat(FRONT, good);
  const last = Buffer.alloc(4);
  last.writeUInt32LE((capture.length << 3) | 1);
  return concat([0x28, 0xb5, 0x2f, 0xfd, 0, 0x88], new Uint8Array(3 * n), last.subarray(0, 3), capture);
};

const INPUTS: readonly [name: string, make: () => Uint8Array, commands: readonly string[][]][] = [
  [
    'a pcapng block of 64 MB',
    () => gzipSync(concat(FRONT, block(6, new Uint8Array((64 << 20) - 12)), good), { level: 1 }),
    [['-T', 'fields', '-e', 'frame.number'], ['calls']],
  ],
  [
    'frames of 16,000 VLAN tags',
    () => {
      const tags = Array<number>(16_000).fill(0x8100);
      return pcapFile(Array.from({ length: 14 }, () => ({ bytes: ethernet(new Uint8Array(60), 0x0800, tags) })));
    },
    [
      ['-T', 'ek'],
      ['-T', 'fields', '-e', 'vlan.id'],
    ],
  ],
  ['four million zstd blocks without content', () => emptyBlocks(4_000_000), [['calls']]],
];

/** Every way of reading a capture. */
const TOGETHER = [
  ['calls'],
  ['calls', '-T', 'ndjson'],
  ['-T', 'ek'],
  ['-V'],
  ['-T', 'fields', '-e', 'frame.number', '-e', 'dcerpc.opnum'],
  ['objects'],
  ['audit'],
  ['stats'],
  ['vectors', '--format', 'jsonl'],
];
/** Bounds that each of them says it met. */
const KEPT: readonly LimitName[] = ['metadata', 'fragmentedBytes', 'assembledBytes', 'openBytes', 'buffered'];

describe('peak of memory', () => {
  for (const [name, make, commands] of INPUTS)
    it(name, { timeout: 120_000 }, () => {
      const file = join(folder, 'input');
      writeFileSync(file, make());
      for (const command of commands) {
        const { code, megabytes, err } = peak([...command, file]);
        expect([0, 3], err.slice(0, 500)).toContain(code);
        expect(megabytes, command.join(' ')).toBeLessThan(MOST);
      }
    });

  it('all that is kept of a capture, at its bounds at once', { timeout: 600_000 }, () => {
    const file = join(folder, 'together.pcapng');
    writeTogether(file);
    const peaks: Record<string, number> = {};
    for (const command of TOGETHER) {
      const { code, megabytes, err } = peak([...command, file]);
      expect([0, 3], err.slice(0, 500)).toContain(code);
      for (const name of KEPT) expect(err, command.join(' ')).toContain(`--limit ${optionOf(name)}=N`);
      peaks[command.join(' ')] = Math.round(megabytes);
    }
    expect(Math.max(...Object.values(peaks)), JSON.stringify(peaks)).toBeLessThan(MOST);
    rmSync(file);
  });

  const open = `${ROOT}../shared/faults/memory-open-calls/input.pcapng.gz`;
  it.skipIf(!existsSync(open))('open calls with large NRBF streams', { timeout: 300_000 }, () => {
    for (const command of [['calls'], ['audit']]) {
      const { code, megabytes, err } = peak([...command, open]);
      expect([0, 3], err.slice(0, 500)).toContain(code);
      expect(megabytes, command.join(' ')).toBeLessThan(MOST);
      expect(err).toContain('bytes of open calls');
    }
  });
});
