/**
 * Captures on all cores. Several are taken one by one by threads; one alone is read by all threads, each of which
 * describes its share of it (share.ts). What they print comes back in pieces and is written in the order of files and
 * rows, so that the output is that of one core. Threads that are ahead wait when too much of their output does.
 */
import { Worker } from 'node:worker_threads';
import { FileOutput } from './file-output.js';
import {
  MOST_AHEAD,
  type OutputPiece,
  ParallelSlot,
  type Recipient,
  type Shared,
  slotsOf,
  type WorkerData,
} from './pieces.js';

/**
 * Runs all files on `count` workers. A worker that dies is said, and what it had begun is done again here.
 * @param room what the output of a capture may still take beside what its bytes allow (allowance.ts)
 */
export async function runParallel(count: number, shared: Shared, room: number, collect: Recipient): Promise<void> {
  const numbers = new SharedArrayBuffer(4 * slotsOf(count).waiting);
  const state = new Int32Array(numbers);
  const { files, isSplit } = shared;
  const outputs = new Map<number, FileOutput>();
  const outputOf = (file: number): FileOutput => {
    let output = outputs.get(file);
    if (output === undefined) {
      output = new FileOutput(files[file], isSplit, room, collect, (id, cost) => free(state, id, cost));
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
    const resourceLimits = { maxYoungGenerationSizeMb: 16 };
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
        lost.add(isSplit ? 0 : state[slotsOf(id).file] - 1);
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
          if (isSplit) await end();
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
