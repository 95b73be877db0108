/** The tagged values that parameters of COM calls hold, as one union. */
import { kindOf } from '../ndr/kinds.js';
import type { Bstr } from './bstr.js';
import type { CcwPtr } from './ccw-ptr.js';
import type { DualStringArray } from './dual-string-array.js';
import type { Objref } from './objref.js';
import type { SafeArray } from './safearray.js';
import type { Extension } from './this-that.js';
import type { Variant } from './variant.js';

export type ComValue = Bstr | Variant | SafeArray | Objref | DualStringArray | Extension | CcwPtr;

/** The value where it is one of COM's, to be told apart by its `[KIND]`; null for a plain one. */
export function comValue(value: unknown): ComValue | null {
  const kind = kindOf(value);
  return kind === null || kind === 'tower' ? null : (value as ComValue);
}
