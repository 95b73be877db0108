/** The tagged values that parameters of COM calls hold, as one union; and what a parameter that is read again is. */
import { KIND, kindOf, type ValueKind } from '../ndr/kinds.js';
import type { NdrValue } from '../ndr/types.js';
import { type Bstr, bstrText, isBstr } from './bstr.js';
import type { CcwPtr } from './ccw-ptr.js';
import type { DualStringArray } from './dual-string-array.js';
import type { Objref } from './objref.js';
import type { SafeArray } from './safearray.js';
import type { Extension } from './this-that.js';
import type { Variant } from './variant.js';

export type ComValue = Bstr | Variant | SafeArray | Objref | DualStringArray | Extension | CcwPtr;

/** Kinds that are not COM's. */
const OTHERS: ReadonlySet<ValueKind> = new Set<ValueKind>(['tower', 'nrbf', 'soap']);

/** The value where it is one of COM's, to be told apart by its `[KIND]`; null for a plain one. */
export function comValue(value: unknown): ComValue | null {
  const kind = kindOf(value);
  return kind === null || OTHERS.has(kind) ? null : (value as ComValue);
}

/** The value where it is of this kind and not null. */
export function tagged<K extends ComValue[typeof KIND]>(
  value: unknown,
  kind: K,
): Extract<ComValue, { readonly [KIND]: K }> | null {
  const com = comValue(value);
  if (com?.[KIND] !== kind || (kind === 'bstr' && !isBstr(com))) return null;
  return com as Extract<ComValue, { readonly [KIND]: K }>;
}

/** Text of a string, GUID or identifier, or of a BSTR that is text; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isBstr(value) ? bstrText(value) : null;
}

/** A number of up to 32 bits, also one that is written as an HRESULT; null for anything else. */
export function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^0x[0-9a-f]{8}$/.test(value) ? Number(value) : null;
}

/** Elements of an array; none for anything else. */
export function elementsOf(value: unknown): readonly NdrValue[] {
  return Array.isArray(value) ? value : [];
}

/** Members of a structure; none for anything else. What was not read is not there. */
export function structOf(value: unknown): Readonly<Record<string, NdrValue | undefined>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, NdrValue>) : {};
}

/** Texts of an array; what is none is left out. */
export function textsOf(value: unknown): string[] {
  return elementsOf(value).flatMap((v) => textOf(v) ?? []);
}

/** `5.7`; null where it was not read whole. */
export function comVersion(value: unknown): string | null {
  const { MajorVersion, MinorVersion } = structOf(value);
  return MinorVersion === undefined ? null : `${MajorVersion}.${MinorVersion}`;
}
