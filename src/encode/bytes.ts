/** Bytes under construction. */

import { concat, fromHex } from '../core/bytes.js';

export { concat as join };

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

/** A GUID's bytes, its first three parts in the byte order of the PDU. */
export function guidBytes(text: string, littleEndian: boolean): Uint8Array {
  const b = fromHex(text.replaceAll('-', ''));
  if (littleEndian)
    for (const [from, to] of [
      [0, 4],
      [4, 6],
      [6, 8],
    ])
      b.subarray(from, to).reverse();
  return b;
}

/** Zeros. */
export function zeros(n: number): Uint8Array {
  return new Uint8Array(n);
}
