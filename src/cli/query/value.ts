/** Values of DuckDB as JSON has them. */
import { isoTime } from '../../core/time.js';

/** A value as JSON has it. */
export type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

/** What DuckDB's classes of values hold, as far as it is looked at. */
interface Value {
  /** Of a list or an array. */
  readonly items?: readonly unknown[];
  /** Of a map: keys and values; of a struct by name. */
  readonly entries?: readonly { readonly key: unknown; readonly value: unknown }[] | Readonly<Record<string, unknown>>;
  readonly micros?: bigint;
  /** Digits of a decimal. */
  readonly width?: number;
  /** Of a union and a variant. */
  readonly value?: unknown;
}

/** Digits that a number holds without loss. */
const DIGITS = 15;

/** A value: numbers up to 2^53 as such and larger ones as text, times as ISO 8601, what JSON has not as DuckDB writes it. */
export function plainOf(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return typeof value === 'boolean' ? value : String(value);
  return ofClass(value);
}

function ofClass(value: Value): Plain {
  const { items, entries } = value;
  if (items !== undefined) return items.map(plainOf);
  if (Array.isArray(entries)) return entries.map(({ key, value }) => ({ key: plainOf(key), value: plainOf(value) }));
  if (entries !== undefined)
    return Object.fromEntries(Object.entries(entries).map(([name, member]) => [name, plainOf(member)]));
  switch (value.constructor.name) {
    case 'DuckDBTimestampTZValue':
      return utc(value.micros!) ?? String(value);
    case 'DuckDBTimestampValue':
      // of no zone
      return utc(value.micros!)?.slice(0, -1) ?? String(value);
    case 'DuckDBDecimalValue':
      return value.width! <= DIGITS ? Number(String(value)) : String(value);
    case 'DuckDBUnionValue':
    case 'DuckDBVariantValue':
      return plainOf(value.value);
    default:
      return String(value);
  }
}

const SECOND = 1_000_000n;

/** Microseconds since 1970 as ISO 8601; null where no date can hold them, and for infinity. */
function utc(micros: bigint): string | null {
  const rest = ((micros % SECOND) + SECOND) % SECOND;
  return isoTime({ sec: Number((micros - rest) / SECOND), nsec: Number(rest) * 1000 });
}

/**
 * A value in a cell of text: lists without lists in them are joined, other structures stay JSON.
 * @param joint what stands between items
 */
export function cellText(value: Plain, joint: string): string {
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  const isFlat = Array.isArray(value) && value.every((item) => item !== null && typeof item !== 'object');
  return isFlat ? value.join(joint) : JSON.stringify(value);
}
