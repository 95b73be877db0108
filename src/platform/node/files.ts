/** Files, devices, pipes, standard input, and what stands behind addresses. */
import * as fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type ByteSource, readingFailed } from '../byte-source.js';
import type { Opened } from '../platform.js';
import { isUrl } from '../url.js';
import { ReadableBytes } from './readable.js';

/**
 * Bytes of a file that are read at a time. They come at once: asking another thread takes longer, and leaves them in the
 * cache of another processor, where a walk that looks at a few of each packet's waits for all of them. So many are in this
 * one's when they are looked at.
 */
const AT_ONCE = 1 << 18;
/** Bytes of a file between two turns of others: what a signal or a message asks for. */
const TURN = 1 << 22;

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
  return { source: Promise.resolve(new FileBytes(fd, true)), size: stat.size };
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
  /** `taken` when others had their last turn. */
  private turned = 0;

  constructor(
    private readonly fd: number,
    private readonly isFile: boolean,
  ) {}

  async read(into: Uint8Array, at: number, max: number): Promise<number> {
    try {
      if (this.taken - this.turned >= TURN) {
        this.turned = this.taken;
        await turn();
      }
      const n = this.isFile
        ? fs.readSync(this.fd, into, at, Math.min(max, AT_ONCE), null)
        : await this.later(into, at, max);
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
