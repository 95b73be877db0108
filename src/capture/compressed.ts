/**
 * Bytes of a capture, pulled: from a descriptor, a stream, or out of gzip (RFC 1952) or zstd (RFC 8878).
 * A source that breaks off gives everything it got before, and says in `failure` what went wrong.
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { ZstdFollower } from './zstd.js';
import { ZstdBytes } from './zstd-bytes.js';

/** Something to pull bytes from. */
export interface ByteSource {
  /** Fills `into` from `at` with up to `max` bytes; resolves to how many, 0 at the end. */
  read(into: Uint8Array, at: number, max: number): Promise<number>;
  /** What ended the source before its time; null while it is whole. */
  readonly failure: string | null;
  /** Bytes of the input taken so far (compressed, where it is). */
  readonly taken: number;
  close(): Promise<void>;
}

/** Compressed bytes given to a decompressor at a time; bounds what one step can blow up to (a thousandfold, gzip). */
const SLICE = 65536;
/** Decompressed bytes that node:zlib gives at a time: each time is a trip to another thread. */
const UNPACKED = 1 << 18;
/** Decompressed bytes waiting: enough to keep the reader busy. */
const QUEUED = 1 << 19;

/** Files up to this size are read at once: asking another thread would take longer. */
const SMALL = 1 << 18;

/** A source on a file. Rejects as `fs.open` does. */
export async function fileBytes(path: string): Promise<ByteSource & { readonly size: number }> {
  // Only a regular file is opened here and now: a pipe may keep one waiting.
  const isFile = fs.statSync(path).isFile();
  const fd = isFile ? fs.openSync(path, 'r') : await opened(path, 'r');
  try {
    const stat = fs.fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    return new FileBytes(fd, stat.size, isFile && stat.size <= SMALL);
  } catch (e) {
    fs.closeSync(fd);
    throw e;
  }
}

const opened = promisify(fs.open);
const readFrom = promisify(fs.read);

class FileBytes implements ByteSource {
  failure: string | null = null;
  taken = 0;
  /** A read under way; the descriptor must outlive it. */
  private reading: Promise<unknown> | null = null;

  constructor(
    private readonly fd: number,
    readonly size: number,
    private readonly small: boolean,
  ) {}

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    try {
      const n = this.small ? fs.readSync(this.fd, into, at, max, null) : await this.later(into, at, max);
      this.taken += n;
      return n;
    } catch (e) {
      this.failure = `reading failed: ${e instanceof Error ? e.message : String(e)}`;
      return 0;
    }
  }

  async close(): Promise<void> {
    await this.reading?.catch(() => undefined);
    fs.closeSync(this.fd);
  }

  /** Reads in another thread. */
  private async later(into: Uint8Array, at: number, max: number): Promise<number> {
    const reading = readFrom(this.fd, into, at, max, null);
    this.reading = reading;
    return (await reading).bytesRead;
  }
}

/** Chunks that wait to be pulled. */
abstract class Queued implements ByteSource {
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

/** A source on bytes that are there. */
export function memoryBytes(bytes: Uint8Array): ByteSource {
  let taken = 0;
  return {
    failure: null,
    get taken() {
      return taken;
    },
    async read(into, at, max) {
      const part = bytes.subarray(taken, taken + max);
      into.set(part, at);
      taken += part.length;
      return part.length;
    },
    close: async () => {},
  };
}

/** A source on chunks that come by themselves, as those of standard input. */
export function streamBytes(chunks: AsyncIterable<Uint8Array>): ByteSource {
  return new StreamBytes(chunks[Symbol.asyncIterator]());
}

class StreamBytes extends Queued {
  taken = 0;

  constructor(private readonly chunks: AsyncIterator<Uint8Array>) {
    super();
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
      this.failure = `reading failed: ${e instanceof Error ? e.message : String(e)}`;
      this.done = true;
    }
  }
}

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

/** A source on what `from`, compressed, holds. */
export function decompressed(kind: 'gzip' | 'zstd', from: ByteSource): ByteSource {
  if (kind === 'gzip') return new ZlibBytes(zlib.createGunzip({ chunkSize: UNPACKED }), from, kind);
  const native = (zlib as unknown as { createZstdDecompress?: (options?: object) => zlib.Gunzip }).createZstdDecompress;
  if (native !== undefined) return new ZlibBytes(native({ chunkSize: UNPACKED }), from, kind);
  return new ZstdBytes(from);
}

/** Decompression by node:zlib. Chunks are taken as they come, so that an error behind them cannot drop them. */
class ZlibBytes extends Queued {
  private readonly slice = new Uint8Array(SLICE);
  private error: Error | null = null;
  /** Node 22 does not tell of a frame that has no end. */
  private readonly follower: ZstdFollower | null;
  /** Settles the step under way when the decompressor fails or ends. */
  private wake: () => void = () => {};

  constructor(
    private readonly zlibStream: zlib.Gunzip,
    private readonly from: ByteSource,
    private readonly kind: string,
  ) {
    super();
    this.follower = kind === 'zstd' ? new ZstdFollower() : null;
    zlibStream.on('data', (chunk: Uint8Array) => this.add(chunk));
    zlibStream.on('error', (e) => this.finish(e));
    zlibStream.on('end', () => this.finish(null));
  }

  get taken(): number {
    return this.from.taken;
  }

  async close(): Promise<void> {
    this.zlibStream.destroy();
    await this.from.close();
  }

  protected async step(): Promise<void> {
    const n = await this.from.read(this.slice, 0, SLICE);
    this.follower?.take(this.slice.subarray(0, n));
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.done) resolve();
      else if (n === 0) this.zlibStream.end();
      else this.zlibStream.write(this.slice.slice(0, n), () => resolve());
    });
  }

  private finish(e: Error | null): void {
    this.error ??= e;
    if (e === null && this.follower?.isCut === true) this.error ??= new Error('it ends within a frame');
    if (this.error !== null)
      this.failure ??= `the ${this.kind} stream breaks off near compressed byte ${this.from.taken}: ${this.error.message}`;
    this.failure ??= this.from.failure;
    this.done = true;
    this.wake();
  }
}
