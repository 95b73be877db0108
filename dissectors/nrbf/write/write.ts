/**
 * The way back: records as JSON to the same bytes (MS-NRBF 2.7). The layouts are those that reading uses.
 */
import { fromHex } from '../../../src/core/bytes.js';
import { IdMap } from '../../../src/core/id-map.js';
import { F, VALUE_FIELDS } from '../format/fields.js';
import type {
  ArrayRecord,
  ClassInfo,
  CodedValue,
  MessageRecord,
  NrbfRecord,
  NrbfScalar,
  ObjectRecord,
} from '../format/model.js';
import * as layout from '../format/records.js';
import { charsEnd, wellFormed } from '../format/text.js';
import {
  ARRAY_TYPE_NAMES,
  BINARY_TYPE_NAMES,
  BinaryType,
  flagBits,
  type MemberType,
  PLAIN_TYPES,
  PRIMITIVE_ARRAYS,
  PRIMITIVE_MEMBERS,
  PRIMITIVE_NAMES,
  PRIMITIVE_SIZES,
  Primitive,
  RecordType,
} from '../format/types.js';
import { WriteWire } from '../format/wire.js';
import { type RecordJson, scalarFromJson, type TypeJson } from '../graph/records-json.js';

/** Numbers of the record types by name. */
const NUMBERS: Readonly<Record<string, number>> = RecordType;

/** A document that cannot be written: which record, and why. */
export class NrbfWriteError extends TypeError {
  /** @param path of what is wrong, as `records[3].values[0]` */
  constructor(
    readonly why: string,
    readonly path = '',
  ) {
    super(path === '' ? why : `${path}: ${why}`);
  }
}

/** What is wrong with a member of the record at hand. */
class MemberError extends TypeError {
  constructor(
    readonly member: string,
    message: string,
  ) {
    super(message);
  }
}

/** Takes a value of a list in a record, or says which of them is wrong. */
function taken(primitive: number, json: unknown, member: string): NrbfScalar {
  try {
    return scalarFromJson(primitive, json);
  } catch (error) {
    throw new MemberError(member, (error as Error).message);
  }
}

/** An object or array that is being written. */
interface Open {
  /** For each member its primitive type, 0 where a record stands; null for an array. */
  readonly kinds: readonly number[] | null;
  /** The raw members' values in order. */
  readonly raw: readonly NrbfScalar[];
  /** Members or elements altogether, written, and raw ones written. */
  readonly count: number;
  next: number;
  nextRaw: number;
}

/**
 * Writes a stream from its records (the `records` of an NRBF document made with `full`). Offsets and lengths in
 * the records are not looked at, so records may be added, changed and left out. Throws NrbfWriteError where a
 * record cannot be written.
 */
export function writeNrbf(document: { readonly records: readonly RecordJson[] }): Uint8Array {
  const w = new WriteWire();
  const classes = new IdMap<ClassInfo>();
  const open: Open[] = [];
  document.records.forEach((json, i) => {
    rawMembers(w, open);
    try {
      one(w, json, classes, open);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const member = error instanceof MemberError ? `.${error.member}` : '';
      throw new NrbfWriteError(`${why} (${json?.type})`, `records[${i}]${member}`);
    }
  });
  rawMembers(w, open);
  const left = open.at(-1);
  if (left !== undefined)
    throw new NrbfWriteError(`${left.count - left.next} values of an object or array have no record`, 'records');
  return w.take();
}

/** Writes raw members up to one that wants a record, and leaves objects and arrays that are full. */
function rawMembers(w: WriteWire, open: Open[]): void {
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (top.kinds !== null)
      for (let kind = top.kinds[top.next]; kind > 0; kind = top.kinds[++top.next])
        layout.value(w, kind, VALUE_FIELDS[kind], top.raw[top.nextRaw++]);
    if (top.next < top.count) return;
    open.pop();
  }
}

function one(w: WriteWire, json: RecordJson, classes: IdMap<ClassInfo>, open: Open[]): void {
  const type = NUMBERS[json.type] as NrbfRecord['type'] | undefined;
  if (type === undefined) throw new TypeError('there is no record type of that name');
  w.u8(F.recordType, type);
  const id = (json.objectId ?? json.idRef ?? json.libraryId ?? 0) as number;
  const at = { offset: 0, end: 0 };
  switch (type) {
    case 0: {
      const { rootId, headerId, majorVersion, minorVersion } = json as unknown as Record<string, number>;
      layout.header(w, { type, ...at, rootId, headerId, majorVersion, minorVersion });
      return;
    }
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      object(w, { type, ...at, id, cls: classOf(json, type, classes), values: [] }, json, classes, open);
      return;
    case 6:
      layout.objectString(w, { id, text: json.value as string });
      break;
    case 7:
    case 15:
    case 16:
    case 17:
      array(w, type, id, json, open);
      return;
    case 8:
      layout.codedValue(w, coded(json), null);
      break;
    case 9:
      layout.reference(w, id);
      break;
    case 12:
      layout.library(w, { type, ...at, id, name: json.libraryName as string });
      return;
    case 13:
    case 14: {
      const count = json.nullCount as number;
      layout.nulls(w, { type, ...at, count });
      step(open, count);
      return;
    }
    case 18:
    case 19:
    case 20:
      layout.crossDomain(w, { type, ...at, id, index: json.index as number });
      if (type !== 19) return;
      break;
    case 21:
    case 22:
      message(w, type, json);
      return;
    case 11:
      return;
  }
  step(open, 1);
}

/** A record has taken the place of `count` members or elements. */
function step(open: Open[], count: number): void {
  const top = open.at(-1);
  if (top === undefined) return;
  top.next += count;
  if (top.next > top.count) throw new TypeError(`${top.next - top.count} more than its array has room for`);
}

function classOf(json: RecordJson, type: number, classes: IdMap<ClassInfo>): ClassInfo {
  if (type === 1) {
    const cls = classes.get(json.metadataId as number);
    if (cls === undefined) throw new TypeError(`class ${json.metadataId} was not defined before`);
    return cls;
  }
  const types = ((json.memberTypes ?? []) as TypeJson[]).map(typeFromJson);
  return {
    id: json.objectId as number,
    name: json.className as string,
    members: [...((json.memberNames ?? []) as string[])],
    types,
    kinds: types.map((t) => (t.binary === BinaryType.Primitive ? t.primitive : 0)),
    libraryId: (json.libraryId ?? 0) as number,
    cost: 0,
    fields: null,
  };
}

function object(w: WriteWire, r: ObjectRecord, json: RecordJson, classes: IdMap<ClassInfo>, open: Open[]): void {
  const { cls } = r;
  if (r.type === 1) layout.classWithId(w, r);
  else {
    if (cls.types.length !== cls.members.length) throw new TypeError('as many memberTypes as memberNames are wanted');
    layout.classDefinition(w, r);
    classes.add(cls.id, cls);
  }
  step(open, 1);
  const kinds = cls.kinds.filter((kind) => kind > 0);
  const values = (json.values ?? []) as unknown[];
  if (values.length !== kinds.length)
    throw new MemberError('values', `${kinds.length} are wanted, one for each raw member, not ${values.length}`);
  const raw = kinds.map((kind, i) => taken(kind, values[i], `values[${i}]`));
  open.push({ kinds: cls.kinds, raw, count: cls.kinds.length, next: 0, nextRaw: 0 });
}

function array(w: WriteWire, type: 7 | 15 | 16 | 17, id: number, json: RecordJson, open: Open[]): void {
  const lengths = type === 7 ? [...(json.lengths as number[])] : [json.arrayLength as number];
  const arrayType = type === 7 ? ARRAY_TYPE_NAMES.indexOf(json.arrayType as string) : 0;
  if (arrayType < 0) throw new TypeError(`there is no array type ${json.arrayType}`);
  const element =
    type === 7
      ? typeFromJson(json.elementType as TypeJson)
      : type === 15
        ? PRIMITIVE_MEMBERS[primitiveOf(json.primitive)]
        : PLAIN_TYPES[BinaryType.Object];
  const count = lengths.reduce((a, b) => a * b, 1);
  const lowerBounds = json.lowerBounds === undefined ? null : [...(json.lowerBounds as number[])];
  const r: ArrayRecord = {
    type,
    offset: 0,
    end: 0,
    id,
    arrayType,
    lengths,
    lowerBounds,
    element,
    count,
    data: null,
    items: [],
    filled: 0,
  };
  if (type === 7) layout.binaryArray(w, r);
  else layout.singleArray(w, r);
  step(open, 1);
  if (element.binary !== BinaryType.Primitive) {
    open.push({ kinds: null, raw: [], count, next: 0, nextRaw: 0 });
    return;
  }
  if (typeof json.hex === 'string') {
    const data = fromHex(json.hex);
    const size = PRIMITIVE_SIZES[element.primitive];
    if (data.length * 2 !== json.hex.length) throw new MemberError('hex', 'hex digits in pairs are wanted');
    if (size > 0 && data.length !== count * size)
      throw new MemberError('hex', `${count * size} bytes are wanted for ${count} elements, not ${data.length}`);
    if (element.primitive === Primitive.Char && charsEnd(data, 0, data.length, count) !== data.length)
      throw new MemberError('hex', `it does not hold ${count} characters`);
    w.raw(F.elements, data.length, data);
    return;
  }
  const values = (json.values ?? []) as unknown[];
  if (values.length !== count) throw new MemberError('values', `${count} are wanted, or hex, not ${values.length}`);
  const { primitive } = element;
  // A pair of surrogates is two elements and one sequence of four bytes.
  if (primitive === Primitive.Char) {
    const text = values.join('');
    const odd = values.findIndex((c) => typeof c !== 'string' || c.length !== 1);
    if (odd >= 0 || !wellFormed(text))
      throw new MemberError(odd >= 0 ? `values[${odd}]` : 'values', 'UTF-16 units are wanted, pairs of them whole');
    w.char(F.elements, text);
    return;
  }
  values.forEach((value, i) => {
    layout.value(w, primitive, VALUE_FIELDS[primitive], taken(primitive, value, `values[${i}]`));
  });
}

function message(w: WriteWire, type: 21 | 22, json: RecordJson): void {
  const given = json.messageFlags;
  const r: MessageRecord = {
    type,
    offset: 0,
    end: 0,
    flags: typeof given === 'number' ? given : flagBits((given ?? []) as string[]),
    method: optional(json.methodName),
    typeName: optional(json.typeName),
    returnValue: optional(json.returnValue),
    context: optional(json.callContext),
    args: json.args === undefined ? null : (json.args as CodedJson[]).map(coded),
  };
  if (type === 21) layout.methodCall(w, r);
  else layout.methodReturn(w, r);
}

interface CodedJson {
  primitive: string;
  value?: unknown;
}

function optional(json: unknown): CodedValue | null {
  return json === undefined || json === null ? null : coded(json as CodedJson);
}

function coded(json: unknown): CodedValue {
  const { primitive: name, value } = json as CodedJson;
  const primitive = primitiveOf(name);
  if (primitive === Primitive.Null) return { primitive, value: null };
  return { primitive, value: scalarFromJson(primitive, value) };
}

function primitiveOf(name: unknown): number {
  const primitive = typeof name === 'string' && name !== '' ? PRIMITIVE_NAMES.indexOf(name) : -1;
  if (primitive < 0) throw new TypeError(`there is no primitive type ${JSON.stringify(name)}`);
  return primitive;
}

function typeFromJson(json: TypeJson): MemberType {
  const binary = BINARY_TYPE_NAMES.indexOf(json.type);
  if (binary < 0) throw new TypeError(`there is no binary type ${JSON.stringify(json.type)}`);
  if (binary === BinaryType.Primitive) return PRIMITIVE_MEMBERS[primitiveOf(json.primitive)];
  if (binary === BinaryType.PrimitiveArray) return PRIMITIVE_ARRAYS[primitiveOf(json.primitive)];
  if (json.className === undefined) return PLAIN_TYPES[binary];
  return { binary, primitive: 0, className: json.className, libraryId: json.libraryId ?? 0 };
}
