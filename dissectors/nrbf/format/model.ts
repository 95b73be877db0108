/**
 * What a stream is once it has been read: records, which are at the same time the nodes of the object graph.
 * Primitive arrays stay bytes, null runs stay counts, and references are followed when somebody looks.
 */

import type { IdMap } from '../../../src/core/id-map.js';
import type { Limits } from '../../../src/core/limits.js';
import type { Field, Note } from '../../../src/core/node.js';
import type { Made } from '../../../src/core/once.js';
import type { DataSource } from '../../../src/core/source.js';
import type { MemberType } from './types.js';

/** A raw value. Int64, UInt64, TimeSpan and DateTime are bigint; Decimal and Char are text. */
export type NrbfScalar = number | bigint | string | boolean;

/** What a class record says of its class (MS-NRBF 2.3.1.1 and 2.3.1.2); shared by all its instances. */
export interface ClassInfo {
  /** The ObjectId of the record that defined it: a ClassWithId's MetadataId. */
  id: number;
  name: string;
  members: string[];
  /** Empty where the stream carries no types and none were found. */
  types: MemberType[];
  /** For each member: its primitive type where it is a raw value, 0 where a record stands. */
  kinds: number[];
  /** 0 for classes of the system library. */
  libraryId: number;
  /** Bytes that an instance takes in memory, about. */
  cost: number;
  /** Fields for the members' nodes, made when something is recorded. */
  fields: Field[] | null;
}

/** Of a class that nobody defined. */
export const NO_CLASS: ClassInfo = {
  id: 0,
  name: '',
  members: [],
  types: [],
  kinds: [],
  libraryId: 0,
  cost: 0,
  fields: null,
};

interface Placed {
  /** Offsets in the source; `end` is behind the last byte of the record and of what it holds. */
  readonly offset: number;
  end: number;
}

/** Records 1 to 5. */
export interface ObjectRecord extends Placed {
  readonly type: 1 | 2 | 3 | 4 | 5;
  id: number;
  cls: ClassInfo;
  /** One for each member: a raw value where the class says so, a record or null elsewhere. */
  values: Item[];
}

/** Records 7 and 15 to 17. */
export interface ArrayRecord extends Placed {
  readonly type: 7 | 15 | 16 | 17;
  id: number;
  arrayType: number;
  lengths: number[];
  /** Null where all are zero by nature of the array type. */
  lowerBounds: number[] | null;
  element: MemberType;
  /** Elements altogether, as the lengths say. */
  count: number;
  /** Primitive elements: their bytes as they stand in the stream. Null for the others. */
  data: Uint8Array | null;
  /** Elements that are records: null runs stand as one item. While reading, `filled` of them are there. */
  items: Item[];
  filled: number;
}

export interface StringRecord extends Placed {
  readonly type: 6;
  id: number;
  text: string;
}

export interface PrimitiveRecord extends Placed {
  readonly type: 8;
  primitive: number;
  value: NrbfScalar;
}

export interface ReferenceRecord extends Placed {
  readonly type: 9;
  id: number;
}

/** A run of nulls: one record of type 13 or 14, or many of type 10 (ObjectNull) in a row, a byte each. */
export interface NullsRecord extends Placed {
  readonly type: 10 | 13 | 14;
  count: number;
}

export interface LibraryRecord extends Placed {
  readonly type: 12;
  id: number;
  name: string;
}

/** Records 18 to 20: numbers that mean something only inside the process that wrote them. */
export interface CrossDomainRecord extends Placed {
  readonly type: 18 | 19 | 20;
  id: number;
  index: number;
}

/** A value with its type, or null (MS-NRBF 2.2.2.1). */
export interface CodedValue {
  primitive: number;
  value: NrbfScalar | null;
}

/** Records 21 and 22. */
export interface MessageRecord extends Placed {
  readonly type: 21 | 22;
  flags: number;
  method: CodedValue | null;
  typeName: CodedValue | null;
  returnValue: CodedValue | null;
  context: CodedValue | null;
  args: CodedValue[] | null;
}

/** Record 0. */
export interface HeaderRecord extends Placed {
  readonly type: 0;
  rootId: number;
  headerId: number;
  majorVersion: number;
  minorVersion: number;
}

/** Record 11. */
export interface EndRecord extends Placed {
  readonly type: 11;
}

export type NrbfRecord =
  | HeaderRecord
  | ObjectRecord
  | ArrayRecord
  | StringRecord
  | PrimitiveRecord
  | ReferenceRecord
  | NullsRecord
  | LibraryRecord
  | CrossDomainRecord
  | MessageRecord
  | EndRecord;

/** Records that stand for a value. */
export type ValueRecord =
  | ObjectRecord
  | ArrayRecord
  | StringRecord
  | PrimitiveRecord
  | ReferenceRecord
  | NullsRecord
  | CrossDomainRecord;

/**
 * What a member or an element holds. Where a record may stand and no raw value, a number is a reference to the
 * object of that id, or the string of that id itself: there are as many references as objects, and an object for each
 * would double the graph.
 */
export type Item = NrbfScalar | null | ValueRecord;

/** Where nothing is kept; never written to. */
export const NOTHING: Item[] = [];

/** Something to describe or print: an item that is not raw. */
export type Value = null | ValueRecord;

/** Records by ObjectId; of several with the same one, the first. */
export interface Objects {
  has(id: number): boolean;
  /** The record, which is made when it is first asked for. */
  get(id: number): ValueRecord | undefined;
}

/** One stream, read. */
export interface NrbfStream extends Made {
  readonly source: DataSource;
  /** Offset in the source at which the stream begins. */
  readonly start: number;
  /** Bytes up to and with MessageEnd, or up to where reading ended. */
  length: number;
  header: HeaderRecord;
  /**
   * In the order of the stream. Those of which there may be very many are only their offsets: objects, strings,
   * MemberReferences, ObjectNulls. `recordAt` gives records of them. Many ObjectNulls in a row are one run.
   */
  readonly records: (NrbfRecord | number)[];
  /** How many records there are: more than `records` holds, where it holds runs. */
  recordCount: number;
  readonly byId: Objects;
  readonly libraries: IdMap<LibraryRecord>;
  message: MessageRecord | null;
  /** What the header's RootId names, or the first object where it names nothing. */
  root: Value;
  /** True where MessageEnd was reached and nothing was damaged on the way. */
  complete: boolean;
  /** True where MessageEnd was reached. */
  ended: boolean;
  readonly warnings: Note[];
  /** Bounds that it was read within, and is shown within. */
  readonly limits: Limits;
}

/** What flags promise and a call array does not have; as a reference that leads nowhere, it is shown as missing. */
export const ABSENT: ReferenceRecord = { type: 9, offset: 0, end: 0, id: 0 };

/**
 * What stands in the place of a record: a reference is followed, and stays one where its object is not in the stream.
 * Not for raw values, whose numbers are numbers.
 */
export function follow(stream: NrbfStream, slot: Item): Item {
  if (typeof slot === 'number') return stream.byId.get(slot) ?? { type: 9, offset: 0, end: 0, id: slot };
  return isRecord(slot) && slot.type === 9 ? (stream.byId.get(slot.id) ?? slot) : slot;
}

/** Whether an item is a record and not a raw value. */
export function isRecord(item: Item): item is ValueRecord {
  return typeof item === 'object' && item !== null;
}

/** Whether an item is a run of nulls. */
export function isNulls(item: Item): item is NullsRecord {
  return isRecord(item) && (item.type === 10 || item.type === 13 || item.type === 14);
}

/** One of `stream.records`, as a record or a run of ObjectNulls. */
export function recordAt(stream: NrbfStream, i: number): NrbfRecord {
  const record = stream.records[i];
  if (typeof record !== 'number') return record;
  const type = stream.source.bytes[record];
  if (type === 10) return { type, offset: record, end: record + 1, count: 1 };
  const id = idAt(stream.source.bytes, record);
  return type === 9 ? { type, offset: record, end: record + 5, id } : (stream.byId.get(id) as ValueRecord);
}

/** What stands behind the type of a record: an ObjectId, or that which a MemberReference refers to. */
export function idAt(b: Uint8Array, offset: number): number {
  return b[offset + 1] | (b[offset + 2] << 8) | (b[offset + 3] << 16) | (b[offset + 4] << 24);
}
