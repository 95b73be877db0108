/**
 * Several captures on all cores. Workers take the files one by one in their order; what they print comes back in
 * pieces and is written in the order of the files, so that the output is that of one core. Workers that are ahead
 * wait when too much of their output does.
 */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Damage } from '../../capture/open.js';
import type { Limits } from '../../core/limits.js';
import type { Secrets } from '../../security/index.js';
import type { PrintingOptions } from '../options.js';
import type { Output } from '../output.js';

/** Commands whose files do not depend on each other; worker.ts knows where they are. */
export type Independent = 'calls' | 'objects' | 'read';

/** What each worker does. */
export interface Parallel {
  readonly command: Independent;
  readonly options: PrintingOptions;
}

/** What all workers share. */
export interface Shared {
  readonly parallel: Parallel;
  readonly files: readonly string[];
  readonly color: boolean;
  readonly width: number;
  readonly secrets: Secrets | null;
  readonly decodeAs: ReadonlyMap<string, string>;
  readonly ports: ReadonlyMap<number, 'dcerpc'>;
  readonly full: boolean;
  readonly limits: Limits;
  readonly quiet: boolean;
  /** `Slot` says what the numbers are. */
  readonly numbers: SharedArrayBuffer;
  /** Which of the numbers behind `Slot.waiting` is this worker's. */
  readonly id: number;
}

/** Numbers that parent and workers share. */
export const ParallelSlot = { nextFile: 0, stop: 1, waiting: 2 } as const;

/** Bytes of a worker's output that may wait to be written. */
export const MOST_AHEAD = 4 << 20;
/** What a file without any output counts as. */
export const FILE_COST = 1024;

/** Output of a file: bytes, a lead (see `Output.lead`), or a message for standard error. */
export type ParallelItem =
  | Uint8Array
  | { readonly first: string; readonly later: string }
  | { readonly message: string };

/** A piece of a file's output, in order; with `done` the last one. */
export interface OutputPiece {
  readonly file: number;
  readonly items: readonly ParallelItem[];
  readonly cost: number;
  readonly done: {
    readonly damage: Damage | null;
    /** Why it was not read to its end. */
    readonly unreadable: string | null;
    /** Not one of its packets could be looked into. */
    readonly nothing: boolean;
  } | null;
}

/** Below this many bytes in all, starting threads takes longer than it saves. */
const WORTH_IT = 4 << 20;
const MOST_WORKERS = 16;

/** How many workers to use: 1 means none beside this thread. `jobs` is the user's wish. */
export function workersFor(files: readonly string[], jobs: number | null): number {
  if (files.length < 2 || files.some(mayWait)) return 1;
  const wanted = jobs ?? (bytesOf(files) < WORTH_IT ? 1 : availableParallelism());
  return Math.max(1, Math.min(wanted, files.length, MOST_WORKERS));
}

/** What is no file may keep a thread waiting, and Ctrl-C does not reach it there. */
function mayWait(file: string): boolean {
  return file === '-' || statSync(file, { throwIfNoEntry: false })?.isFile() === false;
}

function bytesOf(files: readonly string[]): number {
  let sum = 0;
  for (const file of files) {
    sum += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (sum >= WORTH_IT) break;
  }
  return sum;
}

/** Whom the pieces' side effects concern. */
export interface OutputCollector {
  readonly out: Output;
  /** True ends the pass behind the file at hand. */
  readonly interrupted: () => boolean;
  onDamage(file: string, damage: Damage): void;
  onUnreadable(message: string): void;
  onNothing(): void;
  onFile?(done: number): void;
}

/** Runs all files on `count` workers. What a worker throws beside unreadable input is thrown here. */
export async function runParallel(
  count: number,
  shared: Omit<Shared, 'numbers' | 'id'>,
  collect: OutputCollector,
): Promise<void> {
  const numbers = new SharedArrayBuffer(4 * (ParallelSlot.waiting + count));
  const state = new Int32Array(numbers);
  const { files } = shared;
  const arrived = new Map<number, { piece: OutputPiece; id: number }[]>();
  const workers: Worker[] = [];
  let at = 0;
  const stop = (): void => {
    Atomics.store(state, ParallelSlot.stop, 1);
    for (let id = 0; id < count; id++) free(state, id, MOST_AHEAD);
  };
  const write = (piece: OutputPiece, id: number): void => {
    for (const item of piece.items) {
      if (item instanceof Uint8Array) collect.out.bytes(item);
      else if ('message' in item) process.stderr.write(item.message);
      else collect.out.lead(item.first, item.later);
    }
    free(state, id, piece.cost);
    if (piece.done === null) return;
    if (piece.done.unreadable !== null) collect.onUnreadable(piece.done.unreadable);
    if (piece.done.nothing) collect.onNothing();
    if (piece.done.damage !== null) collect.onDamage(files[piece.file], piece.done.damage);
    at++;
    collect.onFile?.(at);
  };
  await new Promise<void>((resolve, reject) => {
    let running = count;
    const take = (id: number, piece: OutputPiece): void => {
      const list = arrived.get(piece.file) ?? [];
      list.push({ piece, id });
      arrived.set(piece.file, list);
      for (let next = arrived.get(at); next !== undefined && next.length > 0; next = arrived.get(at)) {
        const file = at;
        for (const waiting of next.splice(0)) write(waiting.piece, waiting.id);
        if (at !== file) arrived.delete(file);
      }
      if (collect.interrupted()) stop();
    };
    for (let id = 0; id < count; id++) {
      const workerData: Shared = { ...shared, numbers, id };
      // small young generations: a worker each would otherwise take what one program may
      const resourceLimits = { maxYoungGenerationSizeMb: 16 };
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData, resourceLimits });
      workers.push(worker);
      worker.on('message', (piece: OutputPiece) => {
        try {
          take(id, piece);
        } catch (e) {
          reject(e);
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        if (--running === 0) resolve();
      });
    }
  }).finally(() => {
    stop();
    return Promise.all(workers.map((w) => w.terminate()));
  });
}

/** What was written no longer waits. */
function free(state: Int32Array, id: number, cost: number): void {
  Atomics.sub(state, ParallelSlot.waiting + id, cost);
  Atomics.notify(state, ParallelSlot.waiting + id);
}
