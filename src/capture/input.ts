/** What a capture can be read from, as a source of bytes. */
import {
  type ByteSource,
  openNamed,
  type RandomAccess,
  RandomAccessBytes,
  StreamBytes,
  shownName,
  sizeOfNamed,
} from '#platform';

/** A file that a page was given, or was sent. */
interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer>; stream(): ReadableStream<Uint8Array> };
}

/** A file that is read under the name of another, of which it is a copy. */
interface CopyOf {
  readonly name: string;
  readonly copyAt: string;
}

/**
 * A name (a path, `-` for standard input, an address of http or https; in a browser any URL), bytes, a Blob, what can be
 * read from any place on, or a stream of bytes.
 */
export type OneInput = string | CopyOf | Uint8Array | ArrayBuffer | BlobLike | RandomAccess | AsyncIterable<Uint8Array>;

/** One, or several files of one capture point that follow one another: a ring, say. They are read as one capture. */
export type CaptureInput = OneInput | readonly OneInput[];

/** What messages call an input. */
export function inputName(input: CaptureInput): string {
  if (typeof input === 'string') return shownName(input);
  return 'copyAt' in input ? shownName(input.name) : Symbol.asyncIterator in input ? 'stream' : 'bytes';
}

/**
 * Opens an input. `total` is its size, 0 where that is not known: then it may keep one waiting, and ends when the
 * signal comes.
 */
export async function openInput(input: OneInput, signal?: AbortSignal): Promise<{ source: ByteSource; total: number }> {
  if (isNamed(input)) {
    const { source, size } = await openNamed(placeOf(input), signal);
    return size === null ? { source: untilStopped(source, signal), total: 0 } : { source: await source, total: size };
  }
  if (Symbol.asyncIterator in input)
    return { source: untilStopped(Promise.resolve(new StreamBytes(input)), signal), total: 0 };
  const from = randomAccess(input);
  return { source: new RandomAccessBytes(from), total: from.size };
}

/** Its size; 0 where that is not known. */
export async function inputSize(input: OneInput): Promise<number> {
  if (isNamed(input)) return sizeOfNamed(placeOf(input)).catch(() => 0);
  return Symbol.asyncIterator in input ? 0 : randomAccess(input).size;
}

function isNamed(input: OneInput): input is string | CopyOf {
  return typeof input === 'string' || 'copyAt' in input;
}

/** Where its bytes are. */
function placeOf(input: string | CopyOf): string {
  return typeof input === 'string' ? input : input.copyAt;
}

function randomAccess(input: Uint8Array | ArrayBuffer | BlobLike | RandomAccess): RandomAccess {
  if (input instanceof ArrayBuffer) return randomAccess(new Uint8Array(input));
  if (input instanceof Uint8Array)
    return { size: input.length, read: async (offset, length) => input.subarray(offset, offset + length) };
  if ('read' in input) return input;
  const read = async (offset: number, length: number): Promise<Uint8Array> =>
    new Uint8Array(await input.slice(offset, offset + length).arrayBuffer());
  return { size: input.size, read, stream: async (offset) => input.slice(offset, input.size).stream() };
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
