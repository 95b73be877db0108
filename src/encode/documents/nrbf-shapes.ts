/** The members of NRBF documents: records by their type (MS-NRBF 2.2 to 2.6), VALUEs, and messages as VALUEs. */

import * as v from 'valibot';
import {
  ARRAY_TYPE_NAMES,
  BINARY_TYPE_NAMES,
  FLAG_NAMES,
  flagBit,
  PRIMITIVE_NAMES,
  RECORD_NAMES,
} from '../../../dissectors/nrbf/format/types.js';
import { unknownName } from '../error.js';
import {
  anyObject,
  anything,
  bool,
  hexDigits,
  list,
  may,
  mayNull,
  members,
  oneOf,
  plainInt,
  text,
  texts,
} from './schema.js';
import { kind } from './shapes.js';

const INT32 = plainInt(-0x80000000, 0x7fffffff);
/** A number of things. */
const COUNT = plainInt(0, 0x7fffffff);
const SIZE = plainInt(0, Number.MAX_SAFE_INTEGER);

/** A document, or the NRBF of a BSTR. What `nrbf -T json` prints beside values is told only: it is not looked at. */
export const NRBF = members({
  kind: may(kind),
  bytes: may(hexDigits),
  records: may(list(anyObject)),
  root: may(anything),
  call: mayNull(anyObject),
  objects: may(list(anything)),
  trailing: may(v.union([SIZE, hexDigits], 'hex digits in pairs are wanted')),
  header: mayNull(anyObject),
  length: may(SIZE),
  summary: may(text),
  objRef: may(anything),
  headers: may(anything),
  objectsLeft: may(SIZE),
  recordsLeft: may(SIZE),
  warnings: may(list(anything)),
});

export const PRIMITIVE = oneOf(
  'primitive type',
  PRIMITIVE_NAMES.filter((name) => name !== ''),
);

/** A value with its type in front (2.2.2.1). */
export const CODED = members({ primitive: PRIMITIVE, value: may(anything) });
/** Text with its type in front (2.2.2.2). */
const CODED_TEXT = members({ primitive: oneOf('type of text', ['String']), value: text });

const TYPE = members({
  type: oneOf('binary type', BINARY_TYPE_NAMES),
  primitive: may(PRIMITIVE),
  className: may(text),
  libraryId: may(INT32),
});

const flagName = v.pipe(
  text,
  v.check(
    (name) => flagBit(name) !== null,
    (issue) => `!${unknownName('message flag', issue.input, FLAG_NAMES)}`,
  ),
);
const FLAGS = v.union([plainInt(0, 0xffffffff), list(flagName)], (issue) => {
  // the fault of the form that was meant
  const inner =
    issue.issues?.find((i) => i.path !== undefined) ?? issue.issues?.at(Array.isArray(issue.input) ? -1 : 0);
  return inner?.message ?? 'names of flags are wanted';
});

/** Where it stood when it was read is told only. */
const record = { type: text, offset: may(SIZE), length: may(SIZE) };
const classInfo = {
  ...record,
  objectId: INT32,
  className: text,
  memberNames: list(text),
  memberTypes: list(TYPE),
  values: may(list(anything)),
};
const array = { ...record, objectId: INT32, arrayLength: COUNT };
const message = {
  ...record,
  messageFlags: FLAGS,
  callContext: mayNull(CODED_TEXT),
  args: may(list(CODED)),
};
const plain = members(record);

const BY_TYPE: Readonly<Record<string, v.GenericSchema<unknown, { [member: string]: unknown }>>> = {
  SerializedStreamHeader: members({
    ...record,
    rootId: INT32,
    headerId: INT32,
    majorVersion: INT32,
    minorVersion: INT32,
  }),
  ClassWithId: members({
    ...record,
    objectId: INT32,
    metadataId: INT32,
    className: may(text),
    values: may(list(anything)),
  }),
  SystemClassWithMembers: members(classInfo),
  ClassWithMembers: members({ ...classInfo, libraryId: INT32 }),
  SystemClassWithMembersAndTypes: members(classInfo),
  ClassWithMembersAndTypes: members({ ...classInfo, libraryId: INT32 }),
  BinaryObjectString: members({ ...record, objectId: INT32, value: text }),
  BinaryArray: members({
    ...record,
    objectId: INT32,
    arrayType: oneOf('array type', ARRAY_TYPE_NAMES),
    rank: may(COUNT),
    lengths: list(COUNT),
    lowerBounds: may(list(INT32)),
    elementType: TYPE,
    hex: may(hexDigits),
    values: may(list(anything)),
  }),
  MemberPrimitiveTyped: members({ ...record, primitive: PRIMITIVE, value: may(anything) }),
  MemberReference: members({ ...record, idRef: INT32 }),
  ObjectNull: plain,
  MessageEnd: plain,
  BinaryLibrary: members({ ...record, libraryId: INT32, libraryName: text }),
  ObjectNullMultiple256: members({ ...record, nullCount: plainInt(0, 255) }),
  ObjectNullMultiple: members({ ...record, nullCount: COUNT }),
  ArraySinglePrimitive: members({ ...array, primitive: PRIMITIVE, hex: may(hexDigits), values: may(list(anything)) }),
  ArraySingleObject: members(array),
  ArraySingleString: members(array),
  CrossAppDomainMap: members({ ...record, index: INT32 }),
  CrossAppDomainString: members({ ...record, objectId: INT32, index: INT32 }),
  CrossAppDomainAssembly: members({ ...record, objectId: INT32, index: INT32 }),
  BinaryMethodCall: members({ ...message, methodName: CODED_TEXT, typeName: CODED_TEXT }),
  BinaryMethodReturn: members({ ...message, returnValue: mayNull(CODED) }),
};

/** A record's type alone. */
export const RECORD_TYPE = oneOf('record type', RECORD_NAMES);

/** What a record of a type has. */
export function recordShape(type: string): v.GenericSchema<unknown, { [member: string]: unknown }> {
  return BY_TYPE[type];
}

const common = { type: text, id: may(COUNT), readable: may(anything) };

/** VALUEs: what each of them has beside its type. */
export const VALUES = {
  ref: members({ ref: COUNT, inline: may(bool) }),
  scalar: members({ ...common, value: anything }),
  time: members({ ...common, ticks: anything, kind: may(plainInt(0, 2)), daylight: may(bool) }),
  span: members({ ...common, ticks: anything }),
  object: members({
    ...common,
    assembly: mayNull(text),
    libraryId: may(INT32),
    inline: may(bool),
    members: anyObject,
    memberNames: may(texts),
  }),
  array: members({
    ...common,
    assembly: mayNull(text),
    libraryId: may(INT32),
    rank: may(plainInt(1, 32)),
    lengths: may(list(COUNT)),
    lowerBounds: may(list(INT32)),
    elements: list(anything),
  }),
} as const;

/** A message as VALUEs; `flags` follow from the others. */
const call = { args: list(anything), context: may(anything), properties: may(anything), flags: may(FLAGS) };
export const MESSAGES = {
  call: members({
    kind: oneOf('kind of message', ['call', 'return']),
    method: text,
    type: text,
    ...call,
    genericArgs: may(list(anything)),
    signature: may(list(anything)),
  }),
  return: members({
    kind: oneOf('kind of message', ['call', 'return']),
    ...call,
    returnValue: may(anything),
    exception: may(anything),
  }),
} as const;
