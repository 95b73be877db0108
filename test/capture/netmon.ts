/** Files of Network Monitor 2. */
import { concat, u16, u32 } from '../bytes.js';

/** A file of Network Monitor 2 with these packets, each of a network of its own. */
export function netmon(
  minor: 1 | 2 | 3,
  ...packets: readonly (readonly [network: number, bytes: Uint8Array])[]
): Uint8Array {
  const records = packets.map(([network, bytes], i) =>
    concat(
      u32(i * 1000 + 7, true),
      u32(0),
      u32(bytes.length + 4, true),
      u32(bytes.length, true),
      bytes,
      u16(network, true),
      minor >= 2 ? u32(0xffffffff, true) : [],
      // a FILETIME of 2021, and UTC
      minor >= 3 ? [0x80 + i, 0x3e, 0xd5, 0xde, 0xb1, 0x9d, 0xd7, 1, 0] : [],
    ),
  );
  const offsets: number[] = [];
  let end = 128;
  for (const { length } of records) {
    offsets.push(end);
    end += length;
  }
  // 2026-11-21 1:02:03.004, a Saturday
  const start = [2026, 11, 6, 21, 1, 2, 3, 4].map((n) => u16(n, true));
  const header = concat([0x47, 0x4d, 0x42, 0x55, minor, 2], u16(1, true), ...start, u32(end, true));
  const table = u32(4 * offsets.length, true);
  const padding = new Uint8Array(128 - header.length - 4);
  return concat(header, table, padding, ...records, ...offsets.map((offset) => u32(offset, true)));
}
