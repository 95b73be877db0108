/** Numbers as bytes. */

/** The number at `at`, little endian, unsigned. */
export function readU32le(b: Uint8Array, at: number): number {
  return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
}
