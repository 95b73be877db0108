/** How many threads are worth it, and for what. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Parallel } from './pieces.js';

/** Bytes of several captures in all below which starting threads takes longer than it saves. */
const WORTH_IT = 4 << 20;
const MOST_THREADS = 16;

/** Who reads the captures. */
export interface Plan {
  readonly threads: number;
  /** Threads that take one capture after the other; 1 for this thread alone. */
  readonly files: number;
  /**
   * Whether the rows of the one capture are made by all threads. Each of them learns all of it, which is most of the
   * work (test/bench/RESULTS.md): only where the user says so.
   */
  readonly splits: boolean;
}

/** @param jobs the user's wish */
export function planOf(captures: readonly string[], jobs: number | null, parallel: Parallel | undefined): Plan {
  const threads = Math.min(jobs ?? availableParallelism(), MOST_THREADS);
  if (parallel === undefined || threads < 2 || captures.some(mayWait)) return { threads, files: 1, splits: false };
  if (captures.length > 1) {
    const isWorthIt = jobs !== null || bytesOf(captures, WORTH_IT) >= WORTH_IT;
    return { threads, files: isWorthIt ? Math.min(threads, captures.length) : 1, splits: false };
  }
  return { threads, files: 1, splits: parallel.splits && jobs !== null };
}

/** What is no file may keep a thread waiting, and Ctrl-C does not reach it there. */
function mayWait(file: string): boolean {
  return file === '-' || statSync(file, { throwIfNoEntry: false })?.isFile() === false;
}

/** Bytes of files; not all are asked for where there are enough. */
function bytesOf(files: readonly string[], enough: number): number {
  let sum = 0;
  for (const file of files) {
    sum += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (sum >= enough) break;
  }
  return sum;
}
