/** Primitive VALUEs as records have them. */
import { isDecimal } from '../format/text.js';
import { PRIMITIVE_BY_TYPE, Primitive } from '../format/types.js';
import type { JsonValue, ValueObject } from '../graph/values.js';
import type { ValueGraph } from './value-graph.js';

/** The type of a primitive VALUE; refused where it is none. `inside` its holder it has its path. */
export function primitiveOf(document: ValueGraph, value: ValueObject, holder: ValueObject, inside: string): number {
  const primitive = value.type === 'System.String' ? Primitive.String : PRIMITIVE_BY_TYPE.get(value.type ?? '');
  if (primitive === undefined)
    document.refuse(holder, inside, `${JSON.stringify(value.type) ?? 'a value without type'} is no primitive type`);
  return primitive;
}

/** The value of a primitive VALUE as records have it. */
export function scalarOf(document: ValueGraph, given: JsonValue, holder: ValueObject, inside: string): unknown {
  const value = document.resolve(given);
  switch (value?.type) {
    case 'System.DateTime':
      return ((BigInt(value.daylight === true ? 3 : (value.kind ?? 0)) << 62n) | BigInt(value.ticks ?? '0')).toString();
    case 'System.TimeSpan':
      return value.ticks;
    case 'System.Decimal':
      if (isDecimal(value.value)) return value.value;
      return document.refuse(
        holder,
        inside,
        `${JSON.stringify(value.value) ?? 'nothing'} is no Decimal: digits, a point and a sign, up to 2^96 and 28 decimals`,
      );
    default:
      if (value?.value === undefined)
        document.refuse(holder, inside, `a value is missing in ${JSON.stringify(value).slice(0, 100)}`);
      return Object.is(value.value, -0) ? '-0' : value.value;
  }
}
