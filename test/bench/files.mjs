/** Small files, one and many, and the largest. */
import { spawnSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bigCapture, captures, manyFiles, mixed, OUT } from './inputs.mjs';
import { aim, compare, held } from './measure.mjs';
import { before, CLEAR, clrscope } from './programs.mjs';

const SMALL = ['clear-ndr', 'multi-context', 'odd-bstr', 'ccw-variants', 'interleaved', 'activation', 'dispatch'];

/** 2,000 files. */
export function many(rounds) {
  const folder = manyFiles(2000, captures(...SMALL));
  const all = ['calls', '-T', 'ndjson', folder];
  const rows = compare(
    [
      ...before('clrscope', ...all),
      { name: 'clrscope, all cores', command: clrscope(...all) },
      { name: 'clrscope, one core', command: clrscope(...all, '--jobs', '1') },
    ],
    Math.min(rounds, 5),
  );
  const script = `a=$("$@" 2>&1 | sha256sum); b=$("$@" --jobs 1 2>&1 | sha256sum); [ "$a" = "$b" ]`;
  const same = spawnSync('sh', ['-c', script, 'sh', ...clrscope(...all)]).status === 0;
  return {
    lines: [
      `2,000 files; ${same ? 'the same bytes from all cores as from one' : "**the output differs from one core's**"}.`,
    ],
    rows,
    base: 'clrscope, all',
    aims: aim(rows, 'small files, 2,000: two cores / one', 'clrscope, all', 'clrscope, one', { most: 0.65 }),
  };
}

/** What a program costs that has next to nothing to do. */
export function startup(rounds) {
  const [file] = captures('odd-bstr', 'clear-ndr');
  const size = `${(statSync(file).size / 1000).toFixed(0)} KB`;
  const rows = compare(
    [
      { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
      ...before('clrscope --version', '--version'),
      { name: 'clrscope --version', command: clrscope('--version') },
      ...before(`clrscope calls, ${size}`, 'calls', file),
      { name: `clrscope calls, ${size}`, command: clrscope('calls', file) },
      { name: `clrscope -V, ${size}`, command: clrscope('-V', file) },
    ],
    Math.max(rounds, 15),
  );
  return {
    lines: [],
    rows,
    base: 'clrscope --version',
    aims: [
      ...aim(rows, 'start-up: `--version` / `node -e 0`', 'clrscope --version', 'node', { most: 1.15 }),
      ...aim(rows, `start-up: \`calls\`, ${size} / \`node -e 0\``, 'clrscope calls', 'node', { most: 2 }),
    ],
  };
}

/** Does it stay as fast, and as small? */
export function growth(rounds) {
  const sizes = [100, 1000, 4000];
  const programs = [
    ...sizes.map((mb) => ({ name: `mixed, ${mb} MB`, command: clrscope('calls', mixed(mb * 1e6)), mb })),
    ...sizes.map((mb) => ({
      name: `rpc, ${mb} MB`,
      rounds: 1,
      command: clrscope('calls', '-T', 'ndjson', bigCapture(`rpc-${mb}`, mb * 1e6, captures(...CLEAR))),
      mb,
    })),
  ];
  const rows = compare(programs, Math.min(rounds, 2));
  rmSync(join(OUT, 'rpc-4000.pcap'), { force: true });
  rmSync(join(OUT, 'mixed-4000.pcap'), { force: true });
  const rates = rows.map(
    (r, i) => `- ${r.name}: ${(programs[i].mb / r.wall).toFixed(0)} MB/s, ${r.mb?.toFixed(0)} MB at the peak`,
  );
  return {
    lines: rates,
    rows,
    base: 'mixed, 1000',
    aims: rows.flatMap((r) => (r.mb === null ? [] : [{ row: `memory: ${r.name}`, ...held(r.mb, { most: 300 }) }])),
  };
}
