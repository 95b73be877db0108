/** Numbers that grow at their end, and whose room is used again. */
export class Numbers<T extends Uint8Array | Uint32Array> {
  private count = 0;

  /** @param list room to begin with, of the kind that holds them */
  constructor(private list: T) {}

  /** How many there are. */
  get length(): number {
    return this.count;
  }

  /** All of them; holds until the next one. */
  get all(): T {
    return this.list.subarray(0, this.count) as T;
  }

  /** Adds one. */
  push(n: number): void {
    const { list, count } = this;
    if (count === list.length) {
      this.list = new (list.constructor as new (length: number) => T)(2 * count);
      this.list.set(list);
    }
    this.list[this.count++] = n;
  }

  /** Takes all away. */
  clear(): void {
    this.count = 0;
  }
}
