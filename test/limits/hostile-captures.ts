/** Small inputs that stand for very much: what an attacker sent, as generators. */
import { INTERFACES } from '../../dissectors/index.js';
import { type JsonObject, objectAt } from '../../src/encode/error.js';
import { bindBody, pduBytes } from '../../src/encode/pdu.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { apartment, dispatched, scenarioOf, serialized } from '../../src/encode/scenarios/parts.js';
import {
  ACK,
  block,
  concat,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  pcapFile,
  sectionHeader,
  tcp,
} from '../bytes.js';

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

/** A text behind its length, in seven bits a byte. */
function text(value: string): Buffer {
  const length: number[] = [];
  let left = value.length;
  for (; left > 127; left >>= 7) length.push((left & 127) | 128);
  return Buffer.from(concat([...length, left], Buffer.from(value, 'latin1')));
}

/** A stream in hex: an array of `count` elements made of `records`. */
function streamOf(count: number, records: Uint8Array): { hex: string } {
  const header = [0, 1, 0, 0, 0, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0];
  return { hex: Buffer.from(concat(header, [16], int(1), int(count), records, [11])).toString('hex') };
}

/** `n` objects of a class without members, nine bytes each but for the first, which says the name. */
function objects(n: number, name = 'A'): { hex: string } {
  const more = Buffer.alloc(9 * (n - 1), Buffer.of(1, 0, 0, 0, 0, 2, 0, 0, 0));
  for (let i = 0; i < n - 1; i++) more.writeInt32LE(i + 3, 9 * i + 1);
  return streamOf(n, concat([4], int(2), text(name), int(0), more));
}

const capture = (calls: JsonObject[]): Uint8Array =>
  encodeScenario(objectAt(scenarioOf([apartment(calls)]), ''), KNOWN);
const repeat = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** Calls of GetSerializedBuffer, each answered with a stream. */
const serializedIn = (calls: number, stream: (call: number) => { hex: string }): Uint8Array =>
  capture(repeat(calls, (i) => ({ ...serialized(null), out: { pBSTR: stream(i) } })));

/** Streams of null records, a byte each. */
export const nulls = (calls: number, n: number): Uint8Array =>
  serializedIn(calls, () => streamOf(n, Buffer.alloc(n, 10)));

/** Streams of objects of a class without members. */
export const memberless = (calls: number, n: number): Uint8Array => serializedIn(calls, () => objects(n));

/** Streams, no two alike, of `n` objects of a class whose long name the wire says once and JSON with each of them. */
export const longNamed = (calls: number, n: number, length: number): Uint8Array =>
  serializedIn(calls, (i) => objects(n, `${i}`.padEnd(length, 'N')));

/** Requests with streams of `n` objects that nobody answers. */
export function unanswered(calls: number, n: number, length = 1): Uint8Array {
  return capture(
    repeat(calls, (i) => {
      const { out: _, ...call } = dispatched(null, null, false);
      return { ...call, in: { s: objects(n, `${i}`.padEnd(length, 'N')) } };
    }),
  );
}

/** `n` connections, each of which offers 4,080 presentation contexts. */
export function offering(n: number): Uint8Array {
  const packets = repeat(n, (client) => {
    let at = 1;
    return repeat(16, (k) => {
      const id = (i: number): number => 255 * k + i;
      const offers = repeat(255, (i) => ({
        ...{ id: id(i), version: '0.0', syntaxes: ['NDR'] as const },
        iid: `${(id(i) + 4096 * client).toString(16).padStart(8, '0')}-0000-0000-c000-000000000046`,
      }));
      const pdu = pduBytes({ type: k === 0 ? 11 : 14, callId: k + 1, body: bindBody(true, 4280, 0, offers) });
      const segment = tcp(40_000, 135, at, pdu, ACK);
      at += pdu.length;
      return { bytes: ethernet(ipv4(`10.0.${client >> 8}.${client & 255}`, '10.1.0.1', 6, segment)) };
    });
  });
  return pcapFile(packets.flat());
}
