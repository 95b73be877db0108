/**
 * What is decoded of values that are kept long after they were read takes many times their bytes: what was read longest
 * ago is let go, and read again when somebody asks for it.
 */
import { type StateStore, stateKey } from './context.js';
import { Cursor } from './cursor.js';
import type { Limits } from './limits.js';
import { Recording } from './recording.js';
import type { DataSource } from './source.js';

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
  const all = capture.get(DECODED);
  const kept = new Decoded(c, all, read);
  all.read(kept, read, c);
  return kept;
}

/** Does not hold the cursor that it was read by, and with it the books of its PDU. */
class Decoded<T extends object> implements Kept<T> {
  decoded: T | null = null;
  readonly cost: number;
  private readonly source: DataSource;
  private readonly pos: number;
  private readonly claimed: number;
  private readonly limits: Limits;

  constructor(
    { source, pos, claimed, recording }: Cursor,
    private readonly all: AllDecoded,
    private readonly read: (c: Cursor) => T,
  ) {
    this.source = source;
    this.pos = pos;
    this.claimed = claimed;
    this.limits = recording.limits;
    this.cost = source.bytes.length * DECODED_COST;
  }

  get value(): T {
    return this.decoded ?? this.all.read(this, this.read, this.cursor());
  }

  private cursor(): Cursor {
    const cursor = new Cursor(this.source, new Recording(false, this.limits), this.claimed);
    cursor.pos = this.pos;
    return cursor;
  }
}

const DECODED = stateKey('core.decoded', () => new AllDecoded());

/** Everything of a capture that is kept decoded, in the order of its reading. */
class AllDecoded {
  private kept: Decoded<object>[] = [];
  private head = 0;
  private cost = 0;

  /** Reads something and keeps it; lets go of others first, so that there is one large one at a time. */
  read<T extends object>(kept: Decoded<T>, read: (c: Cursor) => T, c: Cursor): T {
    this.cost += kept.cost;
    while (this.cost > MOST_DECODED && this.head < this.kept.length) {
      const oldest = this.kept[this.head++];
      this.cost -= oldest.cost;
      oldest.decoded = null;
    }
    if (this.head > 64 && this.head * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.head);
      this.head = 0;
    }
    this.kept.push(kept);
    kept.decoded = read(c);
    return kept.decoded;
  }
}
