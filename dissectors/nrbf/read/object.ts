/**
 * Objects and their classes (MS-NRBF 2.3).
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { F, VALUE_FIELDS } from '../format/fields.js';
import { type ClassInfo, NO_CLASS, NOTHING, type ObjectRecord } from '../format/model.js';
import * as layout from '../format/records.js';
import { BinaryType, PRIMITIVE_BY_TYPE, PRIMITIVE_SIZES, Primitive, RecordType } from '../format/types.js';
import { findTypes } from '../graph/schema.js';
import { memberField, title } from './draw.js';
import { atTop, COST, descend, keep, note, put, type Reader, register, room, TOP, useLibrary } from './reader.js';
import { nextNull, nextReference, nextString } from './small.js';

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

/** Bytes of raw values of which none is wrong; 0 where they vary or some are. */
const FREE_SIZES = PRIMITIVE_SIZES.map((size, primitive) =>
  size < 0 || primitive === Primitive.Boolean || primitive === Primitive.DateTime ? 0 : size,
);

export function readClassWithId(c: Cursor, r: Reader): void {
  const offset = c.pos;
  const { head } = r;
  r.wire.u8(F.recordType, 1);
  const metadataId = layout.classWithId(r.wire, head);
  const { id } = head;
  let cls = r.lastClass;
  if (metadataId !== cls.id || cls === NO_CLASS) {
    const found = r.classes.get(metadataId);
    if (found === undefined) c.fail(`ClassWithId refers to class ${metadataId}, which was not defined`);
    cls = found;
    r.lastClass = found;
  }
  r.kept += cls.cost;
  if (r.place !== TOP || c.isRecording || r.objects.has(id)) {
    instance(c, r, { type: 1, offset, end: 0, id, cls, values: NOTHING });
    return;
  }
  if (r.keep) r.stream.records.push(offset);
  register(r, id, offset, offset);
  atTop(r, id);
  r.passing = offset;
  r.passingRecord = r.stream.records.length - 1;
  if (pass(c, r, cls) < cls.kinds.length) descend(c, r, beginObject(r), r.next);
  r.passing = -1;
}

/**
 * Goes over members that are raw, references, nulls or strings, and checks them; the object table makes them when they
 * are asked for. Returns how many there are.
 */
function pass(c: Cursor, r: Reader, cls: ClassInfo): number {
  const { kinds } = cls;
  for (r.next = 0; r.next < kinds.length; r.next++) {
    const kind = kinds[r.next];
    if (kind > 0) {
      const size = FREE_SIZES[kind];
      if (size > 0 && size <= c.left) c.pos += size;
      else layout.value(r.wire, kind, VALUE_FIELDS[kind], 0);
      continue;
    }
    if (kind < 0 || r.kept > r.maxKept) break;
    const type = c.peek();
    if (type === RecordType.MemberReference) nextReference(c, r);
    else if (type === RecordType.ObjectNull) nextNull(c, r);
    else if (type === RecordType.BinaryObjectString && !r.objects.has(c.peek32(1) | 0)) nextString(c, r, false);
    else break;
  }
  return r.next;
}

/** Makes the object whose members are gone over, as far as that went. */
export function beginObject(r: Reader): ObjectRecord {
  const object = r.objects.begin(r.passing, r.keep ? r.next : 0);
  object.end = 0;
  if (r.keep) r.stream.records[r.passingRecord] = object;
  return object;
}

export function readClassDefinition(c: Cursor, r: Reader, type: 2 | 3 | 4 | 5): void {
  const cls: ClassInfo = { id: 0, name: '', members: [], types: [], kinds: [], libraryId: 0, cost: 0, fields: null };
  const object: ObjectRecord = { type, offset: c.pos, end: 0, id: 0, cls, values: NOTHING };
  r.wire.u8(F.recordType, type);
  layout.classDefinition(r.wire, object);
  r.kept += COST.class + COST.member * cls.members.length + c.pos - object.offset;
  define(c, r, object);
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
      register(r, object.id, object, object.offset);
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
  r.kept += cls.cost;
  instance(c, r, object);
}

/** An object's class is known: what follows are its members. */
function instance(c: Cursor, r: Reader, object: ObjectRecord): void {
  if (r.keep && object.cls.kinds.length > 0) object.values = room(object.cls.kinds.length);
  keep(r, object);
  register(r, object.id, object, object.offset);
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
      if (isBoxed(c, r, kind)) {
        // Of a Nullable: whether a member is boxed is the same for all instances, and null says nothing of its own.
        if (object.type !== 1) kinds[i] = 0;
        break;
      }
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
