/** What every command that reads captures shares: inputs, messages, progress, exit codes. */
import { statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { isUrl } from '#platform';
import { type Damage, UnreadableInput } from '../capture/open.js';
import type { Note } from '../core/node.js';
import { safe } from '../core/safe-text.js';
import { wantsColor } from '../output/terminal.js';
import { expandInputs } from './folders.js';
import { groupsOf } from './groups.js';
import type { CaptureFiles, Job, Read, Work } from './job.js';
import { captureFailure, fail, tell } from './messages.js';
import { type CommonOptions, Exit, UsageError } from './options.js';
import { ClosedPipe, Output } from './output.js';
import { runParallel, workersFor } from './parallel/parallel.js';
import type { Done, Parallel } from './parallel/pieces.js';
import { SaidOnce } from './said-once.js';
import { settingsOf } from './settings.js';

/** Bytes from which on a progress bar is shown on a terminal. */
const PROGRESS_FROM = 50 << 20;
/** Milliseconds that output is kept at most while captures are read: a pipe may give nothing more for hours. */
const KEPT = 50;

/**
 * Runs a command over its inputs and sets the exit code.
 * @param parallel set where each capture may be read by another thread
 */
export async function runJob(files: string[], options: CommonOptions, work: Work, parallel?: Parallel): Promise<void> {
  const out = new Output();
  out.byLine = options.l === true;
  const failed = (e: unknown): number => {
    if (e instanceof ClosedPipe) process.exit(Exit.done);
    return fail(e);
  };
  const flushing = setInterval(() => {
    try {
      out.flush();
      work.flush?.();
    } catch (e) {
      process.exit(failed(e));
    }
  }, KEPT);
  try {
    process.exitCode = await runAll([...(options.r ?? []), ...files], options, work, out, parallel);
    out.flush();
  } catch (e) {
    process.exitCode = failed(e);
    try {
      work.failed?.();
    } catch {
      // a disk that is full is still so
    }
  } finally {
    clearInterval(flushing);
  }
}

/** How standard output is written to: whether in colours, and how many columns there are to fill. */
export function screenOf({
  color,
  full,
}: Pick<CommonOptions, 'color' | 'full'>): Pick<Job, 'color' | 'width' | 'room'> {
  const isTerminal = isatty(1);
  const width = Number(process.env.COLUMNS) || (isTerminal ? (process.stdout.columns ?? 120) : 120);
  return {
    color: wantsColor(color, isTerminal, process.env),
    width,
    room: isTerminal && full !== true ? width : Number.POSITIVE_INFINITY,
  };
}

async function runAll(
  inputs: string[],
  options: CommonOptions,
  work: Work,
  out: Output,
  parallel?: Parallel,
): Promise<number> {
  if (inputs.length === 0) throw new UsageError('no FILE was given; clrscope --help shows how it is used');
  const stop = new AbortController();
  // asked for each packet, where a signal's own answer takes its time
  let interrupted = false;
  const once = new SaidOnce();
  let several = false;
  let unread = 0;
  const note = (file: string, { code, message }: Pick<Note, 'code' | 'message'>): void => {
    if (options.quiet === true || (several && work.picks === true && once.take(file, code))) return;
    tell(`${safe(file)}: ${safe(message)}`);
  };
  let code: number = Exit.done;
  const files = await expandInputs(inputs, (file, reason) =>
    note(file, { code: 'left-out', message: `${reason}; it is left out` }),
  );
  const captures = await groupsOf(files, options.group ?? 'auto', (message) => options.quiet === true || tell(message));
  several = captures.length > 1;
  const job: Job = {
    out,
    ...screenOf(options),
    ...(await settingsOf(options)),
    get interrupted() {
      return interrupted;
    },
    signal: stop.signal,
    inputs: [...files, ...(options.secrets ?? [])],
    several: captures.length > 1 || captures.some(({ files: all }) => all.length > 1),
    note,
  };
  const interrupt = (): void => {
    interrupted = true;
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  work.begin?.(job, captures);
  const damaged = (name: string, damage: Damage): void => {
    tell(`${safe(damage.file ?? name)}: byte ${damage.offset}: ${safe(damage.message)}`);
    if (code === Exit.done) code = Exit.damaged;
  };
  const onDone = (name: string, { damage, unreadable, nothing }: Done): void => {
    if (unreadable !== null) {
      unread++;
      tell(unreadable);
      code = Exit.usage;
    }
    if (damage !== null) damaged(name, damage);
    if (nothing && code === Exit.done) code = Exit.damaged;
  };
  const read = async (capture: CaptureFiles, onProgress?: Parameters<Work['each']>[2]): Promise<void> => {
    const { name } = capture;
    try {
      const end = await work.each(capture, job, onProgress);
      if (end !== null && !interrupted)
        onDone(name, { damage: end.damage, unreadable: null, nothing: sawNothing(end) });
    } catch (e) {
      // one capture that cannot be read at all does not take the others with it
      const failure = captureFailure(name, e);
      const isAll = captures.length === 1 && e instanceof UnreadableInput;
      if (!interrupted && (failure === null || isAll)) throw e;
      if (failure !== null && !interrupted) onDone(name, { damage: null, unreadable: failure, nothing: false });
    }
  };
  const workers = parallel === undefined ? 1 : workersFor(captures, options.jobs ?? null);
  if (parallel !== undefined && workers > 1) {
    const { color, width, room, secrets, ports, decodeAs, hosts, own, full, limits, several } = job;
    const facts = {
      color,
      width,
      room,
      secrets,
      ports,
      decodeAs,
      hosts,
      full,
      limits,
      several,
      own,
      quiet: options.quiet === true,
    };
    await runParallel(
      workers,
      { ...facts, parallel, captures },
      {
        ...{ out, note, onDone, signal: stop.signal },
        get interrupted() {
          return interrupted;
        },
        onLost: (reason) =>
          tell(`a thread died${reason === null ? '' : ` (${safe(reason)})`}: the capture that it read is read again`),
      },
    );
  } else
    for (const capture of captures) {
      const bar = await progressBar(capture, options);
      try {
        await read(capture, bar?.update);
      } finally {
        bar?.stop();
      }
      if (interrupted) break;
    }
  work.end?.(job);
  if (!interrupted) for (const message of once.all(captures.length, unread, job)) tell(message);
  process.removeListener('SIGINT', interrupt);
  return job.interrupted ? Exit.interrupted : code;
}

/** Whether not one packet could be looked into, because of the link type. */
export function sawNothing({ packets, notLookedInto }: Read): boolean {
  return packets > 0 && notLookedInto === packets;
}

interface ProgressBar {
  update(read: number, total: number): void;
  stop(): void;
}

async function progressBar({ name, files }: CaptureFiles, options: CommonOptions): Promise<ProgressBar | null> {
  // how long an address is, its first bytes tell
  const mayBeLarge = files.some(isUrl) || files.reduce((sum, file) => sum + sizeOf(file), 0) > PROGRESS_FROM;
  if (!(options.progress ?? (isatty(2) && mayBeLarge))) return null;
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({
    format: `${safe(name)} {bar} {percentage}%  {rate} MB/s  {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    noTTYOutput: true,
    notTTYSchedule: 1000,
    hideCursor: true,
  });
  const began = performance.now();
  return {
    update(read, total) {
      const rate = (read / 1000 / Math.max(1, performance.now() - began)).toFixed(0);
      if (bar.isActive) bar.update(read, { rate });
      else if (options.progress === true || total > PROGRESS_FROM) bar.start(Math.max(1, total), read, { rate });
    },
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
