import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { type CaptureInput, readCapture, UnreadableInput } from '../../src/capture/open.js';
import { expandInputs } from '../../src/cli/folders.js';
import { pcapFile } from '../bytes.js';
import { readBytes, readFile, readInput } from './support.js';

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

describe('inputs that cannot be read', () => {
  const cases: [string, Uint8Array | null, RegExp][] = [
    ['missing', null, /no such file or folder$/],
    ['empty', new Uint8Array(0), /is empty; make one with dumpcap or tcpdump -w$/],
    ['three bytes', Uint8Array.of(0xd4, 0xc3, 0xb2), /not a capture.* \(at byte 0\)$/],
    ['text', Buffer.from('hello, world'), /expected the magic of pcap or pcapng, found 68 65 6c 6c.*\(at byte 0\)$/],
    ['bzip2', Buffer.from('BZh91AY&SY'), /is compressed with bzip2: bzip2 -dc FILE \| clrscope -/],
    [
      'xz in gzip',
      zlib.gzipSync(Buffer.from('\xfd7zXZ\0\0\x04', 'latin1')),
      /it holds, .* is compressed with xz: xz -dc/,
    ],
    ['a ZIP archive', Buffer.from('PK\x03\x04\x14\0'), /is an archive: unpack it first/],
    ['Sniffer', Buffer.from('TRSNIFF data    \x1a'), /is a capture of Sniffer: editcap IN OUT\.pcapng/],
    ['a hex dump', Buffer.from('0000  4a 34 a6 c9'), /is a hex dump: .*text2pcap/],
    [
      'NRBF',
      Buffer.from('0001000000ffffffff0100000000000000', 'hex'),
      /is an NRBF stream: clrscope nrbf FILE reads it/,
    ],
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

describe('inputs', () => {
  const fromAnyPlace = (bytes: Uint8Array, good = bytes.length) => ({
    size: bytes.length,
    read: async (offset: number, length: number) => {
      if (offset + length > good) throw new Error('gone');
      return bytes.slice(offset, offset + length);
    },
  });

  it.each<[string, CaptureInput, number]>([
    ['bytes', file, file.length],
    ['a view of bytes', Buffer.concat([Buffer.alloc(3), file]).subarray(3), file.length],
    ['a Blob', new Blob([file]), file.length],
    ['what can be read from any place on', fromAnyPlace(file), file.length],
    ['a stream', new Blob([file]).stream() as AsyncIterable<Uint8Array>, 0],
  ])('%s', async (_name, input, total) => {
    const numbers: number[] = [];
    const totals = new Set<number>();
    await readCapture(input, (p) => void numbers.push(p.number), { onProgress: (_, of) => totals.add(of) });
    expect(numbers).toHaveLength(400);
    expect([...totals]).toEqual([total]);
  });

  it('one that breaks off gives what came before, and says so', async () => {
    const large = Buffer.concat([file, Buffer.alloc(3 << 20)]);
    const { end, packets } = await readInput(fromAnyPlace(large, 2 << 20));
    expect(packets.length).toBeGreaterThan(400);
    expect(end.damage?.message).toContain('reading failed: gone');
  });

  it('one that is empty is told by its kind', async () => {
    await expect(readCapture(new Uint8Array(0), () => {})).rejects.toThrow(/^bytes: it is empty/);
    await expect(readCapture(new Blob([]).stream(), () => {})).rejects.toThrow(/^stream: it is empty/);
  });

  it('a silent stream ends with the signal', async () => {
    const stop = new AbortController();
    const silent = async function* () {
      yield file;
      await new Promise(() => undefined);
    };
    const last = (p: { number: number }): void => {
      if (p.number === 400) stop.abort();
    };
    expect((await readCapture(silent(), last, { signal: stop.signal })).packets).toBe(400);
  });

  it('a file ends with the signal, though whoever takes its packets has not enough', async () => {
    const large = join(folder, 'large.pcap');
    writeFileSync(large, Buffer.concat([file, ...Array.from({ length: 40 }, () => file.subarray(24))]));
    const stop = new AbortController();
    const end = await readCapture(large, () => stop.abort(), { signal: stop.signal });
    expect(end.packets).toBeLessThan(10_000);
    expect(end.damage).toBeNull();
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
    // bytes that are no UTF-8 are a name all the same
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.of(0xe9)]), file);
    const others: string[] = [];
    await expandInputs([root], (path, reason) => others.push(`${path}: ${reason}`));
    expect(others).toContainEqual(expect.stringMatching(/caf\ufffd: its name is no UTF-8, .*rename it$/));
    mkdirSync(join(root, 'none'));
    await expect(expandInputs([join(root, 'none')])).rejects.toThrow(/holds no capture/);
  });
});
