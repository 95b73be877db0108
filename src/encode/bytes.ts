/** Bytes under construction. */

import { concat, guidBytes } from '../core/bytes.js';

export { concat as join, guidBytes };

/** 16 bits. */
export function word(value: number, littleEndian: boolean): Uint8Array {
  return littleEndian ? Uint8Array.of(value, value >>> 8) : Uint8Array.of(value >>> 8, value);
}

/** 32 bits. */
export function dword(value: number, littleEndian: boolean): Uint8Array {
  const low = word(value & 0xffff, littleEndian);
  const high = word(value >>> 16, littleEndian);
  return littleEndian ? concat(low, high) : concat(high, low);
}

/** Zeros. */
export function zeros(n: number): Uint8Array {
  return new Uint8Array(n);
}
