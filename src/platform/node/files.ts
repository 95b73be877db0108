/** Files, devices, pipes, standard input, and what stands behind addresses. */
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type ByteSource, readingFailed } from '../byte-source.js';
import type { Opened } from '../platform.js';
import { isUrl } from '../url.js';
import { ReadableBytes } from './readable.js';

/** Files up to this size are read at once: asking another thread would take longer. */
const SMALL = 1 << 18;

const open = promisify(fs.open);
const readFrom = promisify(fs.read);

export async function openNamed(name: string, signal?: AbortSignal): Promise<Opened> {
  if (name === '-') return { source: Promise.resolve(new ReadableBytes(process.stdin)), size: null };
  if (isUrl(name)) return (await import('./http/transfer.js')).openUrl(name, signal);
  const stat = fs.statSync(name);
  // a pipe without a writer keeps one waiting already when it is opened
  if (stat.isFIFO())
    return { source: import('./fifo.js').then(({ fifoBytes }) => fifoBytes(name, signal)), size: null };
  if (!stat.isFile()) return { source: deviceBytes(name), size: null };
  const fd = fs.openSync(name, 'r');
  return { source: Promise.resolve(new FileBytes(fd, stat.size <= SMALL)), size: stat.size };
}

async function deviceBytes(path: string): Promise<ByteSource> {
  const fd = await open(path, 'r');
  if (!fs.fstatSync(fd).isDirectory()) return new FileBytes(fd, false);
  fs.closeSync(fd);
  throw new Error('is a folder');
}

export async function sizeOfNamed(name: string): Promise<number> {
  if (isUrl(name)) return (await import('./http/sizes.js')).sizeOfUrl(name);
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : 0;
}

export const readNamed = (name: string): Promise<Uint8Array> => fs.promises.readFile(name);

export const nameBeside = (file: string, name: string): string => resolve(dirname(file), name);

class FileBytes implements ByteSource {
  failure: string | null = null;
  taken = 0;
  /** A read under way; the descriptor must outlive it. */
  private reading: Promise<unknown> | null = null;

  constructor(
    private readonly fd: number,
    private readonly small: boolean,
  ) {}

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    try {
      const n = this.small ? fs.readSync(this.fd, into, at, max, null) : await this.later(into, at, max);
      this.taken += n;
      return n;
    } catch (e) {
      this.failure = readingFailed(e);
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
