/**
 * How much JSON a capture may become without `--full`: names and values that the wire says once are written at each
 * sight, so that a few kilobytes could give gigabytes. Captures of real traffic give about 20 characters a byte.
 */

import { limitMessage } from '../core/limits.js';
import type { Note } from '../core/node.js';
import type { Job } from './job.js';

/** Characters for each byte that was read. */
const EACH = 100;
/** Characters of one text, with `--full` too: it stands in memory whole, and has the longest string's length at most. */
const LONGEST = 1 << 26;

/** What the output of one capture may still take. */
export class Allowance {
  /** What is said where the rest of something is left out. */
  readonly note: Note;
  private left: number;
  private told = false;

  constructor(
    private readonly file: string,
    private readonly job: Job,
  ) {
    this.left = job.full ? Number.POSITIVE_INFINITY : job.limits.output;
    this.note = { code: 'limit', message: limitMessage('output', job.limits), offset: null, source: null };
  }

  /**
   * Text made of some bytes, or what stands for it where that would be too much. Met for the first time, it is said.
   * @param bytes how many bytes of the capture it tells of
   * @param least it has at least so many characters: where that is too much already, it is not made
   */
  fit<T extends { readonly length: number }>(bytes: number, make: () => T, shorter: () => T, least = 0): T {
    this.left += EACH * bytes;
    const tooLong = least > Math.min(this.left, LONGEST);
    let taken = tooLong ? null : make();
    if (taken === null || taken.length > this.left) {
      if (!this.told) this.job.note(this.file, this.note);
      this.told = true;
      taken = shorter();
    }
    this.left -= taken.length;
    return taken;
  }
}
