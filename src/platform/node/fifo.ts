/** Bytes of a named pipe, which may have no writer yet, or one that is silent: neither keeps a program from ending. */
import { close, constants, open } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import type { ByteSource } from '../byte-source.js';
import { ReadableBytes } from './readable.js';

const opened = promisify(open);

/**
 * Opens a named pipe as soon as it has a writer. Reading it takes no thread, so that `close` ends a read under way.
 * @param signal ends the waiting for a writer; what is opened then has no bytes
 */
export async function fifoBytes(path: string, signal?: AbortSignal): Promise<ByteSource> {
  // a thread waits in open(2) until somebody opens the other end, and nothing else gets it out of there
  const release = (): void =>
    open(path, constants.O_WRONLY | constants.O_NONBLOCK, (e, fd) => {
      if (e === null) close(fd, () => undefined);
    });
  if (signal?.aborted === true) throw new Error('interrupted');
  signal?.addEventListener('abort', release, { once: true });
  try {
    const fd = await opened(path, constants.O_RDONLY);
    return new ReadableBytes(new Socket({ fd, readable: true, writable: false }));
  } finally {
    signal?.removeEventListener('abort', release);
  }
}
