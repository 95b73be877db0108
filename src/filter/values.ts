/** What is done to single values while a filter runs: order, search, slices. */
import type { Kind } from './field-table.js';
import type { Comparable } from './format.js';
import type { SliceRange } from './syntax.js';

/** Below, equal or above. Bytes by their value, a prefix before what continues it. NaN and mixed types are above. */
export function order(a: Comparable, b: Comparable): number {
  if (typeof a === 'object' || typeof b === 'object')
    return typeof a === 'object' && typeof b === 'object' ? Buffer.compare(a, b) : 1;
  if (a < b) return -1;
  return a <= b ? 0 : 1;
}

/** Whether a string or bytes hold others of their kind. */
export function contains(v: Comparable, wanted: Comparable): boolean {
  if (typeof v === 'string') return v.includes(String(wanted));
  if (typeof v !== 'object' || typeof wanted !== 'object') return false;
  return asBuffer(v).includes(asBuffer(wanted));
}

function asBuffer(v: Uint8Array): Buffer {
  return Buffer.from(v.buffer, v.byteOffset, v.length);
}

/** What makes a calculation true. */
export function isNotZero(v: Comparable): boolean {
  return typeof v === 'object' ? v.some((byte) => byte !== 0) : Boolean(v);
}

/** The slice of each value that is long enough for it; text by characters, everything else by bytes. */
export function cut(values: readonly Comparable[], kind: Kind, ranges: readonly SliceRange[]): Comparable[] {
  const found: Comparable[] = [];
  for (const value of values) {
    if (typeof value === 'string') {
      const characters = [...value];
      const places = ranges.map((range) => resolve(range, characters.length));
      if (places.every((p) => p !== null))
        found.push(places.map((p) => characters.slice(p.start, p.end).join('')).join(''));
    } else {
      const bytes = bytesOf(value, kind);
      const places = ranges.map((range) => resolve(range, bytes.length));
      if (places.every((p) => p !== null)) found.push(joined(places.map((p) => bytes.subarray(p.start, p.end))));
    }
  }
  return found;
}

function joined(parts: Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0] : Buffer.concat(parts);
}

function resolve(range: SliceRange, length: number): { start: number; end: number } | null {
  const start = range.start < 0 ? length + range.start : range.start;
  const end = range.length === null ? length : start + range.length;
  return start < 0 || start >= length || end > length ? null : { start, end };
}

function bytesOf(value: number | bigint | Uint8Array, kind: Kind): Uint8Array {
  if (typeof value === 'object') return value;
  return Buffer.from(value.toString(16).padStart(kind === 'ipv6' ? 32 : 8, '0'), 'hex');
}
