import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FilePacket, pcapFile } from '../bytes.js';
import { SHARED } from '../cli.js';
import { REAL, TRAFFIC } from '../traffic.js';
import { readBytes, readFile } from './support.js';

const three: FilePacket[] = [
  { bytes: Uint8Array.of(1, 2, 3), sec: 1_700_000_000, fraction: 5 },
  { bytes: new Uint8Array(60).fill(7), sec: 1_700_000_001, fraction: 999_999, length: 1500 },
  { bytes: new Uint8Array(0), sec: 4_294_967_295, fraction: 0, length: 40 },
];

describe('classic pcap', () => {
  for (const littleEndian of [true, false])
    for (const [magic, unit, format] of [
      [0xa1b2c3d4, 1000, 'pcap'],
      [0xa1b23c4d, 1, 'pcap (nanoseconds)'],
      [0xa1b2cd34, 1000, 'pcap (modified)'],
    ] as const)
      it(`magic ${magic.toString(16)}, ${littleEndian ? 'little' : 'big'} endian`, async () => {
        const file = pcapFile(three, { littleEndian, magic, link: 113 });
        const { packets, end } = await readBytes(file);
        expect(end).toMatchObject({ packets: 3, format, linkTypes: [113], damage: null });
        expect(packets.map((p) => p.bytes)).toEqual(three.map((p) => p.bytes));
        expect(packets.map((p) => [p.number, p.sec, p.nsec, p.length])).toEqual([
          [1, 1_700_000_000, 5 * unit, 3],
          [2, 1_700_000_001, 999_999 * unit, 1500],
          [3, 4_294_967_295, 0, 40],
        ]);
        for (const p of packets) expect(file.slice(p.fileOffset, p.fileOffset + p.bytes.length)).toEqual(p.bytes);
      });

  describe('lengths of a packet before version 2.4 (libpcap sf-pcap.c)', () => {
    const lost = [60, 154];
    const read = async (major: number, minor: number, pairs: readonly (readonly number[])[]) => {
      const file = pcapFile([...pairs].map((_, i) => ({ bytes: new Uint8Array(60).fill(i), sec: 700_000_000 + i })));
      const view = new DataView(file.buffer, file.byteOffset);
      view.setUint16(4, major, true);
      view.setUint16(6, minor, true);
      for (const [i, [first, second]] of pairs.entries()) {
        view.setUint32(24 + i * 76 + 8, first, true);
        view.setUint32(24 + i * 76 + 12, second, true);
      }
      const { packets, end } = await readBytes(file);
      expect(end.damage).toBeNull();
      return packets.map((p) => [p.bytes.length, p.length]);
    };

    it('before 2.3, and of DG/UX (543.0), the original length stands in front', async () => {
      for (const [major, minor] of [
        [2, 0],
        [2, 2],
        [543, 0],
      ])
        expect(await read(major, minor, [lost.toReversed(), [60, 60]])).toEqual([lost, [60, 60]]);
    });

    it('in 2.3 the longer one is the original, wherever it stands', async () => {
      expect(await read(2, 3, [lost, lost.toReversed()])).toEqual([lost, lost]);
    });

    it('from 2.4 on what was captured stands in front', async () => {
      expect(await read(2, 4, [lost, [60, 60]])).toEqual([lost, [60, 60]]);
    });

    it('the search for the next packet behind damage knows the order too', async () => {
      const file = pcapFile(
        Array.from({ length: 4 }, (_, i) => ({ bytes: new Uint8Array(60).fill(i), sec: 700_000_000 + i })),
      );
      const view = new DataView(file.buffer, file.byteOffset);
      view.setUint16(6, 2, true);
      for (let i = 0; i < 4; i++) view.setUint32(24 + i * 76 + 8, 154, true);
      view.setUint32(24 + 76 + 12, 0x7fffffff, true);
      const { packets } = await readBytes(file);
      expect(packets.map((p) => p.length)).toEqual([154, 154, 154]);
    });
  });

  it('a packet over any number of chunks is whole, wherever the cuts are', async () => {
    const file = pcapFile(three);
    const whole = await readBytes(file);
    for (let chunk = 1; chunk <= file.length; chunk++) expect(await readBytes(file, chunk)).toEqual(whole);
  });

  it('packets longer than the head room of the window are whole', async () => {
    const big = (n: number, fill: number) => ({ bytes: new Uint8Array(n).fill(fill), sec: 1_700_000_000 });
    const packets = [big(200_000, 1), big(5, 2), big(3_000_000, 3), big(9_000_000, 4), big(100, 5)];
    const read = await readBytes(pcapFile(packets, { snapLength: 16 << 20 }), 70_000);
    expect(read.end.damage).toBeNull();
    expect(read.packets.map((p) => p.bytes.length)).toEqual(packets.map((p) => p.bytes.length));
    for (const [i, p] of read.packets.entries()) expect(Buffer.compare(p.bytes, packets[i].bytes)).toBe(0);
  });

  it('cut at every byte: what is before the cut is read, the damage is named', async () => {
    const file = pcapFile(three);
    const ends = [24];
    for (const p of three) ends.push(ends[ends.length - 1] + 16 + p.bytes.length);
    for (let cut = 4; cut <= file.length; cut++) {
      const { packets, end } = await readBytes(file.slice(0, cut));
      expect(packets.length).toBe(Math.max(0, ends.filter((e) => e <= cut).length - 1));
      expect(end.packets).toBe(packets.length);
      if (ends.includes(cut)) expect(end.damage).toBeNull();
      else {
        expect(end.damage?.message).toMatch(/cut/);
        expect(end.damage?.offset).toBe(cut < 24 ? cut : Math.max(...ends.filter((e) => e < cut)));
      }
    }
  });

  it('a hostile captured length is no allocation, and the packets behind it are found again', async () => {
    const packets = Array.from({ length: 50 }, (_, i) => ({
      bytes: new Uint8Array(100).fill(i),
      sec: 1_700_000_000 + i,
    }));
    for (const length of [0xffffffff, 0x7fffffff, 300_000, 200_000, 5000]) {
      const file = pcapFile(packets);
      new DataView(file.buffer).setUint32(24 + 10 * 116 + 8, length, true);
      const before = process.memoryUsage().arrayBuffers;
      const { packets: read, end } = await readBytes(file);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
      if (length === 5000) continue; // swallows whole packets: nothing tells before the end of what it took
      expect(read.map((p) => p.bytes[0])).toEqual([...Array(50).keys()].filter((i) => i !== 10));
      expect(end.damage?.offset).toBe(24 + 10 * 116);
      expect(end.damage?.message).toMatch(/reading goes on at byte 1300 \(116 bytes skipped\)/);
    }
  });

  it('any byte set to any extreme: no throw', async () => {
    const file = pcapFile(three);
    for (let at = 4; at < file.length; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = file.slice();
        damaged[at] = value;
        await readBytes(damaged);
      }
  });

  it('pcap-parser sees the same packets in every capture', async () => {
    const { parse } = createRequire(import.meta.url)('pcap-parser') as {
      parse(path: string): NodeJS.EventEmitter;
    };
    let compared = 0;
    for (const folder of SHARED === null ? [TRAFFIC] : [TRAFFIC, REAL])
      for (const name of readdirSync(folder).filter((n) => n.endsWith('.pcap'))) {
        const path = join(folder, name);
        const theirs: { header: Record<string, number>; data: Buffer }[] = [];
        const readable = await new Promise<boolean>((resolve) => {
          const parser = parse(path);
          parser.on('packet', (p) => theirs.push(p));
          parser.on('end', () => resolve(true));
          parser.on('error', () => resolve(false));
        });
        if (!readable) continue; // nanosecond magics, and pcapng under a pcap name
        const { packets, end } = await readFile(path);
        expect(end.damage, name).toBeNull();
        expect(packets.length, name).toBe(theirs.length);
        for (const [i, p] of packets.entries()) {
          const { header, data } = theirs[i];
          expect([p.sec, p.nsec, p.length]).toEqual([
            header.timestampSeconds,
            header.timestampMicroseconds * 1000,
            header.originalLength,
          ]);
          expect(Buffer.compare(p.bytes, data)).toBe(0);
        }
        compared++;
      }
    expect(compared).toBeGreaterThan(SHARED === null ? 8 : 40);
  });
});
