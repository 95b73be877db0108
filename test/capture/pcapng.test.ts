import { describe, expect, it } from 'vitest';
import { block, concat, enhancedPacket, interfaceBlock, option, sectionHeader, u16, u32 } from '../bytes.js';
import { readBytes } from './support.js';

const text = (s: string) => new TextEncoder().encode(s);
const packet = Uint8Array.of(1, 2, 3, 4, 5);

describe('pcapng', () => {
  for (const le of [true, false])
    it(`${le ? 'little' : 'big'} endian: packets of EPB, SPB and PB, names, statistics, secrets, comments`, async () => {
      const file = concat(
        sectionHeader(le, option(1, text('a section'), le)),
        interfaceBlock(
          le,
          1,
          concat(option(2, text('eth0'), le), option(3, text('the wire'), le), option(0, packet.slice(0, 0), le)),
        ),
        enhancedPacket(packet, { le, stamp: 1_700_000_000_000_005n, length: 99, options: option(1, text('odd'), le) }),
        block(0x0bad, new Uint8Array(20), le),
        block(0x7777, new Uint8Array(4), le),
        block(3, concat(u32(5, le), packet, [0, 0, 0]), le),
        block(
          2,
          concat(u16(0, le), u16(0, le), u32(395812, le), u32(100, le), u32(5, le), u32(5, le), packet, [0, 0, 0]),
          le,
        ),
        block(
          4,
          concat(
            u16(1, le),
            u16(9, le),
            [10, 0, 0, 1],
            text('srv\0'),
            text('x'),
            [0, 0, 0],
            u16(2, le),
            u16(18, le),
            new Uint8Array(15),
            [1],
            text('l\0'),
            [0, 0],
            u32(0, le),
          ),
          le,
        ),
        block(
          5,
          concat(
            u32(0, le),
            u32(0, le),
            u32(0, le),
            option(4, concat(...(le ? [u32(7, le), u32(1, le)] : [u32(1, le), u32(7, le)])), le),
          ),
          le,
        ),
        block(10, concat(u32(0x544c534b, le), u32(3, le), text('key'), [0]), le),
      );
      const { packets, end } = await readBytes(file);
      expect(end.damage).toBeNull();
      expect(packets.map((p) => [p.number, p.bytes.join(), p.length])).toEqual([
        [1, '1,2,3,4,5', 99],
        // the custom block is a frame too, as in Wireshark; the one that nobody knows is none
        [3, '1,2,3,4,5', 5],
        [4, '1,2,3,4,5', 5],
      ]);
      expect([packets[0].sec, packets[0].nsec]).toEqual([1_700_000_000, 5000]);
      expect(packets[1].sec, 'a simple packet block tells no time').toBeNaN();
      expect(end).toMatchObject({
        format: 'pcapng',
        linkTypes: [1],
        comments: ['a section', 'odd'],
        names: [
          { address: '10.0.0.1', names: ['srv', 'x'] },
          { address: '::1', names: ['l'] },
        ],
        interfaces: [{ link: 1, name: 'eth0', description: 'the wire' }],
        statistics: [{ interfaceId: 0, received: (1n << 32n) + 7n, dropped: null }],
        secrets: [{ type: 0x544c534b, bytes: text('key') }],
      });
      for (const p of packets) expect(file.slice(p.fileOffset, p.fileOffset + 5)).toEqual(p.bytes);
    });

  const resolutions: [string, number, bigint, number, number][] = [
    ['seconds', 0, 1_700_000_000n, 1_700_000_000, 0],
    ['milliseconds', 3, 1_700_000_000_123n, 1_700_000_000, 123_000_000],
    ['nanoseconds', 9, 1_700_000_000_123_456_789n, 1_700_000_000, 123_456_789],
    ['picoseconds', 12, 17_000_000_123_456_789_012n, 17_000_000, 123_456_789],
    ['2^-10 s', 0x8a, (1_700_000_000n << 10n) + 512n, 1_700_000_000, 500_000_000],
    ['2^-20 s', 0x94, (1_700_000_000n << 20n) + 1n, 1_700_000_000, 953],
    ['2^-32 s', 0xa0, (1_700_000_000n << 32n) + (1n << 30n), 1_700_000_000, 250_000_000],
  ];
  for (const [name, resolution, stamp, sec, nsec] of resolutions)
    it(`if_tsresol: ${name}`, async () => {
      const options = option(9, Uint8Array.of(resolution));
      const { packets } = await readBytes(
        concat(sectionHeader(), interfaceBlock(true, 1, options), enhancedPacket(packet, { stamp })),
      );
      expect([packets[0].sec, packets[0].nsec]).toEqual([sec, nsec]);
    });

  it('if_tsoffset is added, negative too', async () => {
    const options = option(14, concat(u32(-100, true), u32(-1, true)));
    const file = concat(
      sectionHeader(),
      interfaceBlock(true, 1, options),
      enhancedPacket(packet, { stamp: 5_000_000_000n }),
    );
    expect((await readBytes(file)).packets[0].sec).toBe(4900);
  });

  it('sections of either byte order follow each other, each with interfaces of its own', async () => {
    const file = concat(
      sectionHeader(true),
      interfaceBlock(true, 1),
      enhancedPacket(packet),
      sectionHeader(false),
      interfaceBlock(false, 101),
      interfaceBlock(false, 276),
      enhancedPacket(packet, { le: false, interfaceId: 1 }),
    );
    const { packets, end } = await readBytes(file, 7);
    expect(packets.map((p) => [p.link, p.interfaceId])).toEqual([
      [1, 0],
      [276, 2],
    ]);
    expect(end.linkTypes).toEqual([1, 101, 276]);
  });

  it('cut at every byte: no throw, earlier packets stay, the damage is named', async () => {
    const parts = [
      sectionHeader(),
      interfaceBlock(),
      enhancedPacket(packet),
      block(0x0bad, new Uint8Array(8)),
      enhancedPacket(packet),
    ];
    const file = concat(...parts);
    const ends: number[] = [];
    for (const part of parts) ends.push((ends[ends.length - 1] ?? 0) + part.length);
    for (let cut = 4; cut <= file.length; cut++) {
      const { packets, end } = await readBytes(file.slice(0, cut));
      expect(packets.length).toBe(cut >= ends[4] ? 2 : cut >= ends[2] ? 1 : 0);
      expect(end.damage === null).toBe(ends.includes(cut));
      if (end.damage !== null) expect(end.damage.offset).toBeLessThanOrEqual(cut);
    }
  });

  it('a block with a hostile length: the next one is found, nothing is allocated by it', async () => {
    const blocks = Array.from({ length: 9 }, (_, i) => enhancedPacket(new Uint8Array(40).fill(i)));
    const head = concat(sectionHeader(), interfaceBlock());
    for (const length of [0xfffffff0, 60 << 20, 4, 13, 0]) {
      const file = concat(head, ...blocks);
      const at = head.length + 3 * blocks[0].length;
      new DataView(file.buffer).setUint32(at + 4, length, true);
      const { packets, end } = await readBytes(file);
      expect(packets.map((p) => p.bytes[0])).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
      expect(end.damage?.offset).toBe(at);
      expect(end.damage?.message).toMatch(/reading goes on at byte/);
    }
  });

  it('a long block of unknown kind is passed over without being held', async () => {
    const file = concat(
      sectionHeader(),
      interfaceBlock(),
      block(0x12345, new Uint8Array(3 << 20)),
      enhancedPacket(packet),
    );
    const { packets, end } = await readBytes(file, 50_000);
    expect(packets).toHaveLength(1);
    expect(end.damage).toBeNull();
  });

  it('content that makes no sense costs its block only', async () => {
    const bad = enhancedPacket(packet);
    new DataView(bad.buffer).setUint32(20, 4000, true);
    const file = concat(
      sectionHeader(),
      interfaceBlock(),
      bad,
      enhancedPacket(packet, { interfaceId: 9 }),
      enhancedPacket(packet),
    );
    const { packets, end } = await readBytes(file);
    expect(packets.map((p) => p.number)).toEqual([3]);
    expect(end.damage?.message).toMatch(/packet 1 has 4000 captured bytes/);
  });

  it('any byte set to any extreme: no throw', async () => {
    const file = concat(
      sectionHeader(),
      interfaceBlock(true, 1, option(9, Uint8Array.of(6))),
      enhancedPacket(packet),
      enhancedPacket(packet),
    );
    for (let at = 4; at < file.length; at++)
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const damaged = file.slice();
        damaged[at] = value;
        await readBytes(damaged);
      }
  });

  it('numbers a custom block among the frames, however long it is and wherever it lies', async () => {
    for (const size of [8, 300_000, 20 << 20]) {
      const file = concat(
        sectionHeader(),
        interfaceBlock(true, 1),
        enhancedPacket(packet),
        block(0xbad, new Uint8Array(size)),
        enhancedPacket(packet),
      );
      const { packets } = await readBytes(file);
      expect([size, packets.map(({ number }) => number)]).toEqual([size, [1, 3]]);
    }
  });
});
