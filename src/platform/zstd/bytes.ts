/**
 * zstd (RFC 8878) for Node versions that lack it, a block at a time: a few bytes cannot blow up to gigabytes before
 * anybody looks. Frames, raw and repeated blocks, and what blocks refer back to are read here; fzstd reads compressed
 * blocks. It would move its window at each block and allocate one for each frame: it is handed a view instead.
 */
import { Decompress } from 'fzstd';
import { type ByteSource, Steps } from '../byte-source.js';
import { Block, ZstdStructure } from './zstd.js';

/** Compressed bytes read at a time. */
const COMPRESSED = 1 << 19;
/** Decompressed bytes made ahead. */
const AHEAD = 1 << 19;
/** The longest block, decompressed (3.1.1.2.4). */
const MAX_BLOCK = 1 << 17;
/** Room behind a window: it is moved once for as many bytes, or a part of it. */
const ROOM = 1 << 20;
/** From here on the buffer does not double, but takes a whole window. */
const LARGE = 8 << 20;
/** A frame of blocks up to 128 KB, and four empty ones: fzstd wants 18 bytes before it begins. */
const FRAME = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...new Array(12).fill(0));

/** What fzstd moves instead of the window. */
const NO_WINDOW = Object.assign(new Uint8Array(0), { set: () => undefined });

/** The state of `Decompress` within a frame (fzstd 0.1.1): the window, its length, and what a block is made in. */
interface FrameState {
  w: Uint8Array;
  e: number;
  m: number | ArrayBuffer;
}

/** A source on what zstd frames hold. */
export class ZstdBytes implements ByteSource {
  failure: string | null = null;
  private readonly structure = new ZstdStructure();
  private decoder: Decompress | null = null;
  /** Where fzstd makes a block: it would take 128 KB anew for each, of two bytes as well. */
  private readonly scratch = new ArrayBuffer(MAX_BLOCK);
  /** Compressed bytes from `at` to `end` wait. */
  private buffer = new Uint8Array(2 * COMPRESSED);
  private at = 0;
  private end = 0;
  /** Bytes of a skippable frame that are still to come. */
  private skip = 0;
  private done = false;
  /** What was decompressed: the frame's bytes from `frame` on, of which those from `unread` on wait to be pulled. */
  private made = new Uint8Array(ROOM);
  private frame = 0;
  private unread = 0;
  private till = 0;
  private readonly steps = new Steps(() => this.advance());

  constructor(private readonly from: ByteSource) {}

  get taken(): number {
    return this.from.taken - (this.end - this.at);
  }

  close(): Promise<void> {
    return this.from.close();
  }

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    const wanted = Math.min(max, AHEAD);
    await this.steps.until(
      () => this.done || this.till - this.unread >= wanted,
      () => this.till > this.unread,
    );
    const n = Math.min(max, this.till - this.unread);
    into.set(this.made.subarray(this.unread, this.unread + n), at);
    this.unread += n;
    return n;
  }

  private async advance(): Promise<void> {
    try {
      while (this.step()) if (this.till - this.unread >= AHEAD) return;
      if (!(await this.more())) this.finish(this.isCut ? 'it ends within a frame' : null);
    } catch (e) {
      this.finish(e instanceof Error ? e.message : String(e));
    }
  }

  private get isCut(): boolean {
    return this.structure.inFrame || this.skip > 0 || this.end > this.at;
  }

  private finish(problem: string | null): void {
    this.done = true;
    if (problem !== null) this.failure = `the zstd stream breaks off near compressed byte ${this.taken}: ${problem}`;
    this.failure = this.from.failure ?? this.failure;
  }

  /** Takes what comes next; false where it is not all here. */
  private step(): boolean {
    if (this.skip > 0) {
      const passed = Math.min(this.skip, this.end - this.at);
      this.skip -= passed;
      this.at += passed;
      return this.skip === 0;
    }
    const { structure, buffer, at } = this;
    const wasInFrame = structure.inFrame;
    const found = structure.next(buffer, at, this.end);
    if (found === null) return false;
    const { head, body, type } = found;
    if (type === -2) {
      this.at += head;
      this.skip = body;
      return true;
    }
    if (at + head + body > this.end) {
      structure.inFrame = wasInFrame;
      return false;
    }
    this.at += head + body;
    if (type < 0) {
      this.decoder = null;
      this.frame = this.till;
    } else this.block(type, buffer, at, at + head + body);
    return true;
  }

  /** A block from its head to behind its body. */
  private block(type: number, b: Uint8Array, at: number, end: number): void {
    const size = (b[at] | (b[at + 1] << 8) | (b[at + 2] << 16)) >> 3;
    if (size > MAX_BLOCK) throw new Error(`a block of ${size} bytes, more than ${MAX_BLOCK}`);
    this.makeRoom();
    if (type === Block.compressed) this.compressed(b.subarray(at, end));
    else {
      if (type === Block.raw) this.made.set(b.subarray(at + 3, at + 3 + size), this.till);
      else this.made.fill(b[at + 3], this.till, this.till + size);
      this.till += size;
    }
  }

  private compressed(bytes: Uint8Array): void {
    this.decoder ??= this.begin();
    const state = (this.decoder as unknown as { s: FrameState }).s;
    const from = Math.max(this.frame, this.till - this.structure.window);
    state.w = this.made.subarray(from, this.till);
    state.e = state.w.length;
    this.decoder.push(bytes);
  }

  private begin(): Decompress {
    const decoder: Decompress = new Decompress((made) => {
      const { s } = decoder as unknown as { s: FrameState };
      s.w = NO_WINDOW;
      this.made.set(made, this.till);
      this.till += made.length;
    });
    decoder.push(FRAME);
    (decoder as unknown as { s: FrameState }).s.m = this.scratch;
    return decoder;
  }

  /** There is room for one more block, and what it may refer to is there; memory follows what was made. */
  private makeRoom(): void {
    if (this.made.length - this.till >= MAX_BLOCK) return;
    const from = Math.min(this.unread, Math.max(this.frame, this.till - this.structure.window));
    const kept = this.till - from;
    const { window } = this.structure;
    const room = Math.max(ROOM, kept >> 5);
    if (kept + room > this.made.length) {
      // pages that are not written to take no memory: a large window is asked for once
      const grown = new Uint8Array(
        kept < LARGE ? kept * 2 + room : Math.max(kept, window) + Math.max(ROOM, window >> 5),
      );
      grown.set(this.made.subarray(from, this.till));
      this.made = grown;
    } else this.made.copyWithin(0, from, this.till);
    this.frame -= from;
    this.unread -= from;
    this.till = kept;
  }

  /** Gets more compressed bytes; false at their end. */
  private async more(): Promise<boolean> {
    this.buffer.copyWithin(0, this.at, this.end);
    this.end -= this.at;
    this.at = 0;
    const n = await this.from.read(this.buffer, this.end, Math.min(COMPRESSED, this.buffer.length - this.end));
    this.end += n;
    return n > 0;
  }
}
