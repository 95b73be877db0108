/** A block of LZ4 (lz4_Block_format.md): literals and matches in turn, literals last. */

/** The shortest match. */
const MIN_MATCH = 4;
/** From here on a call copies faster than a loop. */
const LONG = 32;

/** Bytes of a block, and how far they go. */
export interface BlockBytes {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** Where a block is unpacked: from `at` to `end` at most; matches may refer back to `from`. */
export interface BlockRoom {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly at: number;
  readonly end: number;
}

/** What was unpacked: up to `to`, and what ended it before its time, null where it is whole. */
interface Unpacked {
  readonly to: number;
  readonly problem: string | null;
}

/** Unpacks a block, or what is in front of where it makes no sense or does not fit. */
export function unpackBlock({ bytes: b, at: start, end }: BlockBytes, room: BlockRoom): Unpacked {
  const { bytes: out, from, end: limit } = room;
  let at = start;
  let to = room.at;
  for (;;) {
    if (at >= end) return { to, problem: 'a block ends within a sequence' };
    const token = b[at++];
    let literals = token >> 4;
    if (literals === 15) {
      for (let more = 255; more === 255; literals += more) {
        if (at >= end) return { to, problem: 'a block ends within a length' };
        more = b[at++];
      }
    }
    if (literals > end - at) return { to, problem: 'a block ends within its literals' };
    if (literals > limit - to) return { to, problem: 'a block holds more than its frame allows' };
    if (literals >= LONG) out.set(b.subarray(at, at + literals), to);
    else for (let i = 0; i < literals; i++) out[to + i] = b[at + i];
    at += literals;
    to += literals;
    if (at === end) return { to, problem: null };
    if (end - at < 2) return { to, problem: 'a block ends within an offset' };
    const offset = b[at] | (b[at + 1] << 8);
    at += 2;
    if (offset === 0 || offset > to - from) return { to, problem: 'a match refers to what is not there' };
    let length = token & 15;
    if (length === 15) {
      for (let more = 255; more === 255; length += more) {
        if (at >= end) return { to, problem: 'a block ends within a length' };
        more = b[at++];
      }
    }
    length += MIN_MATCH;
    if (length > limit - to) return { to, problem: 'a block holds more than its frame allows' };
    repeat(out, to, offset, length);
    to += length;
  }
}

/** Writes at `to` what stands `offset` bytes in front of it; what is written may be referred to by the rest of it. */
function repeat(out: Uint8Array, to: number, offset: number, length: number): void {
  if (length < LONG) {
    for (let i = 0; i < length; i++) out[to + i] = out[to + i - offset];
    return;
  }
  // what is there doubles with each copy
  for (let done = 0; done < length; ) {
    const n = Math.min(length - done, offset + done);
    out.copyWithin(to + done, to - offset, to - offset + n);
    done += n;
  }
}
