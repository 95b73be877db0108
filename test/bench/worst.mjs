/**
 * How time grows with the worst inputs of test/worst: each in sizes of which every one is twice the one before. The
 * exponent is that of processor time without start-up over the size: 1 is linear, 2 is quadratic.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { OUT, ROOT } from './inputs.mjs';
import { held, once } from './measure.mjs';
import { clrscope } from './programs.mjs';

/** Times the size that a shape names. */
const SIZES = [1, 2, 4];
/** Seconds beyond start-up that are too few for an exponent. */
const TOO_FEW = 0.04;
const AIM = 1.15;

/** Compiles the shapes and loads them. */
async function shapes() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const out = join(OUT, 'worst');
  const options = ['-p', join(ROOT, 'test/worst/tsconfig.json'), '--outDir', out];
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the shapes do not compile');
  return (await import(join(out, 'test/worst/shapes.js'))).SHAPES;
}

/** Lines of the section. */
export async function worst() {
  const file = join(OUT, 'worst.pcap');
  const secrets = join(OUT, 'worst.secrets.json');
  mkdirSync(OUT, { recursive: true });
  writeFileSync(secrets, '{"accounts":[{"user":"alice","domain":"LAB","password":"Winter-2026"}]}');
  const all = await shapes();
  const argsOf = (command, shape, n) =>
    command.split(' ').map((word) => ({ '#': shape.filter?.(n), SECRETS: secrets })[word] ?? word);
  const lines = ['| input | command | MB | CPU s | peak MB | exponent |', '|---|---|---:|---:|---:|---:|'];
  let most = 0;
  const starts = new Map();
  for (const shape of all) {
    const runs = shape.commands.map(() => []);
    for (const size of SIZES) {
      const n = shape.n * size;
      const bytes = shape.make(n);
      writeFileSync(file, bytes);
      for (const [i, command] of shape.commands.entries()) {
        const { cpu, mb } = once({ command: clrscope(...argsOf(command, shape, n), file) });
        runs[i].push({ cpu, mb, input: bytes.length / 1e6 });
      }
    }
    for (const [i, command] of shape.commands.entries()) {
      const start = starts.get(command) ?? startOf(clrscope(...argsOf(command, shape, 1)), file, shape);
      starts.set(command, start);
      const [first, last] = [runs[i][0], runs[i].at(-1)];
      const beyond = (run) => Math.max(run.cpu - start, 0.01);
      const exponent = Math.log2(beyond(last) / beyond(first)) / Math.log2(SIZES.at(-1) / SIZES[0]);
      const sure = beyond(first) >= TOO_FEW;
      if (sure) most = Math.max(most, exponent);
      const column = (pick, digits) => runs[i].map((r) => pick(r).toFixed(digits)).join(' / ');
      lines.push(
        `| ${shape.name.replaceAll('|', '\\|')} | \`${command.replace('#', 'FILTER')}\` | ${column((r) => r.input, 1)} | ${column((r) => r.cpu, 2)} | ${Math.max(...runs[i].map((r) => r.mb)).toFixed(0)} | ${sure ? exponent.toFixed(2) : '·'} |`,
      );
    }
  }
  rmSync(file);
  const text = [
    `Sizes ×${SIZES.join(', ×')}; CPU seconds with start-up, the exponent without. A dot: too quick to tell.`,
    '',
    ...lines,
  ];
  return { lines: text, aims: [{ row: 'worst: the largest exponent', ...held(most, { most: AIM }) }] };
}

/** What the command takes for the smallest input of a kind. */
function startOf(command, file, shape) {
  writeFileSync(file, shape.make(shape.filter === undefined ? 1 : 8));
  return Math.min(...[1, 2, 3].map(() => once({ command: [...command, file] }).cpu));
}
