/**
 * Captures on all cores. Several are taken one by one by threads; one alone is read by all threads, each of which
 * describes its share of it (share.ts). What they print comes back in pieces and is written in the order of files and
 * rows, so that the output is that of one core. Threads that are ahead wait when too much of their output does.
 */
import { Worker } from 'node:worker_threads';
import type { Damage } from '../../capture/open.js';
import type { Note } from '../../core/node.js';
import type { Job } from '../job.js';
import type { PrintingOptions } from '../options.js';
import { FileOutput } from './file-output.js';
import type { Spent } from './share.js';

/** Commands whose captures do not depend on each other; worker.ts knows where they are. */
export type Independent = 'calls' | 'objects' | 'read';

/** What each worker does. */
export interface Parallel {
  readonly command: Independent;
  readonly options: PrintingOptions;
  /** Whether the rows of one capture may be made by several threads. */
  readonly splits: boolean;
}

/** What all workers share. */
export interface Shared
  extends Pick<Job, 'color' | 'width' | 'secrets' | 'decodeAs' | 'ports' | 'full' | 'limits' | 'several'> {
  readonly parallel: Parallel;
  readonly files: readonly string[];
  readonly quiet: boolean;
  /** Rows of the one capture that all threads read that are written already; null where each reads its own. */
  readonly from: number | null;
}

/** What one worker is told. */
export interface WorkerData {
  readonly shared: Shared;
  /** `ParallelSlot` says what the numbers are. */
  readonly numbers: SharedArrayBuffer;
  /** Which of the numbers behind `ParallelSlot.waiting` is this worker's. */
  readonly id: number;
}

/**
 * Numbers that parent and workers share: `next` is the next file, or block of calls or PDUs, that nobody took. Behind
 * `workers`, of each worker: bytes of its output that wait, and the number of the file that it reads, from 1 on.
 */
export const ParallelSlot = { next: 0, stop: 1, kilobytes: 2, workers: 3 } as const;

/** Where a worker's numbers are. */
export function slotsOf(id: number): { waiting: number; file: number } {
  const waiting = ParallelSlot.workers + 2 * id;
  return { waiting, file: waiting + 1 };
}

/** Bytes of a worker's output that may wait to be written. */
export const MOST_AHEAD = 4 << 20;
/** What a piece without any output counts as. */
export const PIECE_COST = 1024;

/** Output: bytes, or a lead (see `Output.lead`). */
export type ParallelItem = Uint8Array | { readonly first: string; readonly later: string };

/** What the reading of a capture came to. */
export interface Done {
  /** Rows in all. */
  readonly rows: number;
  readonly damage: Damage | null;
  /** Why it was not read to its end. */
  readonly unreadable: string | null;
  /** Not one of its packets could be looked into. */
  readonly nothing: boolean;
}

/** Something to be said of a capture, in front of a row of it. */
export interface RowNote {
  readonly row: number;
  readonly note: Pick<Note, 'code' | 'message'>;
}

/** Rows of a file's output, and what was met in front of them; with `done` the last that this worker has of it. */
export interface OutputPiece {
  readonly file: number;
  /** The first row, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly ParallelItem[];
  readonly notes: readonly RowNote[];
  readonly cost: number;
  readonly spent: Spent;
  readonly done: Done | null;
}

/** What comes of the workers' work, in order. */
export interface RowCollector extends Pick<Job, 'out' | 'note'> {
  readonly interrupted: boolean;
  onDone(file: string, done: Done): void;
  onProgress(read: number): void;
  /** A thread died: its reason, or null where none is known. */
  onLost(message: string | null): void;
  /** Makes the rest of a capture's output from `row` on in this thread. @param room see `SharePart.room` */
  rest(file: string, row: number, room: number): Promise<void>;
}

/**
 * Runs all files on `count` workers. A worker that dies is said, and what it had begun is done again here.
 * @param room what the output of a capture may still take beside what its bytes allow (allowance.ts)
 */
export async function runParallel(count: number, shared: Shared, room: number, collect: RowCollector): Promise<void> {
  const numbers = new SharedArrayBuffer(4 * slotsOf(count).waiting);
  const state = new Int32Array(numbers);
  const { files, from } = shared;
  const outputs = new Map<number, FileOutput>();
  const outputOf = (file: number): FileOutput => {
    let output = outputs.get(file);
    if (output === undefined) {
      output = new FileOutput(files[file], from !== null, from ?? 0, room, collect, (id, cost) =>
        free(state, id, cost),
      );
      outputs.set(file, output);
    }
    return output;
  };
  /** Files whose worker died. */
  const lost = new Set<number>();
  let running = count;
  let over = false;
  let wake = (): void => {};
  const workers = Array.from({ length: count }, (_, id) => {
    const workerData: WorkerData = { shared, numbers, id };
    // small young generations: a worker each would otherwise take what one program may
    const resourceLimits = { maxYoungGenerationSizeMb: 32 };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, resourceLimits });
    let reason: string | null = null;
    let isFinished = false;
    // null is the last that it says
    worker.on('message', (piece: OutputPiece | null) => {
      if (piece === null) isFinished = true;
      else outputOf(piece.file).add(piece, id);
      wake();
    });
    worker.on('error', (e: unknown) => {
      reason = e instanceof Error ? e.message : String(e);
    });
    worker.on('exit', () => {
      running--;
      if (!isFinished && !over) {
        collect.onLost(reason);
        lost.add(from === null ? state[slotsOf(id).file] - 1 : 0);
      }
      wake();
    });
    return worker;
  });
  const end = (): Promise<unknown> => {
    over = true;
    stop(state, count);
    return Promise.all(workers.map((w) => w.terminate()));
  };
  try {
    for (let at = 0; at < files.length; at++) {
      const output = outputOf(at);
      while (!output.write()) {
        if (collect.interrupted) stop(state, count);
        else if (output.exhausted || lost.has(at) || running === 0) {
          if (from !== null) await end();
          await collect.rest(files[at], output.row, output.room);
          break;
        }
        if (running === 0) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        collect.onProgress(state[ParallelSlot.kilobytes] * 1024);
      }
      if (output.done !== null) collect.onDone(files[at], output.done);
      outputs.delete(at);
      if (collect.interrupted) return;
    }
  } finally {
    await end();
  }
}

/** Workers end what they do, and wait for nothing. */
function stop(state: Int32Array, count: number): void {
  Atomics.store(state, ParallelSlot.stop, 1);
  for (let id = 0; id < count; id++) free(state, id, MOST_AHEAD);
}

/** What was written no longer waits. */
function free(state: Int32Array, id: number, cost: number): void {
  const { waiting } = slotsOf(id);
  Atomics.sub(state, waiting, cost);
  Atomics.notify(state, waiting);
}
