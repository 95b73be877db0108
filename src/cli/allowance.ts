/**
 * How much JSON a capture may become without `--full`: names and values that the wire says once are written at each
 * sight, so that a few kilobytes could give gigabytes. Captures of real traffic give about 20 characters a byte.
 */

import { limitMessage } from '../core/limits.js';
import type { Note } from '../core/node.js';
import type { Job } from './run.js';

/** Characters for each byte that was read. */
const EACH = 100;

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
   */
  fit(bytes: number, text: string, shorter: () => string): string {
    this.left += EACH * bytes;
    let taken = text;
    if (text.length > this.left) {
      if (!this.told) this.job.note(this.file, this.note);
      this.told = true;
      taken = shorter();
    }
    this.left -= taken.length;
    return taken;
  }
}
