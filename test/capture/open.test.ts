import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type ByteSource, decompressed } from '../../src/capture/compressed.js';
import { expandInputs, readCapture, UnreadableInput } from '../../src/capture/open.js';
import { ZstdPieces } from '../../src/capture/zstd.js';
import { pcapFile } from '../bytes.js';
import { readBytes, readFile } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

const many = Array.from({ length: 400 }, (_, i) => ({
  bytes: Uint8Array.from({ length: 300 }, (_, k) => (i * k * 7919) & 255),
  sec: 1_700_000_000 + i,
}));
const file = pcapFile(many);

describe('compressed captures', () => {
  it('gzip, also in several members, is read as what it holds', async () => {
    const half = file.length >> 1;
    for (const packed of [
      zlib.gzipSync(file),
      Buffer.concat([zlib.gzipSync(file.slice(0, half)), zlib.gzipSync(file.slice(half))]),
    ]) {
      const { packets, end } = await readBytes(packed);
      expect(packets.map((p) => p.bytes)).toEqual(many.map((p) => p.bytes));
      expect(end).toMatchObject({ format: 'gzip, pcap', damage: null });
    }
  });

  it('a cut gzip stream gives what it held before the cut, and says so', async () => {
    const packed = zlib.gzipSync(file);
    let before = 0;
    for (let cut = 200; cut < packed.length; cut += 997) {
      const { packets, end } = await readBytes(packed.subarray(0, cut));
      expect(end.damage?.message).toMatch(/gzip stream breaks off/);
      expect(packets.length).toBeGreaterThanOrEqual(before);
      before = packets.length;
    }
    expect(before).toBeGreaterThan(350);
  });

  it('a damaged gzip stream gives what came before', async () => {
    const packed = Buffer.from(zlib.gzipSync(file));
    packed.fill(0xff, packed.length - 20_000, packed.length - 19_900);
    const { packets, end } = await readBytes(packed);
    expect(packets.length).toBeGreaterThan(100);
    expect(end.damage).not.toBeNull();
  });

  it('zstd (frames with raw and run-length blocks, RFC 8878 3.1.1)', async () => {
    const size = Buffer.alloc(4);
    const rawBlock = (b: Uint8Array, last: boolean) => {
      size.writeUInt32LE((b.length << 3) | (last ? 1 : 0));
      return Buffer.concat([size.subarray(0, 3), b]);
    };
    const blocks: Buffer[] = [];
    for (let at = 0; at < file.length; at += 60_000)
      blocks.push(rawBlock(file.slice(at, at + 60_000), at + 60_000 >= file.length));
    const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58]), ...blocks]);
    const whole = await readBytes(frame);
    expect(whole.packets.map((p) => p.bytes)).toEqual(many.map((p) => p.bytes));
    expect(whole.end).toMatchObject({ format: 'zstd, pcap', damage: null });
    const cut = await readBytes(frame.subarray(0, 100_000));
    expect(cut.packets.length).toBeGreaterThan(100);
    expect(cut.end.damage?.message).toMatch(/zstd stream breaks off/);
  });
});

describe('zstd without help from Node', () => {
  const hasNative = 'createZstdDecompress' in zlib;
  const bytesOf = (b: Uint8Array): ByteSource => {
    let at = 0;
    return {
      failure: null,
      get taken() {
        return at;
      },
      close: async () => undefined,
      async read(into, from, max) {
        const n = Math.min(max, b.length - at);
        into.set(b.subarray(at, at + n), from);
        at += n;
        return n;
      },
    };
  };

  it.skipIf(hasNative)('a few bytes that stand for gigabytes are taken a block at a time', async () => {
    // 16,000 run-length blocks of 128 KB in a frame with a window of 128 KB
    const blocks = Buffer.alloc(4 * 16_000);
    for (let at = 0; at < blocks.length; at += 4) blocks.writeUInt32LE((131_072 << 3) | (1 << 1), at);
    const source = decompressed('zstd', bytesOf(Buffer.concat([Buffer.from('28b52ffd0038', 'hex'), blocks])));
    const into = new Uint8Array(1 << 20);
    for (let megabytes = 1; megabytes <= 20; megabytes++) {
      let n = 0;
      while (n < into.length) n += await source.read(into, n, into.length - n);
      expect(source.taken).toBeLessThan(6 + 4 * (8 * megabytes + 5));
    }
    expect(source.failure).toBeNull();
  });

  it('pieces end where blocks end, however the stream is cut; skippable frames are passed over', () => {
    const frame = [
      ...[0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58],
      ...[(3 << 3) & 0xff, 0, 0, 1, 2, 3],
      ...[(9 << 3) | 2 | 1, 0, 0, 7, 0xaa, 0xaa, 0xaa, 0xaa],
    ];
    const stream = Uint8Array.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5, ...frame, ...frame]);
    const pieces = new ZstdPieces();
    const lengths: number[] = [];
    for (let at = 0, end = 0; at < stream.length; ) {
      const n = pieces.next(stream, at, end);
      if (n === 0) end++;
      else lengths.push(n);
      at += n;
    }
    expect(lengths).toEqual([8, 1, 1, 1, 1, 1, 6, 6, 8, 6, 6, 8]);
  });

  it('a window that nobody should be asked for is refused, in any frame', () => {
    const pieces = new ZstdPieces();
    const header = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0, 0]);
    expect(() => pieces.next(header, 0, header.length)).toThrow('window');
  });
});

describe('inputs that cannot be read', () => {
  const cases: [string, Uint8Array | null, RegExp][] = [
    ['missing', null, /no such file or folder$/],
    ['empty', new Uint8Array(0), /is empty; make one with dumpcap or tcpdump -w$/],
    ['three bytes', Uint8Array.of(0xd4, 0xc3, 0xb2), /not a capture.* \(at byte 0\)$/],
    ['text', Buffer.from('hello, world'), /expected the magic of pcap or pcapng, found 68 65 6c 6c.*\(at byte 0\)$/],
    ['text in gzip', zlib.gzipSync('hello, world'), /gzip compressed, is not a capture.*\(at byte 0\)$/],
  ];
  for (const [name, content, message] of cases)
    it(`${name}: the file, the reason and the offset are named, where there is one`, async () => {
      const path = join(folder, `unreadable ${name}`);
      if (content !== null) writeFileSync(path, content);
      const failure = await readCapture(path, () => {}).catch((e: unknown) => e);
      expect(failure).toBeInstanceOf(UnreadableInput);
      expect((failure as Error).message).toMatch(message);
      expect((failure as Error).message).toContain(path);
    });
});

describe('reading', () => {
  it('stops when asked to, and tells its progress', async () => {
    const path = join(folder, 'plain.pcap');
    writeFileSync(path, file);
    let seen = 0;
    const progress: [number, number][] = [];
    const end = await readCapture(path, (p) => ++seen < 5 && p.number < 5, { onProgress: (...n) => progress.push(n) });
    expect([seen, end.packets]).toEqual([5, 5]);
    expect(progress.at(-1)).toEqual([file.length, file.length]);
    expect((await readFile(path)).packets).toHaveLength(400);
  });

  it('an exception of the callback comes through, and the file is closed', async () => {
    const path = join(folder, 'plain.pcap');
    await expect(
      readCapture(path, () => {
        throw new RangeError('mine');
      }),
    ).rejects.toThrow('mine');
  });
});

describe('folders', () => {
  it('are searched downwards in order, by magic and not by name; links to folders are left alone', async () => {
    const root = join(folder, 'tree');
    mkdirSync(join(root, 'b', 'c'), { recursive: true });
    writeFileSync(join(root, 'z.bin'), file);
    writeFileSync(join(root, 'a.pcap'), 'not one');
    writeFileSync(join(root, 'b', 'one.gz'), zlib.gzipSync(file));
    writeFileSync(join(root, 'b', 'two.gz'), zlib.gzipSync('not one'));
    writeFileSync(join(root, 'b', 'c', 'x'), file);
    symlinkSync(root, join(root, 'b', 'circle'));
    expect(await expandInputs(['-', root, 'given'])).toEqual([
      '-',
      join(root, 'z.bin'),
      join(root, 'b', 'one.gz'),
      join(root, 'b', 'c', 'x'),
      'given',
    ]);
    mkdirSync(join(root, 'none'));
    await expect(expandInputs([join(root, 'none')])).rejects.toThrow(/holds no capture/);
  });
});
