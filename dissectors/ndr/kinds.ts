/**
 * Tags of values that are no plain IDL values. The key is a symbol: a structure of any interface may have members of
 * any names, and none of them can pass for a tag.
 */

/** Key of a value's tag. JSON, and loops over an object's keys, do not see it. */
export const KIND: unique symbol = Symbol('kind');

/**
 * What a tagged value is: of COM (MS-OAUT, MS-DCOM, MS-IOI), a tower of the endpoint mapper (C706 appendix L), or a message
 * of remoting as one of its formatters wrote it.
 */
export type ValueKind =
  | 'bstr'
  | 'variant'
  | 'safearray'
  | 'objref'
  | 'bindings'
  | 'extension'
  | 'ccw'
  | 'tower'
  | 'nrbf'
  | 'soap';

/** A value that says what it is. */
export interface Tagged<K extends ValueKind> {
  readonly [KIND]: K;
}

/** What a decoded value is; null for plain IDL values: numbers, text, bytes, arrays, structures. */
export function kindOf(value: unknown): ValueKind | null {
  return typeof value === 'object' && value !== null ? ((value as Partial<Tagged<ValueKind>>)[KIND] ?? null) : null;
}
