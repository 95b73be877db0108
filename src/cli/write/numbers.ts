/** Numbers that are kept by frame: which are wanted, and to which conversation each belongs. */

/** A set of small numbers: a bit each. */
export class NumberSet {
  private bits = new Uint8Array(1 << 10);

  add(n: number): void {
    const at = n >>> 3;
    if (at >= this.bits.length) {
      const more = new Uint8Array(Math.max(at + 1, this.bits.length * 2));
      more.set(this.bits);
      this.bits = more;
    }
    this.bits[at] |= 1 << (n & 7);
  }

  has(n: number): boolean {
    return ((this.bits[n >>> 3] ?? 0) & (1 << (n & 7))) !== 0;
  }
}

/** A number a frame; 0 where none was told. */
export class FrameNumbers {
  private numbers = new Uint32Array(1 << 10);

  set(frame: number, number: number): void {
    if (frame >= this.numbers.length) {
      const more = new Uint32Array(Math.max(frame + 1, this.numbers.length * 2));
      more.set(this.numbers);
      this.numbers = more;
    }
    this.numbers[frame] = number;
  }

  get(frame: number): number {
    return this.numbers[frame] ?? 0;
  }
}
