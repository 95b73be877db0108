/**
 * Where the pieces of a zstd stream end (RFC 8878 3.1): a decoder that is given one at a time makes at most one block
 * of it, so that a few bytes cannot blow up to gigabytes before anybody looks.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Block type whose one byte is repeated (3.1.1.2.2). */
const RUN_LENGTH = 1;
const RESERVED = 3;
/** The largest window that `zstd -d` takes without being asked. */
const MAX_WINDOW = 128 << 20;

/** Follows a stream from its first byte on. */
export class ZstdPieces {
  private inFrame = false;
  private checksum = false;
  /** Bytes of a skippable frame that are still to come. */
  private skip = 0;

  /**
   * Length of the piece at `at`: a frame's header, or a block, with the checksum behind the last.
   * @returns 0 where it is not all here; everything that is here where it makes no sense: the decoder says what is wrong
   * @throws Error where a frame asks for too large a window
   */
  next(b: Uint8Array, at: number, end: number): number {
    const here = end - at;
    if (this.skip > 0) {
      const n = Math.min(this.skip, here);
      this.skip -= n;
      return n;
    }
    if (this.inFrame) return this.block(b, at, here);
    if (here < 8) return 0;
    const magic = u32(b, at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      this.skip = u32(b, at + 4);
      return 8;
    }
    return magic === MAGIC ? this.header(b, at, here) : here;
  }

  /** Frame header (3.1.1.1). */
  private header(b: Uint8Array, at: number, here: number): number {
    const flags = b[at + 4];
    const isSingle = (flags & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][flags & 3];
    const content = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6];
    const length = 5 + (isSingle ? 0 : 1) + dictionary + content;
    if (here < length) return 0;
    const window = isSingle ? contentSize(b, at + 5 + dictionary, content) : windowSize(b[at + 5]);
    if (window > MAX_WINDOW) throw new Error(`its window is larger than ${MAX_WINDOW} bytes`);
    this.inFrame = true;
    this.checksum = (flags & 4) !== 0;
    return length;
  }

  /** Block (3.1.1.2). */
  private block(b: Uint8Array, at: number, here: number): number {
    if (here < 3) return 0;
    const head = b[at] | (b[at + 1] << 8) | (b[at + 2] << 16);
    const type = (head >> 1) & 3;
    if (type === RESERVED) return here;
    const isLast = (head & 1) !== 0;
    const length = 3 + (type === RUN_LENGTH ? 1 : head >> 3) + (isLast && this.checksum ? 4 : 0);
    if (here < length) return 0;
    if (isLast) this.inFrame = false;
    return length;
  }
}

function u32(b: Uint8Array, at: number): number {
  return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(b: Uint8Array, at: number, width: number): number {
  let size = 0;
  for (let i = width - 1; i >= 0; i--) size = size * 256 + b[at + i];
  return width === 2 ? size + 256 : size;
}
