/**
 * The structure of a zstd stream (RFC 8878 3.1): where its frames and blocks begin and end, without their content.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Block types (3.1.1.2.2). */
export const Block = { raw: 0, runLength: 1, compressed: 2, reserved: 3 } as const;
/** The largest window that `zstd -d` takes without being asked. */
const MAX_WINDOW = 128 << 20;
/** The longest frame header (3.1.1.1), and so the most that is looked at together. */
const LONGEST_HEADER = 18;

/** Where a stream is: the next thing in it begins with a head of which the length is known only from its first bytes. */
export class ZstdStructure {
  /** Whether a frame began that has not ended. */
  inFrame = false;
  /** The window of the frame, in bytes: so far back it may refer. */
  window = 0;
  private checksum = false;

  /**
   * What begins at `at`. A frame's header sets the window; skippable frames have `type` -2, headers -1.
   * @returns length of the head and of the body behind it; null where the head is not all here (of 18 bytes it always is)
   * @throws Error where it makes no sense, or asks for too large a window
   */
  next(b: Uint8Array, at: number, end: number): { head: number; body: number; type: number } | null {
    const here = end - at;
    if (this.inFrame) return this.block(b, at, here);
    if (here < 4) return null;
    const magic = u32(b, at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return here < 8 ? null : { head: 8, body: u32(b, at + 4), type: -2 };
    if (magic !== MAGIC) throw new Error('what stands behind a frame is no frame');
    return this.header(b, at, here);
  }

  /** Frame header (3.1.1.1). */
  private header(b: Uint8Array, at: number, here: number) {
    if (here < 6) return null;
    const flags = b[at + 4];
    if ((flags & 8) !== 0) throw new Error('a reserved bit of a frame header is set');
    const isSingle = (flags & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][flags & 3];
    const content = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6];
    const head = 5 + (isSingle ? 0 : 1) + dictionary + content;
    if (here < head) return null;
    const window = isSingle ? contentSize(b, at + 5 + dictionary, content) : windowSize(b[at + 5]);
    if (window > MAX_WINDOW) throw new Error(`its window is larger than ${MAX_WINDOW} bytes`);
    this.inFrame = true;
    this.window = window;
    this.checksum = (flags & 4) !== 0;
    return { head, body: 0, type: -1 };
  }

  /** Block (3.1.1.2); the checksum counts to the body of the last. */
  private block(b: Uint8Array, at: number, here: number) {
    if (here < 3) return null;
    const head = b[at] | (b[at + 1] << 8) | (b[at + 2] << 16);
    const type = (head >> 1) & 3;
    if (type === Block.reserved) throw new Error('a block of the reserved type');
    const isLast = (head & 1) !== 0;
    if (isLast) this.inFrame = false;
    return { head: 3, body: (type === Block.runLength ? 1 : head >> 3) + (isLast && this.checksum ? 4 : 0), type };
  }
}

/** Follows a stream that somebody else decodes, in chunks of any size: tells whether it ends where a frame does. */
export class ZstdFollower {
  private readonly structure = new ZstdStructure();
  /** The beginning of a head that was not all there. */
  private readonly begun = new Uint8Array(2 * LONGEST_HEADER);
  private held = 0;
  private skip = 0;
  private lost = false;

  /** Whether the stream ends within a frame, as far as it was given. */
  get isCut(): boolean {
    return !this.lost && (this.structure.inFrame || this.skip > 0 || this.held > 0);
  }

  take(b: Uint8Array): void {
    let at = 0;
    try {
      while (!this.lost) {
        const passed = Math.min(this.skip, b.length - at);
        this.skip -= passed;
        at += passed;
        if (this.skip > 0 || (at === b.length && this.held === 0)) return;
        if (this.held === 0 && b.length - at >= LONGEST_HEADER) {
          const { head, body } = this.structure.next(b, at, b.length) ?? { head: 0, body: 0 };
          at += head;
          this.skip = body;
          continue;
        }
        const more = Math.min(LONGEST_HEADER, this.begun.length - this.held, b.length - at);
        this.begun.set(b.subarray(at, at + more), this.held);
        const found = this.structure.next(this.begun, 0, this.held + more);
        if (found === null) {
          this.held += more;
          return;
        }
        at += found.head - this.held;
        this.held = 0;
        this.skip = found.body;
      }
    } catch {
      // whoever decodes it says what is wrong
      this.lost = true;
    }
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
