/**
 * What reading keeps while it goes through a stream, and what each kind of record does to it.
 */
import type { Cursor } from '../../../src/core/cursor.js';
import type { IdMap } from '../../../src/core/id-map.js';
import { limitMessage } from '../../../src/core/limits.js';
import type { Node } from '../../../src/core/node.js';
import type {
  ArrayRecord,
  ClassInfo,
  Item,
  NrbfRecord,
  NrbfStream,
  ObjectRecord,
  ValueRecord,
} from '../format/model.js';
import type { ObjectOffsets } from '../format/object-table.js';
import { RecordType } from '../format/types.js';
import type { ReadWire } from '../format/wire.js';
import type { Schema } from '../graph/schema.js';

/** Helps for reading; bounds are those of the cursor's recording. */
export interface NrbfOptions {
  /** Members' types for streams that carry none. */
  readonly schema?: Schema | undefined;
  /** Only check: no strings and no values are made, and the graph stays empty. */
  readonly validate?: boolean | undefined;
}

/** Places where a record can stand, as bits; shifted by LENIENT where it may stand only to our leniency. */
export const TOP = 1;

export const MEMBER = 2;

export const ELEMENT = 4;

export const LENIENT = 3;

const INSIDE = MEMBER | ELEMENT;

const ANYWHERE = TOP | INSIDE;

/** Which record may stand where (MS-NRBF 2.7), by record type. */
export const ALLOWED: readonly number[] = (() => {
  const allowed: number[] = new Array(256).fill(0);
  for (const type of [1, 2, 3, 4, 5, 6, 12]) allowed[type] = ANYWHERE;
  for (const type of [7, 15, 16, 17]) allowed[type] = TOP | (INSIDE << LENIENT);
  for (const type of [8, 9, 10]) allowed[type] = INSIDE | (TOP << LENIENT);
  for (const type of [13, 14]) allowed[type] = ELEMENT;
  for (const type of [18, 19, 20]) allowed[type] = ANYWHERE << LENIENT;
  for (const type of [11, 21, 22]) allowed[type] = TOP;
  return allowed;
})();

/** Record nodes stand at most this deep in the tree; what is deeper stands on that level. */
const NODE_DEPTH = 100;

/** A code is noted this often; after that only how often more. */
export const NOTES_PER_CODE = 20;

/** What the loop keeps. */
export interface Reader {
  readonly stream: NrbfStream;
  /** The stream's `byId`. */
  readonly objects: ObjectOffsets;
  /** The caller's cursor, which notes go to. */
  readonly home: Cursor;
  wire: ReadWire;
  readonly options: NrbfOptions;
  /** Records inside records. */
  readonly maxDepth: number;
  /** False where values are only checked. */
  readonly keep: boolean;
  /** The object or array that is being filled, and which of its members or elements comes next. */
  open: ObjectRecord | ArrayRecord | null;
  next: number;
  place: number;
  /** The same for those around it. */
  readonly outer: (ObjectRecord | ArrayRecord | null)[];
  readonly outerNext: number[];
  /** While recording: the nodes of `outer` and of `open`. */
  readonly nodes: Node[];
  readonly classes: IdMap<ClassInfo>;
  /** Ids that stand for several records, each of which is said once. */
  readonly twice: IdMap<number>;
  readonly classesByName: Map<string, ClassInfo>;
  lastClass: ClassInfo;
  /** The ids and the text of the object or string at hand. */
  readonly head: { id: number; readonly cls: ClassInfo; text: string };
  /** The object whose members are gone over: its offset and its place among the records; -1 where that is none. */
  passing: number;
  passingRecord: number;
  /** Where values are only checked: offsets of references to what had not been seen yet. */
  readonly references: number[];
  /** The first record at the top that stands for a value, or its id; and the first array of objects there. */
  first: ValueRecord | number | null;
  callArray: ArrayRecord | null;
  /** While recording: nodes of references, to name what they refer to. */
  readonly refNodes: [Node, number][];
  readonly libraryUses: { id: number; offset: number; what: string }[];
  /** Elements of all arrays together, null runs as long as they claim to be. */
  elements: number;
  readonly maxElements: number;
  /** Bytes of memory that what is kept takes, about. */
  kept: number;
  readonly maxKept: number;
  /** ObjectNulls that stand in runs, beyond one for each run. */
  inRuns: number;
  readonly noted: Map<string, number>;
  stoppedAt: number;
  halted: boolean;
}

export function note(r: Reader, code: string, message: string, at: number): void {
  const count = (r.noted.get(code) ?? 0) + 1;
  r.noted.set(code, count);
  if (count <= NOTES_PER_CODE) r.home.note(code, message, at);
}

/** What records cost in memory: their objects, and their places in the lists and tables that hold them. */
export const COST = { number: 24, record: 120, object: 160, class: 400, member: 64, wide: 32 } as const;

export function keep(r: Reader, item: NrbfRecord): void {
  if (r.keep) r.stream.records.push(item);
}

/** Puts a record where it belongs; in an array or at the top the id of a string will do. */
export function put(r: Reader, item: ValueRecord | number | null, count = 1): void {
  const open = r.open;
  if (open === null) {
    if (item !== null) atTop(r, item);
  } else if (open.type <= 5) {
    if (r.keep) (open as ObjectRecord).values[r.next] = item;
    r.next++;
  } else {
    if (r.keep) {
      const array = open as ArrayRecord;
      array.items[array.filled++] = item;
    }
    r.next += count;
  }
}

/** A record in no other one: what the root may be where the header names none. */
export function atTop(r: Reader, item: ValueRecord | number): void {
  if (typeof item === 'number' || item.type <= 7 || item.type >= 15) r.first ??= item;
  if (typeof item !== 'number' && item.type === 16) r.callArray ??= item;
}

/**
 * Ids: positive for objects, negative for structs inside others; -1 for every string in the XsdString style.
 * @param item the record, or its offset where it is to be made when it is asked for
 * @returns false where the id stands for another record
 */
export function register(r: Reader, id: number, item: ValueRecord | number, offset: number): boolean {
  if (id === 0) note(r, 'object-id-zero', 'object id 0, where MS-NRBF wants a positive one', offset + 1);
  if (r.objects.add(id, item)) return true;
  const isString = r.stream.source.bytes[offset] === RecordType.BinaryObjectString;
  if ((id !== -1 || !isString) && r.twice.add(id, offset))
    note(r, 'duplicate-id', `object id ${id} is used a second time; references to it go to the first`, offset + 1);
  return false;
}

export function useLibrary(r: Reader, id: number, offset: number, what: string): void {
  if (!r.stream.libraries.has(id)) r.libraryUses.push({ id, offset, what });
}

/** Puts a reference where a record belongs. */
export function refer(r: Reader, id: number, offset: number): void {
  const open = r.open;
  if (open === null) return;
  if (open.type > 5) {
    const array = open as ArrayRecord;
    if (r.keep) array.items[array.filled++] = id;
  } else if (r.keep) {
    const { cls, values } = open as ObjectRecord;
    // In a member that may be raw a number would be taken for its value.
    values[r.next] = cls.kinds[r.next] === 0 ? id : { type: 9, offset, end: offset + 5, id };
  }
  r.next++;
}

/** Goes on inside an object or an array. */
export function descend(c: Cursor, r: Reader, into: ObjectRecord | ArrayRecord, next: number): void {
  if (r.outer.length >= r.maxDepth) c.limit(limitMessage('nrbfDepth', r.stream.limits));
  r.outer.push(r.open);
  r.outerNext.push(r.next);
  r.open = into;
  r.next = next;
  if (c.isRecording)
    r.nodes.push(r.nodes.length < NODE_DEPTH && c.here !== null ? c.here : r.nodes[r.nodes.length - 1]);
}

/** Room for `count` items. Larger numbers are only claims: their room grows with what is read. */
export function room(count: number): Item[] {
  return count <= 64 ? new Array<Item>(count) : [];
}
