/** Random numbers that are the same on every machine: sfc32, seeded with two numbers. */
export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9;
  private counter = 1;

  /** @param seed of the whole run; @param index of the input in it */
  constructor(seed: number, index: number) {
    this.a = seed | 0;
    this.b = index | 0;
    for (let i = 0; i < 12; i++) this.next();
  }

  /** 32 random bits, unsigned. */
  next(): number {
    const t = (this.a + this.b + this.counter++) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + t;
    return t >>> 0;
  }

  /** From 0 to `n` - 1. */
  below(n: number): number {
    return n <= 1 ? 0 : this.next() % n;
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.next() % n === 0;
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}
