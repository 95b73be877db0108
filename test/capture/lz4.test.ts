/** LZ4: against the program that wrote it, against another decoder's idea of a block, and against frames of ill will. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../src/capture/open.js';
import type { ByteSource } from '../../src/platform/byte-source.js';
import { Lz4Bytes } from '../../src/platform/lz4/bytes.js';
import { Xxh32, xxh32 } from '../../src/platform/lz4/xxh32.js';
import { concat, lz4Frame, pcapFile, u32 } from '../bytes.js';

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
  const source = new Lz4Bytes(bytesOf(b, most));
  const chunks: Buffer[] = [];
  const into = new Uint8Array(100_000);
  for (let n = await source.read(into, 0, into.length); n > 0; n = await source.read(into, 0, into.length))
    chunks.push(Buffer.from(into.subarray(0, n)));
  return { bytes: Buffer.concat(chunks), failure: source.failure };
}

const raw = (bytes: Uint8Array) => ({ packed: bytes, isRaw: true });
const skippable = (n: number, kind = 0): Uint8Array =>
  concat(u32(0x184d2a50 + kind, true), u32(n, true), new Uint8Array(n));

/** Numbers that look random, and parts of them again from far back. */
function mixed(length: number): Buffer {
  const b = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    b[i] = i % 5000 < 3000 && i > 40_000 ? b[i - 30_011 - (i % 7 === 0 ? 1 : 0)] : (state >>> 16) & (i % 3 ? 7 : 255);
  }
  return b;
}

const lz4 = (input: Uint8Array, ...args: string[]): Buffer =>
  spawnSync('lz4', ['-q', '-c', ...args], { input, maxBuffer: 1 << 28 }).stdout;
const hasLz4 = spawnSync('lz4', ['--version']).status === 0;

describe.skipIf(!hasLz4)('what lz4 packed', () => {
  const data = mixed(5_000_000);
  it.each([
    ['-1'],
    ['-9', '-B4', '-BD'],
    ['-B5', '-BX'],
    ['-B6', '--content-size'],
    ['-B7', '-BI', '--no-frame-crc'],
    ['-l'],
    ['-12', '-BD', '-B4'],
  ])('%s %s %s', async (...args) => {
    const { bytes, failure } = await unpacked(lz4(data, ...args.filter((a) => a !== undefined)));
    expect(failure).toBeNull();
    expect(bytes.equals(data)).toBe(true);
  });

  it('frames of any kind in a row, in chunks of any size', async () => {
    const parts = [data.subarray(0, 70_000), data.subarray(0, 0), data.subarray(1000, 300_000)];
    const packed = concat(
      skippable(0),
      lz4(parts[0], '-BD'),
      skippable(70_000, 15),
      lz4(parts[1]),
      lz4(parts[2], '-l'),
      lz4(parts[0], '-BX'),
    );
    for (const size of [1, 7, 65_537]) {
      const { bytes, failure } = await unpacked(packed, size);
      expect(failure).toBeNull();
      expect(bytes.equals(Buffer.concat([...parts, parts[0]]))).toBe(true);
    }
  });

  it('cut anywhere gives what is in front, and says so', async () => {
    const packed = lz4(data.subarray(0, 200_000), '-B4');
    let before = 0;
    for (let n = 5; n < packed.length; n += 977) {
      const { bytes, failure } = await unpacked(packed.subarray(0, n));
      expect(failure).toMatch(/^the lz4 stream breaks off near compressed byte \d+: it ends within a frame$/);
      expect(bytes.length).toBeGreaterThanOrEqual(before);
      before = bytes.length;
      expect(bytes.equals(data.subarray(0, bytes.length))).toBe(true);
    }
    expect(before).toBeGreaterThan(198_000);
  });

  it('any bytes', async () => {
    // few values, so that there are matches, and lengths around those that are told in more bytes
    const any = fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(300)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(any, async (runs) => {
        const bytes = Buffer.concat(runs.map(([b, n]) => Buffer.concat([b, Buffer.alloc(n, b.length > 0 ? b : 0)])));
        expect(await unpacked(lz4(bytes, '-9'))).toEqual({ bytes, failure: null });
      }),
      { numRuns: 30 },
    );
  });

  it('that is a capture, in a bit that is flipped', async () => {
    const file = pcapFile([{ bytes: mixed(60_000) }, { bytes: mixed(50_000) }]);
    const packed = lz4(file, '-B4', '-BX');
    expect(await readCapture(packed, () => undefined)).toMatchObject({ format: 'lz4, pcap', packets: 2, damage: null });
    for (let at = 30; at < packed.length; at += 1009) {
      const damaged = packed.slice();
      damaged[at] ^= 4;
      const { damage } = await readCapture(damaged, () => undefined);
      expect(damage?.message).toContain('the lz4 stream breaks off');
    }
  });
});

describe('xxHash', () => {
  it('has the values of its specification', () => {
    const text = Buffer.from('Nobody inspects the spammish repetition');
    expect(xxh32(new Uint8Array(0), 0, 0)).toBe(0x02cc5d05);
    expect(xxh32(text, 0, text.length)).toBe(0xe2293b2f);
  });

  it('is the same in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
        const hash = new Xxh32();
        for (const piece of pieces) hash.take(piece, 0, piece.length);
        const all = concat(...pieces);
        return hash.value() === xxh32(all, 0, all.length);
      }),
    );
  });
});

describe('frames of ill will', () => {
  const says = async (b: Uint8Array): Promise<string | null> => (await unpacked(b)).failure;
  const text = Buffer.from('a text of some bytes');

  it('are told by what is wrong with them', async () => {
    expect(await unpacked(lz4Frame([raw(text)], text))).toEqual({ bytes: text, failure: null });
    expect(await says(lz4Frame([raw(text)], Buffer.from('other')))).toContain('the checksum of a frame is wrong');
    const damaged = lz4Frame([raw(text)], text);
    damaged[15] ^= 1;
    expect(await says(damaged)).toContain('the checksum of a block is wrong');
    const head = lz4Frame([], text);
    head[6] ^= 1;
    expect(await says(head)).toContain("the checksum of a frame's header is wrong");
    expect(await says(lz4Frame([], text, 0x94))).toContain('another version');
    expect(await says(lz4Frame([], text, 0x55))).toContain('dictionary');
    expect(await says(concat(lz4Frame([raw(text)], text), [1, 2, 3, 4]))).toContain('is no frame');
    expect(await says(lz4Frame([raw(new Uint8Array(65_537))], text))).toContain('more than its frame allows');
    const block = (...packed: number[]) => says(lz4Frame([{ packed: Uint8Array.from(packed) }], text));
    expect(await block(0x10, 65, 1, 0)).toContain('ends within a sequence');
    expect(await block(0xf0, 255, 255)).toContain('ends within a length');
    expect(await block(0x20, 65)).toContain('ends within its literals');
    expect(await block(0x10, 65, 1)).toContain('ends within an offset');
    expect(await block(0x10, 65, 2, 0, 0)).toContain('refers to what is not there');
    expect(await block(0x10, 65, 0, 0, 0)).toContain('refers to what is not there');
    expect(await block(0x1f, 65, 1, 0, ...new Array(300).fill(255), 0, 0)).toContain('more than its frame allows');
  });

  it('refer to no block in front of them where blocks stand alone', async () => {
    const second = { packed: Uint8Array.of(0, 4, 0, 0x10, 33) };
    const linked = lz4Frame([raw(text), second], concat(text, Buffer.from('ytes!')), 0x54);
    expect((await unpacked(linked)).failure).toBeNull();
    expect(await says(lz4Frame([raw(text), second], text, 0x74))).toContain('refers to what is not there');
  });

  it('of any bytes end, with no more than they may hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (packed) => {
        const { bytes } = await unpacked(lz4Frame([{ packed }], text));
        expect(bytes.length).toBeLessThanOrEqual(65_536);
      }),
    );
  });

  it('without content cost what they cost', { timeout: 20_000 }, async () => {
    const nothing = new Uint8Array(0);
    const [one, none] = [lz4Frame([{ packed: Uint8Array.of(0) }], nothing), lz4Frame([], nothing)];
    const block = Buffer.from(one.subarray(7, one.length - 8));
    const many = concat(one.subarray(0, 7), Buffer.alloc(300_000 * block.length, block), one.subarray(one.length - 8));
    const skipped = Buffer.alloc(100_000 * 8, skippable(0, 1));
    const begun = performance.now();
    for (const b of [many, concat(skipped, Buffer.alloc(100_000 * none.length, none))])
      expect(await unpacked(b)).toEqual({ bytes: Buffer.alloc(0), failure: null });
    expect(performance.now() - begun).toBeLessThan(15_000);
  });
});
