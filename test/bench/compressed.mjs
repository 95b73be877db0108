/** How much reading a compressed capture costs beyond decompressing it: gzip and zstd, against the same libraries. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { mixed, ROOT } from './inputs.mjs';
import { compare, has, table } from './measure.mjs';

const MOST = 1.3;

/** The file packed by a program, beside it. */
function packed(file, program, extension) {
  const out = `${file}.${extension}`;
  if (!existsSync(out) && spawnSync('sh', ['-c', `${program} -c "$1" > "$2"`, 'sh', file, out]).status !== 0)
    throw new Error(`${program} failed`);
  return out;
}

/** Lines of the section. `clrscope` makes a command of arguments. */
export function compressed(clrscope, rounds) {
  const file = mixed(1e8);
  const nowhere = (library, path) => [process.execPath, join(ROOT, 'test/bench/decompress.mjs'), library, path];
  const lines = [];
  const kinds = [
    { extension: 'gz', program: 'gzip', library: 'zlib' },
    { extension: 'zst', program: 'zstd', library: 'zstd' },
  ];
  for (const { extension, program, library } of kinds) {
    if (!has(program)) {
      lines.push(`- ${program} is not there: skipped`, '');
      continue;
    }
    const path = packed(file, program, extension);
    const rows = compare(
      [
        { name: `${program} -dc`, command: [program, '-dc', path] },
        { name: `${library} in Node, to nowhere`, command: nowhere(library, path) },
        { name: 'clrscope calls, as it is', command: clrscope('calls', file) },
        { name: `clrscope calls, .${extension}`, command: clrscope('calls', path) },
      ],
      rounds,
    );
    const [, peer, , mine] = rows;
    const ratio = mine.wall / peer.wall;
    lines.push(table(rows, `clrscope calls, .${extension}`), '');
    lines.push(
      `- ${ratio <= MOST ? 'met' : '**not met**'}: .${extension}: ${ratio.toFixed(2)}× the time of the library alone (processor: ${(mine.cpu / peer.cpu).toFixed(2)}×, the packets included), aim ${MOST}×`,
      '',
    );
  }
  return lines;
}
