/** The output of one capture that workers make: put together row by row, in whatever order its pieces come. */
import type { Done, OutputPiece, Recipient, RowNote } from './pieces.js';

/** Takes pieces, and writes what is next. */
export class FileOutput {
  /** The next row to be written. */
  row = 0;
  done: Done | null = null;
  /** Rows would have to be shortened for the bound on output: workers do not know how much there is before theirs. */
  exhausted = false;
  private readonly pieces = new Map<number, { readonly piece: OutputPiece; readonly id: number }>();
  private notes: RowNote[] = [];

  /**
   * @param isSplit whether several workers make rows of it
   * @param room what the rows may take beside what their bytes allow
   * @param free called with a worker and what of its output waits no longer
   */
  constructor(
    private readonly file: string,
    private readonly isSplit: boolean,
    public room: number,
    private readonly collect: Pick<Recipient, 'out' | 'note'>,
    private readonly free: (id: number, cost: number) => void,
  ) {}

  /** A worker's next piece of this file. */
  add(piece: OutputPiece, id: number): void {
    this.notes.push(...piece.notes);
    this.done ??= piece.done;
    if (piece.to > piece.from) this.pieces.set(piece.from, { piece, id });
    else this.free(id, piece.cost);
  }

  /** Writes the rows whose turn it is; true once all are written. */
  write(): boolean {
    for (;;) {
      this.say(this.row);
      const next = this.pieces.get(this.row);
      if (next === undefined) break;
      const { piece, id } = next;
      if (this.isSplit && piece.spent.least > this.room) {
        this.exhausted = true;
        return false;
      }
      for (const item of piece.items) {
        if (item instanceof Uint8Array) this.collect.out.bytes(item);
        else this.collect.out.lead(item.first, item.later);
      }
      this.pieces.delete(this.row);
      this.free(id, piece.cost);
      this.room += piece.spent.change;
      this.row = piece.to;
    }
    const isWhole = this.done !== null && this.row >= this.done.rows;
    if (isWhole) this.say(Number.POSITIVE_INFINITY);
    return isWhole;
  }

  /** Says what was met in front of a row. */
  private say(row: number): void {
    if (!this.notes.some((n) => n.row <= row)) return;
    const [now, later] = [this.notes.filter((n) => n.row <= row), this.notes.filter((n) => n.row > row)];
    this.notes = later;
    for (const { note } of now) this.collect.note(this.file, { ...note, offset: null, source: null });
  }
}
