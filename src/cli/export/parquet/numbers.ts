/** Numbers that have room to begin with. */
const ROOM = 1 << 8;

/** Numbers of 32 bits that grow at their end, and whose room is used again: most are the one before once more, which is counted. */
export class Numbers {
  private list = new Uint32Array(ROOM);
  /** Those that stand in the list. */
  private count = 0;
  /** The last one, and how often it stands behind these. */
  private latest = 0;
  private times = 0;

  /** How many there are. */
  get length(): number {
    return this.count + this.times;
  }

  /** All of them; holds until the next one. */
  get all(): Uint32Array {
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
      const grown = new Uint32Array(Math.max(end, 2 * this.list.length));
      grown.set(this.list.subarray(0, count));
      this.list = grown;
    }
    const { list } = this;
    for (let i = count; i < end; i++) list[i] = latest;
    this.count = end;
    this.times = 0;
  }
}
