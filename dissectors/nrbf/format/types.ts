/**
 * MS-NRBF 2.1.2 (enumerations) and 2.3 (MemberTypeInfo): the numbers of the format, their names, and what a
 * member's or an element's type is.
 */

/** RecordTypeEnumeration (2.1.2.1), and the three that .NET uses between application domains of one process. */
export const RecordType = {
  SerializedStreamHeader: 0,
  ClassWithId: 1,
  SystemClassWithMembers: 2,
  ClassWithMembers: 3,
  SystemClassWithMembersAndTypes: 4,
  ClassWithMembersAndTypes: 5,
  BinaryObjectString: 6,
  BinaryArray: 7,
  MemberPrimitiveTyped: 8,
  MemberReference: 9,
  ObjectNull: 10,
  MessageEnd: 11,
  BinaryLibrary: 12,
  ObjectNullMultiple256: 13,
  ObjectNullMultiple: 14,
  ArraySinglePrimitive: 15,
  ArraySingleObject: 16,
  ArraySingleString: 17,
  CrossAppDomainMap: 18,
  CrossAppDomainString: 19,
  CrossAppDomainAssembly: 20,
  BinaryMethodCall: 21,
  BinaryMethodReturn: 22,
} as const;

/** Names of the record types by number. */
export const RECORD_NAMES: readonly string[] = Object.keys(RecordType);

/** PrimitiveTypeEnumeration (2.1.2.3). */
export const Primitive = {
  Boolean: 1,
  Byte: 2,
  Char: 3,
  Decimal: 5,
  Double: 6,
  Int16: 7,
  Int32: 8,
  Int64: 9,
  SByte: 10,
  Single: 11,
  TimeSpan: 12,
  DateTime: 13,
  UInt16: 14,
  UInt32: 15,
  UInt64: 16,
  Null: 17,
  String: 18,
} as const;

/** Names by number; 4 is unused. */
export const PRIMITIVE_NAMES: readonly string[] = (() => {
  const names: string[] = new Array(19).fill('');
  for (const [name, code] of Object.entries(Primitive)) names[code] = name;
  return names;
})();

/** `System.Int32` and the like by number. */
export const PRIMITIVE_TYPES: readonly string[] = PRIMITIVE_NAMES.map((name) => (name === '' ? '' : `System.${name}`));

/** The number of a primitive type by its full name. Null and String have none: they are no raw values. */
export const PRIMITIVE_BY_TYPE: ReadonlyMap<string, number> = new Map(
  PRIMITIVE_TYPES.map((type, code) => [type, code] as const).filter(([type, code]) => type !== '' && code < 17),
);

/** Bytes that a value takes; 0 where that varies (Char, Decimal, String), -1 where the number means nothing. */
export const PRIMITIVE_SIZES: readonly number[] = [-1, 1, 1, 0, -1, 0, 8, 2, 4, 8, 1, 4, 8, 8, 2, 4, 8, -1, -1];

/** BinaryTypeEnumeration (2.1.2.2). */
export const BinaryType = {
  Primitive: 0,
  String: 1,
  Object: 2,
  SystemClass: 3,
  Class: 4,
  ObjectArray: 5,
  StringArray: 6,
  PrimitiveArray: 7,
} as const;

export const BINARY_TYPE_NAMES: readonly string[] = Object.keys(BinaryType);

/** BinaryArrayTypeEnumeration (2.4.1.1). */
const ArrayType = {
  Single: 0,
  Jagged: 1,
  Rectangular: 2,
  SingleOffset: 3,
  JaggedOffset: 4,
  RectangularOffset: 5,
} as const;

export const ARRAY_TYPE_NAMES: readonly string[] = Object.keys(ArrayType);

/** MessageFlags (2.2.1.1). */
export const MessageFlag = {
  NoArgs: 0x1,
  ArgsInline: 0x2,
  ArgsIsArray: 0x4,
  ArgsInArray: 0x8,
  NoContext: 0x10,
  ContextInline: 0x20,
  ContextInArray: 0x40,
  MethodSignatureInArray: 0x80,
  PropertiesInArray: 0x100,
  NoReturnValue: 0x200,
  ReturnValueVoid: 0x400,
  ReturnValueInline: 0x800,
  ReturnValueInArray: 0x1000,
  ExceptionInArray: 0x2000,
  GenericMethod: 0x8000,
} as const;

const MESSAGE_FLAGS = Object.entries(MessageFlag);

/** The names of the flags that are set. */
export function flagNames(flags: number): string[] {
  const names: string[] = [];
  let left = flags;
  for (const [name, bit] of MESSAGE_FLAGS) {
    if ((flags & bit) !== 0) names.push(name);
    left &= ~bit;
  }
  if (left !== 0) names.push(`0x${(left >>> 0).toString(16)}`);
  return names;
}

/** The names of flags. */
export const FLAG_NAMES: readonly string[] = Object.keys(MessageFlag);

/** The bits of a flag's name, or of `0x…`; null for what is neither. */
export function flagBit(name: unknown): number | null {
  if (typeof name !== 'string') return null;
  if (Object.hasOwn(MessageFlag, name)) return MessageFlag[name as keyof typeof MessageFlag];
  return /^0x[0-9a-f]{1,8}$/i.test(name) ? Number(name) : null;
}

/** The flags that names stand for; the reverse of `flagNames`. Throws a TypeError for what is no flag. */
export function flagBits(names: readonly string[]): number {
  let flags = 0;
  for (const name of names) {
    const bit = flagBit(name);
    if (bit === null) throw new TypeError(`there is no message flag ${JSON.stringify(name)}`);
    flags |= bit;
  }
  return flags >>> 0;
}

/** What a member or an element may hold: a BinaryTypeEnumeration with its additional info (2.3.1.2). */
export interface MemberType {
  readonly binary: number;
  /** For Primitive and PrimitiveArray; 0 otherwise. */
  readonly primitive: number;
  /** For SystemClass and Class; empty otherwise. */
  readonly className: string;
  /** For Class; 0 otherwise. */
  readonly libraryId: number;
}

const plain = (binary: number, primitive = 0): MemberType => ({ binary, primitive, className: '', libraryId: 0 });

/** Types without a name are shared: a class with a thousand Int32 members makes none. */
export const PLAIN_TYPES: readonly MemberType[] = [0, 1, 2, 3, 4, 5, 6, 7].map((binary) => plain(binary));
export const PRIMITIVE_MEMBERS: readonly MemberType[] = PRIMITIVE_NAMES.map((_, code) =>
  plain(BinaryType.Primitive, code),
);
export const PRIMITIVE_ARRAYS: readonly MemberType[] = PRIMITIVE_NAMES.map((_, code) =>
  plain(BinaryType.PrimitiveArray, code),
);

/** The full name of a type, as .NET writes it. */
function typeName(type: MemberType): string {
  switch (type.binary) {
    case BinaryType.Primitive:
      return PRIMITIVE_TYPES[type.primitive] ?? '';
    case BinaryType.String:
      return 'System.String';
    case BinaryType.Object:
      return 'System.Object';
    case BinaryType.ObjectArray:
      return 'System.Object[]';
    case BinaryType.StringArray:
      return 'System.String[]';
    case BinaryType.PrimitiveArray:
      return `${PRIMITIVE_TYPES[type.primitive] ?? ''}[]`;
    default:
      return type.className;
  }
}

/** The name of an array type: `System.Int32[,]`. Lower bounds do not show in it. */
export function arrayTypeName(element: MemberType, rank: number): string {
  return `${typeName(element)}[${','.repeat(Math.max(0, Math.min(rank, 64) - 1))}]`;
}

/** The name of an array's element type; null where it is no array type. */
export function elementName(name: string): string | null {
  const suffix = /\[,*\]$/.exec(name);
  return suffix === null ? null : name.slice(0, suffix.index);
}
