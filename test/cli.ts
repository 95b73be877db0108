/** Runs the built program. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The program, built. */
export const MAIN = `${ROOT}dist/bundle/cli/main.js`;

/** What lies beside the project, or null where it does not. */
export const SHARED = existsSync(`${ROOT}../shared/captures`) ? `${ROOT}../shared/` : null;

/** How a command ended: exit code, standard output and standard error. */
interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', COLUMNS: '120' };

/** `clrscope ARGS` in a process of its own: for what only that shows. */
export function asProcess(args: readonly string[], input?: Uint8Array): Ended {
  const options = { input, cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 30, env } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
  return { code: status, out: stdout, err: stderr };
}

/** A process that runs commands (resident.mjs), by what it is told and tells. */
interface Resident {
  readonly requests: number;
  readonly replies: number;
  readonly out: number;
  readonly err: number;
}

let resident: Resident | null = null;

function start(): Resident {
  const folder = mkdtempSync(join(tmpdir(), 'clrscope-resident-'));
  const [requests, replies] = ['requests', 'replies'].map((name) => join(folder, name));
  spawnSync('mkfifo', [requests, replies]);
  const [out, err] = ['out', 'err'].map((name) => openSync(join(folder, name), 'a+'));
  const script = fileURLToPath(new URL('resident.mjs', import.meta.url));
  const stdio: ['ignore', number, number] = ['ignore', out, err];
  spawn(process.execPath, [script, MAIN, requests, replies], { cwd: ROOT, env, stdio }).unref();
  // each waits until the other end is open
  const started = { requests: openSync(requests, 'w'), replies: openSync(replies, 'r'), out, err };
  rmSync(folder, { recursive: true });
  return started;
}

function written(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

/** `clrscope ARGS`, in a process that runs many. */
export function clrscope(args: readonly string[]): Ended {
  resident ??= start();
  writeSync(resident.requests, `${JSON.stringify(args)}\n`);
  const code = Buffer.alloc(8);
  const read = readSync(resident.replies, code);
  const { out, err } = resident;
  if (read === 0) {
    resident = null;
    throw new Error(`clrscope ${args.join(' ')} ended its process: ${written(err)}`);
  }
  return { code: Number(code.toString('latin1', 0, read)), out: written(out), err: written(err) };
}
