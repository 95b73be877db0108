/**
 * Values for NDR tables in which no pointer is null and no two numbers, names or ids are the same. What has several
 * forms (unions, VARIANTs, SAFEARRAYs, OBJREFs, towers) has another one at each sight.
 */
import { elementTable } from '../../dissectors/dcom/safearray.js';
import { vtName, WIRE_VARIANT } from '../../dissectors/dcom/variant.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import type { Member, NdrType, NdrValue, NumberKind, StructType, UnionType } from '../../dissectors/ndr/types.js';
import { INNER, objrefOf } from './objrefs.js';
import { towerOf } from './towers.js';

/** Pointers below this many others are null: tables may refer to themselves. */
const DEPTH = 5;
const VT_ARRAY = 0x2000;
const VT_BYREF = 0x4000;
const VT_VARIANT = 12;
const HAVE_VARTYPE = 'FADF_HAVEVARTYPE';

/** SAFEARRAYs by SF_TYPE, and the VARTYPEs that their elements have; 0: the array does not say. */
const ARRAYS: readonly (readonly [sfType: number, vartypes: readonly number[]])[] = [
  [8, [8]],
  [9, [9]],
  [12, [12]],
  [13, [13]],
  [16, [16, 17]],
  [36, [36]],
  [32781, [13]],
  [2, [0, 2, 11, 18]],
  [3, [0, 3, 4, 10, 19, 22, 23]],
  [20, [0, 5, 6, 7, 20, 21]],
];
const ARRAY_FORMS = ARRAYS.flatMap(([sfType, vartypes]) => vartypes.map((vt) => ({ sfType, vt })));

/** Numbers by VARTYPE (MS-OAUT 2.2.7). */
const NUMBERS: Readonly<Record<number, NumberKind>> = {
  2: 'i16',
  3: 'i32',
  4: 'f32',
  5: 'f64',
  6: 'i64',
  7: 'f64',
  10: 'u32',
  11: 'i16',
  16: 'i8',
  17: 'u8',
  18: 'u16',
  19: 'u32',
  20: 'i64',
  21: 'u64',
  22: 'i32',
  23: 'u32',
};
/** Unions, and the members beside them that say which arm they have. */
const KINDS_BESIDE = [
  ['_tdUnion', 'vt'],
  ['_vdUnion', 'varkind'],
] as const;
/** What an array that says no VARTYPE has for one who reads it, by SF_TYPE. */
const IMPLIED: Readonly<Record<number, number>> = { 2: 2, 3: 3, 20: 20 };

const VARIANT_ARMS = ((WIRE_VARIANT.wire as StructType).members.at(-1) as Member).type as UnionType;
const VARIANT_TAGS = Object.keys(VARIANT_ARMS.arms).map(Number);
/** Types that tshark 4.0 reads in a VARIANT: at 64 bits its dissector fails, and it leaves others out. */
const USUAL_TAGS = [2, 3, 4, 8, 9, 10, 11, 16, 17, 18, 19];

/** Makes values; each one differs from those that it made before. */
export class FullValues {
  #made = 0;
  /** Interface pointers are all of the standard kind, and VARIANTs of types that everybody reads. */
  usual = false;
  readonly #turns = new Map<unknown, number>();

  /** Parameters or members by name, counts of arrays among them. */
  of(members: readonly Member[], depth = 0): Record<string, NdrValue> {
    const values = Object.fromEntries(members.map((m) => [m.name, this.value(m.type, depth)]));
    for (const { name, type } of members) {
      const array = type.kind === 'pointer' && typeof type.to !== 'function' ? type.to : type;
      const elements = values[name] as { length: number } | null;
      if (array.kind === 'array' && array.count !== undefined) values[array.count] = elements?.length ?? 0;
    }
    // TYPEDESC and VARDESC say twice what they are
    for (const [union, kind] of KINDS_BESIDE)
      if (union in values && kind in values) values[kind] = (values[union] as { tag: number }).tag;
    return values;
  }

  /** A number that was not there before. */
  number(kind: NumberKind): number | bigint | string {
    const n = ++this.#made;
    switch (kind) {
      case 'u8':
        return (n % 0xff) + 1;
      case 'i8':
        return -(n % 0x7f) - 1;
      case 'u16':
        return 0x1000 + n;
      case 'i16':
        return -0x1000 - n;
      case 'enum16':
        return n;
      case 'u32':
      case 'size':
        return 0x80000000 + n;
      case 'i32':
        return -0x10000 - n;
      case 'u64':
        return (1n << 63n) + BigInt(n);
      case 'i64':
        return -(1n << 50n) - BigInt(n);
      case 'f32':
      case 'f64':
        return n + 0.5;
      case 'hex32':
        return `0x${(0x90000000 + n).toString(16)}`;
      case 'id64':
        return `0x${(0xa000000000000000n + BigInt(n)).toString(16)}`;
    }
  }

  guid(): string {
    return `${(++this.#made).toString(16).padStart(8, '0')}-1234-5678-9abc-def012345678`;
  }

  text(): string {
    return `text ${++this.#made}`;
  }

  /** The same in UTF-16: tshark prints bytes where it is not ASCII. */
  #wide(): string {
    return this.usual ? this.text() : `${this.text()} ß`;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => Number(this.number('u8')));
  }

  value(type: NdrType, depth: number): NdrValue {
    switch (type.kind) {
      case 'number':
        return this.number(type.number);
      case 'guid':
        return this.guid();
      case 'pointer':
        if (depth >= DEPTH) return null;
        return this.value(typeof type.to === 'function' ? type.to() : type.to, depth + 1);
      case 'struct':
        return this.of(type.members, depth);
      case 'array': {
        const length = type.length ?? 2;
        if (type.of.kind === 'number' && type.of.number === 'u8') return this.bytes(length);
        return Array.from({ length }, () => this.value(type.of, depth));
      }
      case 'string':
        return type.wide ? this.#wide() : this.text();
      case 'union':
        return this.#union(type, depth);
      case 'mapped':
        if (type.makes === 'variant') return this.#variant(depth);
        if (type.makes === 'safearray') return this.#array(this.#next(ARRAYS, ARRAY_FORMS), 1);
        return '-12.75';
      case 'custom':
        break;
    }
    switch (type.makes) {
      case undefined:
        return type.number === undefined ? Number(this.number('u16')) : this.number(type.number.number);
      case 'bstr': {
        const bytes = Buffer.from(this.#wide(), 'utf16le');
        return { [KIND]: 'bstr', cBytes: bytes.length, bytes, nrbf: null };
      }
      case 'objref':
        return objrefOf(this, depth > INNER || this.usual ? 0 : this.#turn('objref'));
      case 'tower':
        return towerOf(this, this.#turn('tower'));
      case 'bindings':
        return {
          [KIND]: 'bindings',
          bindings: [{ tower: 7, address: this.text() }],
          securityBindings: [{ authnSvc: 10, authzSvc: 0xffff, principal: this.text() }],
        };
      case 'ccw':
        return { [KIND]: 'ccw', value: this.number('id64'), layout: 'int64', alternatives: [] };
      default:
        throw new TypeError(`no values of ${type.makes}`);
    }
  }

  #turn(key: unknown): number {
    const turn = this.#turns.get(key) ?? 0;
    this.#turns.set(key, turn + 1);
    return turn;
  }

  #next<T>(key: unknown, forms: readonly T[]): T {
    return forms[this.#turn(key) % forms.length];
  }

  #union(type: UnionType, depth: number): NdrValue {
    const tags = Object.keys(type.arms).map(Number);
    const tag = this.#next(type, type.otherwise === undefined ? tags : [...tags, Math.max(...tags) + 1]);
    const arm = tag in type.arms ? type.arms[tag] : (type.otherwise ?? null);
    return { tag, value: arm === null ? null : this.value(arm, depth) };
  }

  #variant(depth: number): NdrValue {
    const inner = depth >= DEPTH - 1;
    const tag = inner ? 3 : this.usual ? this.#next(USUAL_TAGS, USUAL_TAGS) : this.#next(VARIANT_ARMS, VARIANT_TAGS);
    const arm = VARIANT_ARMS.arms[tag];
    if (tag & VT_ARRAY) {
      // the VARTYPE of the elements is that of the VARIANT
      const form = this.#next(
        tag,
        ARRAY_FORMS.filter(({ vt }) => vt !== 0),
      );
      return { [KIND]: 'variant', vt: vtName(tag | form.vt), value: this.#array(form, 2), clSize: 5 };
    }
    const value = arm === null ? null : tag === (VT_VARIANT | VT_BYREF) ? this.#variant(DEPTH) : this.value(arm, depth);
    return { [KIND]: 'variant', vt: vtName(tag), value, clSize: 5 };
  }

  #array({ sfType, vt }: { sfType: number; vt: number }, pointers: 1 | 2): NdrValue {
    const element = elementTable(sfType) as NdrType;
    const kind = NUMBERS[vt === 0 ? IMPLIED[sfType] : vt];
    const elements = Array.from({ length: 2 }, () => {
      // without a VARTYPE they are unsigned to one who reads them: the same bits only where they are small
      if (vt === 0) return sfType === 20 ? BigInt(++this.#made) : ++this.#made;
      return kind === undefined ? this.value(element, DEPTH - 1) : this.number(kind);
    });
    const features = vt === 0 || sfType === 32781 ? [] : [HAVE_VARTYPE];
    return {
      [KIND]: 'safearray',
      vt: vtName(vt === 0 ? 0 : vt),
      features: sfType === 32781 ? ['FADF_HAVEIID'] : features,
      bounds: [{ lower: -++this.#made, count: elements.length }],
      elements,
      cbElements: ++this.#made,
      cLocks: features.length === 0 ? 0 : vt * 0x10000,
      sfType,
      pointers,
      ...(sfType === 32781 ? { iid: this.guid() } : {}),
    };
  }
}
