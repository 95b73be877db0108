/** How much reading a compressed capture costs beyond decompressing it: gzip and zstd, against the same libraries. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { mixed, ROOT } from './inputs.mjs';
import { compare, has, held, table, wallOf } from './measure.mjs';
import { clrscope } from './programs.mjs';

/** The file packed by a program, beside it. */
function packed(file, program, extension) {
  const out = `${file}.${extension}`;
  if (!existsSync(out) && spawnSync('sh', ['-c', `${program} -c "$1" > "$2"`, 'sh', file, out]).status !== 0)
    throw new Error(`${program} failed`);
  return out;
}

/** Lines of the section. */
export function compressed(rounds) {
  const file = mixed(1e8);
  const nowhere = (library, path) => [process.execPath, join(ROOT, 'test/bench/decompress.mjs'), library, path];
  const lines = [];
  const aims = [];
  const kinds = [
    { extension: 'gz', program: 'gzip', libraries: ['zlib'], most: 1.3 },
    // zlib of Node 22.15 and later knows zstd; before, there are others
    {
      extension: 'zst',
      program: 'zstd',
      libraries: zlib.createZstdDecompress ? ['zlib'] : ['fzstd', 'zstddec'],
      most: 1.25,
    },
  ];
  for (const { extension, program, libraries, most } of kinds) {
    if (!has(program)) {
      lines.push(`- ${program} is not there: skipped`, '');
      continue;
    }
    const path = packed(file, program, extension);
    const rows = compare(
      [
        { name: `${program} -dc`, command: [program, '-dc', path] },
        ...libraries.map((library) => ({ name: `${library} in Node, to nowhere`, command: nowhere(library, path) })),
        { name: 'clrscope calls, as it is', command: clrscope('calls', file) },
        { name: `clrscope calls, .${extension}`, command: clrscope('calls', path) },
      ],
      rounds,
    );
    lines.push(table(rows, `clrscope calls, .${extension}`), '');
    const fastest = Math.min(...libraries.map((library) => wallOf(rows, library)));
    const value = wallOf(rows, `clrscope calls, .${extension}`) / fastest;
    aims.push({ row: `.${extension}: \`calls\` / the fastest library alone`, ...held(value, { most }) });
  }
  return { lines, aims };
}
