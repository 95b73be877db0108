/** Bytes that are pulled: from a file, a stream, or out of a compression. */

/**
 * Something to pull bytes from. One that breaks off gives everything it got before, and says in `failure` what went
 * wrong.
 */
export interface ByteSource {
  /** Fills `into` from `at` with up to `max` bytes; resolves to how many, 0 at the end. */
  read(into: Uint8Array, at: number, max: number): Promise<number>;
  /** What ended the source before its time; null while it is whole. */
  readonly failure: string | null;
  /** Bytes of the input taken so far (compressed, where it is). */
  readonly taken: number;
  close(): Promise<void>;
}

/** What a source says that could not be read any further. */
export function readingFailed(e: unknown): string {
  return `reading failed: ${e instanceof Error ? e.message : String(e)}`;
}

/** Bytes waiting: enough to keep the reader busy. */
const QUEUED = 1 << 19;

/** Chunks that wait to be pulled. */
export abstract class Queued implements ByteSource {
  failure: string | null = null;
  protected queue: Uint8Array[] = [];
  protected queued = 0;
  protected done = false;
  abstract readonly taken: number;

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    const wanted = Math.min(max, QUEUED);
    while (this.queued < wanted && !this.done) await this.step();
    let pos = at;
    const end = at + max;
    let used = 0;
    for (; used < this.queue.length && pos < end; used++) {
      const chunk = this.queue[used];
      const n = Math.min(chunk.length, end - pos);
      into.set(n === chunk.length ? chunk : chunk.subarray(0, n), pos);
      pos += n;
      if (n < chunk.length) {
        this.queue[used] = chunk.subarray(n);
        break;
      }
    }
    this.queue.splice(0, used);
    this.queued -= pos - at;
    return pos - at;
  }

  abstract close(): Promise<void>;

  /** Adds to the queue, or sets `done`. */
  protected abstract step(): Promise<void>;

  protected add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.queue.push(chunk);
    this.queued += chunk.length;
  }
}

/** A source on chunks that come by themselves, as those of standard input. */
export class StreamBytes extends Queued {
  taken = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    super();
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  override async read(into: Uint8Array, at: number, max: number): Promise<number> {
    // A pipe may be slow: what is there is handed on at once.
    while (this.queued === 0 && !this.done) await this.step();
    return super.read(into, at, Math.min(max, this.queued));
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  protected async step(): Promise<void> {
    try {
      const { value, done } = await this.chunks.next();
      if (done) this.done = true;
      else {
        this.taken += value.length;
        this.add(value);
      }
    } catch (e) {
      this.failure = readingFailed(e);
      this.done = true;
    }
  }
}

/** Bytes that can be read from any place on: a Blob, a file on a server. */
export interface RandomAccess {
  readonly size: number;
  /** Resolves to the bytes at `offset`: `length` of them, fewer only where they end. */
  read(offset: number, length: number): Promise<Uint8Array>;
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
  private readonly asked: Asked[] = [];
  private askedTo = 0;
  private blockLength = BLOCK;
  /** What came, and how much of it was taken. */
  private block: Uint8Array = new Uint8Array();
  private at = 0;

  constructor(private readonly from: RandomAccess) {}

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    if (this.at === this.block.length) await this.next();
    const n = Math.min(max, this.block.length - this.at);
    into.set(this.block.subarray(this.at, this.at + n), at);
    this.at += n;
    this.taken += n;
    return n;
  }

  async close(): Promise<void> {}

  /** Has the next block; an empty one at the end, and behind a failure. */
  private async next(): Promise<void> {
    this.block = new Uint8Array();
    this.at = 0;
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
