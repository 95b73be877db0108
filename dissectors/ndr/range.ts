/** What a number of a table can hold: C706 14.2.5 to 14.2.7, and MS-RPCE 2.2.5.3.1 for what is wider in NDR64. */
import { numberSize } from './layout.js';
import type { NumberKind } from './types.js';

/** The least and the greatest whole number of a kind; null for those that hold fractions. */
function rangeOf(kind: NumberKind, ndr64: boolean): readonly [low: bigint, high: bigint] | null {
  if (kind === 'f32' || kind === 'f64') return null;
  const bits = BigInt(8 * numberSize(kind, ndr64));
  // an HRESULT is a signed number that is nearly always written as an unsigned one
  const low = kind.startsWith('i') && kind !== 'id64' ? -(1n << (bits - 1n)) : kind === 'hex32' ? -(1n << 31n) : 0n;
  return [low, kind.startsWith('i') && kind !== 'id64' ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n];
}

const WHOLE = /^(-?\d+|0x[0-9a-f]+)$/i;
const FRACTION = /^(-?\d+(\.\d+)?([eE][-+]?\d+)?|NaN|-?Infinity)$/;

/**
 * The number that a value says exactly: a number, a bigint, or text (`12`, `0xc`; for fractions `1.5`, `NaN`,
 * `Infinity`, `-0` too).
 * @returns a bigint for whole numbers, a number for fractions, null for what is no number of this kind
 */
export function exactNumber(kind: NumberKind, value: unknown, ndr64: boolean): bigint | number | null {
  const range = rangeOf(kind, ndr64);
  if (range === null) return fraction(kind, value);
  // a JSON number beyond 2^53 has been rounded before anybody could look at it
  const known =
    typeof value === 'bigint' || Number.isSafeInteger(value) || (typeof value === 'string' && WHOLE.test(value));
  if (!known) return null;
  const whole = BigInt(value as bigint | number | string);
  return whole >= range[0] && whole <= range[1] ? whole : null;
}

function fraction(kind: NumberKind, value: unknown): number | null {
  if (typeof value !== 'number' && !(typeof value === 'string' && FRACTION.test(value))) return null;
  const number = Number(value);
  if (typeof value === 'string' && !/n/i.test(value) && !Number.isFinite(number)) return null;
  // beyond the greatest float it would become infinite
  return kind === 'f32' && Number.isFinite(number) && !Number.isFinite(Math.fround(number)) ? null : number;
}

/** What `exactNumber` takes, in words. */
export function rangeText(kind: NumberKind, ndr64: boolean): string {
  const range = rangeOf(kind, ndr64);
  if (range === null) return kind === 'f32' ? 'a number that a float can hold' : 'a number';
  return `a whole number from ${range[0]} to ${range[1]}`;
}
