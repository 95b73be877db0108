/** What every command that reads captures shares: inputs, messages, progress, exit codes. */
import { statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type CaptureEnd, type Damage, expandInputs, UnreadableInput } from '../capture/open.js';
import type { Limits } from '../core/limits.js';
import type { Note } from '../core/node.js';
import { safe, wantsColor } from '../output/terminal.js';
import { loadSecrets, type Secrets } from '../security/index.js';
import { limitsOf } from './limits.js';
import { type CommonOptions, Exit, UsageError } from './options.js';
import { ClosedPipe, Output } from './output.js';
import { type Parallel, runParallel, workersFor } from './parallel.js';

/** What a command works with. */
export interface Job {
  readonly out: Output;
  readonly color: boolean;
  /** Columns to fill. */
  readonly width: number;
  readonly secrets: Secrets | null;
  readonly ports: ReadonlyMap<number, 'dcerpc'>;
  /** IIDs that the user names, by context id or IPID. */
  readonly decodeAs: ReadonlyMap<string, string>;
  readonly full: boolean;
  readonly limits: Limits;
  /** True once the user pressed Ctrl-C: end what was begun, and stop. */
  readonly interrupted: boolean;
  /** Says something odd about a file on standard error. */
  note(file: string, note: Note): void;
}

/** What a command does: `each` reads one capture; `begin` and `end` frame the output of all. */
export interface Work {
  /** @param captures all that will be read, in order */
  begin?(job: Job, captures: readonly string[]): void;
  each(file: string, job: Job, onProgress?: (read: number, total: number) => void): Promise<CaptureEnd | null>;
  end?(job: Job): void;
}

/** Bytes from which on a progress bar is shown on a terminal. */
const PROGRESS_FROM = 50 << 20;

/**
 * Runs a command over its inputs and sets the exit code.
 * @param parallel set where each capture may be read by another thread
 */
export async function runJob(files: string[], options: CommonOptions, work: Work, parallel?: Parallel): Promise<void> {
  const out = new Output();
  try {
    process.exitCode = await runAll([...(options.r ?? []), ...files], options, work, out, parallel);
    out.flush();
  } catch (e) {
    if (e instanceof ClosedPipe) process.exit(Exit.done);
    process.exitCode = fail(e);
  }
}

/** Prints what went wrong, for people. Returns the exit code. */
export function fail(e: unknown): number {
  if (!(e instanceof Error)) throw e;
  const known =
    e instanceof UnreadableInput ||
    e instanceof UsageError ||
    e.name === 'FilterError' ||
    e.name === 'FieldsError' ||
    e.name === 'UnreadableSecrets';
  process.stderr.write(known ? `clrscope: ${e.message}\n` : `clrscope: a defect, please report it: ${e.stack}\n`);
  return Exit.usage;
}

async function runAll(
  inputs: string[],
  options: CommonOptions,
  work: Work,
  out: Output,
  parallel?: Parallel,
): Promise<number> {
  if (inputs.length === 0) throw new UsageError('no FILE was given; clrscope --help shows how it is used');
  let interrupted = false;
  const job: Job = {
    out,
    color: wantsColor(options.color, isatty(1), process.env),
    width: Number(process.env.COLUMNS) || (isatty(1) ? (process.stdout.columns ?? 120) : 120),
    secrets: options.secrets === undefined ? null : await loadSecrets(options.secrets),
    ports: portsOf(options.port ?? []),
    decodeAs: decodeAsOf(options.decodeAs ?? []),
    full: options.full === true,
    limits: limitsOf(options.limit ?? []),
    get interrupted() {
      return interrupted;
    },
    note(file, note) {
      if (options.quiet !== true) process.stderr.write(`clrscope: ${file}: ${safe(note.message)}\n`);
    },
  };
  const interrupt = (): void => {
    interrupted = true;
  };
  process.once('SIGINT', interrupt);
  let code: number = Exit.done;
  const captures = await expandInputs(inputs);
  work.begin?.(job, captures);
  const damaged = (file: string, damage: Damage): void => {
    process.stderr.write(`clrscope: ${file}: byte ${damage.offset}: ${safe(damage.message)}\n`);
    if (code === Exit.done) code = Exit.damaged;
  };
  const workers = parallel === undefined ? 1 : workersFor(captures, options.jobs ?? null);
  if (parallel !== undefined && workers > 1) {
    const { color, width, secrets, ports, decodeAs, full, limits } = job;
    const shared = {
      parallel,
      files: captures,
      color,
      width,
      secrets,
      ports,
      decodeAs,
      full,
      limits,
      quiet: options.quiet === true,
    };
    await runParallel(workers, shared, {
      out,
      interrupted: () => interrupted,
      onDamage: damaged,
      onUnreadable(message) {
        code = fail(new UsageError(message));
      },
    });
  } else {
    for (const file of captures) {
      const bar = await progressBar(file, options);
      let end: CaptureEnd | null = null;
      try {
        end = await work.each(file, job, bar?.update);
      } catch (e) {
        // one capture that cannot be read at all does not take the others with it
        if (!(e instanceof UnreadableInput) || captures.length === 1) throw e;
        code = fail(e);
      } finally {
        bar?.stop();
      }
      if (end?.damage) damaged(file, end.damage);
      if (interrupted) break;
    }
  }
  work.end?.(job);
  process.removeListener('SIGINT', interrupt);
  return interrupted ? Exit.interrupted : code;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `7=IManagedObject`, `0000240c-…=c3fcc19e-…`: keys are context ids or IPIDs, values names or UUIDs; all lower case. */
function decodeAsOf(texts: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const text of texts) {
    const [key, iid = ''] = text.toLowerCase().replaceAll(/[{}]/g, '').split('=');
    if (!/^\d{1,5}$/.test(key) && !UUID.test(key))
      throw new UsageError(`--decode-as takes CONTEXT=IID or IPID=IID, not ${JSON.stringify(text)}`);
    if (!/^[a-z_]\w*$/.test(iid) && !UUID.test(iid))
      throw new UsageError(`--decode-as wants an interface's UUID or name behind =, not ${JSON.stringify(iid)}`);
    map.set(key, iid);
  }
  return map;
}

function portsOf(texts: readonly string[]): Map<number, 'dcerpc'> {
  const ports = new Map<number, 'dcerpc'>();
  for (const text of texts) {
    const match = /^(\d{1,5})(?:=dcerpc)?$/.exec(text);
    const port = Number(match?.[1] ?? 0);
    if (port < 1 || port > 65535)
      throw new UsageError(`--port takes a number from 1 to 65535, or N=dcerpc, not ${JSON.stringify(text)}`);
    ports.set(port, 'dcerpc');
  }
  return ports;
}

async function progressBar(
  file: string,
  options: CommonOptions,
): Promise<{ update(read: number, total: number): void; stop(): void } | null> {
  const wanted = options.progress ?? (isatty(2) && sizeOf(file) > PROGRESS_FROM);
  if (!wanted) return null;
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({
    format: `${safe(file)} {bar} {percentage}%  {rate} MB/s  {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    noTTYOutput: true,
    notTTYSchedule: 1000,
    hideCursor: true,
  });
  const began = performance.now();
  bar.start(Math.max(1, sizeOf(file)), 0, { rate: '0' });
  return {
    update: (read) => bar.update(read, { rate: (read / 1000 / Math.max(1, performance.now() - began)).toFixed(0) }),
    stop: () => bar.stop(),
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}
