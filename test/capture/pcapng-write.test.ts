/** pcapng that was written is read as what it was written of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Packet, readCapture } from '../../src/capture/open.js';
import { PcapngWriter } from '../../src/capture/pcapng/write.js';
import { concat } from '../bytes.js';
import { type Read, readBytes } from './support.js';

const name = fc.option(fc.string({ maxLength: 20 }));
const interfaces = fc.array(
  fc.record({ link: fc.nat(0xffff), snapLength: fc.nat(0xffffffff), name, description: name }),
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
      const { packets: read, end } = await readBytes(concat(...parts));
      expect(read.map(({ sec, nsec, link, length, bytes }: Read) => ({ sec, nsec, link, length, bytes }))).toEqual(
        wanted,
      );
      expect(end.damage).toBeNull();
      if (!classic && packets.every(({ sec }) => sec >= 0 && sec < 2 ** 34))
        expect(end.interfaces).toEqual(used.map((id) => all[id]));
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
