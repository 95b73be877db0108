/** Costs, in bytes of memory, by what causes them, in the order of the last change: what is kept of one kind. */
export class Ledger<K, V> {
  private sum = 0;
  private readonly entries = new Map<K, { readonly value: V; readonly cost: number }>();

  /** What all of it costs. */
  get total(): number {
    return this.sum;
  }

  /** An owner costs so much from now on, and was touched last. */
  set(key: K, value: V, cost: number): void {
    this.delete(key);
    this.entries.set(key, { value, cost });
    this.sum += cost;
  }

  delete(key: K): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.sum -= entry.cost;
    this.entries.delete(key);
  }

  /** Takes out what was changed longest ago until the rest keeps to a bound. Returns whether anything was. */
  keepTo(most: number, giveUp: (key: K, value: V) => void): boolean {
    if (this.sum <= most) return false;
    for (const [key, { value }] of this.entries) {
      if (this.sum <= most) break;
      this.delete(key);
      giveUp(key, value);
    }
    return true;
  }
}
