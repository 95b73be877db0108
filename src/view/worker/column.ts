/** Numbers of very many rows in little memory. */

type Numbers = Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A list of numbers of one size that grows. */
export class Column<T extends Numbers> {
  private numbers: T;
  length = 0;

  /** @param make allocates room for so many */
  constructor(private readonly make: (length: number) => T) {
    this.numbers = make(256);
  }

  push(n: number): void {
    this.set(this.length, n);
  }

  /** Sets a number; those between it and the last one are 0. */
  set(at: number, n: number): void {
    if (at >= this.numbers.length) {
      const more = this.make(Math.max(at + 1, this.numbers.length * 2));
      more.set(this.numbers);
      this.numbers = more;
    }
    this.numbers[at] = n;
    if (at >= this.length) this.length = at + 1;
  }

  get(at: number): number {
    return this.numbers[at];
  }
}

export const bytes = (): Column<Uint8Array<ArrayBuffer>> => new Column((n) => new Uint8Array(n));
export const words = (): Column<Uint32Array<ArrayBuffer>> => new Column((n) => new Uint32Array(n));
export const doubles = (): Column<Float64Array<ArrayBuffer>> => new Column((n) => new Float64Array(n));
