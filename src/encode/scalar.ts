/** Plain values as JSON. */
import type { NdrValue } from '../../dissectors/ndr/types.js';
import type { Json } from './error.js';

/** Numbers that JSON has no form for are text: 64-bit ones, NaN, infinities, minus zero. */
export function scalar(value: NdrValue): Json {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : numberText(value);
  return value as Json;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
