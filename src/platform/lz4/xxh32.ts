/** xxHash with 32 bits (xxhash_spec.md), which LZ4 frames are checked by: of bytes that come in pieces. */

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
/** Bytes taken together, a word for each of four lanes. */
const STRIPE = 16;

const rotated = (n: number, by: number): number => (n << by) | (n >>> (32 - by));
const word = (b: Uint8Array, at: number): number => b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24);
const round = (lane: number, input: number): number => Math.imul(rotated(lane + Math.imul(input, P2), 13), P1);

/** A hash, with seed 0. */
export class Xxh32 {
  private readonly held = new Uint8Array(STRIPE);
  private heldLength = 0;
  /** Modulo 2³² alone, which is all that is asked of it. */
  private length = 0;
  private a = (P1 + P2) | 0;
  private b = P2 | 0;
  private c = 0;
  private d = -P1 | 0;
  private isLong = false;

  /** Takes the bytes from `from` to `to`. */
  take(bytes: Uint8Array, from: number, to: number): void {
    this.length = (this.length + to - from) | 0;
    let at = from;
    if (this.heldLength > 0) {
      const n = Math.min(STRIPE - this.heldLength, to - at);
      this.held.set(bytes.subarray(at, at + n), this.heldLength);
      this.heldLength += n;
      at += n;
      if (this.heldLength < STRIPE) return;
      this.stripes(this.held, 0, STRIPE);
      this.heldLength = 0;
    }
    const whole = at + ((to - at) & ~(STRIPE - 1));
    this.stripes(bytes, at, whole);
    this.held.set(bytes.subarray(whole, to));
    this.heldLength = to - whole;
  }

  /** The hash of all that was taken. */
  value(): number {
    let hash = this.isLong ? rotated(this.a, 1) + rotated(this.b, 7) + rotated(this.c, 12) + rotated(this.d, 18) : P5;
    hash = (hash + this.length) | 0;
    let at = 0;
    for (; at + 4 <= this.heldLength; at += 4)
      hash = Math.imul(rotated(hash + Math.imul(word(this.held, at), P3), 17), P4);
    for (; at < this.heldLength; at++) hash = Math.imul(rotated(hash + Math.imul(this.held[at], P5), 11), P1);
    hash = Math.imul(hash ^ (hash >>> 15), P2);
    hash = Math.imul(hash ^ (hash >>> 13), P3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private stripes(bytes: Uint8Array, from: number, to: number): void {
    if (from === to) return;
    this.isLong = true;
    let { a, b, c, d } = this;
    for (let at = from; at < to; at += STRIPE) {
      a = round(a, word(bytes, at));
      b = round(b, word(bytes, at + 4));
      c = round(c, word(bytes, at + 8));
      d = round(d, word(bytes, at + 12));
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
}

/** The hash of bytes that are all here. */
export function xxh32(bytes: Uint8Array, from: number, to: number): number {
  const hash = new Xxh32();
  hash.take(bytes, from, to);
  return hash.value();
}
