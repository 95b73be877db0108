/** A capture's first bytes: looked at and given again, and what they say of a compression. */
import type { ByteSource, FileCompression } from '#platform';

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

/** Bytes that tell what has a magic. */
const FIRST = 32;

/** The first bytes of a source: all where there are fewer than are looked at. */
export async function firstBytes(source: ByteSource): Promise<Uint8Array> {
  return topped(new Uint8Array(0), source);
}

/** Whether the first bytes are all that there are. */
export function areAll(first: Uint8Array): boolean {
  return first.length < FIRST;
}

/** Bytes that were read, with as many behind them as are looked at. */
async function topped(read: Uint8Array, source: ByteSource): Promise<Uint8Array> {
  const bytes = new Uint8Array(FIRST);
  bytes.set(read);
  let n = read.length;
  while (n < FIRST) {
    const got = await source.read(bytes, n, FIRST - n);
    if (got === 0) break;
    n += got;
  }
  return bytes.subarray(0, n);
}

/** What a source is compressed by, and its first bytes: those behind frames that are to be skipped. */
interface Beginning {
  readonly packed: FileCompression | null;
  readonly first: Uint8Array;
}

/** Looks at the first bytes of a source, which are read from it. */
export async function beginning(source: ByteSource): Promise<Beginning> {
  let first = await firstBytes(source);
  const scratch = new Uint8Array(1 << 16);
  while (magicOf(first) === SKIPPABLE && first.length >= 8) {
    // zstd's and LZ4's frames have such in front of them, and theirs is the next magic
    const length = 8 + u32(first, 4);
    let left = length - first.length;
    while (left > 0) {
      const n = await source.read(scratch, 0, Math.min(left, scratch.length));
      // it is cut: whoever unpacks it says so
      if (n === 0) return { packed: 'zstd', first };
      left -= n;
    }
    first = await topped(first.subarray(Math.min(length, first.length)), source);
  }
  return { packed: compression(first), first };
}

/** Names the compression whose magic the bytes begin with; null where there is none. */
export function compression(b: Uint8Array): FileCompression | null {
  return MAGICS[magicOf(b)] ?? (b[0] === 0x1f && b[1] === 0x8b ? 'gzip' : null);
}

const SKIPPABLE = 407710288; // 0x184d2a50, and 15 more
const MAGICS: Readonly<Record<number, FileCompression>> = {
  4247762216: 'zstd', // 0xfd2fb528
  407708164: 'lz4', // 0x184d2204
  407642370: 'lz4', // 0x184c2102: the format before frames
  [SKIPPABLE]: 'zstd',
};

/** The four bytes that a frame begins with, of those that are to be skipped the first of their kind; 0 for fewer. */
function magicOf(b: Uint8Array): number {
  const magic = b.length < 4 ? 0 : u32(b, 0);
  return (magic & 0xfffffff0) >>> 0 === SKIPPABLE ? SKIPPABLE : magic;
}

function u32(b: Uint8Array, at: number): number {
  return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
}
