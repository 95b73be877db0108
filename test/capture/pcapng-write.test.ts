/** pcapng that was written is read as what it was written of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Packet, readCapture } from '../../src/capture/open.js';
import { PcapngWriter } from '../../src/capture/pcapng/write.js';
import { block, concat, enhancedPacket, interfaceBlock, option, sectionHeader, u16, u32 } from '../bytes.js';
import { type Read, readBytes } from './support.js';

const name = fc.option(fc.string({ maxLength: 20 }));
const interfaces = fc.array(
  fc.record({ id: fc.constant(0), link: fc.nat(0xffff), snapLength: fc.nat(0xffffffff), name, description: name }),
  { minLength: 1, maxLength: 4 },
);
const packet = fc.record({
  // far off too: some captures have clocks that are
  sec: fc.oneof(fc.nat(), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
  nsec: fc.nat(999_999_999),
  bytes: fc.uint8Array({ maxLength: 100 }),
  cut: fc.nat(2000),
  which: fc.nat(3),
});

test('packets with their bytes, lengths and times, and their interfaces', async () => {
  await fc.assert(
    fc.asyncProperty(interfaces, fc.array(packet, { maxLength: 20 }), fc.boolean(), async (all, packets, classic) => {
      const parts: Uint8Array[] = [];
      const writer = new PcapngWriter((bytes) => parts.push(bytes));
      const used: number[] = [];
      const wanted = packets.map(({ sec, nsec, bytes, cut, which }, i) => {
        const interfaceId = classic ? 0 : which % all.length;
        const from = all[interfaceId];
        if (!used.includes(interfaceId)) used.push(interfaceId);
        const length = bytes.length + cut;
        const around = concat([1, 2, 3], bytes, [4, 5]);
        writer.packet({
          ...{ number: i + 1, sec, nsec, link: from.link, length, fileOffset: 0, interfaceId },
          ...{ bytes: around, start: 3, end: 3 + bytes.length, interface: classic ? null : from },
        });
        return { sec, nsec, link: from.link, length, bytes };
      });
      writer.end();
      const { packets: read, end } = await readBytes(concat(...parts));
      expect(read.map(({ sec, nsec, link, length, bytes }: Read) => ({ sec, nsec, link, length, bytes }))).toEqual(
        wanted,
      );
      expect(end.damage).toBeNull();
      if (!classic && packets.every(({ sec }) => sec >= 0 && sec < 2 ** 34))
        expect(end.interfaces).toEqual(used.map((from, id) => ({ ...all[from], id })));
    }),
  );
});

test('what was written goes on at once, and nothing of it changes behind that', async () => {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => parts.push(bytes));
  const bytes = Uint8Array.of(1, 2, 3);
  const one: Packet = {
    ...{ number: 1, sec: 1, nsec: 2, link: 1, bytes, start: 0, end: 3, length: 3, fileOffset: 0 },
    ...{ interfaceId: 0, interface: null },
  };
  writer.packet(one);
  const written = concat(...parts);
  bytes.fill(9);
  writer.packet(one);
  expect(concat(...parts).subarray(0, written.length)).toEqual(written);
  let count = 0;
  await readCapture(concat(...parts), () => count++);
  expect(count).toBe(2);
});

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const noBytes = new Uint8Array();

/** A section with all that stands between packets, and packets of three kinds; its length is told. */
function section(le: boolean): Uint8Array {
  const packet = Uint8Array.of(1, 2, 3, 4, 5);
  const end = option(0, noBytes, le);
  const head = sectionHeader(le, concat(option(1, text('a section'), le), end));
  new DataView(head.buffer).setBigInt64(16, 4n, le);
  return concat(
    head,
    interfaceBlock(le, 1, concat(option(2, text('eth0'), le), option(14, new Uint8Array(8), le), end)),
    interfaceBlock(le, 101, option(9, Uint8Array.of(0x94), le)),
    enhancedPacket(packet, { le, stamp: 7n, length: 99, options: concat(option(1, text('odd'), le), end) }),
    block(4, concat(u16(1, le), u16(6, le), [10, 0, 0, 1], text('x'), [0, 0, 0], u32(0, le)), le),
    block(3, concat(u32(5, le), packet, [0, 0, 0]), le),
    block(0x0bad, new Uint8Array(20), le),
    block(2, concat(u16(1, le), u16(3, le), u32(1, le), u32(2, le), u32(5, le), u32(6, le), packet, [0, 0, 0]), le),
    block(5, concat(u32(0, le), u32(0, le), u32(0, le)), le),
  );
}

/** Writes a capture as it is read. */
async function written(file: Uint8Array, comments?: (number: number) => string[]): Promise<[Uint8Array, PcapngWriter]> {
  const parts: Uint8Array[] = [];
  const writer = new PcapngWriter((bytes) => parts.push(bytes));
  await readCapture(file, (p) => writer.packet(p, comments?.(p.number)), { onBlock: (b) => writer.block(b) });
  return [concat(...parts), writer];
}

test('pcapng goes on byte for byte, of either byte order, but for the length of its sections', async () => {
  const file = concat(section(true), section(false));
  const [copy] = await written(file);
  const wanted = file.slice();
  for (const at of [0, section(true).length]) wanted.fill(0xff, at + 16, at + 24);
  expect(copy).toEqual(wanted);
});

test('comments stand beside those that packets have; times, where they are told, lengths and interfaces stay', async () => {
  for (const le of [true, false]) {
    const file = section(le);
    const [copy] = await written(file, (number) => [`said of ${number} ✗`, 'again']);
    const [before, after] = [await readBytes(file), await readBytes(copy)];
    // a block with comments cannot leave its time out
    const facts = ({ fileOffset: _, sec, ...rest }: Read) => ({ sec: sec || 0, ...rest });
    expect(after.packets.map(facts)).toEqual(before.packets.map(facts));
    expect(after.end).toMatchObject({ damage: null, names: before.end.names, statistics: before.end.statistics });
    const own = ['said of 1 ✗', 'again', 'odd', 'said of 2 ✗', 'again', 'said of 4 ✗', 'again'];
    expect(after.end.comments).toEqual(['a section', ...own]);
  }
});

test('secrets, and blocks that say so, are not copied', async () => {
  const plain = section(true);
  const key = block(10, concat(u32(0x544c534b, true), u32(3, true), text('key'), [0]), true);
  const own = block(0x40000bad, new Uint8Array(20), true);
  const [copy, writer] = await written(concat(plain, key, own));
  expect(copy).toEqual((await written(plain))[0]);
  expect(writer.secrets).toBe(1);
});

test('hostile: whatever is read is written so that it can be read', async () => {
  const file = concat(section(true), section(false));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 }), async (changes) => {
      const odd = file.slice();
      for (const [at, value] of changes) odd[at] = value;
      odd.set(file.subarray(0, 12));
      const [before, [copy]] = [await readBytes(odd), await written(odd, () => ['said'])];
      if (copy.length === 0) return;
      const after = await readBytes(copy);
      const bytes = ({ bytes }: Read) => bytes;
      expect(after.packets.map(bytes)).toEqual(before.packets.map(bytes));
    }),
  );
});
