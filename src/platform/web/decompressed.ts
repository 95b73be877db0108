/**
 * Decompression in JavaScript. DecompressionStream drops what it holds when an error comes behind it, and takes no
 * second member of gzip (RFC 1952 2.2).
 */
import { Inflate, Z_BUF_ERROR, Z_FINISH, Z_SYNC_FLUSH } from 'pako';
import { type ByteSource, Queued } from '../byte-source.js';
import type { FileCompression } from '../compression.js';
import { Lz4Bytes } from '../lz4/bytes.js';
import { ZstdBytes } from '../zstd/bytes.js';

/** Compressed bytes given to pako at a time; bounds what one step can blow up to (a thousandfold). */
const SLICE = 65536;

export function decompressed(kind: FileCompression, from: ByteSource): ByteSource {
  if (kind === 'lz4') return new Lz4Bytes(from);
  return kind === 'gzip' ? new GzipBytes(from) : new ZstdBytes(from);
}

class GzipBytes extends Queued {
  private readonly slice = new Uint8Array(SLICE);
  private member = this.begin();

  constructor(private readonly from: ByteSource) {
    super();
  }

  get taken(): number {
    return this.from.taken;
  }

  close(): Promise<void> {
    return this.from.close();
  }

  protected async step(): Promise<void> {
    const n = await this.from.read(this.slice, 0, SLICE);
    // pako goes on with a member that begins in the slice in which the last one ends; zeros behind a member are filling
    if (n > 0 && this.member.ended && this.slice[0] !== 0) this.member = this.begin();
    // what it has is wanted before the rest is there
    this.member.push(this.slice.slice(0, n), n === 0 ? Z_FINISH : Z_SYNC_FLUSH);
    const { err, msg } = this.member;
    this.done = n === 0 || err !== 0;
    if (err !== 0) {
      const problem = err === Z_BUF_ERROR ? 'unexpected end of file' : msg;
      this.failure = this.from.failure ?? `the gzip stream breaks off near compressed byte ${this.taken}: ${problem}`;
    }
    if (this.done) this.failure ??= this.from.failure;
  }

  private begin(): Inflate {
    const member = new Inflate({ windowBits: 31 });
    member.onData = (chunk) => this.add(chunk);
    return member;
  }
}
