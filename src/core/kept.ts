/**
 * What is decoded of values that are kept long after they were read takes many times their bytes: what was read longest
 * ago is let go, and read again when somebody asks for it.
 */
import { type StateStore, stateKey } from './context.js';
import { Cursor } from './cursor.js';
import { Recording } from './recording.js';

/** What something takes in memory once it was decoded, in bytes a byte, about. */
const DECODED_COST = 32;
/** What all of a capture may take that is kept: little, as the young that live cost more than those that die. */
const MOST_DECODED = 1 << 20;

/** Something decoded that is there whenever it is asked for. */
export interface Kept<T> {
  readonly value: T;
}

/** Reads what a source of its own holds, from where the cursor stands, and keeps it. */
export function readKept<T extends object>(c: Cursor, capture: StateStore, read: (c: Cursor) => T): Kept<T> {
  const { source, pos, claimed } = c;
  const { limits } = c.recording;
  const all = capture.get(DECODED);
  const again = (): T => {
    const cursor = new Cursor(source, new Recording(false, limits), claimed);
    cursor.pos = pos;
    return read(cursor);
  };
  const kept: Decoded<T> = { decoded: read(c), cost: source.bytes.length * DECODED_COST };
  all.keep(kept);
  return {
    get value() {
      if (kept.decoded === null) {
        kept.decoded = again();
        all.keep(kept);
      }
      return kept.decoded;
    },
  };
}

interface Decoded<T> {
  decoded: T | null;
  readonly cost: number;
}

const DECODED = stateKey('core.decoded', () => new AllDecoded());

/** Everything of a capture that is kept decoded, in the order of its reading. */
class AllDecoded {
  private kept: Decoded<object>[] = [];
  private head = 0;
  private cost = 0;

  /** Keeps what was just decoded, and lets go of others for it. */
  keep(decoded: Decoded<object>): void {
    this.cost += decoded.cost;
    while (this.cost > MOST_DECODED && this.head < this.kept.length) {
      const oldest = this.kept[this.head++];
      this.cost -= oldest.cost;
      oldest.decoded = null;
    }
    if (this.head > 64 && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head);
      this.head = 0;
    }
    this.kept.push(decoded);
  }
}
