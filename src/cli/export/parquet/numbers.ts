/** Numbers that have room to begin with. */
const ROOM = 1 << 8;

/** What they are kept in: by their greatest. */
type List = Uint8Array | Uint32Array;

/** Numbers that grow at their end, and whose room is used again: most are the one before once more, which is counted. */
export class Numbers {
  private list: List;
  /** Those that stand in the list. */
  private count = 0;
  /** The last one, and how often it stands behind these. */
  private latest = 0;
  private times = 0;

  /** @param most the greatest that there may be */
  constructor(private readonly most: 0xff | 0xffffffff) {
    this.list = this.room(ROOM);
  }

  /** How many there are. */
  get length(): number {
    return this.count + this.times;
  }

  /** All of them; holds until the next one. */
  get all(): List {
    this.settle();
    return this.list.subarray(0, this.count);
  }

  /** Adds one. */
  push(n: number): void {
    if (n !== this.latest) {
      this.settle();
      this.latest = n;
    }
    this.times++;
  }

  /** Takes all away. */
  clear(): void {
    this.count = 0;
    this.times = 0;
  }

  private settle(): void {
    const { count, latest } = this;
    const end = this.length;
    if (end > this.list.length) {
      const grown = this.room(Math.max(end, 2 * this.list.length));
      grown.set(this.list.subarray(0, count));
      this.list = grown;
    }
    const { list } = this;
    for (let i = count; i < end; i++) list[i] = latest;
    this.count = end;
    this.times = 0;
  }

  private room(count: number): List {
    return this.most === 0xff ? new Uint8Array(count) : new Uint32Array(count);
  }
}
