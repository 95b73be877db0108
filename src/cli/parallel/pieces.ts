/** What the parent of threads and they tell each other: what is to be read, and output in pieces. */
import type { Damage } from '../../capture/open.js';
import type { Note } from '../../core/node.js';
import type { Job } from '../job.js';
import type { PrintingOptions } from '../options.js';
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
  /** Whether all threads read one capture and share its rows; otherwise each reads its own. */
  readonly isSplit: boolean;
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
export interface Recipient extends Pick<Job, 'out' | 'note'> {
  readonly interrupted: boolean;
  onDone(file: string, done: Done): void;
  onProgress(read: number): void;
  /** A thread died: its reason, or null where none is known. */
  onLost(message: string | null): void;
  /** Makes the rest of a capture's output from `row` on in this thread. @param room see `RowPart.room` */
  rest(file: string, row: number, room: number): Promise<void>;
}
