/**
 * Several captures on all cores. Threads take them one by one in their order; what they print comes back in pieces
 * and is written in that order, so that the output is that of one core. Threads that are ahead wait when
 * too much of their output does.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { isUrl } from '#platform';
import { safe } from '../../core/safe-text.js';
import { UserError } from '../../core/user-error.js';
import type { CaptureFiles } from '../job.js';
import { isStream } from '../stream-input.js';
import {
  type Failure,
  type OutputPiece,
  ParallelSlot,
  type Recipient,
  type Shared,
  slotsOf,
  type WorkerData,
} from './pieces.js';

/** Below this many bytes in all, starting threads takes longer than it saves. */
const WORTH_IT = 4 << 20;
const MOST_WORKERS = 16;

/** How many workers to use: 1 means none beside this thread. `jobs` is the user's wish. */
export function workersFor(captures: readonly CaptureFiles[], jobs: number | null): number {
  const files = captures.flatMap((capture) => capture.files);
  // a pipe that is waited for is not reached by Ctrl-C in a thread
  if (captures.length < 2 || files.some((file) => isStream(file) && !isUrl(file))) return 1;
  const wanted = jobs ?? (bytesOf(files) < WORTH_IT ? 1 : availableParallelism());
  return Math.max(1, Math.min(wanted, captures.length, MOST_WORKERS));
}

/** What an address counts as, whose size nobody knows yet: beside the waiting for one, there is work to do on another. */
const ADDRESS = 1 << 20;

/** Bytes of files; not all are asked for where there are enough. */
function bytesOf(files: readonly string[]): number {
  let sum = 0;
  for (const file of files) {
    sum += isUrl(file) ? ADDRESS : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
    if (sum >= WORTH_IT) break;
  }
  return sum;
}

/**
 * Reads all captures on `count` workers. One that dies is said, and what it had begun is begun anew by another, once.
 * @throws UserError where one met what would end the run on one core too
 */
export async function runParallel(count: number, shared: Shared, collect: Recipient): Promise<void> {
  const numbers = new SharedArrayBuffer(4 * slotsOf(count).waiting);
  const state = new Int32Array(numbers);
  const { captures } = shared;
  const arrived = new Map<number, { readonly piece: OutputPiece; readonly id: number }[]>();
  /** Captures whose worker died, and which of the workers that was. */
  const lost = new Map<number, number>();
  const workers: Worker[] = [];
  let running = 0;
  let over = false;
  let failed: string | null = null;
  let wake = (): void => {};
  const woken = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  collect.signal.addEventListener('abort', () => wake());
  const start = (id: number, only: number | null): void => {
    const workerData: WorkerData = { shared, numbers, id, only };
    // small young generations: a worker each would otherwise take what one program may
    const resourceLimits = { maxYoungGenerationSizeMb: 16 };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, resourceLimits });
    let reason: string | null = null;
    let isFinished = false;
    running++;
    workers.push(worker);
    // null or a failure is the last that it says
    worker.on('message', (piece: OutputPiece | Failure | null) => {
      if (piece === null) isFinished = true;
      else if ('failed' in piece) {
        isFinished = true;
        failed = piece.failed;
      } else {
        const list = arrived.get(piece.capture) ?? [];
        list.push({ piece, id });
        arrived.set(piece.capture, list);
      }
      wake();
    });
    worker.on('error', (e: unknown) => {
      reason = e instanceof Error ? e.message : String(e);
    });
    worker.on('exit', () => {
      running--;
      if (!isFinished && !over) {
        collect.onLost(reason);
        lost.set(state[slotsOf(id).capture] - 1, id);
      }
      wake();
    });
  };
  for (let id = 0; id < count; id++) start(id, null);
  try {
    for (const [at, { name }] of captures.entries()) {
      const output = new CaptureOutput(name, collect);
      for (let isAgain = false, isOver = false; !isOver; ) {
        const next = arrived.get(at)?.shift();
        if (next !== undefined) {
          isOver = output.write(next.piece);
          free(state, next.id, next.piece.cost);
        } else if (collect.interrupted) {
          stop(state, count);
          if (running === 0) return;
          await woken();
        } else if (failed !== null) throw new UserError(failed);
        else if (lost.has(at) || running === 0) {
          if (isAgain) {
            collect.onDone(name, {
              damage: null,
              unreadable: `${safe(name)}: threads that read it died`,
              nothing: false,
            });
            break;
          }
          isAgain = true;
          output.again();
          const id = lost.get(at) ?? 0;
          lost.delete(at);
          // what it sent last may be lost with it
          Atomics.store(state, slotsOf(id).waiting, 0);
          start(id, at);
        } else await woken();
      }
      arrived.delete(at);
      if (collect.interrupted) return;
    }
  } finally {
    over = true;
    stop(state, count);
    await Promise.all(workers.map((w) => w.terminate()));
  }
}

/** Writes what comes of a capture; what comes again is left out. */
class CaptureOutput {
  private readonly written = { bytes: 0, leads: 0, notes: 0 };
  private left = { bytes: 0, leads: 0, notes: 0 };

  constructor(
    private readonly name: string,
    private readonly collect: Recipient,
  ) {}

  /** All comes once more, from the beginning. */
  again(): void {
    this.left = { ...this.written };
  }

  /** Writes a piece; true where it is the last. */
  write({ items, done }: OutputPiece): boolean {
    const { collect, name } = this;
    for (const item of items)
      if (item instanceof Uint8Array) {
        const rest = item.subarray(item.length - this.take('bytes', item.length));
        if (rest.length > 0) collect.out.bytes(rest);
      } else if ('note' in item) {
        if (this.take('notes', 1) > 0) collect.note(name, item.note);
      } else if (this.take('leads', 1) > 0) collect.out.lead(item.first, item.later);
    if (done !== null) collect.onDone(name, done);
    return done !== null;
  }

  /** How many of the next so many are to be written. */
  private take(what: 'bytes' | 'leads' | 'notes', n: number): number {
    const out = Math.min(n, this.left[what]);
    this.left[what] -= out;
    this.written[what] += n - out;
    return n - out;
  }
}

/** Workers end what they do, and wait for nothing. */
function stop(state: Int32Array, count: number): void {
  Atomics.store(state, ParallelSlot.stop, 1);
  for (let id = 0; id < count; id++) {
    const { waiting } = slotsOf(id);
    // not less by some number: this is asked for again and again, and a number of 32 bits ends
    Atomics.store(state, waiting, 0);
    Atomics.notify(state, waiting);
  }
}

/** What was written no longer waits. */
function free(state: Int32Array, id: number, cost: number): void {
  const { waiting } = slotsOf(id);
  Atomics.sub(state, waiting, cost);
  Atomics.notify(state, waiting);
}
