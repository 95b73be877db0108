/** pcapng blocks that are longer than any packet. */
import { describe, expect, it } from 'vitest';
import { block, concat, enhancedPacket, interfaceBlock, sectionHeader, u32 } from '../bytes.js';
import { readBytes } from './support.js';

const FRONT = concat(sectionHeader(), interfaceBlock());
const good = (n: number): Uint8Array => enhancedPacket(Uint8Array.of(n, n, n, n));
/** Blocks up to 17 MB are held. */
const LONG = 20 << 20;

describe('long blocks', () => {
  it.each([
    ['packet', 6, concat(new Uint8Array(12), u32(LONG - 20, true), u32(LONG - 20, true)), [1, 3]],
    ['simple packet', 3, u32(LONG - 4, true), [1, 3]],
    // without a packet's length that agrees, the block's own may be what is wrong
    ['packet that tells another length', 6, new Uint8Array(20), [1, 2]],
    ['names', 4, new Uint8Array(20), [1, 2]],
    ['of a kind that nobody knows', 0x7777, new Uint8Array(20), [1, 2]],
    ['custom, which is a frame', 0x0bad, new Uint8Array(20), [1, 3]],
  ])('%s: passed over, and what follows is read', async (_, type, head, numbers) => {
    const body = new Uint8Array(LONG);
    body.set(head);
    const { packets, end } = await readBytes(concat(FRONT, good(1), block(type, body), good(2)), 1 << 16);
    expect(packets.map((p) => [p.number, p.bytes[0]])).toEqual(numbers.map((n, i) => [n, i + 1]));
    if (type > 10) expect(end.damage).toBeNull();
    else
      expect(end.damage?.message).toMatch(/longer than the 16777216 bytes|length is 20971532, more than the 17825792/);
  });

  it('a length that makes no sense is not waited for', async () => {
    const lying = concat(u32(6, true), u32(0x7ffffff0, true), new Uint8Array(40));
    const { packets, end } = await readBytes(concat(FRONT, good(1), lying, good(2), good(3)), 64);
    expect(packets.map((p) => p.bytes[0])).toEqual([1, 2, 3]);
    expect(end.damage?.message).toMatch(/length is 2147483632, more than the 17825792 that are sane/);
  });
});
