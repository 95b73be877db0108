/**
 * Tables by numbers that traffic chooses. Such numbers must not choose where they fall: V8 hashes whole numbers without
 * a secret, and a few hundred kilobytes of ids that fall into one bucket of a `Map` cost seconds. Here a secret is mixed in.
 */

/** Different in every run; nothing that is printed depends on it. */
export const SECRET = Math.floor(Math.random() * 2 ** 32) | 0;

/** Slots of the array that may stay empty for each id that is set, and for none. */
const SPARSE = 4;
const FIRST = 16;

/**
 * A map whose keys are 32-bit numbers out of traffic, and may be many. Ids that are dense, as most writers number
 * them, stand in an array, the others in a `Map`. An id is in one of the two for good: which one depends on what had
 * been set by then, so both are asked.
 */
export class IdMap<T extends object | number> {
  private readonly dense: (T | undefined)[] = [];
  private others: Map<number, T> | null = null;
  private size = 0;

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  get(id: number): T | undefined {
    const found = id >= 0 && id < this.dense.length ? this.dense[id] : undefined;
    return found === undefined && this.others !== null ? this.others.get(id ^ SECRET) : found;
  }

  /** Sets what an id stands for, unless it stands for something already: the first stays. True where it was free. */
  add(id: number, value: T): boolean {
    const { dense } = this;
    // one behind the other, as most writers number
    if (id === dense.length && this.others === null) dense.push(value);
    else if (this.has(id)) return false;
    else if (id >= 0 && id < FIRST + SPARSE * this.size) {
      while (dense.length <= id) dense.push(undefined);
      dense[id] = value;
    } else {
      this.others ??= new Map();
      this.others.set(id ^ SECRET, value);
    }
    this.size++;
    return true;
  }

  /** Puts another value in the place of one that was added. */
  replace(id: number, value: T): void {
    if (this.others?.has(id ^ SECRET)) this.others.set(id ^ SECRET, value);
    else this.dense[id] = value;
  }
}
