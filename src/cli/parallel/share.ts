/**
 * Rows of a capture's output (what is written of a call, of a PDU, or beside them), and which of them this thread
 * makes. Every thread reads the capture and learns all of it, so that all count the same rows.
 */
import type { Output } from '../output.js';

/** What of a capture's output this thread makes. */
export interface SharePart {
  /** The rows in front of this one are there already. */
  readonly from: number;
  /** How many blocks somebody took so far; null where all is made here. */
  readonly taken: Int32Array | null;
  /** Whether what is written beside calls and PDUs is made here. */
  readonly beside: boolean;
  /** Characters that the rows from there on may take beside those for their bytes; null for what limits say. */
  readonly room: number | null;
}

export const WHOLE: SharePart = { from: 0, taken: null, beside: true, room: null };

/** Calls or PDUs that are taken at once. */
const BLOCK_BITS = 5;

/** What rows take of the room of their capture's output (allowance.ts). */
export interface Spent {
  /** The room that there must be in front of them so that none of them has to be shortened. */
  least: number;
  /** How much more room there is behind them. */
  change: number;
}

/** Counts the rows of one capture. */
export class Share {
  /** Rows so far, whoever makes them. */
  rows = 0;
  /** The pass ends, and no row is made any more. */
  over = false;
  spent: Spent = { least: 0, change: 0 };
  private block = -1;
  private mine = true;

  constructor(
    private readonly out: Output,
    readonly part: SharePart = WHOLE,
  ) {}

  /** Whether the row at hand is the capture's first. */
  get isFirst(): boolean {
    return this.rows === 0;
  }

  /** Whether the `n`th call or PDU is described here: as the first thread that comes to its block, this one takes it. */
  takes(n: number): boolean {
    const { taken } = this.part;
    if (taken === null) return true;
    const block = n >>> BLOCK_BITS;
    if (block !== this.block) {
      this.block = block;
      const before = Atomics.load(taken, 0);
      this.mine = before <= block && Atomics.compareExchange(taken, 0, before, block + 1) === before;
    }
    return this.mine;
  }

  /** The next row. `write` writes it, or learns from it alone where it is not made here. */
  row<T>(mine: boolean, write: (here: boolean) => T): T | undefined {
    if (this.over) return undefined;
    const here = mine && this.rows >= this.part.from;
    const result = write(here);
    this.out.row(this.rows++, here);
    return result;
  }

  /** Runs what may write beside calls and PDUs: that is a row then. */
  beside<T>(write: () => T): T {
    const { out, part } = this;
    const before = out.writes;
    const here = part.beside && this.rows >= part.from && !this.over;
    out.muted = !here;
    try {
      return write();
    } finally {
      out.muted = false;
      if (out.writes !== before) out.row(this.rows++, here);
    }
  }

  /** A text was written for which there were `room` more characters. */
  took(room: number, length: number): void {
    const { spent } = this;
    spent.least = Math.max(spent.least, length - spent.change - room);
    spent.change += room - length;
  }
}
