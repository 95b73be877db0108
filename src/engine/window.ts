/**
 * How long output waits for PDUs that the streams hold back: so long that rows come in order and once, and no longer
 * than memory allows.
 */

/** Frames, or PDUs, that wait. */
export const MOST_WAITING = 2048;
/** Bytes of their PDUs and of what was made of them: a byte may be a node of a tree. */
const MOST_BYTES = 1 << 18;

/** What a PDU and its tree hold. */
interface Held {
  readonly sources: readonly { readonly bytes: Uint8Array }[];
}

/** What PDUs that wait cost. */
export class Window {
  private bytes = 0;

  add(held: Held): void {
    this.bytes += costOf(held);
  }

  remove(held: Held): void {
    this.bytes -= costOf(held);
  }

  /** Whether so many may not wait any longer. */
  isFull(count: number): boolean {
    return count > MOST_WAITING || this.bytes > MOST_BYTES;
  }
}

function costOf({ sources }: Held): number {
  let bytes = 0;
  for (const source of sources) bytes += source.bytes.length;
  return bytes;
}
