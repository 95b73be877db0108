/**
 * The layout of every record (MS-NRBF 2.2 to 2.6), once for reading, drawing and writing. What stands inside
 * a record as records of its own is the business of read.ts and write.ts.
 */
import type { Field } from '../../../src/core/node.js';
import { F, VALUE_FIELDS } from './fields.js';
import type {
  ArrayRecord,
  ClassInfo,
  CodedValue,
  CrossDomainRecord,
  HeaderRecord,
  LibraryRecord,
  MessageRecord,
  NrbfScalar,
  NullsRecord,
  ObjectRecord,
} from './model.js';
import { dateText, decimalFault, spanText, TICKS_END } from './text.js';
import {
  BinaryType,
  flagNames,
  type MemberType,
  MessageFlag,
  PLAIN_TYPES,
  PRIMITIVE_ARRAYS,
  PRIMITIVE_MEMBERS,
  PRIMITIVE_SIZES,
  Primitive,
} from './types.js';
import type { Wire } from './wire.js';

/** SerializationHeaderRecord, 2.6.1. */
export function header(w: Wire, r: HeaderRecord): void {
  r.rootId = w.i32(F.rootId, r.rootId);
  r.headerId = w.i32(F.headerId, r.headerId);
  r.majorVersion = w.i32(F.majorVersion, r.majorVersion);
  r.minorVersion = w.i32(F.minorVersion, r.minorVersion);
}

/** ClassWithId, 2.3.2.5. Returns the MetadataId. */
export function classWithId(w: Wire, r: { id: number; readonly cls: ClassInfo }): number {
  r.id = w.i32(F.objectId, r.id);
  return w.i32(F.metadataId, r.cls.id);
}

/** The four records that define a class, 2.3.2.1 to 2.3.2.4. */
export function classDefinition(w: Wire, r: ObjectRecord): void {
  const cls = r.cls;
  r.id = w.i32(F.objectId, r.id);
  cls.id = r.id;
  cls.name = w.name(F.type, cls.name);
  w.group(F.members, memberNames, cls);
  if (r.type >= 4) w.group(F.memberTypes, memberTypes, cls);
  if (r.type === 3 || r.type === 5) cls.libraryId = w.i32(F.libraryId, cls.libraryId);
}

/** The end of ClassInfo, 2.3.1.1. */
function memberNames(w: Wire, cls: ClassInfo): void {
  const count = w.count(F.memberCount, cls.members.length, 1);
  for (let i = 0; i < count; i++) cls.members[i] = w.name(F.member, cls.members[i]);
}

/** MemberTypeInfo, 2.3.1.2. */
function memberTypes(w: Wire, cls: ClassInfo): void {
  const count = cls.members.length;
  for (let i = 0; i < count; i++) {
    const binary = w.choice(F.binaryType, w.reading ? 0 : cls.types[i].binary, 7);
    if (w.reading) cls.types[i] = PLAIN_TYPES[binary];
  }
  for (let i = 0; i < count; i++) {
    const type = additionalInfo(w, cls.types[i], cls.name);
    cls.types[i] = type;
    cls.kinds[i] = type.binary === BinaryType.Primitive ? type.primitive : 0;
  }
}

/** What follows a BinaryTypeEnumeration, 2.3.1.2. */
function additionalInfo(w: Wire, type: MemberType, owner: string): MemberType {
  const binary = type.binary;
  if (binary === BinaryType.Primitive || binary === BinaryType.PrimitiveArray) {
    const primitive = primitiveType(w, type.primitive, owner);
    return w.reading ? (binary === BinaryType.Primitive ? PRIMITIVE_MEMBERS : PRIMITIVE_ARRAYS)[primitive] : type;
  }
  if (binary !== BinaryType.SystemClass && binary !== BinaryType.Class) return type;
  const className = w.name(F.typeName, type.className);
  const libraryId = binary === BinaryType.Class ? w.i32(F.libraryId, type.libraryId) : 0;
  return w.reading ? { binary, primitive: 0, className, libraryId } : type;
}

/** A PrimitiveTypeEnumeration (2.1.2.3) that stands for a raw value. */
function primitiveType(w: Wire, value: number, owner: string): number {
  const primitive = w.u8(F.primitiveType, value);
  if (w.reading && !(PRIMITIVE_SIZES[primitive] >= 0)) {
    if (primitive !== Primitive.String) w.fail(`primitive type ${primitive} in ${owner} is none that has values`);
    w.note('primitive-string', `String stands as a primitive type in ${owner}, where MS-NRBF 2.1.2.3 forbids it`);
  }
  return primitive;
}

/** BinaryObjectString, 2.5.7. */
export function objectString(w: Wire, r: { id: number; text: string }): void {
  r.id = w.i32(F.objectId, r.id);
  r.text = w.text(F.text, r.text);
}

/** MemberReference, 2.5.3. */
export function reference(w: Wire, id: number): number {
  return w.i32(F.idRef, id);
}

/** BinaryLibrary, 2.6.2. */
export function library(w: Wire, r: LibraryRecord): void {
  r.id = w.i32(F.libraryId, r.id);
  r.name = w.name(F.library, r.name);
}

/** ObjectNullMultiple256, 2.5.5, and ObjectNullMultiple, 2.5.6. */
export function nulls(w: Wire, r: NullsRecord): void {
  r.count = r.type === 13 ? w.u8(F.nullCount, r.count) : w.count(F.nullCount, r.count, 0);
}

/** CrossAppDomainMap, CrossAppDomainString and CrossAppDomainAssembly, which MS-NRBF reserves without a layout. */
export function crossDomain(w: Wire, r: CrossDomainRecord): void {
  if (r.type !== 18) r.id = w.i32(F.objectId, r.id);
  r.index = w.i32(F.mapIndex, r.index);
}

/** BinaryArray up to its elements, 2.4.3.1. */
export function binaryArray(w: Wire, r: ArrayRecord): void {
  r.id = w.i32(F.objectId, r.id);
  r.arrayType = w.choice(F.arrayType, r.arrayType, 5);
  const rank = w.count(F.rank, r.lengths.length, 4);
  if (rank === 0) w.fail('an array of rank 0');
  if (rank > 32) w.note('rank-over-32', `an array of rank ${rank}: .NET has 32 at most`);
  if (rank > 1 && r.arrayType % 3 !== 2) w.note('rank-of-single', `rank ${rank} in an array that has one by its kind`);
  for (let i = 0; i < rank; i++) r.lengths[i] = w.count(F.arrayLength, r.lengths[i], 0);
  if (r.arrayType >= 3) {
    r.lowerBounds ??= [];
    for (let i = 0; i < rank; i++) r.lowerBounds[i] = w.i32(F.lowerBound, r.lowerBounds[i]);
  }
  const binary = w.choice(F.binaryType, r.element.binary, 7);
  r.element = additionalInfo(w, w.reading ? PLAIN_TYPES[binary] : r.element, 'an array');
}

/** ArraySinglePrimitive, 2.4.3.3, ArraySingleObject, 2.4.3.2, and ArraySingleString, 2.4.3.4, up to the elements. */
export function singleArray(w: Wire, r: ArrayRecord): void {
  r.id = w.i32(F.objectId, r.id);
  r.lengths[0] = w.count(F.arrayLength, r.lengths[0], 0);
  if (r.type === 15) {
    const primitive = primitiveType(w, r.element.primitive, 'an array');
    r.element = PRIMITIVE_MEMBERS[primitive];
  }
}

/** BinaryMethodCall, 2.2.3.1. */
export function methodCall(w: Wire, r: MessageRecord): void {
  r.flags = w.u32(F.flags, r.flags, showFlags);
  r.method = codedValue(w, r.method, F.method);
  r.typeName = codedValue(w, r.typeName, F.methodType);
  if ((r.flags & MessageFlag.ContextInline) !== 0) r.context = codedValue(w, r.context, F.callContext);
  if ((r.flags & MessageFlag.ArgsInline) !== 0) inlineArgs(w, r);
}

/** BinaryMethodReturn, 2.2.3.3. */
export function methodReturn(w: Wire, r: MessageRecord): void {
  r.flags = w.u32(F.flags, r.flags, showFlags);
  if ((r.flags & MessageFlag.ReturnValueInline) !== 0) r.returnValue = codedValue(w, r.returnValue, null);
  if ((r.flags & MessageFlag.ContextInline) !== 0) r.context = codedValue(w, r.context, F.callContext);
  if ((r.flags & MessageFlag.ArgsInline) !== 0) inlineArgs(w, r);
}

function showFlags(flags: number): string {
  return flagNames(flags).join(', ');
}

function inlineArgs(w: Wire, r: MessageRecord): void {
  w.group(F.args, argumentsOf, r);
}

/** ArrayOfValueWithCode, 2.2.2.3. */
function argumentsOf(w: Wire, r: MessageRecord): void {
  r.args ??= [];
  const count = w.count(F.argCount, r.args.length, 1);
  for (let i = 0; i < count; i++) r.args[i] = codedValue(w, r.args[i] ?? null, null);
}

/** ValueWithCode, 2.2.2.1, and StringValueWithCode, 2.2.2.2. */
export function codedValue(w: Wire, v: CodedValue | null, f: Field | null): CodedValue {
  const primitive = w.u8(F.primitiveType, v === null ? Primitive.Null : v.primitive);
  if (primitive === Primitive.Null) return { primitive, value: null };
  if (w.reading && !(PRIMITIVE_SIZES[primitive] >= 0) && primitive !== Primitive.String)
    w.fail(`primitive type ${primitive} is none that has values`);
  const given = w.reading ? 0 : (v?.value ?? 0);
  return { primitive, value: value(w, primitive, f ?? VALUE_FIELDS[primitive], given) };
}

/** A value of a primitive type without its type, 2.5.2. */
export function value(w: Wire, primitive: number, f: Field, given: NrbfScalar): NrbfScalar {
  switch (primitive) {
    case Primitive.Boolean: {
      const byte = w.u8(f, given ? 1 : 0, showBoolean);
      if (byte > 1) w.note('boolean-not-0-or-1', `a Boolean of ${byte}: .NET takes it as true`);
      return byte !== 0;
    }
    case Primitive.Byte:
      return w.u8(f, given as number);
    case Primitive.Char:
      return w.char(f, given as string);
    case Primitive.Decimal: {
      const text = w.name(f, given as string);
      const fault = w.reading ? decimalFault(text) : null;
      if (fault !== null) w.note(...fault);
      return text;
    }
    case Primitive.Double:
      return w.f64(f, given as number | string);
    case Primitive.Int16:
      return w.i16(f, given as number);
    case Primitive.Int32:
      return w.i32(f, given as number);
    case Primitive.Int64:
      return w.i64(f, given as bigint);
    case Primitive.SByte:
      return w.i8(f, given as number);
    case Primitive.Single:
      return w.f32(f, given as number | string);
    case Primitive.TimeSpan:
      return w.i64(f, given as bigint, spanText);
    case Primitive.DateTime: {
      const raw = w.u64(f, given as bigint, dateText);
      checkDate(w, raw);
      return raw;
    }
    case Primitive.UInt16:
      return w.u16(f, given as number);
    case Primitive.UInt32:
      return w.u32(f, given as number);
    case Primitive.UInt64:
      return w.u64(f, given as bigint);
    case Primitive.String:
      return w.name(f, given as string);
    default:
      return w.fail(`primitive type ${primitive} is none that has values`);
  }
}

const showBoolean = (byte: number): string => (byte === 0 ? 'false' : byte === 1 ? 'true' : `true (${byte})`);

/** DateTime, 2.1.1.5. */
function checkDate(w: Wire, raw: bigint): void {
  if (!w.reading || raw < TICKS_END) return;
  if ((raw & 0x3fffffffffffffffn) >= TICKS_END)
    w.note('datetime-out-of-range', `a DateTime of ${raw & 0x3fffffffffffffffn} ticks, beyond the year 9999`);
}
