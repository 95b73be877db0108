/**
 * One record: its layout is read, then it is put where it belongs in the graph.
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { limitMessage } from '../../../src/core/limits.js';
import { F } from '../format/fields.js';
import type {
  ArrayRecord,
  CrossDomainRecord,
  LibraryRecord,
  MessageRecord,
  ObjectRecord,
  ValueRecord,
} from '../format/model.js';
import * as layout from '../format/records.js';
import { flagNames, MessageFlag, RECORD_NAMES, RecordType } from '../format/types.js';
import { array, nullRun } from './array.js';
import { readClassDefinition, readClassWithId } from './object.js';
import {
  ALLOWED,
  COST,
  ELEMENT,
  keep,
  LENIENT,
  MEMBER,
  note,
  put,
  type Reader,
  refer,
  register,
  TOP,
} from './reader.js';
import { nextNull, nextReference, nextString, nullsInARow, referencesInARow } from './small.js';

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
      readClassWithId(c, r);
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
      readClassDefinition(c, r, type);
      return;
    case RecordType.MemberPrimitiveTyped:
      primitiveTyped(c, r);
      return;
    default:
      other(c, r, type as RareType);
      return;
  }
}

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

function objectString(c: Cursor, r: Reader): void {
  put(r, nextString(c, r, r.place === MEMBER && r.keep));
  if (r.place !== ELEMENT || c.isRecording) return;
  // strings come together
  const { count } = r.open as ArrayRecord;
  while (c.peek() === RecordType.BinaryObjectString && r.next < count && r.kept <= r.maxKept)
    put(r, nextString(c, r, false));
}

function reference(c: Cursor, r: Reader): void {
  if (r.place === ELEMENT && !c.isRecording && referencesInARow(c, r)) return;
  const offset = c.pos;
  refer(r, nextReference(c, r), offset);
}

function objectNull(c: Cursor, r: Reader): void {
  if (r.place === ELEMENT && !c.isRecording && nullsInARow(c, r)) return;
  nextNull(c, r);
  put(r, null);
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

function crossDomain(c: Cursor, r: Reader, item: CrossDomainRecord): void {
  layout.crossDomain(r.wire, item);
  item.end = c.pos;
  keep(r, item);
  if (c.isRecording) c.tell(`${RECORD_NAMES[item.type]} ${item.index}`);
  if (item.type !== 19) return;
  register(r, item.id, item, item.offset);
  put(r, item);
}

/** Flags that only a return may have, and only a call (MS-NRBF 2.2.3.1, 2.2.3.3). */
const OF_RETURN =
  MessageFlag.NoReturnValue |
  MessageFlag.ReturnValueVoid |
  MessageFlag.ReturnValueInline |
  MessageFlag.ReturnValueInArray |
  MessageFlag.ExceptionInArray;
const OF_CALL = MessageFlag.MethodSignatureInArray | MessageFlag.GenericMethod;

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
  const foreign = m.flags & (type === 21 ? OF_RETURN : OF_CALL);
  if (foreign !== 0)
    note(
      r,
      'flags-misplaced',
      `message flags ${flagNames(foreign).join(', ')} in a ${RECORD_NAMES[type]}, which has none of them (MS-NRBF 2.2.3)`,
      offset + 1,
    );
  if (c.isRecording) c.tell(`${RECORD_NAMES[type]}${m.method === null ? '' : ` ${m.method.value}`}`);
  r.stream.message ??= m;
}
