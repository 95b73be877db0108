/**
 * Bytes of a stub that mean nothing. They are noted by the gap that they stand in, so that they stay in theirs when
 * values become longer or shorter; a value never meets them.
 */

import type { Gap } from '../../dissectors/ndr/write.js';
import { equals, same } from '../core/bytes.js';
import { hexText } from '../core/text.js';
import { bytesAt, EncodeError } from './error.js';

/** A gap by its number and what fills it, in hex; in older documents a pair of the stub's offset and hex. */
export type Padding = { readonly gap: number; readonly hex: string } | readonly [offset: number, hex: string];

/** A copy of the stub with its gaps filled. What no longer has room in its gap is left away. */
export function padded(
  stub: Uint8Array,
  gaps: readonly Gap[],
  padding: readonly Padding[],
  littleEndian: boolean,
  path: string,
): Uint8Array {
  if (padding.length === 0) return stub;
  const out = Uint8Array.from(stub);
  padding.forEach((p, i) => {
    const at = `${path}.padding[${i}]`;
    if (!('gap' in p)) {
      const bytes = bytesAt(p[1], at);
      if (!inside(gaps, p[0], bytes.length))
        throw new EncodeError(
          at,
          `a value stands where these ${bytes.length} bytes at ${p[0]} were padding once: leave them out`,
        );
      out.set(bytes, p[0]);
      return;
    }
    const gap = gaps[p.gap];
    if (gap !== undefined) out.set(bytesAt(p.hex, `${at}.hex`).subarray(0, gap.length), gap.start);
  });
  // a pointer must not become null, nor an array have room for fewer elements than it has, or for no end of them
  for (const { start, length, kind } of gaps) {
    if (kind === 'padding' || kind === 'reserved') continue;
    const [was, is] = [stub, out].map((b) => number(b.subarray(start, start + length), littleEndian));
    if (kind === 'referent' ? is === 0n : is < was || is > MOST_ROOM)
      out.set(stub.subarray(start, start + length), start);
  }
  return out;
}

/** Elements for which a varying array may have room beyond those that it has. */
const MOST_ROOM = 0x100000n;

function inside(gaps: readonly Gap[], offset: number, length: number): boolean {
  for (let at = offset; at < offset + length; at++)
    if (!gaps.some((g) => at >= g.start && at < g.start + g.length)) return false;
  return true;
}

function number(bytes: Uint8Array, littleEndian: boolean): bigint {
  const hex = hexText(littleEndian ? Uint8Array.from(bytes).reverse() : bytes);
  return BigInt(`0x${hex || '0'}`);
}

/**
 * What fills the gaps of a stub that its values alone would leave otherwise.
 * @returns null where other bytes differ than those of gaps
 */
export function paddingOf(made: Uint8Array, gaps: readonly Gap[], bytes: Uint8Array): Padding[] | null {
  const padding: Padding[] = [];
  const filled = Uint8Array.from(made);
  gaps.forEach((gap, i) => {
    const end = Math.min(gap.start + gap.length, bytes.length);
    const there = bytes.subarray(gap.start, end);
    if (there.length === 0 || equals(there, filled, gap.start)) return;
    padding.push({ gap: i, hex: hexText(there) });
    filled.set(there, gap.start);
  });
  return same(filled.subarray(0, bytes.length), bytes) ? padding : null;
}
