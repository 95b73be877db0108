/**
 * Loads the program, one file, together with what V8 compiled of it when it was built (code-cache.js): starting then
 * takes half the time. Another V8 than the one of the build takes no notice of that, and compiles as ever.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

type Program = typeof import('./program.js');

/** The compiled program, not yet run. */
export function compile(file: string): Script {
  // Garbage is collected once the heap has doubled. V8 would wait for four times as much: memory for nothing.
  setFlagsFromString('--heap-growing-percent=100');
  const cache = `${file}.cache`;
  // the file is ASCII
  const source = `(function (exports, require, __filename) {${readFileSync(file, 'latin1')}\n})`;
  return new Script(source, { filename: file, cachedData: existsSync(cache) ? readFileSync(cache) : undefined });
}

/** Runs what `compile` gave. */
export function run(script: Script, file: string): Program {
  const exports = {};
  script.runInThisContext()(exports, createRequire(file), file);
  return exports as Program;
}

/** The program beside this file. */
export function load(): Program {
  const file = fileURLToPath(new URL('program.cjs', import.meta.url));
  return run(compile(file), file);
}
