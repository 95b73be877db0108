/**
 * Attack: what reaches clrscope was written by others. Packets are cut at every length and their bytes flipped one
 * by one, through the whole way with trees: nothing throws, nothing hangs, and leaves still partition every source.
 * CLRSCOPE_THOROUGH=1 leaves nothing out; without it long packets and long captures are sampled, always alike.
 */
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Scene, scenesOf } from './fuzz/scenes.js';
import { allCaptures, packetsOf, pass, type RawPacket } from './fuzz/way.js';

const THOROUGH = process.env.CLRSCOPE_THOROUGH === '1';
/** Offsets of one packet that are tried; more are thinned out evenly. */
const OFFSETS = THOROUGH ? Number.POSITIVE_INFINITY : 64;
/** Mutations of one whole capture. */
const PER_CAPTURE = THOROUGH ? 20_000 : 24;
/** Longest that one pass may take, in milliseconds; thousands of times what it takes. */
const HANG = 3000;

const captures = allCaptures();

/** One way to damage a packet at an offset. */
type Damage = (packet: RawPacket, offset: number) => RawPacket;
const DAMAGES: Readonly<Record<string, Damage>> = {
  cut: (p, offset) => ({ ...p, bytes: p.bytes.subarray(0, offset) }),
  'cut on the wire': (p, offset) => ({ ...p, bytes: p.bytes.subarray(0, offset), length: offset }),
  flipped: (p, offset) => {
    const bytes = p.bytes.slice();
    bytes[offset] ^= 0xff;
    return { ...p, bytes };
  },
};

function tryOne(packets: readonly RawPacket[], index: number, name: string, offset: number, where: string): void {
  const damaged = packets.slice();
  damaged[index] = DAMAGES[name](packets[index], offset);
  const began = performance.now();
  const what = `${where}, packet ${index + 1} ${name} at ${offset}`;
  try {
    const { problems } = pass(damaged, { record: true });
    if (problems.length > 0) expect.fail(`${what}: ${problems.slice(0, 3).join('; ')}`);
  } catch (e) {
    throw new Error(what, { cause: e });
  }
  if (performance.now() - began > HANG) expect.fail(`${what}: ${performance.now() - began} ms`);
}

/** Offsets from 0 to `length`, evenly thinned out; the first of a packet, where headers are, rather than the last. */
function offsetsOf(length: number): number[] {
  const dense = Math.min(length, OFFSETS / 2);
  const step = Math.max(1, Math.ceil((length - dense) / (OFFSETS / 2)));
  const offsets: number[] = [];
  for (let at = 0; at < length; at += at < dense ? 1 : step) offsets.push(at);
  return offsets;
}

describe.skipIf(captures.length === 0)('attack: every packet cut and flipped', () => {
  test('every kind of PDU, at every byte', { timeout: 3_600_000 }, async () => {
    const seen = new Set<string>();
    const scenes: (Scene & { from: string })[] = [];
    for (const file of captures)
      for (const scene of scenesOf(await packetsOf(file), seen)) scenes.push({ ...scene, from: basename(file) });
    expect(scenes.length).toBeGreaterThan(0);
    for (const { packets, key, from } of scenes) {
      const { problems } = pass(packets, { record: true });
      expect(problems, `${from}, ${key}`).toEqual([]);
      // what stands in front was a scene of its own
      for (const [index, packet] of packets.entries()) {
        if (!THOROUGH && packets.length - index > 2) continue;
        for (const offset of offsetsOf(packet.bytes.length))
          for (const name of Object.keys(DAMAGES))
            if (THOROUGH || name !== 'cut on the wire' || offset % 3 === 0)
              tryOne(packets, index, name, offset, `${from}, ${key}`);
      }
    }
  });

  test('whole captures, packets and offsets sampled', { timeout: 3_600_000 }, async () => {
    for (const file of captures) {
      const packets = (await packetsOf(file)).slice(0, 120);
      const total = packets.reduce((sum, p) => sum + p.bytes.length, 0);
      const names = Object.keys(DAMAGES);
      // a step that has nothing in common with packet lengths
      const step = Math.max(1, Math.floor(total / PER_CAPTURE)) | 1;
      let at = step >> 1;
      let count = 0;
      for (const [index, packet] of packets.entries()) {
        for (; at < packet.bytes.length; at += step)
          tryOne(packets, index, names[count++ % names.length], at, basename(file));
        at -= packet.bytes.length;
      }
    }
  });
});
