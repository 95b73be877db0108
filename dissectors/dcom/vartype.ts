/**
 * VARTYPEs on their way (MS-OAUT 2.2.7): numbers of a SAFEARRAY travel by their size alone, and what they are stands in
 * front of them, in the array or in the VARIANT around it.
 */
import { numberSize } from '../ndr/layout.js';
import {
  type CustomType,
  conformant,
  counted,
  fieldType,
  type NumberType,
  pointer,
  struct,
  u8,
  u32,
} from '../ndr/types.js';
import { INTERFACE_POINTER } from './objref.js';

/** Flags of a VARTYPE, and what it is without them. */
export const VT_ARRAY = 0x2000;
export const VT_BYREF = 0x4000;
export const VT_TYPE = 0xfff;

/** `wireBRECORD*` (MS-OAUT 2.2.28.2). */
export const BRECORD = pointer(
  struct('wireBRECORD', 'dcom.record', {
    fFlags: u32,
    clSize: u32,
    pRecInfo: INTERFACE_POINTER,
    pRecord: counted('clSize', pointer(conformant(u8))),
  }),
);

/** What a reader and a writer have in common here. */
export interface KnowsVartype {
  vartype: number;
}

/** A number that tells something of the VARTYPE that holds behind it. */
export function telling(type: NumberType, tell: (to: KnowsVartype, value: number) => void): CustomType {
  const width = numberSize(type.number, false);
  return {
    kind: 'custom',
    fieldType: fieldType(type),
    alignment: () => width,
    minSize: width,
    number: type,
    fields: [],
    read: (r, f) => {
      const value = Number(r.number(type.number, f));
      tell(r, value);
      return value;
    },
    write: (w, value) => {
      tell(w, Number(value));
      w.number(type.number, value);
    },
  };
}
