/** Damage of every kind to bytes, to packets and to texts; which, the random numbers say. */
import type { Random } from './random.js';
import type { RawPacket } from './way.js';

/** Numbers at which code goes wrong. */
const EXTREMES = [
  0, 1, 2, 3, 4, 7, 8, 0x0f, 0x10, 0x7f, 0x80, 0xfe, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0xffffff,
  0x7ffffffe, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

/** Bytes from `from` on are damaged one to five times; their number may change. */
export function mutateBytes(bytes: Uint8Array, r: Random, other: () => Uint8Array, from = 0): Uint8Array {
  let b: Uint8Array = bytes.slice();
  const times = 1 + (r.once(2) ? 0 : r.below(5));
  for (let i = 0; i < times; i++) b = mutateOnce(b, r, other, Math.min(from, b.length));
  return b;
}

function mutateOnce(b: Uint8Array, r: Random, other: () => Uint8Array, from: number): Uint8Array {
  const room = b.length - from;
  if (room <= 0) return b;
  const at = from + r.below(room);
  switch (r.below(12)) {
    case 0:
      b[at] ^= 1 << r.below(8);
      return b;
    case 1:
      b[at] = r.next();
      return b;
    case 2:
      b[at] = r.pick(EXTREMES);
      return b;
    case 3:
    case 4:
    case 5:
      return extreme(b, r, from);
    case 6:
      return b.slice(0, at);
    case 7:
      return join(b.subarray(0, at), b.subarray(at + 1 + r.below(Math.min(64, b.length - at))));
    case 8: {
      const n = 1 + r.below(Math.min(64, b.length - at));
      return join(b.subarray(0, at + n), b.subarray(at));
    }
    case 9: {
      const inserted = new Uint8Array(1 + r.below(r.once(8) ? 2000 : 24));
      if (r.once(2)) for (let i = 0; i < inserted.length; i++) inserted[i] = r.next();
      return join(b.subarray(0, at), inserted, b.subarray(at));
    }
    case 10: {
      const o = other();
      const start = r.below(o.length);
      const part = o.subarray(start, start + 1 + r.below(Math.min(512, o.length - start)));
      return r.once(2)
        ? join(b.subarray(0, at), part, b.subarray(at))
        : join(b.subarray(0, at), part, b.subarray(at + part.length));
    }
    default: {
      const to = from + r.below(room);
      const n = 1 + r.below(Math.min(16, b.length - Math.max(at, to)));
      const part = b.slice(at, at + n);
      b.copyWithin(at, to, to + n);
      b.set(part, to);
      return b;
    }
  }
}

/** Writes an extreme, or a neighbour of the number that stands there, as 2, 4 or 8 bytes in either order. */
function extreme(b: Uint8Array, r: Random, from: number): Uint8Array {
  const size = r.pick([2, 4, 4, 4, 8]);
  if (b.length - from < size) return b;
  let at = from + r.below(b.length - from - size + 1);
  // most numbers are aligned
  if (!r.once(4)) at -= (at - from) % Math.min(size, 4);
  const view = new DataView(b.buffer, b.byteOffset, b.length);
  const little = !r.once(4);
  const delta = r.pick([-2, -1, 1, 2, 4, b.length, -b.length]);
  if (size === 2)
    view.setUint16(at, (r.once(2) ? r.pick(EXTREMES) : view.getUint16(at, little) + delta) & 0xffff, little);
  else {
    view.setUint32(at, (r.once(2) ? r.pick(EXTREMES) : view.getUint32(at, little) + delta) >>> 0, little);
    if (size === 8) view.setUint32(at + 4, r.pick([0, 0, 1, 0x7fffffff, 0xffffffff]), little);
  }
  return b;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Bytes of Ethernet, IPv4 and TCP in front of the payload, where there are no options. */
const HEADERS = 54;

/** Packets are lost, doubled, swapped, shuffled, split, cut and damaged; payloads more often than headers. */
export function mutatePackets(packets: readonly RawPacket[], r: Random, other: () => Uint8Array): RawPacket[] {
  const list = packets.slice();
  const times = 1 + (r.once(2) ? 0 : r.below(4));
  for (let i = 0; i < times && list.length > 0; i++) {
    const at = r.below(list.length);
    const p = list[at];
    switch (r.below(20)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(r.below(list.length + 1), 0, p);
        break;
      case 2: {
        const to = r.below(list.length);
        list[at] = list[to];
        list[to] = p;
        break;
      }
      case 3:
        list[at] = { ...p, bytes: p.bytes.subarray(0, r.below(p.bytes.length + 1)) };
        break;
      case 4:
      case 5:
        list[at] = { ...p, bytes: mutateBytes(p.bytes, r, other) };
        break;
      case 6:
        list[at] = { ...p, link: r.pick([0, 1, 12, 101, 108, 113, 228, 229, 276, 147]) };
        break;
      case 7:
        shuffle(list, at, Math.min(list.length, at + 2 + r.below(12)), r);
        break;
      case 8:
        list.splice(at, 1 + r.below(6));
        break;
      case 9:
        // sent again a little later, mostly with other bytes
        list.splice(Math.min(list.length, at + 1 + r.below(8)), 0, r.once(4) ? p : withOtherByte(p, r));
        break;
      case 10:
        list.splice(at, 1, ...halves(p, r));
        break;
      default:
        list[at] = mutatePayload(p, r, other);
    }
  }
  return list;
}

/** Packets of a stretch change places. */
function shuffle(list: RawPacket[], from: number, to: number, r: Random): void {
  for (let i = to - 1; i > from; i--) {
    const j = from + r.below(i - from + 1);
    const p = list[i];
    list[i] = list[j];
    list[j] = p;
  }
}

/** A segment with another byte in its payload. */
function withOtherByte(p: RawPacket, r: Random): RawPacket {
  if (p.bytes.length <= HEADERS) return p;
  const bytes = p.bytes.slice();
  bytes[HEADERS + r.below(bytes.length - HEADERS)] ^= 1 << r.below(8);
  return { ...p, bytes };
}

/** A segment as two, the second of which often comes first; or a part of it lies in both. */
function halves(p: RawPacket, r: Random): RawPacket[] {
  const length = p.bytes.length - HEADERS;
  if (length < 2) return [p];
  const cut = 1 + r.below(length - 1);
  const overlap = r.once(3) ? r.below(cut + 1) : 0;
  const front = segment(p, 0, cut);
  const back = segment(p, cut - overlap, length);
  return r.once(2) ? [front, back] : [back, front];
}

/** Bytes `from` to `to` of a segment's payload, with the lengths and numbers that they need. */
function segment(p: RawPacket, from: number, to: number): RawPacket {
  const bytes = join(p.bytes.subarray(0, HEADERS), p.bytes.subarray(HEADERS + from, HEADERS + to));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint16(16, bytes.length - 14);
  view.setUint32(38, (view.getUint32(38) + from) >>> 0);
  return { ...p, bytes, length: bytes.length };
}

/** Damages what is behind the transport header, and sets the lengths in front of it right again. */
function mutatePayload(p: RawPacket, r: Random, other: () => Uint8Array): RawPacket {
  if (p.bytes.length <= HEADERS) return p;
  // often the common header stays, so that the PDU is still cut out of its stream
  const from = Math.min(p.bytes.length - 1, HEADERS + r.pick([0, 16, 24, 24, 40, 80]));
  const bytes = mutateBytes(p.bytes, r, other, from);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length > 18 && bytes[12] === 8 && bytes[13] === 0) view.setUint16(16, Math.min(65535, bytes.length - 14));
  if (bytes.length > HEADERS + 16 && bytes[HEADERS] === 5 && !r.once(3))
    view.setUint16(HEADERS + 8, Math.min(65535, bytes.length - HEADERS), (bytes[HEADERS + 4] & 0x10) !== 0);
  return { ...p, bytes, length: bytes.length };
}

/** Characters that mean something to display filters, and some that should not. */
const CHARACTERS = [...'()[]{}"\'\\.,:-=!<>&|~^$*+?0123456789abcdefxn /\u0000\u{1f600}é'];
const WORDS = [
  'and',
  'or',
  'not',
  'in',
  'contains',
  'matches',
  '==',
  '!=',
  '<=',
  '..',
  '0x',
  '"(a*)*$"',
  '\\x00',
  'len(',
  'upper(',
];

/** A text with pieces taken out, put in, doubled and swapped. */
export function mutateText(text: string, r: Random, other: () => string): string {
  let t = text;
  const times = 1 + r.below(4);
  for (let i = 0; i < times; i++) {
    const at = r.below(t.length + 1);
    const n = r.below(Math.min(8, t.length - at) + 1);
    switch (r.below(7)) {
      case 0:
        t = t.slice(0, at) + t.slice(at + n);
        break;
      case 1:
        t = t.slice(0, at) + r.pick(CHARACTERS) + t.slice(at + (r.once(2) ? 1 : 0));
        break;
      case 2:
        t = `${t.slice(0, at)} ${r.pick(WORDS)} ${t.slice(at)}`;
        break;
      case 3:
        t = t.slice(0, at + n) + t.slice(at);
        break;
      case 4:
        t = r.pick([`(${t})`, `not ${t}`, `${t} and ${other()}`, `${t} or ${other()}`, `!${t}`, `"${t}"`]);
        break;
      case 5: {
        const o = other();
        t = t.slice(0, at) + o.slice(r.below(o.length));
        break;
      }
      default:
        t = t.slice(0, at) + r.pick(['', '(', '[', '{', '"']).repeat(r.once(50) ? 5000 : 3) + t.slice(at);
    }
  }
  return t.slice(0, 20_000);
}
