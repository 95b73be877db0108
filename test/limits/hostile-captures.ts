/** Small inputs that stand for very much: what an attacker sent, as generators. */
import { INTERFACES } from '../../dissectors/index.js';
import { encodeScenario } from '../../src/encode/capture.js';
import { objectAt } from '../../src/encode/error.js';
import { apartment, scenarioOf, serialized } from '../../src/encode/scenario-parts.js';
import { block, concat, enhancedPacket, ethernet, interfaceBlock, pcapFile, sectionHeader } from '../bytes.js';

const MB = 1 << 20;
const FRONT = concat(sectionHeader(), interfaceBlock());
const good = enhancedPacket(ethernet(new Uint8Array(60)));
const KNOWN = new Map(INTERFACES.map((i) => [i.uuid, i]));

/** A pcapng block of 64 MB that cannot be a packet, and a packet. */
export const longBlock = (): Uint8Array => concat(FRONT, block(6, new Uint8Array(64 * MB - 12)), good);

/** Frames of 16,000 VLAN tags. */
export function tagged(): Uint8Array {
  const tags = Array<number>(16_000).fill(0x8100);
  return pcapFile(Array.from({ length: 14 }, () => ({ bytes: ethernet(new Uint8Array(60), 0x0800, tags) })));
}

/** Packets whose time is no date that there is. */
export function timeless(): Uint8Array {
  const stamps = [0xffff_ffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn, 8_640_000_000_000_000_001n, 0n];
  const packets = Array.from({ length: 20_000 }, (_, i) =>
    enhancedPacket(ethernet(new Uint8Array(60)), { stamp: stamps[i % stamps.length] }),
  );
  return concat(FRONT, ...packets);
}

/** A block's head (RFC 8878 3.1.1.2). */
function head(size: number, type: 0 | 1 | 2, last = false): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE((size << 3) | (type << 1) | (last ? 1 : 0));
  return b.subarray(0, 3);
}

/** A zstd frame with a window of 128 MB. */
const frame = (...blocks: Uint8Array[]): Uint8Array => concat([0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3], ...blocks);
const raw = (bytes: Uint8Array, last = false): Uint8Array => concat(head(bytes.length, 0, last), bytes);

/** `n` blocks without content in front of a capture. */
export const emptyBlocks = (n: number): Uint8Array => frame(new Uint8Array(3 * n), raw(concat(FRONT, good), true));

/** A window that is full of 128 MB, and `n` compressed blocks of two bytes behind it. */
export function fullWindow(n: number): Uint8Array {
  const full = concat(head(MB / 8, 1), [0]);
  const tiny = concat(head(3, 2), [(2 << 3) | 1, 0, 0]);
  return frame(
    raw(concat(FRONT, good)),
    Buffer.alloc(full.length * 1024, full),
    Buffer.alloc(tiny.length * n, tiny),
    raw(new Uint8Array(4), true),
  );
}

/** `n` frames, each with a window of 128 MB. */
export function manyFrames(n: number): Uint8Array {
  const one = frame(raw(Uint8Array.of(0), true));
  return concat(frame(raw(concat(FRONT, good), true)), Buffer.alloc(one.length * n, one));
}

const int = (n: number): Buffer => {
  const b = Buffer.alloc(4);
  b.writeInt32LE(n);
  return b;
};

/** Calls of GetSerializedBuffer, each answered with a stream: an array of `count` elements made of `records`. */
function serializedIn(calls: number, count: number, records: Uint8Array): Uint8Array {
  const header = [0, 1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0];
  const hex = Buffer.from(concat(header, [16], int(1), int(count), records, [11])).toString('hex');
  const answered = Array.from({ length: calls }, () => ({ ...serialized(null), out: { pBSTR: { hex } } }));
  return encodeScenario(objectAt(scenarioOf([apartment(answered)]), ''), KNOWN);
}

/** Streams of null records, a byte each. */
export const nulls = (calls: number, n: number): Uint8Array => serializedIn(calls, n, Buffer.alloc(n, 10));

/** Streams of objects of a class without members, nine bytes each. */
export function memberless(calls: number, n: number): Uint8Array {
  const objects = Buffer.alloc(9 * n, Buffer.of(1, 0, 0, 0, 0, 2, 0, 0, 0));
  for (let i = 0; i < n; i++) objects.writeInt32LE(i + 3, 9 * i + 1);
  return serializedIn(calls, n + 1, concat([4], int(2), [1, 0x41], int(0), objects));
}
