/** What is done to single values while a filter runs: order, search, slices. */
import { compare, concat, find, fromHex, utf8Bytes } from '../core/bytes.js';
import type { Kind } from './field-table.js';
import type { Comparable } from './format.js';
import type { SliceRange } from './syntax.js';

/**
 * Below, equal or above. Of byte sequences the shorter is below, whatever they hold, as in Wireshark. NaN and mixed
 * types are above.
 */
export function order(a: Comparable, b: Comparable): number {
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'object' || typeof b !== 'object') return 1;
    return a.length - b.length || compare(a, b);
  }
  if (a < b) return -1;
  return a <= b ? 0 : 1;
}

/** Whether a string or bytes hold others of their kind. */
export function contains(v: Comparable, wanted: Comparable): boolean {
  if (typeof v === 'string') return v.includes(String(wanted));
  if (typeof v !== 'object' || typeof wanted !== 'object') return false;
  return find(v, wanted) >= 0;
}

/** What makes a calculation true. */
export function isNotZero(v: Comparable): boolean {
  return typeof v === 'object' ? v.some((byte) => byte !== 0) : Boolean(v);
}

/** The slice of each value that is long enough for it, in bytes: of text too, as UTF-8. */
export function sliced(values: readonly Comparable[], kind: Kind, ranges: readonly SliceRange[]): Comparable[] {
  const found: Comparable[] = [];
  for (const value of values) {
    const bytes = bytesOf(value, kind);
    const parts: Uint8Array[] = [];
    for (const range of ranges) {
      const place = resolve(range, bytes.length);
      if (place !== null) parts.push(bytes.subarray(place.start, place.end));
    }
    if (parts.length === ranges.length) found.push(joined(parts));
  }
  return found;
}

function joined(parts: Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0] : concat(...parts);
}

function resolve(range: SliceRange, length: number): { start: number; end: number } | null {
  const start = range.start < 0 ? length + range.start : range.start;
  const end = range.length === null ? length : start + range.length;
  return start < 0 || start >= length || end > length ? null : { start, end };
}

function bytesOf(value: Comparable, kind: Kind): Uint8Array {
  if (typeof value === 'object') return value;
  if (typeof value === 'string') return utf8Bytes(value);
  return fromHex(value.toString(16).padStart(kind === 'ipv6' ? 32 : 8, '0'));
}
