/**
 * NDR types as tables (C706 chapter 14, MS-RPCE 2.2.4 and 2.2.5): an interface's IDL written down once.
 * Reading (read.ts), the annotated tree and writing (write.ts) all follow these tables, in NDR and in NDR64.
 */

import type { Cursor } from '../../src/core/cursor.js';
import { type Field, type FieldType, field } from '../../src/core/node.js';
import type { ValueKind } from './kinds.js';
import { pointee } from './pointee.js';
import type { NdrReader } from './read.js';
import type { NdrWriter } from './write.js';

/**
 * What a table's values are in memory. Numbers up to 32 bits are numbers, 64-bit ones bigint (`id64` and
 * `hex32`: text `0x…`), byte arrays Uint8Array, structures objects with the members' IDL names, null pointers null.
 */
export type NdrValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdrValue[]
  | { [member: string]: NdrValue }
  | object;

/** Sizes and meanings of numbers. `enum16` and `size` are wider in NDR64. */
export type NumberKind =
  | 'u8'
  | 'i8'
  | 'u16'
  | 'i16'
  | 'u32'
  | 'i32'
  | 'u64'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'enum16'
  | 'size'
  | 'hex32'
  | 'id64';

/** How a type's field is to be called and shown, when its place in a table does not say it well enough. */
export interface As {
  /** Wireshark's field name. */
  readonly name?: string;
  readonly label?: string;
  readonly hex?: boolean;
  readonly names?: Readonly<Record<number, string>>;
  /** Wireshark's type of the field, where that is another than the number's. */
  readonly type?: FieldType;
  /** Receivers must ignore it, so no document holds it. */
  readonly reserved?: true;
  /** A structure whose bytes are a value of their own, as a context handle's. */
  readonly bytes?: boolean;
}

interface Named {
  readonly as?: As | undefined;
}

export interface NumberType extends Named {
  readonly kind: 'number';
  readonly number: NumberKind;
}
export interface GuidType extends Named {
  readonly kind: 'guid';
}
export interface StructType extends Named {
  readonly kind: 'struct';
  readonly name: string;
  readonly members: readonly Member[];
}
export interface PointerType extends Named {
  readonly kind: 'pointer';
  readonly to: NdrType | (() => NdrType);
}
export interface ArrayType extends Named {
  readonly kind: 'array';
  readonly of: NdrType;
  /** Fixed number of elements; undefined for a conformant array. */
  readonly length?: number;
  readonly varying: boolean;
  /** The member, beside it or in the request, that says how many elements it has (`length_is`, or else `size_is`). */
  readonly count?: string;
}
export interface StringType extends Named {
  readonly kind: 'string';
  /** UTF-16; otherwise bytes. */
  readonly wide: boolean;
  /** Declared with this many characters: then no max count is sent. */
  readonly length?: number;
}
export interface UnionType extends Named {
  readonly kind: 'union';
  readonly tag: NumberType;
  readonly arms: Readonly<Record<number, NdrType | null>>;
  /** What stands behind a tag that `arms` lacks; undefined where that is malformed. */
  readonly otherwise?: NdrType | null | undefined;
  /** The member beside it that decides (`switch_is`), and the tag that a value of that asks for. */
  readonly decides?: { readonly member: string; readonly tagFor: (value: number) => number };
}
/** A table whose value is shown as something simpler: a BSTR rather than a pointer to a FLAGGED_WORD_BLOB. */
export interface MappedType extends Named {
  readonly kind: 'mapped';
  /** The tag of its values; absent where they are plain. */
  readonly makes?: ValueKind;
  readonly wire: NdrType;
  readonly decode: (wire: NdrValue) => NdrValue;
  readonly encode: (value: NdrValue) => NdrValue;
  /** Says what is odd about what was read, where all of it was. */
  readonly check?: (c: Pick<Cursor, 'note'>, wire: NdrValue) => void;
}
/** A type whose layout a table cannot say (it depends on the bytes around, or is no NDR at all). */
export interface CustomType extends Named {
  readonly kind: 'custom';
  /** The tag of its values; absent where they are plain. */
  readonly makes?: ValueKind;
  readonly fieldType: FieldType;
  readonly alignment: (ndr64: boolean) => number;
  readonly minSize: number;
  /** The number whose values it has, where only its layout is its own. */
  readonly number?: NumberType;
  /** Fields that reading it makes nodes of, beside that of its value, and types that it reads on the way. */
  readonly fields: readonly Field[];
  readonly holds?: () => readonly NdrType[];
  readonly read: (r: NdrReader, f: Field) => NdrValue;
  readonly write: (w: NdrWriter, value: NdrValue) => void;
}
export type NdrType =
  | NumberType
  | GuidType
  | StructType
  | PointerType
  | ArrayType
  | StringType
  | UnionType
  | MappedType
  | CustomType;

/** A structure's member or an operation's parameter, with the field that its sights in the tree belong to. */
export interface Member {
  readonly name: string;
  readonly type: NdrType;
  readonly field: Field;
}

const number = (kind: NumberKind): NumberType => ({ kind: 'number', number: kind });

export const u8 = number('u8');
export const i8 = number('i8');
export const u16 = number('u16');
export const i16 = number('i16');
export const u32 = number('u32');
export const i32 = number('i32');
export const u64 = number('u64');
export const i64 = number('i64');
export const f32 = number('f32');
export const f64 = number('f64');
/** An enum without v1_enum: 16 bits in NDR, 32 in NDR64. */
export const enum16 = number('enum16');
/** An unsigned __int3264: 32 bits in NDR, 64 in NDR64. */
export const size = number('size');
/** 32 bits shown as `0x…` text: HRESULTs and the like. */
export const hex32 = number('hex32');
/** 64 bits shown as `0x` and 16 digits: OXID, OID, SETID. */
export const id64 = number('id64');
export const guid: GuidType = { kind: 'guid' };
/** `[string] wchar_t*` pointee: counted, with its closing zero on the wire and without it in values. */
export const wideString: StringType = { kind: 'string', wide: true };
/** `[string] char*` pointee. */
export const narrowString: StringType = { kind: 'string', wide: false };

/** `[string] char[length]`. */
export const fixedString = (length: number): StringType => ({ kind: 'string', wide: false, length });

/** A unique (or embedded reference) pointer. A top-level `[ref]` parameter has no pointer on the wire: use the pointee. */
export const pointer = (to: PointerType['to'], as?: As): PointerType => ({ kind: 'pointer', to, as });
/** `[size_is] T[]`: the element count stands before it, or before the structure that it ends. */
export const conformant = (of: NdrType, as?: As): ArrayType => ({ kind: 'array', of, varying: false, as });
/** `[size_is, length_is] T[]`. */
export const varying = (of: NdrType, as?: As): ArrayType => ({ kind: 'array', of, varying: true, as });
/** An array, or a pointer to one, whose elements another member counts (`length_is(count)`, or else `size_is(count)`). */
export function counted<T extends ArrayType | PointerType>(count: string, type: T): T {
  return type.kind === 'array' ? { ...type, count } : { ...type, to: counted(count, type.to as ArrayType) };
}
/** `T[length]`. */
export const fixed = (of: NdrType, length: number, as?: As): ArrayType => ({
  kind: 'array',
  of,
  length,
  varying: false,
  as,
});
/** A non-encapsulated union: its tag stands on the wire in front of the arm. */
export const union = (tag: NumberType, arms: UnionType['arms'], otherwise?: NdrType | null): UnionType => ({
  kind: 'union',
  tag,
  arms,
  otherwise,
});
/** A union whose tag another member says once more (`switch_is(member)`). */
export const switched = (member: string, type: UnionType, tagFor = (value: number): number => value): UnionType => ({
  ...type,
  decides: { member, tagFor },
});
/** The same table under another name or format. */
export function as<T extends NdrType>(type: T, more: As): T {
  return { ...type, as: { ...type.as, ...more } };
}

/** A structure; `prefix` begins the names of fields that Wireshark does not know. */
export function struct(name: string, prefix: string, members: Record<string, NdrType>, more?: As): StructType {
  return { kind: 'struct', name, members: membersOf(prefix, members), as: more };
}

/** Members (or parameters) in the order of the IDL, with their fields. */
export function membersOf(prefix: string, types: Record<string, NdrType>): Member[] {
  return Object.entries(types).map(([name, type]) => memberFor(prefix, name, type));
}

/** A member or a parameter, with its field. */
export function memberFor(prefix: string, name: string, type: NdrType): Member {
  return { name, type, field: fieldFor(prefix, name, type) };
}

function fieldFor(prefix: string, name: string, type: NdrType): Field {
  const as = asOf(type);
  return field(
    as.name ?? `${prefix}.${name.toLowerCase()}`,
    as.label ?? name,
    as.bytes ? 'bytes' : (as.type ?? fieldType(type)),
    {
      ...((as.hex ?? isHex(type)) ? { hex: true } : {}),
      ...(as.names ? { names: as.names } : {}),
    },
  );
}

const armFields = new WeakMap<NdrType, Field>();

/** The field of what a union's arm holds: its own where the table names one, else that of the union. */
export function armField(arm: NdrType, union: Field): Field {
  const as = asOf(arm);
  if (as.name === undefined) return union;
  let own = armFields.get(arm);
  if (own === undefined) {
    own = fieldFor('', union.label, arm);
    armFields.set(arm, own);
  }
  return own;
}

/** The field of an array's elements: their own where array and elements both have a name, else that of the array. */
export function elementField(type: ArrayType, array: Field): Field {
  return namesElements(type) ? armField(type.of, array) : array;
}

function namesElements({ as, of }: ArrayType): boolean {
  const own = asOf(of).name;
  return as?.name !== undefined && own !== undefined && own !== as.name;
}

/** Names of a pointee or element serve its pointer or array too. */
function asOf(type: NdrType): As {
  if (type.as) return type.as;
  if (type.kind === 'array') return asOf(type.of);
  if (type.kind === 'pointer' && typeof type.to !== 'function') return asOf(type.to);
  return {};
}

function isHex(type: NdrType): boolean {
  if (type.kind === 'array') return isHex(type.of);
  if (type.kind === 'pointer') return typeof type.to !== 'function' && isHex(type.to);
  return type.kind === 'number' && (type.number === 'hex32' || type.number === 'id64');
}

const NUMBER_FIELDS: Record<NumberKind, FieldType> = {
  u8: 'uint8',
  i8: 'int8',
  u16: 'uint16',
  i16: 'int16',
  u32: 'uint32',
  i32: 'int32',
  u64: 'uint64',
  i64: 'int64',
  f32: 'float',
  f64: 'double',
  enum16: 'uint32',
  size: 'uint64',
  hex32: 'uint32',
  id64: 'uint64',
};

/** How a type's values print and compare. */
export function fieldType(type: NdrType): FieldType {
  switch (type.kind) {
    case 'number':
      return NUMBER_FIELDS[type.number];
    case 'guid':
      return 'guid';
    case 'string':
      return 'string';
    case 'array':
      if (namesElements(type)) return 'none';
      return type.of.kind === 'number' && type.of.number === 'u8' ? 'bytes' : fieldType(type.of);
    case 'pointer':
      return typeof type.to === 'function' ? 'none' : fieldType(type.to);
    case 'mapped':
      return fieldType(type.wire);
    case 'custom':
      return type.fieldType;
    default:
      return 'none';
  }
}

/** Every field that a table can make nodes of, for `clrscope fields`. Tables may refer to themselves. */
export function fieldsOf(members: readonly Member[], seen = new Set<NdrType>()): Field[] {
  const fields: Field[] = [];
  const todo: { type: NdrType; field: Field }[] = members.map((m) => ({ type: m.type, field: m.field }));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { type, field } = next;
    fields.push(field);
    if (seen.has(type)) continue;
    seen.add(type);
    if (type.kind === 'struct') for (const m of type.members) todo.push({ type: m.type, field: m.field });
    else if (type.kind === 'array') todo.push({ type: type.of, field: elementField(type, field) });
    else if (type.kind === 'pointer') todo.push({ type: pointee(type), field });
    else if (type.kind === 'mapped') todo.push({ type: type.wire, field });
    else if (type.kind === 'union') {
      for (const arm of [...Object.values(type.arms), type.otherwise ?? null])
        if (arm !== null) todo.push({ type: arm, field: armField(arm, field) });
    } else if (type.kind === 'custom') {
      fields.push(...type.fields);
      for (const held of type.holds?.() ?? []) todo.push({ type: held, field });
    }
  }
  return fields;
}
