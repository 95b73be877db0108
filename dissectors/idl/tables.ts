/** IDL's types as tables of NDR (C706 14, MS-RPCE 2.2.4): what is declared becomes what ndr/types.ts can say. */
import { INTERFACE_POINTER } from '../dcom/objref.js';
import {
  type ArrayType,
  as,
  conformant,
  counted,
  enum16,
  f32,
  f64,
  fixed,
  guid,
  i8,
  i16,
  i32,
  i64,
  type Member,
  memberFor,
  type NdrType,
  type NumberType,
  narrowString,
  pointer,
  type StringType,
  type StructType,
  size,
  struct,
  u8,
  u16,
  u32,
  u64,
  varying,
  wideString,
} from '../ndr/types.js';
import { WELL_KNOWN } from './prelude.js';
import { checkRecords, type OpenRecord } from './records.js';
import { boundOf, type Layer, type Shape, shapeOf } from './shape.js';
import type { Declaration, Declared, Enumeration, RecordBody } from './syntax.js';
import { IdlError, type IdlPlace, type IdlToken } from './tokens.js';

/** Number types by the words of their width, signed and unsigned. */
const NUMBERS: Readonly<Record<string, readonly [signed: NumberType, unsigned: NumberType]>> = {
  char: [i8, u8],
  small: [i8, u8],
  __int8: [i8, u8],
  short: [i16, u16],
  __int16: [i16, u16],
  int: [i32, u32],
  long: [i32, u32],
  __int32: [i32, u32],
  hyper: [i64, u64],
  __int64: [i64, u64],
  __int3264: [size, size],
};
const OTHERS: Readonly<Record<string, NumberType>> = {
  ...{ char: u8, boolean: u8, byte: u8, wchar_t: u16, float: f32, double: f64, error_status_t: u32 },
};

/** The table of one of the language's own types. */
function baseType(name: string, at: IdlPlace): NumberType {
  if (Object.hasOwn(OTHERS, name)) return OTHERS[name];
  const words = name.split(' ');
  const isUnsigned = words.includes('unsigned');
  const wide = words.filter((word) => word !== 'unsigned' && word !== 'signed');
  const width = wide.length > 1 ? wide.filter((word) => word !== 'int') : wide;
  const isLongLong = width.join(' ') === 'long long';
  const key = isLongLong ? 'hyper' : (width[0] ?? 'int');
  if ((width.length > 1 && !isLongLong) || !Object.hasOwn(NUMBERS, key))
    throw new IdlError(at, `${JSON.stringify(name)} is no type`);
  return NUMBERS[key][isUnsigned ? 1 : 0];
}

/** Makes tables of declarations. What structs hold is known once `finish` was called. */
export class Tables {
  private readonly records = new Map<RecordBody, OpenRecord>();
  private readonly open: { readonly record: OpenRecord; readonly root: string; readonly name: string }[] = [];
  /** Types of fields by their names. */
  private readonly types = new Map<string, string>();

  /** @param isInterface whether a name is that of an interface, which is met as a pointer */
  constructor(
    private readonly declared: Declared,
    private readonly isInterface: (name: string) => boolean,
  ) {}

  /**
   * A parameter's table; null for one that does not travel, a binding handle.
   * @param root begins the names of fields
   * @param beside names of numbers that stand in the same stub
   * @throws IdlError where its type is none that tables can say
   */
  parameter(of: Declaration, root: string, beside: ReadonlySet<string>): NdrType | null {
    const shape = this.shape(of);
    if (shape.core.kind === 'base' && shape.core.name === 'handle_t') return null;
    return this.layered(of, shape, root, beside, true);
  }

  /** What an operation returns; null for void. */
  result(of: Declaration, root: string): NdrType | null {
    const shape = this.shape(of);
    const isVoid = shape.core.kind === 'base' && shape.core.name === 'void' && shape.layers.length === 0;
    return isVoid ? null : this.layered(of, shape, root, new Set(), false);
  }

  /**
   * A member or a parameter with its field. Where another of its name is of another type, both would be one to a filter: then
   * `otherwise` begins the name.
   */
  member(prefix: string, otherwise: string, name: string, type: NdrType): Member {
    const made = memberFor(prefix, name, type);
    const known = this.types.get(made.field.name);
    if (known !== undefined && known !== made.field.type) return memberFor(otherwise, name, type);
    this.types.set(made.field.name, made.field.type);
    return made;
  }

  /**
   * Fills in what structs and unions hold.
   * @throws IdlError for those that cannot be
   */
  finish(): void {
    for (let next = this.open.pop(); next !== undefined; next = this.open.pop()) {
      const { record, root, name } = next;
      const prefix = `${root}.${name.toLowerCase().replace(/^(?:_|tag(?=.))+/, '')}`;
      if ('members' in record) {
        const { members, of, name: own } = record.body;
        const beside = new Set(members.map((m) => m.name));
        if (beside.size < members.length) throw new IdlError(record.body, `${own} has two members of one name`);
        for (const one of members) {
          const type = this.layered(one, this.shape(one), root, beside, false);
          record.members.push(this.member(prefix, `${root}.${of}.${own.toLowerCase()}`, one.name, type));
        }
      } else
        for (const { cases, isDefault, member: of } of record.body.arms) {
          const type = of === null ? null : this.layered(of, this.shape(of), root, new Set(), false);
          const arm = of === null || type === null ? null : namedArm(type, prefix, of.name);
          for (const value of cases) record.arms[value] = arm;
          if (isDefault) (record.type as { otherwise?: NdrType | null }).otherwise = arm;
        }
    }
    checkRecords([...this.records.values()]);
  }

  private shape(of: Declaration): Shape {
    return shapeOf(of, this.declared, this.isInterface);
  }

  /** Puts a declaration's pointers and arrays around what is inside. */
  private layered(
    of: Declaration,
    shape: Shape,
    root: string,
    beside: ReadonlySet<string>,
    isParameter: boolean,
  ): NdrType {
    const { layers } = shape;
    const inside = this.inside(of, shape, root);
    let { type } = inside;
    for (let at = layers.length - 1 - inside.layers; at >= 0; at--) {
      const layer = layers[at];
      const isPointer = layer.elements === undefined;
      const text = at === layers.length - 1 ? stringOf(of, shape, layer, at) : null;
      const element = type;
      if (text !== null) type = text;
      else if (!isPointer || boundOf(of, SIZES, at) !== undefined || boundOf(of, LENGTHS, at) !== undefined)
        type = arrayOf(of, layer, at, element, beside);
      const isOptional = [...of.attributes, ...layer.attributes].some(
        ({ name }) => name === 'unique' || name === 'ptr',
      );
      // on the top level neither a reference pointer nor an array has a pointer on the wire
      if (at === 0 && isParameter ? isOptional : isPointer) type = pointer(type);
    }
    return type;
  }

  /** The innermost type, and how many of the layers around it are its own. */
  private inside(of: Declaration, shape: Shape, root: string): { type: NdrType; layers: number } {
    const { core, attributes, layers } = shape;
    const pointed = layers.at(-1);
    const ownPointer = (type: NdrType, what: string): { type: NdrType; layers: number } => {
      if (pointed === undefined || pointed.elements !== undefined)
        throw new IdlError(of, `${what} is met as a pointer alone`);
      return { type, layers: 1 };
    };
    switch (core.kind) {
      case 'well-known':
        return { type: WELL_KNOWN[core.name], layers: 0 };
      case 'safearray':
        return { type: WELL_KNOWN.SAFEARRAY, layers: 0 };
      case 'interface':
        return ownPointer(INTERFACE_POINTER, `the interface ${core.name}`);
      case 'enum':
        return { type: this.enumerated(core), layers: 0 };
      case 'record':
        return { type: this.record(core.of, core.name, shape.name, root, of), layers: 0 };
      case 'base':
        if (core.name !== 'void') return { type: baseType(core.name, of), layers: 0 };
        if (attributes.has('context_handle')) return ownPointer(contextHandle(root, of.name), 'a context handle');
        if (attributes.has('iid_is')) return ownPointer(INTERFACE_POINTER, 'an object');
        throw new IdlError(of, `${of.name} is void: iid_is or context_handle was expected`);
    }
  }

  private enumerated(from: Enumeration): NumberType {
    const { items, isLong, name, at } = from.items === null ? (this.declared.enums.get(from.name) ?? from) : from;
    if (items === null) throw new IdlError(at, `the enum ${name} is not declared`);
    return as(isLong || from.isLong ? u32 : enum16, { names: items });
  }

  private record(of: 'struct' | 'union', name: string, typedef: string | null, root: string, at: IdlPlace): NdrType {
    const body = this.declared.records.get(`${of} ${name}`);
    if (body === undefined) throw new IdlError(at, `the ${of} ${name} is not declared`);
    const known = this.records.get(body);
    if (known !== undefined) return known.type;
    const called = typedef ?? name;
    const record = body.of === 'struct' ? openStruct(body, called) : this.openUnion(body);
    this.records.set(body, record);
    this.open.push({ record, root, name: called });
    return record.type;
  }

  private openUnion(body: RecordBody & { of: 'union' }): OpenRecord {
    const tag = body.tag === null ? i32 : this.result(body.tag, '');
    if (tag?.kind !== 'number') throw new IdlError(body, `what tells the arms of ${body.name} apart is no number`);
    const arms: Record<number, NdrType | null> = {};
    return { body, arms, type: { kind: 'union', tag, arms, otherwise: undefined } };
  }
}

function openStruct(body: RecordBody & { of: 'struct' }, name: string): OpenRecord {
  const members: Member[] = [];
  return { body, members, type: { kind: 'struct', name, members } };
}

const SIZES = ['size_is', 'max_is'];
const LENGTHS = ['length_is', 'last_is', 'first_is'];

/** The text that a pointer or an array of characters is, where it is one. */
function stringOf(of: Declaration, { core, attributes }: Shape, layer: Layer, at: number): StringType | null {
  if (!attributes.has('string') || core.kind !== 'base') return null;
  const isWide = core.name === 'wchar_t' || core.name === 'unsigned short';
  if (!isWide && !/\bchar$|^byte$/.test(core.name)) return null;
  const text = isWide ? wideString : narrowString;
  const { elements } = layer;
  return typeof elements === 'number' && boundOf(of, SIZES, at) === undefined ? { ...text, length: elements } : text;
}

function arrayOf(
  of: Declaration,
  { elements }: Layer,
  at: number,
  type: NdrType,
  beside: ReadonlySet<string>,
): ArrayType {
  const told = boundOf(of, SIZES, at);
  const isVarying = boundOf(of, LENGTHS, at) !== undefined;
  if (told === undefined) {
    if (typeof elements === 'number' && type.kind === 'array' && type.length === undefined)
      throw new IdlError(
        of,
        `size_is was expected for every dimension of ${of.name}: size_is(${elements}, ...) with empty brackets`,
      );
    if (typeof elements === 'number') return { ...fixed(type, elements), varying: isVarying };
    // open on the wire too: `length_is` of a pointer alone
    if (!isVarying) throw new IdlError(of, `size_is was expected: nothing says how many elements ${of.name} has`);
  }
  const isRow = type.kind === 'array' && type.length === undefined;
  // all dimensions have offsets, or none has (C706 14.3.3.4)
  const array = isVarying || (isRow && type.varying) ? varying(isRow ? allVarying(type) : type) : conformant(type);
  const count = counterOf(boundOf(of, [isVarying ? 'length_is' : 'size_is'], at), beside);
  return count === undefined ? array : counted(count, array);
}

function allVarying(type: ArrayType): ArrayType {
  const { of } = type;
  return varying(of.kind === 'array' && of.length === undefined ? allVarying(of) : of);
}

/** The number that counts elements, where it is that alone. */
function counterOf(told: readonly IdlToken[] | undefined, beside: ReadonlySet<string>): string | undefined {
  if (told === undefined) return undefined;
  const words = told[0].text === '*' ? told.slice(1) : told;
  return words.length === 1 && beside.has(words[0].text) ? words[0].text : undefined;
}

/** An arm has a field of its own; structs have those of their members. */
function namedArm(type: NdrType, prefix: string, name: string): NdrType {
  if (type.kind === 'struct' || type.kind === 'union') return type;
  return as(type, { name: `${prefix}.${name.toLowerCase()}`, label: name, ...type.as });
}

/** A context handle on the wire: its attributes and a UUID (C706 appendix N, ndr_context_handle). */
function contextHandle(prefix: string, name: string): StructType {
  const own = `${prefix}.${name.toLowerCase()}`;
  return struct(name, own, { context_handle_attributes: u32, context_handle_uuid: guid }, { bytes: true });
}
