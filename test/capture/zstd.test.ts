/** zstd without help from Node, whatever Node can do: against the program that wrote it, and against frames of ill will. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/platform/byte-source.js';
import { ZstdBytes } from '../../src/platform/zstd/bytes.js';
import { ZstdFollower } from '../../src/platform/zstd/zstd.js';
import { zstdBlock, zstdFrame } from '../bytes.js';

function bytesOf(b: Uint8Array, most = 1 << 20): ByteSource {
  let at = 0;
  return {
    failure: null,
    get taken() {
      return at;
    },
    close: async () => undefined,
    async read(into, from, max) {
      const n = Math.min(max, most, b.length - at);
      into.set(b.subarray(at, at + n), from);
      at += n;
      return n;
    },
  };
}

async function unpacked(b: Uint8Array, most?: number): Promise<{ bytes: Buffer; failure: string | null }> {
  const source = new ZstdBytes(bytesOf(b, most));
  const chunks: Buffer[] = [];
  const into = new Uint8Array(100_000);
  for (let n = await source.read(into, 0, into.length); n > 0; n = await source.read(into, 0, into.length))
    chunks.push(Buffer.from(into.subarray(0, n)));
  return { bytes: Buffer.concat(chunks), failure: source.failure };
}

/** A block's head (RFC 8878 3.1.1.2). */
function head(size: number, type: number, last = false): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE((size << 3) | (type << 1) | (last ? 1 : 0));
  return b.subarray(0, 3);
}

const frame = (exponent: number, blocks: readonly Uint8Array[]): Buffer => Buffer.from(zstdFrame(exponent, blocks));
const RAW = 0;
const COMPRESSED = 2;
const raw = (b: Uint8Array, last = false): Uint8Array => zstdBlock('raw', b, b.length, last);
const run = (byte: number, n: number, last = false): Uint8Array => zstdBlock('run', Uint8Array.of(byte), n, last);
/** A compressed block of `n` times a byte: literals of one byte repeated, no sequences (3.1.1.3). */
const small = (byte: number, n: number, last = false): Buffer =>
  Buffer.concat([head(3, COMPRESSED, last), Buffer.of((n << 3) | 1, byte, 0)]);

/** Numbers that look random, and parts of them again from far back. */
function mixed(length: number): Buffer {
  const b = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    b[i] =
      i % 5000 < 3000 && i > 40_000 ? b[i - 30_011 - (i % 7 === 0 ? 1 : 0)] : (state >>> 16) & (i % 3 === 0 ? 255 : 7);
  }
  // and once more from the far end of a large window
  if (length > 2_000_000) b.copy(b, length - 500_000, 0, 500_000);
  return b;
}

const zstd = (input: Uint8Array, ...args: string[]): Buffer =>
  spawnSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 1 << 28 }).stdout;
const hasZstd = spawnSync('zstd', ['--version']).status === 0;

describe.skipIf(!hasZstd)('what zstd packed', () => {
  const data = mixed(6_000_000);
  it.each([['-1'], ['-3', '--no-check'], ['-9', '--long=24'], ['-19', '--single-thread'], ['-1', '--long=27']])(
    '%s %s',
    { timeout: 60_000 },
    async (...args) => {
      const packed = zstd(data, ...args.filter((a) => a !== undefined));
      const { bytes, failure } = await unpacked(packed);
      expect(failure).toBeNull();
      expect(bytes.equals(data)).toBe(true);
    },
  );

  it('frames of any kind in a row, in chunks of any size', async () => {
    const parts = [mixed(10), mixed(0), mixed(300_000), mixed(150_000), mixed(17)];
    const skippable = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const stream = Buffer.concat(parts.flatMap((p, i) => [skippable, zstd(p, `-${1 + 3 * i}`)]));
    for (const most of [1, 7, 4096]) {
      const { bytes, failure } = await unpacked(stream, most);
      expect(failure).toBeNull();
      expect(bytes.equals(Buffer.concat(parts))).toBe(true);
    }
  });
});

describe('frames of ill will', () => {
  it('a few bytes that stand for gigabytes are taken a block at a time', async () => {
    const source = new ZstdBytes(bytesOf(frame(7, Array(16_000).fill(run(0, 131_072)))));
    const into = new Uint8Array(1 << 20);
    for (let megabytes = 1; megabytes <= 20; megabytes++) {
      let n = 0;
      while (n < into.length) n += await source.read(into, n, into.length - n);
      expect(source.taken).toBeLessThan(6 + 4 * (8 * megabytes + 9));
    }
    expect(source.failure).toBeNull();
  });

  it('blocks of a byte behind a window that is full cost what a block costs', { timeout: 60_000 }, async () => {
    // 64 MB, then blocks that fzstd would move the window for, at 8 ms each
    const blocks = [...Array(512).fill(run(1, 131_072)), ...Array(20_000).fill(small(2, 1)), small(3, 2, true)];
    const before = process.cpuUsage();
    const { bytes, failure } = await unpacked(frame(17, blocks));
    const { user, system } = process.cpuUsage(before);
    expect(failure).toBeNull();
    expect(bytes.length).toBe((64 << 20) + 20_002);
    expect(bytes.subarray(-3)).toEqual(Buffer.of(2, 3, 3));
    expect((user + system) / 1e6).toBeLessThan(20);
  });

  it('a compressed block does not see what the one before left behind', async () => {
    const { bytes, failure } = await unpacked(frame(10, [small(7, 9), small(8, 2), small(0, 3), small(9, 1, true)]));
    expect(failure).toBeNull();
    expect([...bytes]).toEqual([...Array(9).fill(7), 8, 8, 0, 0, 0, 9]);
  });

  it('many frames with large windows, and blocks without content, cost no memory', { timeout: 60_000 }, async () => {
    const frames = Array(5000).fill(frame(17, [small(1, 1), head(0, RAW), raw(Buffer.of(2)), head(0, RAW, true)]));
    const { bytes, failure } = await unpacked(Buffer.concat(frames));
    expect(failure).toBeNull();
    expect(bytes.equals(Buffer.alloc(10_000, Buffer.of(1, 2)))).toBe(true);
  });

  it('a window that nobody should be asked for is refused, in any frame', async () => {
    const { bytes, failure } = await unpacked(
      Buffer.concat([frame(3, [raw(Buffer.of(9), true)]), frame(31, [raw(Buffer.of(1))])]),
    );
    expect([...bytes]).toEqual([9]);
    expect(failure).toMatch(/window is larger than 134217728/);
  });

  it.each([
    ['a block of the reserved type', frame(3, [raw(Buffer.of(9)), head(1, 3)]), /reserved type/],
    ['a block that is too long', frame(3, [raw(Buffer.of(9)), run(0, 131_073)]), /131073 bytes/],
    ['something behind a frame', Buffer.concat([frame(3, [raw(Buffer.of(9), true)]), Buffer.alloc(9, 1)]), /no frame/],
    ['a cut in a block', frame(3, [raw(Buffer.of(9)), head(5, RAW)]), /within a frame/],
    ['a cut behind a block', frame(3, [raw(Buffer.of(9))]), /within a frame/],
  ])('%s: what came before is there', async (_, stream, message) => {
    const { bytes, failure } = await unpacked(stream);
    expect([...bytes]).toEqual([9]);
    expect(failure).toMatch(message);
  });
});

describe('following what others decode', () => {
  const checked = Buffer.from(frame(3, [raw(Buffer.of(1, 2, 3)), run(7, 9, true), Buffer.alloc(4, 0xaa)]));
  checked[4] = 4;
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
  const stream = Buffer.concat([skippable, checked, frame(17, [raw(Buffer.of(1), true)]), skippable, checked]);
  const ends = [skippable.length, checked.length, 10, skippable.length, checked.length];

  it.each([1, 2, 5, 18, 19, 1000])('in chunks of %d bytes: it is cut everywhere but behind frames', (size) => {
    const whole = new Set([0]);
    let at = 0;
    for (const n of ends) {
      at += n;
      whole.add(at);
    }
    for (let cut = 0; cut <= stream.length; cut++) {
      const follower = new ZstdFollower();
      for (let from = 0; from < cut; from += size) follower.take(stream.subarray(from, Math.min(cut, from + size)));
      expect(follower.isCut, `cut at ${cut}`).toBe(!whole.has(cut));
    }
  });
});
