/**
 * How long output waits for PDUs that the streams hold back: so long that rows come in order and once, and no longer
 * than memory allows.
 */
import type { Recording } from '../core/recording.js';

/** Frames, or PDUs, that wait. */
export const MOST_WAITING = 2048;
/** Bytes of their PDUs and of what was made of them: a byte may be a node of a tree. */
const MOST_BYTES = 1 << 18;

/** What PDUs that wait cost. */
export class Window {
  private bytes = 0;

  add(recording: Recording): void {
    this.bytes += costOf(recording);
  }

  remove(recording: Recording): void {
    this.bytes -= costOf(recording);
  }

  /** Whether so many may not wait any longer. */
  isFull(count: number): boolean {
    return count > MOST_WAITING || this.bytes > MOST_BYTES;
  }
}

function costOf(recording: Recording): number {
  let bytes = 0;
  for (const source of recording.sources) bytes += source.bytes.length;
  return bytes;
}
