/** How a limit is met in a test. */
import type { LimitName, Limits } from '../../src/core/limits.js';
import type { Note } from '../../src/core/node.js';

/** What came of an input. */
export interface Outcome {
  /** Messages of `limit` notes, wherever they stand. */
  readonly told: readonly string[];
  /** What was read: one text for each thing. */
  readonly out: readonly string[];
}

/** Meets one limit, set to `limit`: exactly, or by one more. */
export interface Case {
  readonly limit: number;
  /** Other limits that have to be small for this one to be met. */
  readonly with?: Partial<Limits>;
  /** How many of what is read without the limit are not, or not the same, with it. */
  readonly lost: number;
  run(limits: Partial<Limits>, over: boolean): Outcome;
}

export type Cases = Partial<Record<LimitName, Case>>;

/** Numbers from 0 on. */
export function times<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i));
}

/** Messages of notes about limits. */
export function limitNotes(notes: readonly Pick<Note, 'code' | 'message'>[]): string[] {
  return notes.filter((n) => n.code === 'limit').map((n) => n.message);
}
