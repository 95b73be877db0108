/** Bytes from any place on: streams where there are some, blocks behind them, and the same bytes whatever comes. */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { type RandomAccess, RandomAccessBytes } from '../../src/platform/random-access.js';

const CONTENT = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * i) >> 7);

/** Reads all, `most` bytes at a time. */
async function drained(from: RandomAccess, most = 1 << 20): Promise<{ bytes: Buffer; failure: string | null }> {
  const source = new RandomAccessBytes(from);
  const bytes = Buffer.alloc(from.size);
  let at = 0;
  for (let n = -1; n !== 0; at += n) n = await source.read(bytes, at, Math.min(most, bytes.length - at));
  await source.close();
  expect(source.taken).toBe(at);
  return { bytes: bytes.subarray(0, at), failure: source.failure };
}

const block = async (offset: number, length: number): Promise<Uint8Array> => CONTENT.subarray(offset, offset + length);
const noBlock = async (): Promise<never> => {
  throw new Error('no blocks');
};

/** Streams of chunks, or of bytes that fill a buffer; `breaks` errors behind so many bytes, `stops` ends there. */
function streams(kind: 'bytes' | 'chunks', chunk: number, { breaks = Infinity, stops = Infinity } = {}) {
  return async (offset: number): Promise<ReadableStream<Uint8Array>> => {
    let at = offset;
    const pull = (controller: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>): void => {
      const next = Math.min(at + chunk, CONTENT.length, breaks, stops);
      if (at >= breaks) controller.error(new Error('gone'));
      else if (next > at) controller.enqueue(CONTENT.slice(at, next));
      else {
        controller.close();
        if ('byobRequest' in controller) controller.byobRequest?.respond(0);
      }
      at = next;
    };
    return kind === 'bytes'
      ? (new ReadableStream({ type: 'bytes', pull }) as ReadableStream<Uint8Array>)
      : new ReadableStream<Uint8Array>({ pull });
  };
}

it('gives what a stream gives, of either kind, in any pieces', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom('bytes' as const, 'chunks' as const),
      fc.integer({ min: 1000, max: 2_000_000 }),
      fc.integer({ min: 1000, max: 2_000_000 }),
      async (kind, chunk, most) => {
        const { bytes, failure } = await drained(
          { size: CONTENT.length, read: noBlock, stream: streams(kind, chunk) },
          most,
        );
        expect(failure).toBeNull();
        expect(bytes.equals(CONTENT)).toBe(true);
      },
    ),
    { numRuns: 20 },
  ));

it.each(['bytes', 'chunks'] as const)(
  'a stream of %s that breaks off or ends early goes on in blocks',
  async (kind) => {
    for (const end of [{ breaks: 1_234_567 }, { stops: 1_234_567 }]) {
      const { bytes, failure } = await drained({
        size: CONTENT.length,
        read: block,
        stream: streams(kind, 65536, end),
      });
      expect(failure).toBeNull();
      expect(bytes.equals(CONTENT)).toBe(true);
    }
  },
);

it('where blocks fail too, all that came before stays, and what they say is the failure', async () => {
  const { bytes, failure } = await drained({
    size: CONTENT.length,
    read: noBlock,
    stream: streams('bytes', 65536, { breaks: 1_000_000 }),
  });
  expect(failure).toBe('reading failed: no blocks');
  expect(bytes.equals(CONTENT.subarray(0, bytes.length))).toBe(true);
  expect(bytes.length).toBeGreaterThan(900_000);
});

it('a stream that cannot be opened is none', async () => {
  const { bytes } = await drained({ size: CONTENT.length, read: block, stream: noBlock });
  expect(bytes.equals(CONTENT)).toBe(true);
});

it('a stream that nobody reads for a while is let go, and opened again where it was', async () => {
  vi.useFakeTimers();
  try {
    const opened: number[] = [];
    let cancelled = 0;
    const stream = async (offset: number): Promise<ReadableStream<Uint8Array>> => {
      opened.push(offset);
      let at = offset;
      return new ReadableStream({
        type: 'bytes',
        pull: (controller) => {
          controller.enqueue(CONTENT.slice(at, at + 100_000));
          at += 100_000;
        },
        cancel: () => void cancelled++,
      });
    };
    const source = new RandomAccessBytes({ size: CONTENT.length, read: noBlock, stream });
    const into = new Uint8Array(100_000);
    expect(await source.read(into, 0, into.length)).toBe(100_000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(cancelled).toBe(1);
    expect(await source.read(into, 0, into.length)).toBe(100_000);
    expect(Buffer.from(into).equals(CONTENT.subarray(100_000, 200_000))).toBe(true);
    expect(opened).toEqual([0, 100_000]);
    await source.close();
    expect(cancelled).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
