/** SAFEARRAY on the wire (MS-OAUT 2.2.30): two pointers, a conformance, and a union by the kind of elements. */
import type { Cursor } from '../../src/core/cursor.js';
import type { NdrReader } from '../ndr/read.js';
import {
  as,
  type CustomType,
  conformant,
  guid,
  i32,
  type MappedType,
  type NdrType,
  type NdrValue,
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
import { vtName, WIRE_VARIANT } from './variant.js';

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

/** Elements of each kind have their field: a name has one type. */
const elements = (name: string, of: NdrType): NdrType => pointer(conformant(of, { name, label: 'Elements' }));
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
  36: sized(
    'SAFEARR_BRECORD',
    'dcom.sa.record',
    pointer(
      struct('wireBRECORD', 'dcom.record', {
        fFlags: u32,
        clSize: u32,
        pRecInfo: INTERFACE_POINTER,
        pRecord: pointer(conformant(u8)),
      }),
    ),
  ),
  32781: struct('SAFEARR_HAVEIID', 'dcom.sa', {
    Size: u32,
    data: elements('dcom.sa.unknown', INTERFACE_POINTER),
    iid: as(guid, { name: 'dcom.iid', label: 'IID' }),
  }),
  16: sized('BYTE_SIZEDARR', 'dcom.sa.data', u8),
  2: sized('WORD_SIZEDARR', 'dcom.sa.data16', u16),
  3: sized('DWORD_SIZEDARR', 'dcom.sa.data32', u32),
  20: sized('HYPER_SIZEDARR', 'dcom.sa.data64', u64),
});

/** SAFEARRAY (MS-OAUT 2.2.30.10). The bounds run from right to left. */
const WIRE_SAFEARRAY = struct('SAFEARRAY', 'dcom.sa', {
  cDims: as(u16, { name: 'dcom.sa.dims16', label: 'Dimensions' }),
  fFeatures: as(u16, { name: 'dcom.sa.features', label: 'Features', hex: true }),
  cbElements: as(u32, { name: 'dcom.sa.element_size', label: 'Element size' }),
  cLocks: as(u32, { name: 'dcom.sa.locks', label: 'Locks', hex: true }),
  uArrayStructs: ARRAYS,
  rgsabound: conformant(
    struct('SAFEARRAYBOUND', 'dcom.sa', {
      cElements: as(u32, { name: 'dcom.sa.bound_elements', label: 'Count' }),
      lLbound: as(i32, { name: 'dcom.sa.low_bound', label: 'Lower bound' }),
    }),
  ),
});

const INNER = pointer(WIRE_SAFEARRAY);

/** What the outer pointer points to, and how it was written. */
interface Wire {
  readonly array: NdrValue;
  readonly pointers: 1 | 2;
}

/**
 * What a SAFEARRAY's pointer points to. MS-OAUT has a second pointer there, implementations do without it in
 * parameters; and it has everything from here on little endian whatever the drep says, where scapy and go-msrpc
 * follow the drep. The count of dimensions, which stands twice, tells which is which.
 */
const BODY: CustomType = {
  kind: 'custom',
  fieldType: 'none',
  fields: [],
  holds: () => [WIRE_SAFEARRAY],
  alignment: (ndr64) => (ndr64 ? 8 : 4),
  minSize: 4,
  read: (r: NdrReader, f) => {
    const { c } = r;
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
    return { array: box.array, pointers: inner ? 2 : 1 } satisfies Wire;
  },
  write: (w, value) => {
    const { array, pointers } = value as Wire;
    w.blob(() => w.whole(pointers === 2 ? INNER : WIRE_SAFEARRAY, array));
  },
};

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

/** A SAFEARRAY as `calls` prints it; bounds from left to right. */
export interface SafeArray {
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

/** `[out] SAFEARRAY*` and the arrays in a VARIANT: null or a `SafeArray`. */
export const SAFEARRAY: MappedType = { kind: 'mapped', wire: pointer(BODY), decode, encode };

function decode(wire: NdrValue): NdrValue {
  if (wire === null || wire === undefined) return null;
  const { array, pointers } = wire as unknown as Wire;
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
  const vt = features & 0x0080 ? (w.cLocks ?? 0) >>> 16 : (SF[tag]?.[1] ?? 0);
  return {
    vt: vtName(vt),
    features: FEATURES.filter(([bit]) => features & bit).map(([, name]) => name),
    bounds: [...(w.rgsabound ?? [])].reverse().map((b) => ({ lower: b.lLbound, count: b.cElements })),
    elements: typed(vt, data instanceof Uint8Array ? Array.from(data) : (data as NdrValue[])),
    cbElements: w.cbElements ?? 0,
    cLocks: w.cLocks ?? 0,
    sfType: tag,
    pointers,
    ...(arm?.iid ? { iid: arm.iid } : {}),
    ...(arm?.data === null ? { noData: true } : {}),
  } satisfies SafeArray;
}

const view = new DataView(new ArrayBuffer(8));

/** The elements travel as unsigned integers of their size; what they are is the VARTYPE's affair. */
function typed(vt: number, elements: NdrValue[]): NdrValue[] {
  // VARTYPE and the union's arm are told apart on the wire: where they disagree, the arm says what was read
  const size = vt === 5 || vt === 6 || vt === 7 || vt === 20 ? 'bigint' : 'number';
  if (elements.length > 0 && typeof elements[0] !== size) return elements;
  switch (vt) {
    case 16:
      return elements.map((v) => ((v as number) << 24) >> 24);
    case 2:
    case 11:
      return elements.map((v) => ((v as number) << 16) >> 16);
    case 3:
    case 22:
      return elements.map((v) => (v as number) | 0);
    case 20:
    case 6:
      return elements.map((v) => BigInt.asIntN(64, v as bigint));
    case 4:
      return elements.map((v) => {
        view.setUint32(0, v as number);
        return view.getFloat32(0);
      });
    case 5:
    case 7:
      return elements.map((v) => {
        view.setBigUint64(0, v as bigint);
        return view.getFloat64(0);
      });
    default:
      return elements;
  }
}

/** The wire's unsigned integers again. */
function untyped(vt: number, elements: NdrValue[]): NdrValue[] {
  switch (vt) {
    case 16:
      return elements.map((v) => (v as number) & 0xff);
    case 2:
    case 11:
      return elements.map((v) => (v as number) & 0xffff);
    case 3:
    case 22:
      return elements.map((v) => (v as number) >>> 0);
    case 20:
    case 6:
      return elements.map((v) => BigInt.asUintN(64, BigInt(v as bigint)));
    case 4:
      return elements.map((v) => {
        view.setFloat32(0, v as number);
        return view.getUint32(0);
      });
    case 5:
    case 7:
      return elements.map((v) => {
        view.setFloat64(0, v as number);
        return view.getBigUint64(0);
      });
    default:
      return elements;
  }
}

function encode(value: NdrValue): NdrValue {
  if (value === null) return null;
  const a = value as SafeArray;
  const features = FEATURES.reduce((sum, [bit, name]) => (a.features.includes(name) ? sum | bit : sum), 0);
  const vt = features & 0x0080 ? a.cLocks >>> 16 : (SF[a.sfType]?.[1] ?? 0);
  const elements = untyped(vt, a.elements);
  const data = a.noData ? null : a.sfType === 16 ? Uint8Array.from(elements as number[]) : elements;
  const array = {
    cDims: a.bounds.length,
    fFeatures: features,
    cbElements: a.cbElements,
    cLocks: a.cLocks,
    uArrayStructs: { tag: a.sfType, value: { Size: elements.length, data, ...(a.iid ? { iid: a.iid } : {}) } },
    rgsabound: [...a.bounds].reverse().map((b) => ({ cElements: b.count, lLbound: b.lower })),
  };
  return { array, pointers: a.pointers };
}
