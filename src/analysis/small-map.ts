/** A map of which most have one entry or none: what `Map` takes for its first is ten times as much. */
export class SmallMap<V> {
  private key: string | null = null;
  private value: V | undefined = undefined;
  /** All of them, once there are two. */
  private many: Map<string, V> | null = null;

  get size(): number {
    return this.many?.size ?? (this.key === null ? 0 : 1);
  }

  get(key: string): V | undefined {
    if (this.many !== null) return this.many.get(key);
    return key === this.key ? this.value : undefined;
  }

  set(key: string, value: V): void {
    if (this.key === null || this.key === key) {
      this.key = key;
      this.value = value;
      this.many?.set(key, value);
    } else {
      this.many ??= new Map([[this.key, this.value as V]]);
      this.many.set(key, value);
    }
  }

  /** In the order in which keys were set first. */
  *[Symbol.iterator](): Generator<[key: string, value: V]> {
    if (this.many !== null) yield* this.many;
    else if (this.key !== null) yield [this.key, this.value as V];
  }

  *values(): Generator<V> {
    for (const [, value] of this) yield value;
  }
}
