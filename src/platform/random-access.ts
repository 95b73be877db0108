/** Bytes that can be had from any place on: as a stream where there is one, else in blocks that are asked for ahead. */
import { type ByteSource, readingFailed } from './byte-source.js';

/** Bytes that can be read from any place on: a Blob, a file on a server. */
export interface RandomAccess {
  readonly size: number;
  /** Resolves to the bytes at `offset`: `length` of them, fewer only where they end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All bytes from `offset` on, as they come: to a browser that is a fraction of the work that blocks are. */
  readonly stream?: ((offset: number) => Promise<ReadableStream<Uint8Array>>) | undefined;
}

/** Bytes asked for at a time, and how often ahead: a browser takes its time for each, and does several side by side. */
const BLOCK = 1 << 22;
const AHEAD = 4;
/** Where a block fails, what there is before the damage is found in steps of so many. */
const SMALL_BLOCK = 1 << 14;

/** Bytes that were asked for. */
interface Asked {
  readonly length: number;
  readonly bytes: Promise<Uint8Array>;
}

/** A source on all of them. */
export class RandomAccessBytes implements ByteSource {
  failure: string | null = null;
  taken = 0;
  /** Null where there is none, and behind one that broke off: blocks tell what is wrong. */
  private running: Running | null;
  private readonly asked: Asked[] = [];
  private askedTo = 0;
  private blockLength = BLOCK;
  /** What came, and how much of it was taken. */
  private block: Uint8Array = new Uint8Array();
  private at = 0;

  constructor(private readonly from: RandomAccess) {
    this.running = from.stream === undefined ? null : new Running(from.stream);
  }

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    if (this.at === this.block.length) await this.next();
    const n = Math.min(max, this.block.length - this.at);
    into.set(this.block.subarray(this.at, this.at + n), at);
    this.at += n;
    this.taken += n;
    return n;
  }

  async close(): Promise<void> {
    this.running?.stop();
  }

  /** Has the next bytes; none at the end, and behind a failure. */
  private async next(): Promise<void> {
    this.block = new Uint8Array();
    this.at = 0;
    if (this.taken === this.from.size) return;
    if (this.running !== null) {
      const bytes = await this.running.next(this.taken).catch(() => null);
      if (bytes !== null) {
        this.block = bytes;
        return;
      }
      this.running.stop();
      this.running = null;
      this.askAnew(this.taken);
    }
    await this.nextBlock();
  }

  private async nextBlock(): Promise<void> {
    while (this.failure === null && this.taken < this.from.size) {
      this.ask();
      const { length, bytes } = this.asked.shift() as Asked;
      try {
        this.block = await bytes;
        // what comes behind a short one is not where it was looked for
        if (this.block.length < length) this.askAnew(this.taken + this.block.length);
        else this.ask();
        return;
      } catch (e) {
        if (this.blockLength === SMALL_BLOCK) this.failure = readingFailed(e);
        this.blockLength = SMALL_BLOCK;
        this.askAnew(this.taken);
      }
    }
  }

  private ask(): void {
    const { size } = this.from;
    while (this.asked.length < AHEAD && this.askedTo < size) {
      const length = Math.min(this.blockLength, size - this.askedTo);
      const bytes = this.from.read(this.askedTo, length);
      // one that fails is said when it is its turn
      bytes.catch(() => {});
      this.asked.push({ length, bytes });
      this.askedTo += length;
    }
  }

  private askAnew(from: number): void {
    this.asked.length = 0;
    this.askedTo = from;
  }
}

/** Bytes of the buffer that a stream fills again and again. */
const BUFFER = 1 << 20;
/** Milliseconds without a reader until a stream is let go: a browser has six connections to a server for all its pages. */
const IDLE = 1000;

/** A stream that is opened where bytes are wanted, and again there when it was let go meanwhile. */
class Running {
  private pull: Pull | null = null;
  /** When the last bytes were handed out; null while some are waited for. */
  private since: number | null = null;
  private watch: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly open: (offset: number) => Promise<ReadableStream<Uint8Array>>) {}

  /**
   * The bytes at `offset`, which is behind those of the call before; good until the next call.
   * @returns null where the stream ends
   */
  async next(offset: number): Promise<Uint8Array | null> {
    this.since = null;
    if (this.pull === null) {
      this.pull = pullFrom(await this.open(offset));
      this.watch = setInterval(() => {
        if (this.since !== null && Date.now() - this.since >= IDLE) this.stop();
      }, IDLE);
    }
    const bytes = await this.pull.next();
    this.since = Date.now();
    return bytes;
  }

  stop(): void {
    clearInterval(this.watch);
    // one that broke off has nothing to be told
    this.pull?.cancel().catch(() => {});
    this.pull = null;
  }
}

interface Pull {
  /** The next bytes, good until the next call; null at the end. */
  next(): Promise<Uint8Array | null>;
  cancel(): Promise<void>;
}

/** Pulls from a stream: into one buffer where it can be handed one, so that nothing is allocated. */
function pullFrom(stream: ReadableStream<Uint8Array>): Pull {
  const filling = fillingReader(stream);
  if (filling === null) {
    const reader = stream.getReader();
    return { next: async () => (await reader.read()).value ?? null, cancel: () => reader.cancel() };
  }
  let buffer = new ArrayBuffer(BUFFER);
  return {
    async next() {
      const { value, done } = await filling.read(new Uint8Array(buffer));
      if (done || value === undefined) return null;
      buffer = value.buffer;
      return value;
    },
    cancel: () => filling.cancel(),
  };
}

/** Null where a stream takes no buffer: some browsers', and those of whoever made one. */
function fillingReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}
