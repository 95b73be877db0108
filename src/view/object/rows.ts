/** The rows of a graph that are open, one below the other. */

/** Things that hold others, by number: what is below them is numbered later. Each stands at one place. */
export interface Forest<Spot> {
  /** How many spots a holder has. */
  countOf(holder: number): number;
  spot(holder: number, at: number): Spot;
  /** The number of what a spot holds or refers to; null for what holds nothing. */
  holderOf(spot: Spot): number | null;
  /** The holder that a holder stands in, and at which of its spots; -1 for `TOP`. */
  parentOf(holder: number): number;
  placeOf(holder: number): number;
  depthOf(holder: number): number;
}

/** The holder of all others. */
export const TOP = 0;

/** A row: a spot of a holder. */
export interface Row<Spot> {
  readonly spot: Spot;
  readonly holder: number;
  readonly at: number;
  /** What it leads to; null for nothing. */
  readonly to: number | null;
  /** Whether that stands here, and not elsewhere. */
  readonly stands: boolean;
}

/** Rows that are open at once; opening all of a large graph stops there. */
const MOST_ROWS = 1_000_000;

export class Rows<Spot> {
  private readonly open = new Set<number>([TOP]);
  /** Holder and place of each row. */
  private rows = new Int32Array(0);

  /** What stands at the top is open, so that one sees what there is. */
  constructor(readonly graph: Forest<Spot>) {
    for (let at = 0; at < graph.countOf(TOP) && at < 64; at++) {
      const { to, stands } = this.make(TOP, at);
      if (to !== null && stands && graph.countOf(to) <= 64) this.open.add(to);
    }
    this.list();
  }

  get length(): number {
    return this.rows.length / 2;
  }

  row(index: number): Row<Spot> {
    return this.make(this.rows[2 * index], this.rows[2 * index + 1]);
  }

  /** Whether what stands in a row is shown; null where nothing does. */
  isOpen({ to, stands }: Row<Spot>): boolean | null {
    return to === null || !stands || this.graph.countOf(to) === 0 ? null : this.open.has(to);
  }

  toggle(index: number): void {
    const { to, stands } = this.row(index);
    if (to === null || !stands) return;
    if (!this.open.delete(to)) this.open.add(to);
    this.list();
  }

  /** Opens a row and all below it. */
  openAll(index: number): void {
    const { to, stands } = this.row(index);
    if (to === null || !stands) return;
    const todo = [to];
    for (let holder = todo.pop(); holder !== undefined && this.open.size < MOST_ROWS; holder = todo.pop()) {
      this.open.add(holder);
      for (let at = this.graph.countOf(holder) - 1; at >= 0; at--) {
        const inner = this.make(holder, at);
        if (inner.to !== null && inner.stands) todo.push(inner.to);
      }
    }
    this.list();
  }

  /** The row in which an object or array stands, opened down to it; -1 where it stands nowhere. */
  reveal(holder: number): number {
    const { graph } = this;
    for (let up = graph.parentOf(holder); up >= 0; up = graph.parentOf(up)) this.open.add(up);
    this.list();
    return this.placeOf(graph.parentOf(holder), graph.placeOf(holder));
  }

  private make(holder: number, at: number): Row<Spot> {
    const { graph } = this;
    const spot = graph.spot(holder, at);
    const to = graph.holderOf(spot);
    return { spot, holder, at, to, stands: to !== null && this.standsAt(to, holder, at) };
  }

  private standsAt(to: number, holder: number, at: number): boolean {
    return this.graph.parentOf(to) === holder && this.graph.placeOf(to) === at;
  }

  private list(): void {
    const { graph, open } = this;
    const rows: number[] = [];
    const todo: [holder: number, next: number][] = [[TOP, 0]];
    for (let last = todo.at(-1); last !== undefined && rows.length < 2 * MOST_ROWS; last = todo.at(-1)) {
      const [holder, at] = last;
      if (at >= graph.countOf(holder)) {
        todo.pop();
        continue;
      }
      last[1]++;
      rows.push(holder, at);
      const to = graph.holderOf(graph.spot(holder, at));
      if (to !== null && open.has(to) && this.standsAt(to, holder, at)) todo.push([to, 0]);
    }
    this.rows = Int32Array.from(rows);
  }

  /** The row of a spot; that of what it stands in where it is closed, -1 where there is none. */
  placeOf(holder: number, at: number): number {
    const { rows } = this;
    for (let [up, place] = [holder, at]; up >= 0; [up, place] = [this.graph.parentOf(up), this.graph.placeOf(up)])
      for (let i = 0; i < rows.length; i += 2) if (rows[i] === up && rows[i + 1] === place) return i / 2;
    return -1;
  }
}
