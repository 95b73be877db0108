/** The output of a worker. */
import type { MessagePort } from 'node:worker_threads';
import { Output } from '../output.js';
import { type Done, MOST_AHEAD, type OutputPiece, type ParallelItem, PIECE_COST, slotsOf } from './pieces.js';

/** Bytes sent at a time. */
const PIECE = 1 << 17;

/** Sends output to the parent in pieces. */
export class Collected extends Output {
  capture = 0;
  private items: ParallelItem[] = [];
  private length = 0;

  /** @param state numbers shared with the parent (`ParallelSlot`) */
  constructor(
    private readonly port: MessagePort,
    private readonly state: Int32Array,
    private readonly id: number,
  ) {
    super();
  }

  override lead(first: string, later: string): void {
    this.add({ first, later });
  }

  /** Adds what is no text. */
  add(item: ParallelItem): void {
    this.flush();
    this.items.push(item);
    this.length += 64;
  }

  /** Forgets what there is: what stands in front of all captures is the parent's affair. */
  drop(): void {
    this.flush();
    this.items = [];
    this.length = 0;
  }

  /** Sends what is left of the capture at hand. */
  end(done: Done): void {
    this.flush();
    this.post(done);
  }

  protected override all(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // a copy that can be handed over as a whole
    this.items.push(new Uint8Array(bytes));
    this.length += bytes.length;
    if (this.length >= PIECE) this.post(null);
  }

  /** Sends what there is; waits first while too much of this worker's output waits to be written. */
  private post(done: Done | null): void {
    const { items, capture, state } = this;
    const { waiting } = slotsOf(this.id);
    for (let now = Atomics.load(state, waiting); now >= MOST_AHEAD; now = Atomics.load(state, waiting))
      Atomics.wait(state, waiting, now);
    const cost = this.length + PIECE_COST;
    Atomics.add(state, waiting, cost);
    const buffers = items.flatMap((item) => (item instanceof Uint8Array ? [item.buffer as ArrayBuffer] : []));
    this.port.postMessage({ capture, items, cost, done } satisfies OutputPiece, buffers);
    this.items = [];
    this.length = 0;
  }
}
