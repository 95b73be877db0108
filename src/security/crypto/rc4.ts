/**
 * RC4 (described in RFC 6229 by its test vectors): a key stream with a memory. OpenSSL 3 keeps it out of reach.
 */

import { viewOf } from '../../core/bytes.js';

/** From this many bytes on it pays to make views. */
const LONG = 64;

export class Rc4 {
  private readonly state = new Uint8Array(256);
  private i = 0;
  private j = 0;

  /** Without a key the stream is empty until it becomes a copy of another one. */
  constructor(key: Uint8Array | null) {
    if (key === null) return;
    const s = this.state;
    for (let i = 0; i < 256; i++) s[i] = i;
    for (let i = 0, j = 0; i < 256; i++) {
      const si = s[i];
      j = (j + si + key[i % key.length]) & 255;
      s[i] = s[j];
      s[j] = si;
    }
  }

  /** Encrypts or decrypts bytes `start` to `end` of `input` to `out`, from its byte `at` on. */
  apply(input: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void {
    // Locals, the state updated in place, and four bytes at a time: this loop is what a sealed capture costs.
    const s = this.state;
    let { i, j } = this;
    let from = start;
    let to = at;
    if (end - start >= LONG) {
      const clear = viewOf(out);
      const sealed = viewOf(input);
      for (; from + 4 <= end; from += 4, to += 4) {
        let key = 0;
        for (let shift = 0; shift < 32; shift += 8) {
          i = (i + 1) & 255;
          const si = s[i];
          j = (j + si) & 255;
          const sj = s[j];
          s[i] = sj;
          s[j] = si;
          key |= s[(si + sj) & 255] << shift;
        }
        clear.setInt32(to, sealed.getInt32(from, true) ^ key, true);
      }
    }
    for (; from < end; from++, to++) {
      i = (i + 1) & 255;
      const si = s[i];
      j = (j + si) & 255;
      const sj = s[j];
      s[i] = sj;
      s[j] = si;
      out[to] = input[from] ^ s[(si + sj) & 255];
    }
    this.i = i;
    this.j = j;
  }

  /** All of `input`, as new bytes. */
  crypt(input: Uint8Array): Uint8Array {
    const out = new Uint8Array(input.length);
    this.apply(input, 0, input.length, out, 0);
    return out;
  }

  /** Moves on as if `n` bytes had been encrypted. */
  skip(n: number): void {
    const s = this.state;
    let { i, j } = this;
    for (; n > 0; n--) {
      i = (i + 1) & 255;
      const si = s[i];
      j = (j + si) & 255;
      s[i] = s[j];
      s[j] = si;
    }
    this.i = i;
    this.j = j;
  }

  /** Another stream at the same place. */
  clone(): Rc4 {
    const copy = new Rc4(null);
    copy.state.set(this.state);
    copy.i = this.i;
    copy.j = this.j;
    return copy;
  }
}
