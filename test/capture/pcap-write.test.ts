/** pcap that was written is read as what it was written of. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyPacket } from '../../src/capture/packet.js';
import { PcapWriter } from '../../src/capture/pcap-write.js';
import { concat } from '../bytes.js';
import { type Read, readBytes } from './support.js';

const packet = fc.record({
  sec: fc.nat(0xffffffff),
  nsec: fc.nat(999_999).map((n) => n * 1000),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 100 }),
  cut: fc.nat(2000),
});

const gathering = (): [PcapWriter, Uint8Array[]] => {
  const parts: Uint8Array[] = [];
  return [new PcapWriter((bytes) => parts.push(bytes)), parts];
};

test('packets with their bytes, lengths and times, in microseconds and nanoseconds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(packet, { maxLength: 20 }), fc.nat(0xffff), fc.boolean(), async (packets, link, nano) => {
      const [writer, parts] = gathering();
      const wanted = packets.map(({ sec, nsec, bytes, cut }) => {
        const time = { sec, nsec: nano ? nsec + 7 : nsec };
        const length = bytes.length + cut;
        const place = { bytes: concat([1, 2, 3], bytes, [4, 5]), start: 3, end: 3 + bytes.length, length };
        writer.packet({ ...emptyPacket(), ...time, ...place, link, units: nano ? 1e9 : 1e6 });
        return { ...time, link, length, bytes };
      });
      writer.end();
      const { packets: read, end } = await readBytes(concat(...parts));
      expect(read.map(({ sec, nsec, link, length, bytes }: Read) => ({ sec, nsec, link, length, bytes }))).toEqual(
        wanted,
      );
      expect([end.damage, end.format]).toEqual([null, nano && packets.length > 0 ? 'pcap (nanoseconds)' : 'pcap']);
    }),
  );
});

test('invalid: a second link type, and times without room', () => {
  const [writer] = gathering();
  writer.packet({ ...emptyPacket(), link: 1 });
  expect(() => writer.packet({ ...emptyPacket(), link: 113 })).toThrow(/link type 113, others are of 1/);
  for (const sec of [-1, 2 ** 32]) expect(() => writer.packet({ ...emptyPacket(), link: 1, sec })).toThrow(/no room/);
});
