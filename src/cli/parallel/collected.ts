/** What a worker makes of a capture: rows and notes, sent to the parent in pieces. */
import type { MessagePort } from 'node:worker_threads';
import { Output } from '../output.js';
import {
  type Done,
  MOST_AHEAD,
  type OutputPiece,
  type ParallelItem,
  PIECE_COST,
  type RowNote,
  slotsOf,
} from './parallel.js';
import type { Share } from './share.js';

/** Bytes sent at a time. */
const PIECE = 1 << 17;

/** Collects output instead of writing it. */
export class Collected extends Output {
  file = 0;
  private items: ParallelItem[] = [];
  private notes: RowNote[] = [];
  private length = 0;
  /** The rows of the piece at hand. */
  private from = 0;
  private to = 0;

  /** @param state numbers shared with the parent (`ParallelSlot`) */
  constructor(
    private readonly port: MessagePort,
    private readonly state: Int32Array,
    private readonly id: number,
    private readonly shareAtHand: () => Share,
  ) {
    super();
  }

  override lead(first: string, later: string): void {
    this.writes++;
    if (this.muted) return;
    this.flush();
    this.items.push({ first, later });
    this.length += PIECE_COST;
  }

  override row(n: number, here: boolean): void {
    if (here) {
      if (this.from === this.to) this.from = n;
      this.to = n + 1;
      if (this.length >= PIECE) this.post(null);
    } else if (this.from < this.to) this.post(null);
  }

  note(note: RowNote['note']): void {
    this.notes.push({ row: this.shareAtHand().rows, note });
  }

  /** Forgets what there is: what stands in front of all files is the parent's affair. */
  drop(): void {
    this.flush();
    this.items = [];
    this.length = 0;
  }

  /** Sends what is left of the file at hand. */
  end(done: Done | null): void {
    this.post(done);
    this.from = this.to = 0;
  }

  protected override all(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // a copy that can be handed over as a whole
    this.items.push(new Uint8Array(bytes));
    this.length += bytes.length;
  }

  /** Sends what there is; waits first while too much of this worker's output waits to be written. */
  private post(done: Done | null): void {
    this.flush();
    const { items, notes, file, from, to, state, length } = this;
    const { waiting } = slotsOf(this.id);
    for (let now = Atomics.load(state, waiting); now >= MOST_AHEAD; now = Atomics.load(state, waiting))
      Atomics.wait(state, waiting, now);
    const cost = length + PIECE_COST;
    Atomics.add(state, waiting, cost);
    const share = this.shareAtHand();
    const buffers = items.flatMap((item) => (item instanceof Uint8Array ? [item.buffer as ArrayBuffer] : []));
    const piece: OutputPiece = { file, from, to, items, notes, cost, spent: share.spent, done };
    this.port.postMessage(piece, buffers);
    share.spent = { least: 0, change: 0 };
    this.items = [];
    this.notes = [];
    this.length = 0;
    this.from = this.to;
  }
}
