/** Very many short texts in little memory: UTF-8 in large blocks, and texts that were seen lately once. */

/** Bytes of a block. */
const BLOCK = 1 << 22;
/** Texts that are looked for before one is stored anew. */
const LATELY = 1 << 14;
/** Bytes of one text; what is longer is cut. */
const MOST = 1 << 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Texts by number. A number stays valid for good. */
export class Texts {
  private readonly blocks: Uint8Array<ArrayBuffer>[] = [];
  private at = BLOCK;
  private lately = new Map<string, number>();
  private before = new Map<string, number>();

  /** Stores a text; the number it is had back by. */
  put(text: string): number {
    const known = this.lately.get(text) ?? this.before.get(text);
    const number = known ?? this.store(text.length > MOST ? text.slice(0, MOST) : text);
    if (this.lately.size >= LATELY) {
      this.before = this.lately;
      this.lately = new Map();
    }
    this.lately.set(text, number);
    return number;
  }

  get(number: number): string {
    const block = this.blocks[Math.floor(number / BLOCK)];
    const at = number % BLOCK;
    const length = block[at] | (block[at + 1] << 8) | (block[at + 2] << 16);
    return decoder.decode(block.subarray(at + 3, at + 3 + length));
  }

  private store(text: string): number {
    // a unit of UTF-16 takes three bytes at most
    if (this.at + 3 + text.length * 3 > BLOCK) {
      this.blocks.push(new Uint8Array(BLOCK));
      this.at = 0;
    }
    const block = this.blocks[this.blocks.length - 1];
    const { at } = this;
    const { written } = encoder.encodeInto(text, block.subarray(at + 3));
    block[at] = written;
    block[at + 1] = written >> 8;
    block[at + 2] = written >> 16;
    this.at = at + 3 + written;
    return (this.blocks.length - 1) * BLOCK + at;
  }
}
