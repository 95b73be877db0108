/**
 * LZ4 frames (lz4_Frame_format.md), a block at a time: what libraries there are unpack a whole file at once. Several
 * frames may follow each other, frames that are to be skipped among them, and those of the old format. All checksums
 * are checked.
 */
import { type ByteSource, Queued } from '../byte-source.js';
import { unpackBlock } from './block.js';
import { Xxh32, xxh32 } from './xxh32.js';

const MAGIC = 0x184d2204;
const LEGACY = 0x184c2102;
const SKIPPABLE = 0x184d2a50;
/** So far back a block may refer. */
const WINDOW = 1 << 16;
/** The longest block of the old format, unpacked and packed. */
const LEGACY_BLOCK = 8 << 20;
const LEGACY_PACKED = LEGACY_BLOCK + Math.ceil(LEGACY_BLOCK / 255) + 16;
/** Set in the length of a block that is not packed. */
const RAW = 0x80000000;
const CUT = 'it ends within a frame';
/** Packed bytes read at a time. */
const SLICE = 1 << 16;
/** Bytes unpacked at a time. */
const AHEAD = 1 << 19;

/** What the header of a frame says. */
interface FrameHeader {
  readonly isLegacy: boolean;
  readonly isLinked: boolean;
  readonly hasBlockSums: boolean;
  /** The longest block, unpacked. */
  readonly longest: number;
  /** Of all that it holds; null where it is not told, or not kept. */
  readonly size: bigint | null;
  readonly sum: Xxh32 | null;
}

const LEGACY_FRAME: FrameHeader = {
  isLegacy: true,
  isLinked: false,
  hasBlockSums: false,
  longest: LEGACY_BLOCK,
  size: null,
  sum: null,
};

/** Whether a frame that begins with these four bytes, the lowest first, is one of LZ4, of today's or the old format. */
function isLz4(magic: number): boolean {
  return magic === MAGIC || magic === LEGACY;
}

/** A source on what LZ4 frames hold. */
export class Lz4Bytes extends Queued {
  /** Packed bytes from `at` to `end` wait. */
  private packed = new Uint8Array(SLICE);
  private at = 0;
  private end = 0;
  private frame: FrameHeader | null = null;
  /** What the frame held so far. */
  private made = 0;
  /** The last bytes of blocks before, up to `WINDOW`, and room for a block behind them. */
  private room = new Uint8Array(0);

  constructor(private readonly from: ByteSource) {
    super();
  }

  get taken(): number {
    return this.from.taken - (this.end - this.at);
  }

  close(): Promise<void> {
    return this.from.close();
  }

  protected async step(): Promise<void> {
    try {
      do {
        if (this.frame === null) await this.begin();
        else await this.block(this.frame);
      } while (!this.done && this.end > this.at && this.queued < AHEAD);
    } catch (e) {
      this.failure = `the lz4 stream breaks off near compressed byte ${this.taken}: ${e instanceof Error ? e.message : String(e)}`;
      this.done = true;
    }
    if (this.done) this.failure = this.from.failure ?? this.failure;
  }

  /** A frame's magic and header; or the end, or what is to be skipped. */
  private async begin(): Promise<void> {
    if (!(await this.fill(1))) {
      this.done = true;
      return;
    }
    await this.need(4);
    const magic = this.u32();
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      await this.need(4);
      await this.skip(this.u32());
    } else if (magic === LEGACY) this.open(LEGACY_FRAME);
    else if (magic === MAGIC) this.open(await this.header());
    else throw new Error('what stands behind a frame is no frame');
  }

  private open(frame: FrameHeader): void {
    this.frame = frame;
    this.made = 0;
    if (this.room.length < WINDOW + frame.longest) this.room = new Uint8Array(WINDOW + frame.longest);
  }

  /** Frame descriptor: flags, the longest block, how much the frame holds, and a byte of their checksum. */
  private async header(): Promise<FrameHeader> {
    await this.need(2);
    const [flags, sizes] = [this.packed[this.at], this.packed[this.at + 1]];
    if (flags >> 6 !== 1 || (flags & 2) !== 0 || (sizes & 0x8f) !== 0) throw new Error('a frame of another version');
    if ((flags & 1) !== 0) throw new Error('a frame that needs a dictionary');
    const exponent = sizes >> 4;
    if (exponent < 4) throw new Error('a frame with blocks of a size that there is not');
    const length = (flags & 8) !== 0 ? 10 : 2;
    await this.need(length + 1);
    const { packed: b, at } = this;
    const size = length === 2 ? null : new DataView(b.buffer).getBigUint64(at + 2, true);
    if (((xxh32(b, at, at + length) >>> 8) & 0xff) !== b[at + length])
      throw new Error("the checksum of a frame's header is wrong");
    this.at += length + 1;
    return {
      isLegacy: false,
      isLinked: (flags & 0x20) === 0,
      hasBlockSums: (flags & 0x10) !== 0,
      longest: 1 << (8 + 2 * exponent),
      size,
      sum: (flags & 4) !== 0 ? new Xxh32() : null,
    };
  }

  /** The next block of the frame, or its end. */
  private async block(frame: FrameHeader): Promise<void> {
    if (frame.isLegacy && !(await this.fill(1))) {
      this.frame = null;
      return;
    }
    await this.need(4);
    const word = this.u32();
    if (frame.isLegacy && (isLz4(word) || (word & 0xfffffff0) >>> 0 === SKIPPABLE)) {
      // it has no end of its own: another frame begins
      this.at -= 4;
      this.frame = null;
      return;
    }
    if (word === 0 && !frame.isLegacy) {
      await this.finish(frame);
      return;
    }
    const isRaw = !frame.isLegacy && word >= RAW;
    const length = isRaw ? word - RAW : word;
    if (length > (frame.isLegacy ? LEGACY_PACKED : frame.longest))
      throw new Error(`a block of ${length} bytes, more than its frame allows`);
    const sum = frame.hasBlockSums ? 4 : 0;
    const isHere = await this.fill(length + sum);
    const { packed: bytes, at, room } = this;
    const end = Math.min(at + length, this.end);
    this.at = end;
    const isSound = sum === 0 || !isHere || this.u32() === xxh32(bytes, at, end);
    const from = frame.isLinked ? WINDOW - Math.min(this.made, WINDOW) : WINDOW;
    if (isRaw) room.set(bytes.subarray(at, end), WINDOW);
    const { to, problem } = isRaw
      ? { to: WINDOW + end - at, problem: null }
      : unpackBlock({ bytes, at, end }, { bytes: room, from, at: WINDOW, end: WINDOW + frame.longest });
    // as far as it goes: that it may be wrong is said
    this.add(room.slice(WINDOW, to));
    if (!isHere) throw new Error(CUT);
    if (!isSound) throw new Error('the checksum of a block is wrong');
    if (problem !== null) throw new Error(problem);
    frame.sum?.take(room, WINDOW, to);
    this.made += to - WINDOW;
    if (frame.isLinked) room.copyWithin(0, to - WINDOW, to);
  }

  /** Behind the last block: the checksum of all. */
  private async finish({ sum, size }: FrameHeader): Promise<void> {
    this.frame = null;
    if (sum !== null) {
      await this.need(4);
      if (this.u32() !== sum.value()) throw new Error('the checksum of a frame is wrong');
    }
    if (size !== null && size !== BigInt(this.made))
      throw new Error(`a frame holds ${this.made} bytes, and not ${size} as its header says`);
  }

  /** The next 32 bits, which are here. */
  private u32(): number {
    const { packed: b, at } = this;
    this.at += 4;
    return (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)) >>> 0;
  }

  private async need(bytes: number): Promise<void> {
    if (!(await this.fill(bytes))) throw new Error(CUT);
  }

  /** Has so many bytes wait, of a block at most; false where the input ends before. */
  private async fill(bytes: number): Promise<boolean> {
    if (this.packed.length - this.at < bytes) {
      const waiting = this.packed.subarray(this.at, this.end);
      if (this.packed.length < bytes) this.packed = new Uint8Array(bytes + SLICE);
      this.packed.set(waiting);
      this.end -= this.at;
      this.at = 0;
    }
    while (this.end - this.at < bytes) {
      const n = await this.from.read(this.packed, this.end, Math.min(SLICE, this.packed.length - this.end));
      if (n === 0) return false;
      this.end += n;
    }
    return true;
  }

  private async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      await this.need(1);
      const n = Math.min(left, this.end - this.at);
      this.at += n;
      left -= n;
    }
  }
}
