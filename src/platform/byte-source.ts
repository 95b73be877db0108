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
/** Milliseconds that bytes which are here wait for more: behind them may be a pipe that is silent for minutes. */
const PATIENCE = 10;

/** Steps that bring bytes one after the other, each as long as it takes. */
export class Steps {
  /** The step under way; whoever read before it was through does not wait for it. */
  private pending: Promise<void> | null = null;

  /** @param step brings bytes, or the end; never rejects */
  constructor(private readonly step: () => Promise<void>) {}

  /** Makes steps until there is enough, or something and nothing more on its way. */
  async until(isEnough: () => boolean, isSome: () => boolean): Promise<void> {
    while (!isEnough()) {
      this.pending ??= this.step().finally(() => {
        this.pending = null;
      });
      if (!isSome()) await this.pending;
      else if (!(await isSoon(this.pending))) return;
    }
  }
}

async function isSoon(pending: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE, false);
  });
  try {
    return await Promise.race([pending.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Chunks that wait to be pulled. */
export abstract class Queued implements ByteSource {
  failure: string | null = null;
  protected queue: Uint8Array[] = [];
  protected queued = 0;
  protected done = false;
  abstract readonly taken: number;
  private readonly steps = new Steps(() => this.step());

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    const wanted = Math.min(max, QUEUED);
    await this.steps.until(
      () => this.queued >= wanted || this.done,
      () => this.queued > 0,
    );
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
