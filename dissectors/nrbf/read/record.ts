/**
 * One record: its layout is read, then it is put where it belongs in the graph.
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { limitMessage } from '../../../src/core/limits.js';
import { F, VALUE_FIELDS } from '../format/fields.js';
import type {
  ArrayRecord,
  ClassInfo,
  CrossDomainRecord,
  LibraryRecord,
  MessageRecord,
  NullsRecord,
  ObjectRecord,
  StringRecord,
  ValueRecord,
} from '../format/model.js';
import * as layout from '../format/records.js';
import { BinaryType, PRIMITIVE_BY_TYPE, Primitive, RECORD_NAMES, RecordType } from '../format/types.js';
import { findTypes } from '../graph/schema.js';
import { array, nullRun } from './array.js';
import { memberField, shownText, title } from './draw.js';
import {
  ALLOWED,
  COST,
  descend,
  ELEMENT,
  keep,
  LENIENT,
  MEMBER,
  NO_CLASS,
  NOTHING,
  note,
  put,
  type Reader,
  refer,
  register,
  room,
  TOP,
  useLibrary,
} from './reader.js';

/**
 * One record with all that is in it but other records. Each kind is a function of its own: in one function V8 would
 * run out of room for inlining, and every read of the cursor would be a call.
 */
export function record(c: Cursor, r: Reader): void {
  const type = c.peek();
  if (type < 0) atEnd(c, r);
  if (r.kept > r.maxKept) c.limit(limitMessage('nrbfKept', r.stream.limits));
  const allowed = ALLOWED[type];
  if ((allowed & r.place) === 0) misplaced(c, r, type, allowed);
  switch (type) {
    case RecordType.ClassWithId:
      classWithId(c, r);
      return;
    case RecordType.MemberReference:
      reference(c, r);
      return;
    case RecordType.BinaryObjectString:
      objectString(c, r);
      return;
    case RecordType.ObjectNull:
      objectNull(c, r);
      return;
    case RecordType.SystemClassWithMembers:
    case RecordType.ClassWithMembers:
    case RecordType.SystemClassWithMembersAndTypes:
    case RecordType.ClassWithMembersAndTypes:
      classDefinition(c, r, type);
      return;
    case RecordType.MemberPrimitiveTyped:
      primitiveTyped(c, r);
      return;
    default:
      other(c, r, type as RareType);
      return;
  }
}

/** ObjectNulls in a row that are kept as one run. */
const LONG_RUN = 8;

/** Raw values that are objects of their own in memory. */
const WIDE: ReadonlySet<number> = new Set([
  Primitive.Decimal,
  Primitive.Double,
  Primitive.Int64,
  Primitive.Single,
  Primitive.TimeSpan,
  Primitive.DateTime,
  Primitive.UInt64,
]);

/** Record types that a stream has few of. */
type RareType = 7 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22;

function other(c: Cursor, r: Reader, type: RareType): void {
  const offset = c.pos;
  r.kept += COST.record;
  r.wire.u8(F.recordType, type);
  switch (type) {
    case RecordType.ObjectNullMultiple256:
    case RecordType.ObjectNullMultiple:
      nullRun(c, r, { type, offset, end: 0, count: 0 });
      return;
    case RecordType.BinaryArray:
    case RecordType.ArraySinglePrimitive:
    case RecordType.ArraySingleObject:
    case RecordType.ArraySingleString:
      array(c, r, type, offset);
      return;
    case RecordType.BinaryLibrary:
      library(c, r, { type, offset, end: 0, id: 0, name: '' });
      return;
    case RecordType.CrossAppDomainMap:
    case RecordType.CrossAppDomainString:
    case RecordType.CrossAppDomainAssembly:
      crossDomain(c, r, { type, offset, end: 0, id: 0, index: 0 });
      return;
    case RecordType.BinaryMethodCall:
    case RecordType.BinaryMethodReturn:
      message(c, r, type, offset);
      return;
    default:
      r.stream.ended = true;
      if (r.keep) r.stream.records.push({ type: 11, offset, end: c.pos });
      if (c.isRecording) c.tell('MessageEnd');
  }
}

function classWithId(c: Cursor, r: Reader): void {
  const object: ObjectRecord = { type: 1, offset: c.pos, end: 0, id: 0, cls: r.lastClass, values: NOTHING };
  r.wire.u8(F.recordType, 1);
  const metadataId = layout.classWithId(r.wire, object);
  if (metadataId !== object.cls.id || object.cls === NO_CLASS) {
    const cls = r.classes.get(metadataId);
    if (cls === undefined) c.fail(`ClassWithId refers to class ${metadataId}, which was not defined`);
    object.cls = cls;
    r.lastClass = cls;
  }
  instance(c, r, object);
}

function classDefinition(c: Cursor, r: Reader, type: 2 | 3 | 4 | 5): void {
  const cls: ClassInfo = { id: 0, name: '', members: [], types: [], kinds: [], libraryId: 0, cost: 0, fields: null };
  const object: ObjectRecord = { type, offset: c.pos, end: 0, id: 0, cls, values: NOTHING };
  r.wire.u8(F.recordType, type);
  layout.classDefinition(r.wire, object);
  r.kept += COST.class + COST.member * cls.members.length + c.pos - object.offset;
  define(c, r, object);
}

function objectString(c: Cursor, r: Reader): void {
  const string: StringRecord = { type: 6, offset: c.pos, end: 0, id: 0, text: '' };
  r.wire.u8(F.recordType, 6);
  layout.objectString(r.wire, string);
  string.end = c.pos;
  r.kept += COST.record + string.end - string.offset;
  if (r.keep) r.stream.records.push(string);
  register(r, string.id, string);
  if (c.isRecording) c.tell(`#${string.id} ${shownText(string.text)}`, string.text);
  put(r, string);
}

function reference(c: Cursor, r: Reader): void {
  const offset = c.pos;
  r.wire.u8(F.recordType, 9);
  const id = layout.reference(r.wire, 0);
  r.kept += COST.number;
  if (r.keep) r.stream.records.push(-1 - offset);
  if (!r.stream.byId.has(id)) r.forward.push(id, offset);
  if (c.isRecording && c.here !== null) r.refNodes.push([c.here, id]);
  refer(r, id, offset);
}

function objectNull(c: Cursor, r: Reader): void {
  if (r.place === ELEMENT && c.peek(LONG_RUN - 1) === RecordType.ObjectNull && !c.isRecording && nullsInARow(c, r))
    return;
  r.kept += COST.number;
  if (r.keep) r.stream.records.push(c.pos);
  r.wire.u8(F.recordType, 10);
  if (c.isRecording) c.tell('null');
  put(r, null);
}

/** ObjectNulls (2.5.4) as elements of an array, a byte each: many in a row are kept as one run. False where they are few. */
function nullsInARow(c: Cursor, r: Reader): boolean {
  const offset = c.pos;
  const end = Math.min(c.end, offset + (r.open as ArrayRecord).count - r.next);
  let at = offset;
  while (at < end && c.bytes[at] === RecordType.ObjectNull) at++;
  const count = at - offset;
  if (count < LONG_RUN) return false;
  c.pos = at;
  r.kept += COST.record;
  r.inRuns += count - 1;
  const run: NullsRecord = { type: 10, offset, end: at, count };
  keep(r, run);
  put(r, run, count);
  return true;
}

function primitiveTyped(c: Cursor, r: Reader): void {
  const offset = c.pos;
  r.wire.u8(F.recordType, 8);
  const { primitive, value } = layout.codedValue(r.wire, null, null);
  if (value === null) note(r, 'typed-null', 'MemberPrimitiveTyped of type Null, where ObjectNull belongs', offset);
  r.kept += COST.record;
  const item: ValueRecord = { type: 8, offset, end: c.pos, primitive, value: value ?? 0 };
  if (r.keep) r.stream.records.push(item);
  put(r, item);
}

function library(c: Cursor, r: Reader, item: LibraryRecord): void {
  layout.library(r.wire, item);
  item.end = c.pos;
  keep(r, item);
  const { libraries } = r.stream;
  if (!libraries.add(item.id, item))
    note(r, 'duplicate-library', `library ${item.id} is defined a second time`, item.offset);
  if (c.isRecording) c.tell(`BinaryLibrary ${item.id}: ${item.name}`);
}

/** The bytes end where a record should stand. */
function atEnd(c: Cursor, r: Reader): void {
  if (c.claimed > c.end) c.u8(F.recordType);
  if (r.place === TOP) {
    note(r, 'missing-message-end', 'the stream ends without MessageEnd', c.pos);
    c.fail('a record is missing here: the stream was cut or its MessageEnd forgotten');
  }
  const open = r.open as ObjectRecord | ArrayRecord;
  const whole = open.type <= 5 ? (open as ObjectRecord).cls.members.length : (open as ArrayRecord).count;
  c.fail(`the stream ends inside record #${open.id}: ${whole - r.next} of its ${whole} values are missing`);
}

/** A record where the table does not want one: fails, or says so and goes on. */
function misplaced(c: Cursor, r: Reader, type: number, allowed: number): void {
  const name = RECORD_NAMES[type];
  if (name === undefined) c.fail(`record type ${type}, which does not exist`);
  const where =
    r.place === TOP
      ? 'at the top of the stream'
      : r.place === MEMBER
        ? 'as a member of an object'
        : 'as an element of an array';
  if ((allowed & (r.place << LENIENT)) === 0) c.fail(`${name} (${type}) may not stand ${where} (MS-NRBF 2.7)`);
  note(r, 'misplaced-record', `${name} (${type}) stands ${where}, where MS-NRBF 2.7 has no place for it`, c.pos);
}

/** A class has been defined: its layout is remembered, and found where the stream does not carry it. */
function define(c: Cursor, r: Reader, object: ObjectRecord): void {
  const { cls } = object;
  if (cls.libraryId !== 0) useLibrary(r, cls.libraryId, object.offset, cls.name);
  else if (object.type === 3 || object.type === 5) useLibrary(r, 0, object.offset, cls.name);
  if (object.type <= 3 && cls.members.length > 0) {
    const types = findTypes(cls, r.classesByName.get(cls.name), r.options.schema);
    if (types === null) {
      keep(r, object);
      register(r, object.id, object);
      note(
        r,
        'missing-layout',
        `the stream does not say the types of the members of ${cls.name} (${cls.members.slice(0, 8).join(', ')}): give them with --schema`,
        object.offset,
      );
      if (c.isRecording) c.tell(title(object, object.id));
      put(r, object);
      r.halted = true;
      return;
    }
    cls.types = types;
    cls.kinds = types.map((type) => (type.binary === BinaryType.Primitive ? type.primitive : 0));
  } else {
    for (let i = 0; i < cls.kinds.length; i++) {
      const type = cls.types[i];
      if (type.binary === BinaryType.SystemClass) cls.kinds[i] = -(PRIMITIVE_BY_TYPE.get(type.className) ?? 0);
    }
    if (r.keep) r.classesByName.set(cls.name, cls);
  }
  cls.cost = COST.object;
  for (const kind of cls.kinds) cls.cost += kind > 0 && WIDE.has(kind) ? COST.wide : 8;
  if (r.classes.add(cls.id, cls)) r.lastClass = cls;
  instance(c, r, object);
}

/** An object's class is known: what follows are its members. */
function instance(c: Cursor, r: Reader, object: ObjectRecord): void {
  r.kept += object.cls.cost;
  if (r.keep && object.cls.kinds.length > 0) object.values = room(object.cls.kinds.length);
  keep(r, object);
  register(r, object.id, object);
  put(r, object);
  if (c.isRecording) c.tell(title(object, object.id), object.cls.name);
  const next = rawMembers(c, r, object, 0);
  if (next >= object.cls.kinds.length) object.end = c.pos;
  else descend(c, r, object, next);
}

/** Reads raw members (2.5.2) from `from` on, up to one that is a record. Returns which that is. */
export function rawMembers(c: Cursor, r: Reader, object: ObjectRecord, from: number): number {
  const { cls, values } = object;
  const { kinds } = cls;
  const w = r.wire;
  let i = from;
  for (; i < kinds.length; i++) {
    let kind = kinds[i];
    if (kind === 0) break;
    if (kind < 0) {
      // A real writer's defect: a primitive in a field of an interface type stands raw, under its boxed type.
      kind = -kind;
      if (isBoxed(c, r, kind)) break;
      const { name } = cls;
      note(
        r,
        'raw-primitive',
        `${name}.${cls.members[i]} is typed as an object and holds a raw value, which .NET cannot read back`,
        c.pos,
      );
    }
    const value = layout.value(w, kind, c.isRecording ? memberField(cls, i, kind) : VALUE_FIELDS[kind], 0);
    if (r.keep) values[i] = value;
  }
  return i;
}

/** Whether a record follows that can hold a boxed primitive, where the member type names one. */
function isBoxed(c: Cursor, r: Reader, kind: number): boolean {
  switch (c.peek()) {
    case RecordType.MemberPrimitiveTyped:
      return c.peek(1) === kind;
    case RecordType.MemberReference:
      return r.stream.byId.has(c.peek32(1) | 0);
    case RecordType.ClassWithId:
      return r.classes.has(c.peek32(5) | 0);
    case RecordType.SystemClassWithMembersAndTypes:
      return c.peek(6) === 0x53 && c.peek(7) === 0x79 && c.peek(8) === 0x73;
    default:
      return false;
  }
}

function crossDomain(c: Cursor, r: Reader, item: CrossDomainRecord): void {
  layout.crossDomain(r.wire, item);
  item.end = c.pos;
  keep(r, item);
  if (c.isRecording) c.tell(`${RECORD_NAMES[item.type]} ${item.index}`);
  if (item.type !== 19) return;
  register(r, item.id, item);
  put(r, item);
}

/** Records 21 and 22, MS-NRBF 2.2.3. */
function message(c: Cursor, r: Reader, type: 21 | 22, offset: number): void {
  const m: MessageRecord = {
    type,
    offset,
    end: 0,
    flags: 0,
    method: null,
    typeName: null,
    returnValue: null,
    context: null,
    args: null,
  };
  if (offset > r.stream.header.end)
    note(r, 'message-not-first', `${RECORD_NAMES[type]} stands behind other records`, offset);
  if (type === 21) layout.methodCall(r.wire, m);
  else layout.methodReturn(r.wire, m);
  m.end = c.pos;
  keep(r, m);
  for (const group of [0x0f, 0x70, 0x1e00]) {
    const set = m.flags & group;
    if ((set & (set - 1)) !== 0)
      note(
        r,
        'flags-exclusive',
        `message flags 0x${m.flags.toString(16)} hold several that exclude each other (MS-NRBF 2.2.1.1)`,
        offset + 1,
      );
  }
  if (c.isRecording) c.tell(`${RECORD_NAMES[type]}${m.method === null ? '' : ` ${m.method.value}`}`);
  r.stream.message ??= m;
}
