/** VARIANT on the wire (MS-OAUT 2.2.29.2): its type stands twice, as a 16-bit number and as the union's tag. */

import { once } from '../../src/core/once.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import {
  as,
  type CustomType,
  f32,
  f64,
  fieldsOf,
  fieldType,
  hex32,
  i8,
  i16,
  i32,
  i64,
  type MappedType,
  type Member,
  type NdrType,
  type NdrValue,
  type NumberType,
  type PointerType,
  pointer,
  struct,
  switched,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../ndr/types.js';
import { BSTR } from './bstr.js';
import { INTERFACE_POINTER } from './objref.js';
import { SAFEARRAY_IN_VARIANT } from './safearray.js';
import { BRECORD, telling, VT_ARRAY, VT_BYREF } from './vartype.js';

/** VARENUM (MS-OAUT 2.2.7). */
export const VT_NAMES: Readonly<Record<number, string>> = {
  0: 'VT_EMPTY',
  1: 'VT_NULL',
  2: 'VT_I2',
  3: 'VT_I4',
  4: 'VT_R4',
  5: 'VT_R8',
  6: 'VT_CY',
  7: 'VT_DATE',
  8: 'VT_BSTR',
  9: 'VT_DISPATCH',
  10: 'VT_ERROR',
  11: 'VT_BOOL',
  12: 'VT_VARIANT',
  13: 'VT_UNKNOWN',
  14: 'VT_DECIMAL',
  16: 'VT_I1',
  17: 'VT_UI1',
  18: 'VT_UI2',
  19: 'VT_UI4',
  20: 'VT_I8',
  21: 'VT_UI8',
  22: 'VT_INT',
  23: 'VT_UINT',
  24: 'VT_VOID',
  25: 'VT_HRESULT',
  26: 'VT_PTR',
  27: 'VT_SAFEARRAY',
  28: 'VT_CARRAY',
  29: 'VT_USERDEFINED',
  30: 'VT_LPSTR',
  31: 'VT_LPWSTR',
  36: 'VT_RECORD',
  37: 'VT_INT_PTR',
  38: 'VT_UINT_PTR',
};

/** `VT_I4`, with flags in front: `VT_BYREF|VT_I4`, `VT_ARRAY|VT_BSTR`. */
export function vtName(vt: number): string {
  const flags = (vt & VT_BYREF ? 'VT_BYREF|' : '') + (vt & VT_ARRAY ? 'VT_ARRAY|' : '');
  return flags + (VT_NAMES[vt & 0xfff] ?? `VT_${vt & 0xfff}`);
}

const VT_NUMBERS = new Map(Object.entries(VT_NAMES).map(([number, name]) => [name, Number(number)]));

/** The number behind `vtName`'s text; -1 for what is none. */
export function vtNumber(name: string): number {
  const plain = VT_NUMBERS.get(name);
  if (plain !== undefined) return plain;
  let vt = 0;
  for (const part of name.split('|')) {
    if (part === 'VT_BYREF') vt |= VT_BYREF;
    else if (part === 'VT_ARRAY') vt |= VT_ARRAY;
    else {
      const known = VT_NUMBERS.get(part) ?? /^VT_(\d+)$/.exec(part)?.[1];
      if (known === undefined) return -1;
      vt |= Number(known);
    }
  }
  return vt;
}

/** The most digits behind a DECIMAL's point, and the signs that there are. */
const MOST_SCALE = 28;
const NEGATIVE = 0x80;

/** DECIMAL (MS-OAUT 2.2.26). */
const DECIMAL: MappedType = {
  kind: 'mapped',
  wire: struct('DECIMAL', 'dcom.decimal', {
    wReserved: as(u16, { reserved: true }),
    scale: u8,
    sign: u8,
    Hi32: u32,
    Lo64: u64,
  }),
  decode: (wire) => {
    const { scale = 0, sign = 0, Hi32 = 0, Lo64 = 0n } = wire as Record<string, number> & { Lo64?: bigint };
    const digits = ((BigInt(Hi32) << 64n) | BigInt(Lo64)).toString().padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return (sign & NEGATIVE ? '-' : '') + text;
  },
  check: (c, wire) => {
    const { scale, sign } = wire as Record<string, number>;
    if (scale > MOST_SCALE)
      c.note(
        'decimal-malformed',
        `a DECIMAL with ${scale} digits behind the point, where there are ${MOST_SCALE} at most`,
      );
    if (sign !== 0 && sign !== NEGATIVE)
      c.note(
        'decimal-malformed',
        `a DECIMAL's sign 0x${sign.toString(16)}, which is neither 0 nor 0x${NEGATIVE.toString(16)}`,
      );
  },
  encode: (value) => {
    const parts = decimalParts(value);
    if (parts === null) throw new TypeError(`${DECIMAL_TEXT} is wanted, not ${String(value)}`);
    const { negative, scale, digits } = parts;
    const wide = { Hi32: Number(digits >> 64n), Lo64: digits & 0xffffffffffffffffn };
    return { wReserved: 14, scale, sign: negative ? NEGATIVE : 0, ...wide };
  },
};

/** What a DECIMAL is written as. */
export const DECIMAL_TEXT = 'a number of at most 96 bits, with up to 28 digits behind the point,';

/** The parts of a DECIMAL that is written as `-12.50`; null for what is none (MS-OAUT 2.2.26). */
export function decimalParts(value: unknown): { negative: boolean; scale: number; digits: bigint } | null {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value));
  if (found === null) return null;
  const [, minus, whole, fraction = ''] = found;
  const digits = BigInt(whole + fraction);
  return fraction.length > MOST_SCALE || digits >> 96n !== 0n
    ? null
    : { negative: minus !== '', scale: fraction.length, digits };
}

/** A number that is read in its own way. */
type NumberLike = CustomType & { readonly number: NumberType };

/** VARIANT_BOOL (MS-OAUT 2.2.27): 0xffff is true, and its value -1. */
export const VARIANT_BOOL: NumberLike = {
  kind: 'custom',
  fieldType: 'uint16',
  alignment: () => 2,
  minSize: 2,
  number: i16,
  as: { name: 'dcom.vt.bool', label: 'Value', hex: true },
  fields: [],
  read: (r, f) => {
    r.align(2);
    const bits = r.c.u16(f, (n) => (n === 0 ? 'false' : 'true'));
    return bits > 0x7fff ? bits - 0x10000 : bits;
  },
  write: (w, value) => w.number('i16', value),
};

/** Wireshark's fields of a VARIANT's values. */
const named = <T extends NdrType>(type: T, name: string): T => as(type, { name: `dcom.vt.${name}` });

const SCALARS: Readonly<Record<number, NdrType>> = {
  2: named(i16, 'i2'),
  3: named(i32, 'i4'),
  4: named(f32, 'r4'),
  5: named(f64, 'r8'),
  6: named(i64, 'cy'),
  7: named(f64, 'date'),
  8: named(BSTR, 'bstr'),
  9: named(INTERFACE_POINTER, 'dispatch'),
  10: as(hex32, { name: 'dcom.hresult' }),
  11: VARIANT_BOOL,
  13: named(INTERFACE_POINTER, 'unknown'),
  16: named(i8, 'i1'),
  17: named(u8, 'ui1'),
  18: named(u16, 'ui2'),
  19: named(u32, 'ui4'),
  20: named(i64, 'i8'),
  21: named(u64, 'ui8'),
  22: named(i32, 'int'),
  23: named(u32, 'uint'),
};

const ARMS: Record<number, NdrType | null> = { 0: null, 1: null, ...SCALARS, 36: BRECORD };
for (const [vt, type] of Object.entries(SCALARS))
  ARMS[Number(vt) | VT_BYREF] = pointer(vt !== '6' && type.kind === 'number' ? referenced(type) : type);
ARMS[11 | VT_BYREF] = pointer(referenced(VARIANT_BOOL));
ARMS[12 | VT_BYREF] = pointer(() => VARIANT);
ARMS[14 | VT_BYREF] = pointer(DECIMAL);
ARMS[14] = DECIMAL;
ARMS[36 | VT_BYREF] = BRECORD;
ARMS[VT_ARRAY] = lazy(() => SAFEARRAY_IN_VARIANT);
ARMS[VT_ARRAY | VT_BYREF] = pointer(() => SAFEARRAY_IN_VARIANT);

/** The union's tag of an array is VT_ARRAY alone; its elements' type stands in vt. */
function tagFor(vt: number): number {
  return vt & VT_ARRAY ? vt & (VT_ARRAY | VT_BYREF) : vt;
}

/** A VARTYPE that an array behind it needs to know. */
const VARTYPE = telling(u16, (to, vt) => {
  to.vartype = vt;
});

const WIRE = struct('VARIANT', 'dcom.variant', {
  clSize: as(u32, { name: 'dcom.variant_size', label: 'Size' }),
  rpcReserved: as(u32, { name: 'dcom.variant_rpc_res', label: 'Reserved', reserved: true }),
  vt: as(VARTYPE, { name: 'dcom.variant_type', label: 'Type', hex: true, names: VT_NAMES }),
  wReserved1: as(u16, { name: 'dcom.variant_wres', label: 'Reserved', reserved: true }),
  wReserved2: as(u16, { name: 'dcom.variant_wres', label: 'Reserved', reserved: true }),
  wReserved3: as(u16, { name: 'dcom.variant_wres', label: 'Reserved', reserved: true }),
  value: switched('vt', union(u32, ARMS), tagFor),
});

const TWICE = Symbol('twice');

/** A number that stands behind one referent more. */
interface Twice {
  readonly [TWICE]: NdrValue;
}

/**
 * What a by-reference arm points to. MS-OAUT has the number there; go-msrpc points once more. One cannot be told
 * from the other here: the reading that leaves nothing of the stub over is the right one (dcerpc/stub.ts).
 */
function referenced(type: NumberType | NumberLike): CustomType {
  const inner = pointer(type);
  const number = type.kind === 'number' ? type : type.number;
  return {
    kind: 'custom',
    fieldType: fieldType(type),
    fields: [],
    alignment: () => 1,
    minSize: 1,
    number,
    as: type.as,
    read: (r, f) => {
      if (!r.scope.referencesTwice) return type.kind === 'number' ? r.number(type.number, f) : type.read(r, f);
      const box: Record<string, NdrValue> = {};
      r.whole(inner, f, box, 'number');
      return { [TWICE]: box.number ?? null } satisfies Twice;
    },
    write: (w, value) => {
      if (isTwice(value)) w.whole(inner, value[TWICE]);
      else w.number(number.number, value);
    },
  };
}

/** A type of a file that imports this one. */
function lazy(type: () => MappedType): MappedType {
  return {
    kind: 'mapped',
    makes: 'safearray',
    wire: pointer(() => (type().wire as PointerType).to as NdrType),
    decode: (wire) => type().decode(wire),
    encode: (value) => type().encode(value),
  };
}

/** A VARIANT as `calls` prints it. */
export interface Variant extends Tagged<'variant'> {
  readonly vt: string;
  readonly value: NdrValue;
  /** Size in units of 8 bytes as sent, for encoding. */
  readonly clSize: number;
  /** Set where a by-reference number has one referent more than MS-OAUT has, for encoding. */
  readonly referents?: 2;
}

/** The structure, behind a VARIANT's pointer. */
export const WIRE_VARIANT: MappedType = {
  kind: 'mapped',
  makes: 'variant',
  wire: WIRE,
  decode: (wire) => {
    const w = wire as { vt?: number; clSize?: number; value?: { value: NdrValue } };
    const value = w.value?.value ?? null;
    const plain: Variant = { [KIND]: 'variant', vt: vtName(w.vt ?? 0), value, clSize: w.clSize ?? 0 };
    return isTwice(value) ? ({ ...plain, value: value[TWICE], referents: 2 } satisfies Variant) : plain;
  },
  encode: (value) => {
    const v = value as Variant;
    const vt = vtNumber(v.vt);
    const reserved = { rpcReserved: 0, wReserved1: 0, wReserved2: 0, wReserved3: 0 };
    return {
      clSize: v.clSize,
      vt,
      ...reserved,
      value: { tag: tagFor(vt), value: v.referents === 2 ? { [TWICE]: v.value } : v.value },
    };
  },
};

function isTwice(value: NdrValue): value is Twice & object {
  return typeof value === 'object' && value !== null && TWICE in value;
}

/** `VARIANT*` (MS-OAUT 2.2.29.1): null or a `Variant`. */
export const VARIANT = pointer(WIRE_VARIANT);

/** Whether parameters can hold a VARIANT anywhere. */
export const holdsVariants = once((members: readonly Member[]) => fieldsOf(members).includes(WIRE.members[0].field));
