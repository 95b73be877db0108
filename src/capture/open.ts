/**
 * From a path (or standard input) to packets: the magic chooses the reader, a window of bytes moves over the
 * input, and the reader calls back for every packet. While one window is read from, the next is being filled.
 */
import { type Dirent, promises as fs, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Limits, limitsWith } from '../core/limits.js';
import { reasonOf } from '../core/user-error.js';
import {
  type ByteSource,
  compression,
  decompressed,
  fileBytes,
  memoryBytes,
  prefixed,
  streamBytes,
} from './compressed.js';
import { fifoBytes } from './fifo.js';
import { type CaptureEnd, type CaptureReader, type OnPacket, UnreadableInput } from './packet.js';
import { pcapMagic, pcapReader } from './pcap.js';
import { pcapngMagic, pcapngReader } from './pcapng.js';

export * from './packet.js';

/** Bytes read at a time. */
const CHUNK = 1 << 20;
/** The same in large files: a read then costs less than what it brings. */
const LARGE_CHUNK = 1 << 22;
const LARGE = 1 << 26;
/** The least: a folder of small files must not cost megabytes each. */
const SMALL_CHUNK = 1 << 14;
/** Room in front of a window for what the reader left of the one before. Grows where packets are longer. */
const HEAD = 1 << 16;

/**
 * A capture: the path of a file, `-` for standard input, its bytes, or a stream of them. A pcap or pcapng file, also
 * compressed with gzip or zstd.
 */
export type CaptureInput = string | Uint8Array | AsyncIterable<Uint8Array>;

/** What may be set about reading a capture. */
export interface ReadOptions {
  /** Called at most once a chunk. Both in bytes of the input as stored; `total` is 0 where it is not known. */
  onProgress?: ((read: number, total: number) => void) | undefined;
  /** Where `-` reads from; standard input by default. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  limits?: Partial<Limits> | undefined;
  /** What is not a file is read no further from then on, also where its writer is silent. */
  signal?: AbortSignal | undefined;
  /** Asked every 64 KiB, for those who take packets slower than they are read: waited for, and false ends the reading. */
  ready?: (() => boolean | Promise<boolean>) | undefined;
}

/**
 * Reads a capture, calling `onPacket` for every packet in the order of the file.
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read: no such file, empty, not a capture. An exception of
 *   `onPacket` comes through.
 */
export async function readCapture(
  input: CaptureInput,
  onPacket: OnPacket,
  options: ReadOptions = {},
): Promise<CaptureEnd> {
  const { source, total } = await openInput(input, options);
  const opened = await begin(source).catch((e: unknown) => {
    throw new UnreadableInput(inputName(input), reasonOf(e), null);
  });
  try {
    if (opened.reader === null) throw new UnreadableInput(inputName(input), opened.found, opened.empty ? null : 0);
    const reader = opened.reader(onPacket, limitsWith(options.limits));
    const progress = options.onProgress;
    const chunk = chunkFor(total, opened.packed !== null);
    await pump(opened.source, reader, chunk, () => progress?.(opened.source.taken, total), options.ready);
    const { end } = reader;
    const { failure } = opened.source;
    if (opened.packed !== null) end.format = `${opened.packed}, ${end.format}`;
    if (failure !== null) {
      const rest = end.damage === null ? '' : `; ${end.damage.message}`;
      end.damage = { offset: end.damage?.offset ?? opened.position(), message: `${failure}${rest}` };
    }
    return end;
  } finally {
    await opened.source.close();
  }
}

/**
 * The captures that paths stand for: files as they are, folders searched downwards for files with a capture's
 * magic (compressed ones are looked into), in the order of their names. `-` stays.
 * @param onOther called with files in folders whose names end as a capture's and that are none, and with folders in
 *   them that cannot be read
 * @throws UnreadableInput where a folder cannot be read or holds no capture
 */
export async function expandInputs(
  paths: readonly string[],
  onOther: (path: string, reason: string) => void = () => {},
): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const isFolder = path !== '-' && (await fs.stat(path).catch(() => null))?.isDirectory() === true;
    if (!isFolder) {
      found.push(path);
      continue;
    }
    const before = found.length;
    await searchFolder(path, found, onOther);
    if (found.length === before)
      throw new UnreadableInput(path, 'the folder holds no capture (pcap or pcapng, also .gz or .zst)', null);
  }
  return found;
}

/** Names that say of a file that it is a capture. */
const ENDING = /\.(pcap|pcapng|cap|dmp)(\.(gz|zst))?$/i;

async function searchFolder(
  root: string,
  found: string[],
  onOther: (path: string, reason: string) => void,
): Promise<void> {
  const todo = [root];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    const entries = await listFolder(folder, root, onOther);
    // Folders come after the files beside them; the last pushed is searched first.
    const inside: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) inside.push(path);
      else if (entry.isFile() || (await isLinkedFile(entry, path))) {
        const other = await whyNoCapture(path);
        if (other === null) found.push(path);
        else if (ENDING.test(entry.name)) onOther(path, other);
      }
    }
    todo.push(...inside.reverse());
  }
}

async function listFolder(
  folder: string,
  root: string,
  onOther: (path: string, reason: string) => void,
): Promise<Dirent[]> {
  try {
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (e) {
    if (folder === root) throw new UnreadableInput(folder, reasonOf(e), null);
    onOther(folder, reasonOf(e));
    return [];
  }
}

/** Links to files are followed, links to folders are not: they may lead in circles. */
async function isLinkedFile(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return false;
  return (await fs.stat(path).catch(() => null))?.isFile() === true;
}

/** What a file is instead of a capture; null for a capture. */
async function whyNoCapture(path: string): Promise<string | null> {
  try {
    const opened = await begin(await fileBytes(path));
    await opened.source.close();
    return opened.reader === null ? opened.found : null;
  } catch (e) {
    return reasonOf(e);
  }
}

/** What a capture is called. */
function inputName(input: CaptureInput): string {
  return typeof input === 'string' ? input : input instanceof Uint8Array ? 'bytes' : 'stream';
}

async function openInput(input: CaptureInput, options: ReadOptions): Promise<{ source: ByteSource; total: number }> {
  const { signal } = options;
  if (input instanceof Uint8Array) return { source: memoryBytes(input), total: input.length };
  if (input === '-' || typeof input !== 'string') {
    const stream = streamBytes(typeof input === 'string' ? (options.stdin ?? process.stdin) : input);
    return { source: untilStopped(Promise.resolve(stream), signal), total: 0 };
  }
  try {
    // a pipe without a writer keeps one waiting already when it is opened
    const stat = statSync(input);
    if (stat.isFIFO()) return { source: untilStopped(fifoBytes(input, signal), signal), total: 0 };
    if (!stat.isFile()) return { source: untilStopped(fileBytes(input), signal), total: 0 };
    const source = await fileBytes(input);
    return { source, total: source.size };
  } catch (e) {
    throw new UnreadableInput(input, reasonOf(e), null);
  }
}

/** A source that ends when the signal comes, while it is waited for too; a read under way is then left to itself. */
function untilStopped(opening: Promise<ByteSource>, signal: AbortSignal | undefined): ByteSource {
  let source: ByteSource | null = null;
  let stop = (): void => {};
  const stopped = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', () => stop());
  return {
    get failure() {
      return source?.failure ?? null;
    },
    get taken() {
      return source?.taken ?? 0;
    },
    read: (into, at, max) =>
      new Promise((resolve, reject) => {
        if (stopped()) {
          resolve(0);
          return;
        }
        stop = () => resolve(0);
        const reading = async (): Promise<number> => {
          source ??= await opening;
          return source.read(into, at, max);
        };
        reading().then((n) => resolve(stopped() ? 0 : n), reject);
      }),
    close: async () => {
      const closing = opening.then((s) => s.close());
      if (stopped()) closing.catch(() => undefined);
      else await closing;
    },
  };
}

interface Opened {
  readonly source: ByteSource;
  readonly packed: 'gzip' | 'zstd' | null;
  /** Makes the reader for the format; null where there is none. */
  readonly reader: ((onPacket: OnPacket, limits: Limits) => CaptureReader) | null;
  /** Where `reader` is null: what stands there instead. */
  readonly found: string;
  /** Whether there is no byte at all. */
  readonly empty: boolean;
  /** Decompressed bytes given so far. */
  readonly position: () => number;
}

/** Looks at the first bytes, through one compression, and chooses the reader. */
async function begin(raw: ByteSource): Promise<Opened> {
  let first = await firstBytes(raw);
  let source = prefixed(first, raw);
  const packed = compression(first);
  if (packed !== null) {
    const inner = decompressed(packed, source);
    first = await firstBytes(inner);
    source = prefixed(first, inner);
  }
  let given = 0;
  const counted: ByteSource = {
    get failure() {
      return source.failure;
    },
    get taken() {
      return source.taken;
    },
    close: () => source.close(),
    async read(into, at, max) {
      const n = await source.read(into, at, max);
      given += n;
      return n;
    },
  };
  const known = first.length >= 4;
  const reader =
    known && pcapMagic(first, 0) !== null ? pcapReader : known && pcapngMagic(first, 0) ? pcapngReader : null;
  const found = reader === null ? describe(first, packed, source.failure) : '';
  return { source: counted, packed, reader, found, empty: first.length === 0, position: () => given };
}

async function firstBytes(source: ByteSource): Promise<Uint8Array> {
  const bytes = new Uint8Array(32);
  let n = 0;
  while (n < bytes.length) {
    const got = await source.read(bytes, n, bytes.length - n);
    if (got === 0) break;
    n += got;
  }
  return bytes.subarray(0, n);
}

function describe(first: Uint8Array, packed: string | null, failure: string | null): string {
  if (failure !== null) return failure;
  const inside = packed === null ? 'it' : `what it holds, ${packed} compressed,`;
  const advice = 'make one with dumpcap or tcpdump -w';
  if (first.length === 0) return `${inside} is empty; ${advice}`;
  const hex = Array.from(first.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join(' ');
  return `${inside} is not a capture: expected the magic of pcap or pcapng, found ${hex}; ${advice}`;
}

/** How much to read at a time of an input of `total` bytes, 0 where that is not known. */
function chunkFor(total: number, packed: boolean): number {
  if (total >= LARGE) return LARGE_CHUNK;
  if (total === 0 || packed || total >= CHUNK) return CHUNK;
  return Math.max(SMALL_CHUNK, total);
}

/**
 * Moves the window. Two buffers take turns: the descriptor fills one while the reader works on the other. What
 * the reader leaves is copied in front of the next chunk, into the head room.
 */
async function pump(
  source: ByteSource,
  reader: CaptureReader,
  chunk: number,
  onChunk: () => void,
  ready: ReadOptions['ready'],
): Promise<void> {
  let head = Math.min(HEAD, chunk);
  let current = new Uint8Array(head + chunk);
  let other = new Uint8Array(head + chunk);
  let carried = 0;
  let offset = 0;
  let filling = source.read(current, head, chunk);
  for (;;) {
    const n = await filling;
    const last = n === 0;
    if (!last) filling = source.read(other, head, chunk);
    const end = head + n;
    const window = { bytes: current, start: head - carried, end, base: offset - head, last };
    const at =
      ready === undefined
        ? reader.read(current, window.start, end, window.base, last)
        : await readSlices(reader, window, ready);
    offset += n;
    onChunk();
    if (last) return;
    if (reader.stopped) {
      await filling;
      return;
    }
    carried = end - at;
    if (carried > head) {
      // A packet longer than the head room: both buffers grow. Doubling keeps the copying linear.
      const filled = await filling;
      const wider = Math.max(carried, head * 2);
      const grown = new Uint8Array(wider + chunk);
      grown.set(other.subarray(head, head + filled), wider);
      other = grown;
      filling = Promise.resolve(filled);
      other.set(current.subarray(at, end), wider - carried);
      current = new Uint8Array(wider + chunk);
      head = wider;
    } else other.set(current.subarray(at, end), head - carried);
    const swap = current;
    current = other;
    other = swap;
  }
}

/** Bytes of a window between two times that somebody is waited for. */
const SLICE = 1 << 16;

/** What `CaptureReader.read` takes, in slices: whoever takes the packets is waited for behind each. */
async function readSlices(
  reader: CaptureReader,
  { bytes, start, end, base, last }: { bytes: Uint8Array; start: number; end: number; base: number; last: boolean },
  ready: NonNullable<ReadOptions['ready']>,
): Promise<number> {
  let at = start;
  for (let stop = start; ; ) {
    stop = Math.min(end, stop + SLICE);
    at = reader.read(bytes, at, stop, base, last && stop === end);
    if (!(await ready())) reader.stopped = true;
    if (stop === end || reader.stopped) return at;
  }
}
