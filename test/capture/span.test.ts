import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOf, spanOf } from '../../src/capture/span.js';
import { concat, enhancedPacket, interfaceBlock, option, pcapFile, sectionHeader } from '../bytes.js';
import { allCaptures } from '../fuzz/way.js';
import { readBytes } from './support.js';

/** Bytes as a file; `taken` says how many were asked for. */
function fileOf(bytes: Uint8Array, size = bytes.length) {
  const file = {
    size,
    taken: 0,
    async read(offset: number, length: number) {
      file.taken += length;
      const found = bytes.subarray(offset, offset + length);
      return concat(found, new Uint8Array(length - found.length));
    },
  };
  return file;
}

const ns = (time: { sec: number; nsec: number } | undefined): bigint | undefined =>
  time && BigInt(time.sec) * 1_000_000_000n + BigInt(time.nsec);

/** 3,000 packets of a kilobyte, ten milliseconds apart. */
const PACKETS = Array.from({ length: 3000 }, (_, at) => ({
  bytes: new Uint8Array(1000).fill(at),
  sec: 1_700_000_000 + Math.floor(at / 100),
  fraction: (at % 100) * 10_000,
}));
const LAST = 1_700_000_029_990_000_000n;

const stamp = (at: number): bigint => 1_700_000_000_000_000n + BigInt(at) * 10_000n;
const PCAPNG = concat(
  sectionHeader(false),
  interfaceBlock(false, 1),
  interfaceBlock(false, 1, option(9, Uint8Array.of(9), false)),
  ...PACKETS.map(({ bytes }, at) => enhancedPacket(bytes, { le: false, stamp: stamp(at) })),
  // the last one is of an interface that tells nanoseconds
  enhancedPacket(new Uint8Array(5), { le: false, interfaceId: 1, stamp: LAST + 7n }),
);

describe('when a capture begins and ends', () => {
  it('is found as a reader of the whole finds it', async () => {
    for (const path of allCaptures()) {
      const bytes = new Uint8Array(readFileSync(path));
      const { packets, end } = await readBytes(bytes);
      const [first, last] = [ns(packets[0]), ns(packets.at(-1))];
      const format = end.format.replace(/^(gzip|zstd|lz4), /, '');
      expect(await spanOf(fileOf(bytes)), path).toEqual({ format, link: packets[0].link, first, last });
      expect(await firstOf(fileOf(bytes)), path).toBe(first);
    }
  });

  it.each([
    ['pcap', pcapFile(PACKETS), LAST],
    ['pcap, big endian, with long record headers', pcapFile(PACKETS, { littleEndian: false, magic: 0xa1b2cd34 }), LAST],
    ['pcapng', PCAPNG, LAST + 7n],
  ])('takes little of %s', async (_, bytes, last) => {
    const file = fileOf(bytes);
    expect(await spanOf(file)).toMatchObject({ first: 1_700_000_000_000_000_000n, last });
    expect(file.taken).toBeLessThan(100_000);
  });

  it('of what is compressed, or cut, is found by reading all of it, unless that is too much', async () => {
    const cut = pcapFile(PACKETS).subarray(0, -5);
    const before = LAST - 10_000_000n;
    expect((await spanOf(fileOf(cut)))?.last).toBe(before);
    expect((await spanOf(fileOf(gzipSync(cut))))?.last).toBe(before);
    const file = fileOf(cut, 1 << 27);
    expect(await spanOf(file)).toMatchObject({ first: 1_700_000_000_000_000_000n, last: null });
    expect(file.taken).toBeLessThan(5_000_000);
  });

  it('is not known of what has no time, and of what is no capture', async () => {
    const simple = concat(sectionHeader(), interfaceBlock(), enhancedPacket(new Uint8Array(4), { stamp: 0n }));
    for (const bytes of [simple, pcapFile([]), new Uint8Array(), new TextEncoder().encode('no capture')])
      expect(await spanOf(fileOf(bytes))).toBeNull();
  });

  it('attack: whatever stands there, an answer comes', async () => {
    const beginnings = fc.constantFrom(pcapFile(PACKETS.slice(0, 3)), PCAPNG.subarray(0, 3000), new Uint8Array());
    await fc.assert(
      fc.asyncProperty(beginnings, fc.uint8Array({ maxLength: 300 }), async (front, rest) => {
        const span = await spanOf(fileOf(concat(front, rest)));
        expect(span === null || span.first > 0n).toBe(true);
      }),
    );
  });
});
