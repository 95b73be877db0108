/** Filters that are written for people: a value that was seen, as a filter that finds it. The other way round than `constants.ts`. */
import { fromHex } from '../core/bytes.js';
import type { Scalar } from '../core/node.js';
import type { FieldEntry, FieldTable, Kind } from './field-table.js';
import { type Comparable, colons, comparableValue, formatValue, isDuration, isoText, secondsText } from './format.js';

/** Characters of a text, or bytes, that a filter repeats; of longer values it repeats their beginning. */
const MOST = 100;

/** Half a character: UTF-8 has none. */
const LONE = /\p{Surrogate}/u;

/**
 * A filter that finds frames where a field has a value: `dcerpc.opnum == 3`. Where the value cannot be written, it asks
 * whether the field is there.
 * @param value as JSON has it (`NodeJson`): 64-bit integers as text, bytes as hex
 * @returns null for a name that filters do not know
 */
export function filterFor(known: FieldTable, name: string, value: string | number | boolean | null): string | null {
  const entry = known.get(name);
  if (entry === undefined) return known.isPrefix(name) ? name : null;
  const seen = entry.kind === 'none' ? null : comparableValue(fromJson(value, entry.kind), entry.kind);
  const literal = seen === null ? null : valueLiteral(entry, seen);
  if (literal !== null) return `${name} == ${literal}`;
  const isLong = (typeof seen === 'string' || seen instanceof Uint8Array) && seen.length > MOST;
  const start = isLong ? valueLiteral(entry, beginning(seen)) : null;
  return start === null ? name : `${name} contains ${start}`;
}

/** A value as a filter writes it behind `==`; null where it cannot, or where it is long. */
export function valueLiteral({ fields, kind, name }: FieldEntry, value: Comparable): string | null {
  if (typeof value === 'object') return value.length > MOST ? null : value.length === 0 ? '""' : colons(value);
  if (typeof value === 'string') {
    if (kind === 'guid') return value;
    return LONE.test(value) || value.length > MOST ? null : quoted(value);
  }
  if (kind === 'float') return Number.isFinite(value) ? String(value) : null;
  if (kind === 'time') return typeof value === 'bigint' ? timeLiteral(name, value) : null;
  // hex digits of a negative number are those of its width, in which declarations of a name may differ
  return value < 0 ? String(value) : formatValue(fields[0], value);
}

function timeLiteral(name: string, ns: bigint): string {
  const text = isDuration(name) ? secondsText(ns) : isoText(ns);
  return text.endsWith('Z') ? `"${text}"` : text;
}

function beginning(value: string | Uint8Array): string | Uint8Array {
  return typeof value === 'string' ? value.slice(0, MOST).replace(/[\ud800-\udbff]$/, '') : value.subarray(0, MOST);
}

/** What is no text of itself is written as an escape sequence. */
function quoted(text: string): string {
  const inner = text.replace(/["\\]/g, '\\$&').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => {
    const code = c.codePointAt(0)!;
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  });
  return `"${inner}"`;
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}

/** The other way round than JSON: numbers that were text, bytes that were hex. */
function fromJson(value: string | number | boolean | null, kind: Kind): Scalar {
  if (typeof value !== 'string') return value;
  const isWhole = /^-?\d+$/.test(value);
  switch (kind) {
    case 'int':
    case 'time':
      return isWhole ? BigInt(value) : value;
    case 'float':
      return Number(value);
    case 'bytes':
      return fromHex(value);
    case 'ipv4':
      return /^[\da-f]{8}$/.test(value) ? fromHex(value) : value;
    case 'ipv6':
      return /^[\da-f]{32}$/.test(value) ? fromHex(value) : isWhole ? BigInt(value) : value;
    default:
      return value;
  }
}
