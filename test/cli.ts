/** Runs the built program. */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

/**
 * A process that runs commands one behind the other (resident.mjs), each as if it were alone: most of what a short one
 * costs is its start.
 */
export class Resident {
  private readonly requests: number;
  private readonly replies: number;
  private readonly out: number;
  private readonly err: number;

  /** @param sink a file for what is printed, where it is not looked at */
  constructor(sink?: string) {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-resident-'));
    const [requests, replies, out, err] = ['requests', 'replies', 'out', 'err'].map((name) => join(folder, name));
    spawnSync('mkfifo', [requests, replies]);
    this.out = openSync(sink ?? out, 'a+');
    this.err = openSync(err, 'a+');
    const script = fileURLToPath(new URL('resident.mjs', import.meta.url));
    const stdio: ['ignore', number, number] = ['ignore', this.out, this.err];
    spawn(process.execPath, ['--expose-gc', script, requests, replies], { cwd: ROOT, env, stdio }).unref();
    // each waits until the other end is open
    this.requests = openSync(requests, 'w');
    this.replies = openSync(replies, 'r');
    rmSync(folder, { recursive: true });
  }

  /** Runs `clrscope ARGS`; says also what the process took at its peak, in megabytes. */
  run(args: readonly string[]): Ended & { readonly megabytes: number } {
    this.ask(args);
    const reply = Buffer.alloc(64);
    return this.ended(args, reply.subarray(0, readSync(this.replies, reply)));
  }

  /** The same, while this process does something beside: it may serve what is read. */
  async runBeside(args: readonly string[]): Promise<Ended> {
    this.ask(args);
    const { buffer, bytesRead } = await promisify(read)(this.replies, Buffer.alloc(64), 0, 64, null);
    return this.ended(args, buffer.subarray(0, bytesRead));
  }

  private ask(args: readonly string[]): void {
    writeSync(this.requests, `${JSON.stringify(args)}\n`);
  }

  private ended(args: readonly string[], reply: Buffer): Ended & { readonly megabytes: number } {
    const err = written(this.err);
    if (reply.length === 0) throw new Error(`clrscope ${args.join(' ')} ended its process: ${err}`);
    const [code, kilobytes] = reply.toString('latin1').split(' ').map(Number);
    return { code, out: written(this.out), err, megabytes: kilobytes / 1024 };
  }

  end(): void {
    for (const fd of [this.requests, this.replies, this.out, this.err]) closeSync(fd);
  }
}

/** What a file holds; nothing of one that is none. */
function written(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

let resident: Resident | null = null;

/** `clrscope ARGS`, in a process that runs many. */
export function clrscope(args: readonly string[]): Ended {
  resident ??= new Resident();
  const { code, out, err } = resident.run(args);
  return { code, out, err };
}

/** Begins the built program beside what the test does meanwhile. @param env beside the environment of the tests */
export function started(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, NO_COLOR: '1', ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (text) => {
    out += text;
  });
  child.stderr.on('data', (text) => {
    err += text;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, out, err })),
  );
  return { child, ended };
}
