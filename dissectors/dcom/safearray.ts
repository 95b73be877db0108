/** SAFEARRAY on the wire (MS-OAUT 2.2.30): two pointers, a conformance, and a union by the kind of elements. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field } from '../../src/core/node.js';
import { KIND, type Tagged } from '../ndr/kinds.js';
import { numberSize } from '../ndr/layout.js';
import type { NdrReader } from '../ndr/read.js';
import {
  type ArrayType,
  as,
  type CustomType,
  conformant,
  counted,
  fieldType,
  guid,
  i32,
  type MappedType,
  type NdrType,
  type NdrValue,
  type NumberKind,
  type NumberType,
  type PointerType,
  pointer,
  type StructType,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../ndr/types.js';
import { BSTR } from './bstr.js';
import { INTERFACE_POINTER } from './objref.js';
import { VARIANT_BOOL, vtName, vtNumber, WIRE_VARIANT } from './variant.js';
import { BRECORD, telling, VT_TYPE } from './vartype.js';

/** ADVFEATUREFLAGS (MS-OAUT 2.2.9). */
const FEATURES: readonly (readonly [number, string])[] = [
  [0x0001, 'FADF_AUTO'],
  [0x0002, 'FADF_STATIC'],
  [0x0004, 'FADF_EMBEDDED'],
  [0x0010, 'FADF_FIXEDSIZE'],
  [0x0020, 'FADF_RECORD'],
  [0x0040, 'FADF_HAVEIID'],
  [0x0080, 'FADF_HAVEVARTYPE'],
  [0x0100, 'FADF_BSTR'],
  [0x0200, 'FADF_UNKNOWN'],
  [0x0400, 'FADF_DISPATCH'],
  [0x0800, 'FADF_VARIANT'],
];

const HAVE_VARTYPE = 0x0080;
/** The VARTYPE is the one in cLocks, not yet read. */
const IN_LOCKS = -1;
const VT_ERROR = 10;
const VT_BOOL = 11;
const VT_I1 = 16;
const VT_UI1 = 17;
const VT_DISPATCH = 9;
const SF_HAVEIID = 32781;

/** SF_TYPE (MS-OAUT 2.2.8), with the VARENUM that each implies where the array does not carry one. */
const SF: Readonly<Record<number, readonly [name: string, vt: number]>> = {
  8: ['SF_BSTR', 8],
  13: ['SF_UNKNOWN', 13],
  9: ['SF_DISPATCH', 9],
  12: ['SF_VARIANT', 12],
  36: ['SF_RECORD', 36],
  32781: ['SF_HAVEIID', 13],
  16: ['SF_I1', 16],
  2: ['SF_I2', 2],
  3: ['SF_I4', 3],
  20: ['SF_I8', 20],
};

/** What numbers of each VARTYPE are, and Wireshark's fields of them. */
const NUMBERS: Readonly<Record<number, readonly [kind: NumberKind, name: string]>> = {
  2: ['i16', 'i2'],
  3: ['i32', 'i4'],
  4: ['f32', 'r4'],
  5: ['f64', 'r8'],
  6: ['i64', 'cy'],
  7: ['f64', 'date'],
  10: ['u32', 'error'],
  11: ['i16', 'bool'],
  18: ['u16', 'ui2'],
  19: ['u32', 'ui4'],
  20: ['i64', 'i8'],
  21: ['u64', 'ui8'],
  22: ['i32', 'int'],
  23: ['u32', 'uint'],
};
const NUMBER_FIELDS: Readonly<Record<number, Field>> = {
  ...Object.fromEntries(
    Object.entries(NUMBERS).map(([vt, [number, name]]) => [
      vt,
      field(`dcom.vt.${name}`, 'Element', fieldType({ kind: 'number', number })),
    ]),
  ),
  [VT_ERROR]: field('dcom.hresult', 'Element', 'uint32', { hex: true }),
  [VT_BOOL]: field('dcom.vt.bool', 'Element', 'uint16', { hex: true }),
};

/**
 * An element that travels as an unsigned integer of its size (MS-OAUT 2.2.8): what it is says the VARTYPE that stands
 * in front. Where that is of another size, the arm of the union says what is there.
 */
function element(unsigned: NumberType): CustomType {
  const width = numberSize(unsigned.number, false);
  const of = (vt: number): NumberKind | null => {
    const known = NUMBERS[vt & VT_TYPE];
    return known !== undefined && numberSize(known[0], false) === width ? known[0] : null;
  };
  return {
    kind: 'custom',
    fieldType: fieldType(unsigned),
    alignment: () => width,
    minSize: width,
    number: unsigned,
    fields: Object.entries(NUMBER_FIELDS).flatMap(([vt, f]) => (of(Number(vt)) === null ? [] : [f])),
    read: (r, f) => {
      const number = of(r.vartype);
      const vt = r.vartype & VT_TYPE;
      if (number !== null && vt === VT_BOOL) return VARIANT_BOOL.read(r, NUMBER_FIELDS[vt]);
      return number === null ? r.number(unsigned.number, f) : r.number(number, NUMBER_FIELDS[vt]);
    },
    write: (w, value) => w.number(of(w.vartype) ?? unsigned.number, value),
  };
}

/** Whether the array has a VARTYPE of its own, in cLocks. */
const FEATURE_BITS = telling(u16, (to, features) => {
  if (features & HAVE_VARTYPE) to.vartype = IN_LOCKS;
});

/** cLocks; its upper half is the VARTYPE where the features, which stand in front, say so (MS-OAUT 2.2.30.10). */
const LOCKS = telling(u32, (to, locks) => {
  if (to.vartype === IN_LOCKS) to.vartype = locks >>> 16;
});

/** Elements of each kind have their field: a name has one type. */
const elements = (name: string, of: NdrType): NdrType =>
  counted('Size', pointer(conformant(of, { name, label: 'Elements' })));
const sized = (name: string, field: string, of: NdrType): NdrType =>
  struct(name, 'dcom.sa', { Size: u32, data: elements(field, of) });

const ARRAYS = union(as(u32, { name: 'dcom.sa.type', label: 'SF_TYPE' }), {
  8: sized('SAFEARR_BSTR', 'dcom.sa.bstr', BSTR),
  13: sized('SAFEARR_UNKNOWN', 'dcom.sa.unknown', INTERFACE_POINTER),
  9: sized('SAFEARR_DISPATCH', 'dcom.sa.unknown', INTERFACE_POINTER),
  12: sized(
    'SAFEARR_VARIANT',
    'dcom.sa.variant',
    pointer(() => WIRE_VARIANT),
  ),
  36: sized('SAFEARR_BRECORD', 'dcom.sa.record', BRECORD),
  32781: struct('SAFEARR_HAVEIID', 'dcom.sa', {
    Size: u32,
    data: elements('dcom.sa.unknown', INTERFACE_POINTER),
    iid: as(guid, { name: 'dcom.iid', label: 'IID' }),
  }),
  16: sized('BYTE_SIZEDARR', 'dcom.sa.data', u8),
  2: sized('WORD_SIZEDARR', 'dcom.sa.data16', element(u16)),
  3: sized('DWORD_SIZEDARR', 'dcom.sa.data32', element(u32)),
  20: sized('HYPER_SIZEDARR', 'dcom.sa.data64', element(u64)),
});

/** The names of ADVFEATUREFLAGS. */
export const FEATURE_NAMES: readonly string[] = FEATURES.map(([, name]) => name);

/** What an array that says no VARTYPE has by its SF_TYPE; undefined for what is no SF_TYPE. */
export function impliedVartype(sfType: number): number | undefined {
  return SF[sfType]?.[1];
}

/** What stands in the array of an SF_TYPE. */
export function elementTable(sfType: number): NdrType | undefined {
  const arm = ARRAYS.arms[sfType] as StructType | undefined;
  const data = arm?.members.find((m) => m.name === 'data')?.type as PointerType | undefined;
  return data === undefined ? undefined : (data.to as ArrayType).of;
}

/** SAFEARRAY (MS-OAUT 2.2.30.10). The bounds run from right to left. */
const WIRE_SAFEARRAY = struct('SAFEARRAY', 'dcom.sa', {
  cDims: as(u16, { name: 'dcom.sa.dims16', label: 'Dimensions' }),
  fFeatures: as(FEATURE_BITS, { name: 'dcom.sa.features', label: 'Features', hex: true }),
  cbElements: as(u32, { name: 'dcom.sa.element_size', label: 'Element size' }),
  cLocks: as(LOCKS, { name: 'dcom.sa.locks', label: 'Locks', hex: true }),
  uArrayStructs: ARRAYS,
  rgsabound: counted(
    'cDims',
    conformant(
      struct('SAFEARRAYBOUND', 'dcom.sa', {
        cElements: as(u32, { name: 'dcom.sa.bound_elements', label: 'Count' }),
        lLbound: as(i32, { name: 'dcom.sa.low_bound', label: 'Lower bound' }),
      }),
    ),
  ),
});

const INNER = pointer(WIRE_SAFEARRAY);

/** What the outer pointer points to, and how it was written. */
interface Wire {
  readonly array: NdrValue;
  readonly pointers: 1 | 2;
  /** VARTYPE of the elements where the array has none of its own; 0 where nothing tells. */
  readonly vt: number;
}

/**
 * What a SAFEARRAY's pointer points to. MS-OAUT has a second pointer there, implementations do without it in
 * parameters; and it has everything from here on little endian whatever the drep says, where scapy and go-msrpc
 * follow the drep. The count of dimensions, which stands twice, tells which is which.
 */
const body = (inVariant: boolean): CustomType => ({
  kind: 'custom',
  fieldType: 'none',
  fields: [],
  holds: () => [WIRE_SAFEARRAY],
  alignment: (ndr64) => (ndr64 ? 8 : 4),
  minSize: 4,
  read: (r: NdrReader, f) => {
    const { c } = r;
    // the VARIANT's type is that of its array's elements (MS-OAUT 2.2.7)
    const vt = inVariant ? r.vartype & VT_TYPE : 0;
    r.vartype = vt;
    const outer = c.littleEndian;
    const fits = (littleEndian: boolean, inner: boolean): boolean => consistent(c, r.ndr64, littleEndian, inner);
    if (!outer && !fits(false, false) && !fits(false, true) && (fits(true, false) || fits(true, true)))
      c.littleEndian = true;
    const inner = !fits(c.littleEndian, false) && (fits(c.littleEndian, true) || c.peek32() === 0);
    const box: Record<string, NdrValue> = { array: null };
    try {
      r.whole(inner ? INNER : WIRE_SAFEARRAY, f, box, 'array');
    } finally {
      c.littleEndian = outer;
    }
    const { array } = box;
    if (array !== null) checkArray(c, array as ReadArray, vt);
    return { array, pointers: inner ? 2 : 1, vt } satisfies Wire;
  },
  write: (w, value) => {
    const { array, pointers, vt } = value as Wire;
    w.vartype = vt;
    w.blob(() => w.whole(pointers === 2 ? INNER : WIRE_SAFEARRAY, array));
  },
});

/** The structure as it was read, where that came to its end. */
interface ReadArray {
  readonly fFeatures: number;
  readonly cLocks: number;
  readonly uArrayStructs: { readonly tag: number; readonly value: { readonly data: ArrayLike<unknown> | null } };
  readonly rgsabound: readonly { readonly cElements: number }[];
}

/** Says where what the array tells twice is not the same: its type and the VARIANT's, its elements and its bounds. */
function checkArray(c: Cursor, array: ReadArray, known: number): void {
  const { tag, value } = array.uArrayStructs;
  const vt = array.fFeatures & HAVE_VARTYPE ? array.cLocks >>> 16 : known;
  if (known !== 0 && vt !== known)
    c.note('safearray-types', `an array of ${vtName(vt)} in a VARIANT with one of ${vtName(known)}`);
  if (vt !== 0 && !fitsArm(tag, vt))
    c.note('safearray-types', `an array of ${vtName(vt)} whose elements are sent as ${SF[tag][0]}`);
  const room = array.rgsabound.reduce((product, { cElements }) => product * cElements, 1);
  if (value.data !== null && value.data.length !== room)
    c.note('safearray-bounds', `an array of ${value.data.length} elements whose bounds have room for ${room}`);
}

/** Whether elements of a VARTYPE may be sent as an SF_TYPE: as the very type, or as numbers that are as wide. */
function fitsArm(sfType: number, vt: number): boolean {
  const [sent, wide] = [bytesOf(sfType), bytesOf(vt)];
  if (sent !== undefined && wide !== undefined) return sent === wide;
  const isKnown = wide !== undefined || SF[vt] !== undefined;
  return !isKnown || SF[sfType][1] === vt || (sfType === SF_HAVEIID && vt === VT_DISPATCH);
}

/** Bytes of a number, by its VARTYPE or SF_TYPE; undefined for what is none. */
function bytesOf(vt: number): number | undefined {
  if (vt === VT_I1 || vt === VT_UI1) return 1;
  return vt in NUMBERS ? numberSize(NUMBERS[vt][0], false) : undefined;
}

/** Whether the count of dimensions is the same both times, behind an inner pointer or at once. */
function consistent(c: Cursor, ndr64: boolean, littleEndian: boolean, inner: boolean): boolean {
  const outer = c.littleEndian;
  c.littleEndian = littleEndian;
  const at = inner ? (ndr64 ? 8 : 4) : 0;
  const dims = c.peek32(at + (ndr64 && !littleEndian ? 4 : 0));
  const word = c.peek32(at + (ndr64 ? 8 : 4));
  c.littleEndian = outer;
  return dims > 0 && dims === (littleEndian ? word & 0xffff : word >>> 16);
}

/** A SAFEARRAY as `calls` prints it; bounds from left to right, of the elements the first index varies fastest. */
export interface SafeArray extends Tagged<'safearray'> {
  readonly vt: string;
  readonly features: readonly string[];
  readonly bounds: readonly { readonly lower: number; readonly count: number }[];
  readonly elements: NdrValue[];
  /** What encoding needs beside these. */
  readonly cbElements: number;
  readonly cLocks: number;
  readonly sfType: number;
  /** Pointers in front of it on the wire. */
  readonly pointers: 1 | 2;
  readonly iid?: string;
  /** Set where the pointer to the elements is null. */
  readonly noData?: true;
}

/** `[out] SAFEARRAY*`: null or a `SafeArray`. */
export const SAFEARRAY: MappedType = { kind: 'mapped', makes: 'safearray', wire: pointer(body(false)), decode, encode };

/** The array in a VARIANT: the same, its elements of the VARIANT's type. */
export const SAFEARRAY_IN_VARIANT: MappedType = { ...SAFEARRAY, wire: pointer(body(true)) };

function decode(wire: NdrValue): NdrValue {
  if (wire === null || wire === undefined) return null;
  const { array, pointers, vt: known } = wire as unknown as Wire;
  if (array === null) return null;
  // after a failure halfway some members are missing
  const w = array as {
    fFeatures?: number;
    cbElements?: number;
    cLocks?: number;
    uArrayStructs?: { tag: number; value: { data?: NdrValue; iid?: string } | null };
    rgsabound?: { cElements: number; lLbound: number }[];
  };
  const features = w.fFeatures ?? 0;
  const tag = w.uArrayStructs?.tag ?? 0;
  const arm = w.uArrayStructs?.value;
  const data = arm?.data ?? [];
  const vt = features & HAVE_VARTYPE ? (w.cLocks ?? 0) >>> 16 : known || (SF[tag]?.[1] ?? 0);
  return {
    [KIND]: 'safearray',
    vt: vtName(vt),
    features: FEATURES.filter(([bit]) => features & bit).map(([, name]) => name),
    bounds: [...(w.rgsabound ?? [])].reverse().map((b) => ({ lower: b.lLbound, count: b.cElements })),
    elements: data instanceof Uint8Array ? Array.from(vt === VT_I1 ? new Int8Array(data) : data) : (data as NdrValue[]),
    cbElements: w.cbElements ?? 0,
    cLocks: w.cLocks ?? 0,
    sfType: tag,
    pointers,
    ...(arm?.iid ? { iid: arm.iid } : {}),
    ...(arm?.data === null ? { noData: true } : {}),
  } satisfies SafeArray;
}

function encode(value: NdrValue): NdrValue {
  if (value === null) return null;
  const a = value as SafeArray;
  const features = FEATURES.reduce((sum, [bit, name]) => (a.features.includes(name) ? sum | bit : sum), 0);
  const { elements } = a;
  const data = a.noData ? null : a.sfType === 16 ? Uint8Array.from(elements as number[]) : elements;
  const array = {
    cDims: a.bounds.length,
    fFeatures: features,
    cbElements: a.cbElements,
    cLocks: a.cLocks,
    uArrayStructs: { tag: a.sfType, value: { Size: elements.length, data, ...(a.iid ? { iid: a.iid } : {}) } },
    rgsabound: [...a.bounds].reverse().map((b) => ({ cElements: b.count, lLbound: b.lower })),
  };
  return { array, pointers: a.pointers, vt: vtNumber(a.vt) } satisfies Wire;
}
