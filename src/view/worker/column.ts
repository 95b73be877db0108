/**
 * Numbers of very many rows in little memory. Rows that follow each other are alike: the numbers of a block that is
 * full are kept as steps above the least of them, in as few bytes as that takes.
 */

type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** Numbers of a block. */
const BLOCK = 1 << 12;

/** Up to here sums and differences of whole numbers are exact. */
const EXACT = 2 ** 51;

/** Numbers of one block: as they are where `step` is 0; else 0 stands for itself, and `n` for `base + n * step`. */
interface Block {
  readonly numbers: Numbers;
  readonly base: number;
  readonly step: number;
}

/** A list of numbers of one size that grows, block by block: nothing is copied, and nothing is there twice. */
export class Column {
  private readonly blocks: Block[] = [];
  length = 0;

  /** @param make allocates room for so many */
  constructor(private readonly make: (length: number) => Numbers) {}

  push(n: number): void {
    this.set(this.length, n);
  }

  /** Sets a number; those between it and the last one are 0. */
  set(at: number, n: number): void {
    const { blocks } = this;
    while (at >= blocks.length * BLOCK) {
      if (blocks.length > 0) blocks.push(packed(blocks.pop() as Block));
      blocks.push({ numbers: this.make(BLOCK), base: 0, step: 0 });
    }
    const which = Math.floor(at / BLOCK);
    if (blocks[which].step !== 0) blocks[which] = this.unpacked(blocks[which]);
    blocks[which].numbers[at % BLOCK] = n;
    if (at >= this.length) this.length = at + 1;
  }

  /** The number at a place; 0 where there is none. */
  get(at: number): number {
    return at < this.length ? numberIn(this.blocks[Math.floor(at / BLOCK)], at % BLOCK) : 0;
  }

  private unpacked(block: Block): Block {
    const numbers = this.make(BLOCK);
    for (let at = 0; at < BLOCK; at++) numbers[at] = numberIn(block, at);
    return { numbers, base: 0, step: 0 };
  }
}

function numberIn({ numbers, base, step }: Block, at: number): number {
  const n = numbers[at];
  return step === 0 || n === 0 ? n : base + n * step;
}

/** A block in as few bytes as it takes; the same where that would be no fewer. */
function packed(block: Block): Block {
  const { numbers } = block;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const n of numbers) {
    if (!Number.isInteger(n) || Math.abs(n) > EXACT) return block;
    if (n !== 0 && n < least) least = n;
    if (n > most) most = n;
  }
  let step = 0;
  for (let at = 0; at < BLOCK && step !== 1; at++) if (numbers[at] !== 0) step = divisor(numbers[at] - least, step);
  // all of them are one and the same, or 0
  step ||= 1;
  const base = least - step;
  const room = roomFor((most - base) / step);
  if (room === null || room.byteLength >= numbers.byteLength) return block;
  for (let at = 0; at < BLOCK; at++) if (numbers[at] !== 0) room[at] = (numbers[at] - base) / step;
  return { numbers: room, base, step };
}

/** Room for numbers up to one; null where they take more than four bytes. */
function roomFor(most: number): Numbers | null {
  if (most < 1 << 8) return new Uint8Array(BLOCK);
  if (most < 1 << 16) return new Uint16Array(BLOCK);
  return most < 2 ** 32 ? new Uint32Array(BLOCK) : null;
}

/** The greatest common divisor. */
function divisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

export const bytes = (): Column => new Column((n) => new Uint8Array(n));
export const shorts = (): Column => new Column((n) => new Uint16Array(n));
export const words = (): Column => new Column((n) => new Uint32Array(n));
export const doubles = (): Column => new Column((n) => new Float64Array(n));
