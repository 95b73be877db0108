/**
 * Numbers that traffic chooses must not choose where they fall in a table: V8 hashes whole numbers without a secret,
 * and a few hundred kilobytes of ids that fall into one bucket of a `Map` cost seconds. Here a secret is mixed in.
 */

/** Different in every run; nothing that is printed depends on it. */
export const SECRET = Math.floor(Math.random() * 2 ** 32) | 0;

/** A map whose keys are 32-bit numbers out of traffic, and may be many. */
export class IdMap<T> {
  private readonly map = new Map<number, T>();

  has(id: number): boolean {
    return this.map.has(id ^ SECRET);
  }

  get(id: number): T | undefined {
    return this.map.get(id ^ SECRET);
  }

  set(id: number, value: T): void {
    this.map.set(id ^ SECRET, value);
  }
}
