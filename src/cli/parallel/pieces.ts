/** What the parent of threads and they tell each other: what is to be read, and output in pieces. */
import type { Damage } from '../../capture/open.js';
import type { Note } from '../../core/node.js';
import type { CaptureFiles, Job } from '../job.js';
import type { ExportOptions, PrintingOptions } from '../options.js';

/** Commands whose captures do not depend on each other; worker.ts knows where they are. */
export type Independent = 'calls' | 'objects' | 'read';

/** What each worker does. */
export type Parallel =
  | { readonly command: Independent; readonly options: PrintingOptions }
  | { readonly command: 'export'; readonly options: ExportOptions };

/** What all workers share. */
export interface Shared
  extends Pick<
    Job,
    'color' | 'width' | 'room' | 'secrets' | 'decodeAs' | 'hosts' | 'own' | 'ports' | 'full' | 'limits' | 'several'
  > {
  readonly parallel: Parallel;
  readonly captures: readonly CaptureFiles[];
  readonly quiet: boolean;
}

/** What one worker is told. */
export interface WorkerData {
  readonly shared: Shared;
  /** `ParallelSlot` says what the numbers are. */
  readonly numbers: SharedArrayBuffer;
  /** Which of the workers it is. */
  readonly id: number;
  /** The one capture that it reads; null for one after the other. */
  readonly only: number | null;
}

/**
 * Numbers that parent and workers share: `next` is the next capture that nobody took. Behind `workers`, of each worker:
 * bytes of its output that wait, and the number of the capture that it reads, from 1 on.
 */
export const ParallelSlot = { next: 0, stop: 1, workers: 2 } as const;

/** Where a worker's numbers are. */
export function slotsOf(id: number): { waiting: number; capture: number } {
  const waiting = ParallelSlot.workers + 2 * id;
  return { waiting, capture: waiting + 1 };
}

/** Bytes of a worker's output that may wait to be written. */
export const MOST_AHEAD = 4 << 20;
/** What a piece without any output counts as. */
export const PIECE_COST = 1024;

/** Output: bytes, a lead (see `Output.lead`), or something odd to be said. */
export type ParallelItem =
  | Uint8Array
  | { readonly first: string; readonly later: string }
  | { readonly note: Pick<Note, 'code' | 'message'> };

/** What the reading of a capture came to. */
export interface Done {
  readonly damage: Damage | null;
  /** Why it was not read to its end. */
  readonly unreadable: string | null;
  /** Not one of its packets could be looked into. */
  readonly nothing: boolean;
}

/** A piece of a capture's output, in order; with `done` the last one. */
export interface OutputPiece {
  readonly capture: number;
  readonly items: readonly ParallelItem[];
  readonly cost: number;
  readonly done: Done | null;
}

/** What ends the run, whoever reads: what was typed is wrong, the disk is full. */
export interface Failure {
  readonly failed: string;
}

/** What comes of the workers' work, in order. */
export interface Recipient extends Pick<Job, 'out' | 'signal' | 'interrupted'> {
  note(name: string, note: Pick<Note, 'code' | 'message'>): void;
  onDone(name: string, done: Done): void;
  /** A thread died: its reason, or null where none is known. */
  onLost(message: string | null): void;
}
