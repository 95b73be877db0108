/** VARIANT on the wire (MS-OAUT 2.2.29.2): its type stands twice, as a 16-bit number and as the union's tag. */
import {
  as,
  type CustomType,
  conformant,
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
  u8,
  u16,
  u32,
  u64,
  union,
} from '../ndr/types.js';
import { BSTR } from './bstr.js';
import { INTERFACE_POINTER } from './objref.js';
import { SAFEARRAY } from './safearray.js';

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

const VT_ARRAY = 0x2000;
const VT_BYREF = 0x4000;

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

/** DECIMAL (MS-OAUT 2.2.26). */
const DECIMAL: MappedType = {
  kind: 'mapped',
  wire: struct('DECIMAL', 'dcom.decimal', { wReserved: u16, scale: u8, sign: u8, Hi32: u32, Lo64: u64 }),
  decode: (wire) => {
    const { scale = 0, sign = 0, Hi32 = 0, Lo64 = 0n } = wire as Record<string, number> & { Lo64?: bigint };
    const digits = ((BigInt(Hi32) << 64n) | BigInt(Lo64)).toString().padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return (sign & 0x80 ? '-' : '') + text;
  },
  encode: (value) => {
    const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? ['', '', '0'];
    const bits = BigInt(whole + fraction);
    return {
      wReserved: 14,
      scale: fraction.length,
      sign: minus ? 0x80 : 0,
      Hi32: Number((bits >> 64n) & 0xffffffffn),
      Lo64: bits & 0xffffffffffffffffn,
    };
  },
};

const SCALARS: Readonly<Record<number, NdrType>> = {
  2: i16,
  3: i32,
  4: f32,
  5: f64,
  6: as(i64, { label: 'cyVal' }),
  7: as(f64, { label: 'date' }),
  8: BSTR,
  9: INTERFACE_POINTER,
  10: hex32,
  11: as(i16, { label: 'boolVal' }),
  13: INTERFACE_POINTER,
  16: i8,
  17: u8,
  18: u16,
  19: u32,
  20: i64,
  21: u64,
  22: i32,
  23: u32,
};

const BRECORD = pointer(
  struct('wireBRECORD', 'dcom.record', {
    fFlags: u32,
    clSize: u32,
    pRecInfo: INTERFACE_POINTER,
    pRecord: pointer(conformant(u8)),
  }),
);

const ARMS: Record<number, NdrType | null> = { 0: null, 1: null, ...SCALARS, 36: BRECORD };
for (const [vt, type] of Object.entries(SCALARS))
  ARMS[Number(vt) | VT_BYREF] = pointer(type.kind === 'number' && vt !== '6' ? referenced(type) : type);
ARMS[12 | VT_BYREF] = pointer(() => VARIANT);
ARMS[14 | VT_BYREF] = pointer(DECIMAL);
ARMS[14] = DECIMAL;
ARMS[36 | VT_BYREF] = BRECORD;
// the union's tag of an array is VT_ARRAY alone; its elements' type stands in vt
ARMS[VT_ARRAY] = lazy(() => SAFEARRAY);
ARMS[VT_ARRAY | VT_BYREF] = pointer(() => SAFEARRAY);

const WIRE = struct('VARIANT', 'dcom.variant', {
  clSize: as(u32, { name: 'dcom.variant_size', label: 'Size' }),
  rpcReserved: as(u32, { name: 'dcom.variant_rpc_res', label: 'Reserved' }),
  vt: as(u16, { name: 'dcom.variant_type', label: 'Type', hex: true, names: VT_NAMES }),
  wReserved1: as(u16, { name: 'dcom.variant_wres', label: 'Reserved' }),
  wReserved2: as(u16, { name: 'dcom.variant_wres', label: 'Reserved' }),
  wReserved3: as(u16, { name: 'dcom.variant_wres', label: 'Reserved' }),
  value: union(u32, ARMS),
});

/** A number that may stand behind one referent more. */
interface Twice {
  readonly number: NdrValue;
}

/**
 * What a by-reference arm points to. MS-OAUT has the number there; go-msrpc points once more. One cannot be told
 * from the other here: the reading that leaves nothing of the stub over is the right one (dcerpc/stub.ts).
 */
function referenced(type: NumberType): CustomType {
  const inner = pointer(type);
  return {
    kind: 'custom',
    fieldType: fieldType(type),
    fields: [],
    alignment: () => 1,
    minSize: 1,
    read: (r, f) => {
      if (!r.scope.referencesTwice) return r.number(type.number, f);
      const box: Record<string, NdrValue> = {};
      r.whole(inner, f, box, 'number');
      return { number: box.number ?? null } satisfies Twice;
    },
    write: (w, value) => {
      if (typeof value === 'object' && value !== null) w.whole(inner, (value as Twice).number);
      else w.number(type.number, value);
    },
  };
}

/** A type of a file that imports this one. */
function lazy(type: () => MappedType): MappedType {
  return {
    kind: 'mapped',
    wire: pointer(() => (type().wire as PointerType).to as NdrType),
    decode: (wire) => type().decode(wire),
    encode: (value) => type().encode(value),
  };
}

/** A VARIANT as `calls` prints it. */
export interface Variant {
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
  wire: WIRE,
  decode: (wire) => {
    const w = wire as { vt?: number; clSize?: number; value?: { value: NdrValue } };
    const plain = { vt: vtName(w.vt ?? 0), value: w.value?.value ?? null, clSize: w.clSize ?? 0 } satisfies Variant;
    const { value } = plain;
    return isTwice(value) ? ({ ...plain, value: value.number, referents: 2 } satisfies Variant) : plain;
  },
  encode: (value) => {
    const v = value as Variant;
    const vt = vtNumber(v.vt);
    const tag = vt & VT_ARRAY ? vt & (VT_ARRAY | VT_BYREF) : vt;
    const reserved = { rpcReserved: 0, wReserved1: 0, wReserved2: 0, wReserved3: 0 };
    return {
      clSize: v.clSize,
      vt,
      ...reserved,
      value: { tag, value: v.referents === 2 ? { number: v.value } : v.value },
    };
  },
};

function isTwice(value: NdrValue): value is Twice & object {
  return typeof value === 'object' && value !== null && 'number' in value;
}

/** `VARIANT*` (MS-OAUT 2.2.29.1): null or a `Variant`. */
export const VARIANT = pointer(WIRE_VARIANT);

const holding = new WeakMap<readonly Member[], boolean>();

/** Whether parameters can hold a VARIANT anywhere. */
export function holdsVariants(members: readonly Member[]): boolean {
  let known = holding.get(members);
  if (known === undefined) {
    known = fieldsOf(members).includes(WIRE.members[0].field);
    holding.set(members, known);
  }
  return known;
}
