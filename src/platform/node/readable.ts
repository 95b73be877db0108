/** Bytes of a stream of Node. */
import type { Readable } from 'node:stream';
import { StreamBytes } from '../byte-source.js';

/** A source on a pipe, which may be silent for ever: `close` ends a read under way. */
export class ReadableBytes extends StreamBytes {
  constructor(private readonly readable: Readable) {
    super(readable);
  }

  override async close(): Promise<void> {
    this.readable.destroy();
  }
}
