/**
 * Loads the program, one file, together with what V8 compiled of it: when it was built (code-cache.js), or in an earlier
 * run of a package, which comes without. Starting then takes half the time. Another V8 takes no notice of that, and
 * compiles as ever.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
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
  const file = programFile();
  return run(compile(file), file);
}

/** The same for a process that does nothing else: what V8 compiles is kept at its end, for those that come after it. */
export function loadAlone(): Program {
  const file = programFile();
  const script = compile(file);
  if (script.cachedDataRejected !== false && mayKeep(file)) process.once('exit', () => keep(script, file));
  return run(script, file);
}

const programFile = (): string => fileURLToPath(new URL('program.cjs', import.meta.url));

/** What root runs of somebody else's stays as it was, and flags of V8 given to one run are not for all. */
function mayKeep(file: string): boolean {
  return process.execArgv.length === 0 && statSync(dirname(file)).uid === (process.getuid?.() ?? 0);
}

/** Nobody has asked for it: where it fails, the next run takes as long. */
function keep(script: Script, file: string): void {
  const made = `${file}.${process.pid}`;
  try {
    const compiled = script.createCachedData();
    // of a run that only told how it is used, the next one would have little
    if (compiled.length < statSync(file).size / 2) return;
    writeFileSync(made, compiled, { flag: 'wx', mode: 0o644 });
    renameSync(made, `${file}.cache`);
  } catch {
    rmSync(made, { force: true });
  }
}
