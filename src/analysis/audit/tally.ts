/** Counting what is distinct in bounded memory. */

/** What all tallies of one report may keep together, in units of some 40 bytes. */
export interface TallyRoom {
  left: number;
}

/** What it takes to keep a text. */
export function costOf(text: string): number {
  return 1 + (text.length >> 4);
}

/** Distinct values in the order of their first sight, counted as long as there is room to tell them apart. */
export class Tally<T extends string | number> {
  private readonly seen = new Set<T>();
  /** False where there was no room: there are at least `count` of them. */
  exact = true;

  /** @param most distinct values that this tally tells apart */
  constructor(
    private readonly room: TallyRoom,
    private readonly most: number,
  ) {}

  get count(): number {
    return this.seen.size;
  }

  /** Returns whether the value was new and there was room for it. */
  add(value: T): boolean {
    if (this.seen.has(value)) return false;
    const cost = typeof value === 'string' ? costOf(value) : 1;
    if (this.seen.size >= this.most || this.room.left < cost) {
      this.exact = false;
      return false;
    }
    this.room.left -= cost;
    this.seen.add(value);
    return true;
  }

  /** The first of them. */
  first(most: number): T[] {
    const list: T[] = [];
    for (const value of this.seen) {
      if (list.length >= most) break;
      list.push(value);
    }
    return list;
  }
}
