/** A capture's first bytes: looked at and given again, and what they say of a compression. */
import type { ByteSource } from '#platform';

/** A source that gives `first` again before the rest of `from`. */
export function prefixed(first: Uint8Array, from: ByteSource): ByteSource {
  let left = first;
  return {
    get failure() {
      return from.failure;
    },
    get taken() {
      return from.taken;
    },
    close: () => from.close(),
    async read(into, at, max) {
      if (left.length === 0) return from.read(into, at, max);
      const n = Math.min(left.length, max);
      into.set(left.subarray(0, n), at);
      left = left.subarray(n);
      return n;
    },
  };
}

/** Names the compression whose magic the bytes begin with; null where there is none. */
export function compression(b: Uint8Array): 'gzip' | 'zstd' | null {
  if (b.length >= 2 && b[0] === 0x1f && b[1] === 0x8b) return 'gzip';
  if (b.length < 4) return null;
  const magic = ((b[3] << 24) | (b[2] << 16) | (b[1] << 8) | b[0]) >>> 0;
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : null;
}
