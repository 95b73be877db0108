/** Decompression by node:zlib, in another thread; LZ4 is not known there. */
import * as zlib from 'node:zlib';
import { type ByteSource, Queued } from '../byte-source.js';
import type { FileCompression } from '../compression.js';
import { Lz4Bytes } from '../lz4/bytes.js';
import { ZstdBytes } from '../zstd/bytes.js';
import { ZstdFollower } from '../zstd/zstd.js';

/** Compressed bytes given to a decompressor at a time; bounds what one step can blow up to (a thousandfold, gzip). */
const SLICE = 65536;
/** Decompressed bytes that node:zlib gives at a time: each time is a trip to another thread. */
const UNPACKED = 1 << 18;

export function decompressed(kind: FileCompression, from: ByteSource): ByteSource {
  if (kind === 'lz4') return new Lz4Bytes(from);
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
    this.failure ??= this.from.failure;
    this.error ??= e;
    if (e === null && this.follower?.isCut === true) this.error ??= new Error('it ends within a frame');
    if (this.error !== null)
      this.failure ??= `the ${this.kind} stream breaks off near compressed byte ${this.from.taken}: ${this.error.message}`;
    this.done = true;
    this.wake();
  }
}
