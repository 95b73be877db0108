/** Compiles the fuzzer with what it fuzzes, and runs it: node test/fuzz/fuzz.mjs --help. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${root}.bench/fuzz`;
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const compiled = spawnSync(process.execPath, [tsc, '-p', `${root}test/fuzz/tsconfig.json`, '--outDir', out], {
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
const ran = spawnSync(process.execPath, [`${out}/test/fuzz/main.js`, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(ran.status ?? 1);
