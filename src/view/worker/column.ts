/** Numbers of very many rows in little memory. */

type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Numbers of a block. */
const BLOCK = 1 << 14;

/** A list of numbers of one size that grows, block by block: nothing is copied, and nothing is there twice. */
export class Column {
  private readonly blocks: Numbers[] = [];
  length = 0;

  /** @param make allocates room for so many */
  constructor(private readonly make: (length: number) => Numbers) {}

  push(n: number): void {
    this.set(this.length, n);
  }

  /** Sets a number; those between it and the last one are 0. */
  set(at: number, n: number): void {
    while (at >= this.blocks.length * BLOCK) this.blocks.push(this.make(BLOCK));
    this.blocks[Math.floor(at / BLOCK)][at % BLOCK] = n;
    if (at >= this.length) this.length = at + 1;
  }

  /** The number at a place; 0 where there is none. */
  get(at: number): number {
    return at < this.length ? this.blocks[Math.floor(at / BLOCK)][at % BLOCK] : 0;
  }
}

export const bytes = (): Column => new Column((n) => new Uint8Array(n));
export const shorts = (): Column => new Column((n) => new Uint16Array(n));
export const words = (): Column => new Column((n) => new Uint32Array(n));
export const doubles = (): Column => new Column((n) => new Float64Array(n));
