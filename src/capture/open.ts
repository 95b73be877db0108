/**
 * From a capture's bytes to packets: the magic chooses the reader, a window of bytes moves over the
 * input, and the reader calls back for every packet. While one window is read from, the next is being filled.
 */
import { type ByteSource, decompressed, type FileCompression } from '#platform';
import { type Limits, limitsWith } from '../core/limits.js';
import { reasonOf } from '../core/user-error.js';
import { areAll, beginning, firstBytes, prefixed } from './compressed.js';
import { ERF_BEGINNING, ERF_FILE, isErf } from './erf.js';
import { type CaptureInput, inputName, type OneInput, openInput } from './input.js';
import { readJoined } from './joined.js';
import { otherFormat } from './other-formats.js';
import {
  type BetweenPackets,
  type CaptureEnd,
  type CaptureReader,
  type OnPacket,
  QUIET,
  type ReadOptions,
  UnreadableInput,
} from './packet.js';
import { pcapMagic, pcapReader } from './pcap.js';
import { pcapngMagic, pcapngReader } from './pcapng/pcapng.js';
import { recordFormat, recordReader } from './records.js';

export type { CaptureInput } from './input.js';
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
 * Reads a capture, calling `onPacket` for every packet in the order of the file, and of one file after the other.
 * @param input may be compressed: gzip, zstd, LZ4
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read: no such file, empty, not a capture. An exception of
 *   `onPacket` comes through.
 */
export async function readCapture(
  input: CaptureInput,
  onPacket: OnPacket,
  options: ReadOptions = {},
): Promise<CaptureEnd> {
  if (!Array.isArray(input)) return readOne(input as OneInput, onPacket, options);
  return input.length === 1 ? readOne(input[0], onPacket, options) : readJoined(input, readOne, onPacket, options);
}

async function readOne(input: OneInput, onPacket: OnPacket, options: ReadOptions): Promise<CaptureEnd> {
  const name = inputName(input);
  const unreadable = (e: unknown): never => {
    throw new UnreadableInput(name, reasonOf(e), null);
  };
  const { source, total } = await openInput(input, options.signal).catch(unreadable);
  const opened = await begin(source).catch(unreadable);
  try {
    if (opened.reader === null) throw new UnreadableInput(name, opened.found, opened.empty ? null : 0);
    const reader = opened.reader(onPacket, limitsWith(options.limits), options);
    const { onProgress, signal } = options;
    const onChunk = (): void => {
      onProgress?.(opened.source.taken, total);
      // a file may have hours of packets that nobody asks for
      if (signal?.aborted === true) reader.stopped = true;
    };
    const chunk = chunkFor(total, opened.packed !== null);
    const onQuiet = total === 0 ? options.onQuiet : undefined;
    await pump(opened.source, reader, chunk, onChunk, options.ready, onQuiet);
    const { end } = reader;
    const { failure } = opened.source;
    end.bytes = opened.position();
    if (opened.packed !== null) end.format = `${opened.packed}, ${end.format}`;
    if (failure !== null) {
      const rest = end.damage === null ? '' : `; ${end.damage.message}`;
      end.damage = {
        offset: end.damage?.offset ?? opened.position(),
        message: `${failure}${rest}`,
        // what the disk or the network said, not what a compression says of its bytes (byte-source.ts)
        ...(failure.startsWith('reading failed') ? { isUnread: true } : {}),
      };
    }
    return end;
  } finally {
    await opened.source.close();
  }
}

/** What an input is instead of a capture; null for a capture. */
export async function whyNoCapture(input: OneInput): Promise<string | null> {
  try {
    const opened = await begin((await openInput(input)).source);
    await opened.source.close();
    return opened.reader === null ? opened.found : null;
  } catch (e) {
    return reasonOf(e);
  }
}

interface Opened {
  readonly source: ByteSource;
  readonly packed: FileCompression | null;
  /** Makes the reader for the format; null where there is none. */
  readonly reader: ((onPacket: OnPacket, limits: Limits, between: BetweenPackets) => CaptureReader) | null;
  /** Where `reader` is null: what stands there instead. */
  readonly found: string;
  /** Whether there is no byte at all. */
  readonly empty: boolean;
  /** Decompressed bytes given so far. */
  readonly position: () => number;
}

/** Looks at the first bytes, through one compression, and chooses the reader. */
async function begin(raw: ByteSource): Promise<Opened> {
  let inner = raw;
  let { packed, first } = await beginning(inner);
  if (packed !== null) {
    inner = decompressed(packed, prefixed(first, inner));
    first = await firstBytes(inner);
  }
  let reader = first.length >= 4 ? readerOf(first) : null;
  // its files have no magic: all others are asked first
  if (reader === null && otherFormat(first) === null) {
    const looked = await erfBytes(first, inner);
    first = looked.bytes;
    if (looked.found) reader = (onPacket) => recordReader(ERF_FILE, onPacket);
  }
  const source = prefixed(first, inner);
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
  const found = reader === null ? describe(first, packed, source.failure) : '';
  return { source: counted, packed, reader, found, empty: first.length === 0, position: () => given };
}

/** The reader for a file that begins so; null where there is none. */
function readerOf(first: Uint8Array): Opened['reader'] {
  if (pcapMagic(first, 0) !== null) return pcapReader;
  if (pcapngMagic(first, 0)) return pcapngReader;
  const format = recordFormat(first);
  return format === undefined ? null : (onPacket) => recordReader(format, onPacket);
}

/** Looks behind the first bytes for as long as they may be ERF. */
async function erfBytes(first: Uint8Array, source: ByteSource): Promise<{ bytes: Uint8Array; found: boolean }> {
  let found = isErf(first, areAll(first));
  if (found !== 'more') return { bytes: first, found };
  const bytes = new Uint8Array(ERF_BEGINNING);
  bytes.set(first);
  let n = first.length;
  while (found === 'more') {
    const got = await source.read(bytes, n, bytes.length - n);
    n += got;
    found = isErf(bytes.subarray(0, n), got === 0);
  }
  return { bytes: bytes.subarray(0, n), found };
}

function describe(first: Uint8Array, packed: string | null, failure: string | null): string {
  if (failure !== null) return failure;
  const inside = packed === null ? 'it' : `what it holds, ${packed} compressed,`;
  const advice = 'make one with dumpcap or tcpdump -w';
  if (first.length === 0) return `${inside} is empty; ${advice}`;
  const known = otherFormat(first);
  if (known !== null) return `${inside} is ${known}`;
  const hex = Array.from(first.subarray(0, 8), (b) => b.toString(16).padStart(2, '0')).join(' ');
  return `${inside} is not a capture: expected the magic of pcap or pcapng, found ${hex}; ${advice}, or of another kind with editcap IN OUT.pcapng`;
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
  onQuiet: ReadOptions['onQuiet'],
): Promise<void> {
  let head = Math.min(HEAD, chunk);
  let current = new Uint8Array(head + chunk);
  let other = new Uint8Array(head + chunk);
  let carried = 0;
  let offset = 0;
  let filling = source.read(current, head, chunk);
  for (;;) {
    const n = onQuiet === undefined ? await filling : await listening(filling, onQuiet);
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
      // it is closed with a read under way, as a pipe may be silent for ever
      filling.catch(() => undefined);
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

/** What a read gives; told where it takes its time. */
async function listening(reading: Promise<number>, onQuiet: () => void): Promise<number> {
  const timer = setTimeout(onQuiet, QUIET);
  try {
    return await reading;
  } finally {
    clearTimeout(timer);
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
