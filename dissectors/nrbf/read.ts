/**
 * Reads one stream (MS-NRBF 2.7): a loop with its own stack and a table of which record may stand where. Depth
 * costs memory and never stack; memory follows the bytes that are there, not the counts that they claim.
 */
import type { Cursor } from '../../src/core/cursor.js';
import type { Field, Node, Note } from '../../src/core/node.js';
import { field } from '../../src/core/node.js';
import { F, VALUE_FIELDS, valueField } from './fields.js';
import {
  type ArrayRecord,
  type ClassInfo,
  type CrossDomainRecord,
  isRecord,
  type LibraryRecord,
  lookUp,
  type MessageRecord,
  type NrbfRecord,
  type NrbfStream,
  type NullsRecord,
  type ObjectRecord,
  type ReferenceRecord,
  type StringRecord,
  type ValueRecord,
} from './model.js';
import * as layout from './records.js';
import { findTypes, type Schema } from './schema.js';
import { charsEnd, dateText, TICKS_END, validDecimal } from './text.js';
import {
  arrayTypeName,
  BinaryType,
  MessageFlag,
  PLAIN_TYPES,
  PRIMITIVE_BY_TYPE,
  PRIMITIVE_SIZES,
  Primitive,
  RECORD_NAMES,
  RecordType,
} from './types.js';
import { ReadWire } from './wire.js';

/** Bounds and helps for reading. */
export interface NrbfOptions {
  /** Members' types for streams that carry none. */
  readonly schema?: Schema;
  /** Records inside records. */
  readonly maxDepth?: number;
  /** Elements of all arrays together, null runs as long as they claim to be. */
  readonly maxElements?: number;
  /** Bytes of one string. */
  readonly maxString?: number;
  /** Bytes of the stream. */
  readonly maxLength?: number;
  /** Only check: no strings and no values are made, and the graph stays empty. */
  readonly validate?: boolean;
}

export const NRBF_LIMITS = {
  maxDepth: 1_000_000,
  maxElements: 1 << 28,
  maxString: 1 << 28,
  maxLength: 2 ** 31,
} as const;

/** Places where a record can stand, as bits; shifted by LENIENT where it may stand only to our leniency. */
const TOP = 1;
const MEMBER = 2;
const ELEMENT = 4;
const LENIENT = 3;
const INSIDE = MEMBER | ELEMENT;
const ANYWHERE = TOP | INSIDE;

/** Which record may stand where (MS-NRBF 2.7), by record type. */
const ALLOWED: readonly number[] = (() => {
  const allowed: number[] = new Array(256).fill(0);
  for (const type of [1, 2, 3, 4, 5, 6, 12]) allowed[type] = ANYWHERE;
  for (const type of [7, 15, 16, 17]) allowed[type] = TOP | (INSIDE << LENIENT);
  for (const type of [8, 9, 10]) allowed[type] = INSIDE | (TOP << LENIENT);
  for (const type of [13, 14]) allowed[type] = ELEMENT;
  for (const type of [18, 19, 20]) allowed[type] = ANYWHERE << LENIENT;
  for (const type of [11, 21, 22]) allowed[type] = TOP;
  return allowed;
})();

/** Notes that say that something is lost, not just odd. */
const DAMAGE: ReadonlySet<string> = new Set([
  'truncated',
  'malformed',
  'limit',
  'bug',
  'decimal-malformed',
  'missing-layout',
  'missing-message-end',
  'missing-root',
  'missing-call-array',
  'dangling-reference',
  'unknown-library',
  'duplicate-library',
]);

/** Record nodes stand at most this deep in the tree; what is deeper stands on that level. */
const NODE_DEPTH = 100;
/** A code is noted this often; after that only how often more. */
const NOTES_PER_CODE = 20;

const HEADER_LENGTH = 17;

/** Whether bytes begin as a stream does: MS-NRBF 2.6.1, version 1.0, whatever the ids are. */
export function startsAsNrbf(bytes: Uint8Array, at = 0): boolean {
  if (bytes.length - at <= HEADER_LENGTH || bytes[at] !== 0) return false;
  if (bytes[at + 9] !== 1 || bytes[at + 10] !== 0 || bytes[at + 11] !== 0 || bytes[at + 12] !== 0) return false;
  if (bytes[at + 13] !== 0 || bytes[at + 14] !== 0 || bytes[at + 15] !== 0 || bytes[at + 16] !== 0) return false;
  return (ALLOWED[bytes[at + HEADER_LENGTH]] & (TOP | (TOP << LENIENT))) !== 0;
}

/** What the loop keeps. */
interface Reader {
  readonly stream: NrbfStream;
  readonly wire: ReadWire;
  readonly options: NrbfOptions;
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
  readonly classes: Map<number, ClassInfo>;
  readonly classesByName: Map<string, ClassInfo>;
  lastClass: ClassInfo;
  /** References to what had not been seen yet. */
  readonly forward: ReferenceRecord[];
  /** While recording: nodes of references, to name what they refer to. */
  readonly refNodes: [Node, number][];
  readonly libraryUses: { id: number; offset: number; what: string }[];
  elements: number;
  readonly maxElements: number;
  readonly noted: Map<string, number>;
  stoppedAt: number;
  halted: boolean;
}

const NO_CLASS: ClassInfo = { id: 0, name: '', members: [], types: [], kinds: [], libraryId: 0, fields: null };

/**
 * Reads one stream from the cursor's place up to and with its MessageEnd (MS-NRBF 2.7), and leaves the cursor
 * behind it. Never throws for bad input: what was read stays, the notes say what was wrong and where, and
 * `complete` is false.
 */
export function readNrbf(c: Cursor, options: NrbfOptions = {}): NrbfStream {
  const start = c.pos;
  const { littleEndian } = c;
  const noteCount = c.recording.notes.length;
  const warnings: Note[] = [];
  const stream: NrbfStream = {
    source: c.source,
    start,
    length: 0,
    header: { type: 0, offset: start, end: start, rootId: 0, headerId: 0, majorVersion: 0, minorVersion: 0 },
    records: [],
    top: [],
    byId: { small: [], others: new Map() },
    libraries: new Map(),
    message: null,
    root: null,
    complete: false,
    ended: false,
    warnings,
  };
  const noted = new Map<string, number>();
  const reader: Reader = {
    stream,
    wire: new ReadWire(c, options.maxString ?? NRBF_LIMITS.maxString, options.validate === true, (code, message, at) =>
      note(c, reader, code, message, at),
    ),
    options,
    maxDepth: options.maxDepth ?? NRBF_LIMITS.maxDepth,
    keep: options.validate !== true,
    open: null,
    next: 0,
    place: TOP,
    outer: [],
    outerNext: [],
    nodes: [],
    classes: new Map(),
    classesByName: new Map(),
    lastClass: NO_CLASS,
    forward: [],
    refNodes: [],
    libraryUses: [],
    elements: 0,
    maxElements: options.maxElements ?? NRBF_LIMITS.maxElements,
    noted,
    stoppedAt: start,
    halted: false,
  };
  c.littleEndian = true;
  c.group(F.stream, readStream, reader);
  c.littleEndian = littleEndian;
  for (const [code, count] of noted)
    if (count > NOTES_PER_CODE) c.note(code, `${count - NOTES_PER_CODE} more of this kind`, reader.stoppedAt);
  const notes = c.recording.notes;
  let damaged = false;
  for (let i = noteCount; i < notes.length; i++) {
    warnings.push(notes[i]);
    damaged ||= DAMAGE.has(notes[i].code);
  }
  stream.complete = stream.ended && !damaged;
  return stream;
}

function note(c: Cursor, r: Reader, code: string, message: string, at: number): void {
  const count = (r.noted.get(code) ?? 0) + 1;
  r.noted.set(code, count);
  if (count <= NOTES_PER_CODE) c.note(code, message, at);
}

/** The stream in a frame of its own; then what can be said only when all of it has been seen. */
function readStream(c: Cursor, r: Reader): void {
  const { stream } = r;
  const most = r.options.maxLength ?? NRBF_LIMITS.maxLength;
  if (c.isRecording && c.here !== null) r.nodes.push(c.here);
  const read = c.frame(null, Math.min(c.claimed - c.pos, most), readFramed, r);
  c.pos = r.stoppedAt;
  for (let open = r.open; open !== null; open = r.outer.pop() ?? null) open.end = c.pos;
  for (const node of r.nodes) node.end = Math.max(node.end, c.pos);
  stream.length = c.pos - stream.start;
  if (read === true) link(c, r);
  else stream.root = firstObject(stream);
  for (const [node, id] of r.refNodes) node.display = `→ ${title(stream, lookUp(stream.byId, id) ?? null, id)}`;
}

function readFramed(c: Cursor, r: Reader): boolean {
  try {
    if (c.peek() > 0) c.fail(`record type ${c.peek()} where a stream begins with its header, 0`);
    r.wire.group(F.record, readHeader, r);
    while (!r.stream.ended && !r.halted) step(c, r);
    return r.stream.ended;
  } finally {
    r.stoppedAt = c.pos;
  }
}

/** SerializationHeaderRecord, MS-NRBF 2.6.1. */
function readHeader(w: unknown, r: Reader): void {
  const wire = w as ReadWire;
  const { header, records } = r.stream;
  wire.u8(F.recordType, 0);
  records.push(header);
  layout.header(wire, header);
  (header as { end: number }).end = wire.c.pos;
  wire.c.tell(
    `SerializedStreamHeader: root ${header.rootId}, header ${header.headerId}, version ${header.majorVersion}.${header.minorVersion}`,
  );
  if (header.majorVersion !== 1 || header.minorVersion !== 0)
    note(
      wire.c,
      r,
      'version',
      `version ${header.majorVersion}.${header.minorVersion}, where MS-NRBF 2.6.1 knows 1.0`,
      header.offset + 9,
    );
}

/** One turn of the loop: raw members, the end of an object, or a record. */
function step(c: Cursor, r: Reader): void {
  const open = r.open;
  if (open === null) r.place = TOP;
  else if (open.type <= 5) {
    const object = open as ObjectRecord;
    const { kinds } = object.cls;
    if (r.next < kinds.length && kinds[r.next] !== 0) {
      if (c.isRecording) c.below(r.nodes[r.nodes.length - 1], rawMembersBelow, r);
      else r.next = rawMembers(c, r, object, r.next);
    }
    if (r.next >= kinds.length) {
      close(c, r, open);
      return;
    }
    r.place = MEMBER;
  } else {
    if (r.next >= (open as ArrayRecord).count) {
      close(c, r, open);
      return;
    }
    r.place = ELEMENT;
  }
  if (c.isRecording) c.below(r.nodes[r.nodes.length - 1], recordBelow, r);
  else record(c, r);
}

function rawMembersBelow(c: Cursor, r: Reader): void {
  r.next = rawMembers(c, r, r.open as ObjectRecord, r.next);
}

function recordBelow(c: Cursor, r: Reader): void {
  c.group(placeField(r), record, r);
}

/** Reads raw members (2.5.2) from `from` on, up to one that is a record. Returns which that is. */
function rawMembers(c: Cursor, r: Reader, object: ObjectRecord, from: number): number {
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
        c,
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
      return lookUp(r.stream.byId, c.peek32(1) | 0) !== undefined;
    case RecordType.ClassWithId:
      return r.classes.has(c.peek32(5) | 0);
    case RecordType.SystemClassWithMembersAndTypes:
      return c.peek(6) === 0x53 && c.peek(7) === 0x79 && c.peek(8) === 0x73;
    default:
      return false;
  }
}

function close(c: Cursor, r: Reader, open: ObjectRecord | ArrayRecord): void {
  open.end = c.pos;
  r.open = r.outer.pop() as ObjectRecord | ArrayRecord | null;
  r.next = r.outerNext.pop() as number;
  if (c.isRecording) {
    const node = r.nodes.pop() as Node;
    node.end = Math.max(node.end, c.pos);
  }
}

/** Puts a record where it belongs. */
function put(r: Reader, item: ValueRecord | null, count = 1): void {
  const open = r.open;
  if (open === null) {
    if (item !== null && r.keep) r.stream.top.push(item);
  } else if (open.type <= 5) {
    if (r.keep) (open as ObjectRecord).values[r.next] = item;
    r.next++;
  } else {
    if (r.keep) (open as ArrayRecord).items.push(item);
    r.next += count;
  }
}

/** Goes on inside an object or an array. */
function descend(c: Cursor, r: Reader, into: ObjectRecord | ArrayRecord, next: number): void {
  if (r.outer.length >= r.maxDepth) c.limit(`records nested deeper than the limit of ${r.maxDepth} (--max-depth)`);
  r.outer.push(r.open);
  r.outerNext.push(r.next);
  r.open = into;
  r.next = next;
  if (c.isRecording)
    r.nodes.push(r.nodes.length < NODE_DEPTH && c.here !== null ? c.here : r.nodes[r.nodes.length - 1]);
}

/** One record with all that is in it but other records. */
function record(c: Cursor, r: Reader): void {
  const w = r.wire;
  const offset = c.pos;
  const type = c.peek();
  if (type < 0) atEnd(c, r);
  const allowed = ALLOWED[type];
  if ((allowed & r.place) === 0) misplaced(c, r, type, allowed);
  w.u8(F.recordType, type);
  switch (type) {
    case RecordType.ClassWithId: {
      const object: ObjectRecord = { type, offset, end: 0, id: 0, cls: r.lastClass, values: [] };
      const metadataId = layout.classWithId(w, object);
      if (metadataId !== object.cls.id || object.cls === NO_CLASS) {
        const cls = r.classes.get(metadataId);
        if (cls === undefined) c.fail(`ClassWithId refers to class ${metadataId}, which was not defined`);
        object.cls = cls;
        r.lastClass = cls;
      }
      instance(c, r, object);
      return;
    }
    case RecordType.SystemClassWithMembers:
    case RecordType.ClassWithMembers:
    case RecordType.SystemClassWithMembersAndTypes:
    case RecordType.ClassWithMembersAndTypes: {
      const cls: ClassInfo = { id: 0, name: '', members: [], types: [], kinds: [], libraryId: 0, fields: null };
      const object: ObjectRecord = { type, offset, end: 0, id: 0, cls, values: [] };
      layout.classDefinition(w, object);
      define(c, r, object);
      return;
    }
    case RecordType.BinaryObjectString: {
      const string: StringRecord = { type, offset, end: 0, id: 0, text: '' };
      layout.objectString(w, string);
      string.end = c.pos;
      keep(r, string);
      register(c, r, string.id, string);
      if (c.isRecording) c.tell(`#${string.id} ${quote(string.text)}`, string.text);
      put(r, string);
      return;
    }
    case RecordType.MemberReference: {
      const reference: ReferenceRecord = { type, offset, end: 0, id: 0 };
      layout.reference(w, reference);
      reference.end = c.pos;
      keep(r, reference);
      if (lookUp(r.stream.byId, reference.id) === undefined) r.forward.push(reference);
      if (c.isRecording && c.here !== null) r.refNodes.push([c.here, reference.id]);
      put(r, reference);
      return;
    }
    case RecordType.ObjectNull:
      if (r.keep) r.stream.records.push(offset);
      if (c.isRecording) c.tell('null');
      put(r, null);
      return;
    case RecordType.ObjectNullMultiple256:
    case RecordType.ObjectNullMultiple:
      nullRun(c, r, { type, offset, end: 0, count: 0 });
      return;
    case RecordType.MemberPrimitiveTyped: {
      const coded = layout.codedValue(w, null, null);
      if (coded.value === null)
        note(c, r, 'typed-null', 'MemberPrimitiveTyped of type Null, where ObjectNull belongs', offset);
      const item: ValueRecord = { type, offset, end: c.pos, primitive: coded.primitive, value: coded.value ?? 0 };
      keep(r, item);
      put(r, item);
      return;
    }
    case RecordType.BinaryArray:
    case RecordType.ArraySinglePrimitive:
    case RecordType.ArraySingleObject:
    case RecordType.ArraySingleString:
      array(c, r, type, offset);
      return;
    case RecordType.BinaryLibrary: {
      const library: LibraryRecord = { type, offset, end: 0, id: 0, name: '' };
      layout.library(w, library);
      library.end = c.pos;
      keep(r, library);
      if (r.stream.libraries.has(library.id))
        note(c, r, 'duplicate-library', `library ${library.id} is defined a second time`, offset);
      else r.stream.libraries.set(library.id, library);
      if (c.isRecording) c.tell(`BinaryLibrary ${library.id}: ${library.name}`);
      return;
    }
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

function keep(r: Reader, item: NrbfRecord): void {
  if (r.keep) r.stream.records.push(item);
}

/** The bytes end where a record should stand. */
function atEnd(c: Cursor, r: Reader): void {
  if (c.claimed > c.end) c.u8(F.recordType);
  if (r.place === TOP) {
    note(c, r, 'missing-message-end', 'the stream ends without MessageEnd', c.pos);
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
  note(c, r, 'misplaced-record', `${name} (${type}) stands ${where}, where MS-NRBF 2.7 has no place for it`, c.pos);
}

/** Ids: positive for objects, negative for structs inside others; -1 for every string in the XsdString style. */
function register(c: Cursor, r: Reader, id: number, item: ValueRecord): void {
  const { small, others } = r.stream.byId;
  if (id === 0) note(c, r, 'object-id-zero', 'object id 0, where MS-NRBF wants a positive one', item.offset + 1);
  if (id > 0 && id <= small.length + 64) {
    while (small.length < id) small.push(undefined);
    if (small[id] === undefined) small[id] = item;
    else
      note(
        c,
        r,
        'duplicate-id',
        `object id ${id} is used a second time; references to it go to the first`,
        item.offset + 1,
      );
    return;
  }
  if (!others.has(id)) others.set(id, item);
  else if (id > 0)
    note(
      c,
      r,
      'duplicate-id',
      `object id ${id} is used a second time; references to it go to the first`,
      item.offset + 1,
    );
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
      register(c, r, object.id, object);
      note(
        c,
        r,
        'missing-layout',
        `the stream does not say the types of the members of ${cls.name} (${cls.members.slice(0, 8).join(', ')}): give them with --schema`,
        object.offset,
      );
      if (c.isRecording) c.tell(title(r.stream, object, object.id));
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
  r.classes.set(cls.id, cls);
  instance(c, r, object);
}

function useLibrary(r: Reader, id: number, offset: number, what: string): void {
  if (!r.stream.libraries.has(id)) r.libraryUses.push({ id, offset, what });
}

/** An object's class is known: what follows are its members. */
function instance(c: Cursor, r: Reader, object: ObjectRecord): void {
  keep(r, object);
  register(c, r, object.id, object);
  put(r, object);
  if (c.isRecording) c.tell(title(r.stream, object, object.id), object.cls.name);
  const next = rawMembers(c, r, object, 0);
  if (next >= object.cls.kinds.length) object.end = c.pos;
  else descend(c, r, object, next);
}

function nullRun(c: Cursor, r: Reader, run: NullsRecord): void {
  layout.nulls(r.wire, run);
  run.end = c.pos;
  const left = (r.open as ArrayRecord).count - r.next;
  if (run.count > left) c.fail(`a run of ${run.count} nulls where the array has ${left} elements left`);
  if (run.count === 0) note(c, r, 'null-run-empty', 'a run of no nulls', run.offset);
  keep(r, run);
  if (c.isRecording) c.tell(`null × ${run.count}`);
  put(r, run, run.count);
}

/** Records 7 and 15 to 17: the head, then primitives as they lie, or a descent into the elements. */
function array(c: Cursor, r: Reader, type: 7 | 15 | 16 | 17, offset: number): void {
  const element = PLAIN_TYPES[type === 17 ? BinaryType.String : BinaryType.Object];
  const a: ArrayRecord = {
    type,
    offset,
    end: 0,
    id: 0,
    arrayType: 0,
    lengths: [],
    lowerBounds: null,
    element,
    count: 0,
    data: null,
    items: [],
  };
  if (type === 7) layout.binaryArray(r.wire, a);
  else layout.singleArray(r.wire, a);
  let count = 1;
  for (const length of a.lengths) count *= length;
  if (count > 0x7fffffff) c.fail(`an array of ${a.lengths.join(' × ')} = ${count} elements`);
  a.count = count;
  r.elements += count;
  if (r.elements > r.maxElements) c.limit(`arrays of more than ${r.maxElements} elements together (--max-elements)`);
  if (a.element.binary === BinaryType.Class) useLibrary(r, a.element.libraryId, offset, a.element.className);
  keep(r, a);
  register(c, r, a.id, a);
  put(r, a);
  if (c.isRecording) c.tell(title(r.stream, a, a.id));
  if (a.element.binary === BinaryType.Primitive) {
    a.data = primitives(c, r, a.element.primitive, count);
    a.end = c.pos;
  } else if (count === 0) a.end = c.pos;
  else descend(c, r, a, 0);
}

/** The elements of a primitive array, as one piece. */
function primitives(c: Cursor, r: Reader, primitive: number, count: number): Uint8Array {
  const size = PRIMITIVE_SIZES[primitive];
  if (size > 0) {
    c.items(count, size);
    const data = r.wire.raw(F.elements, count * size);
    if (primitive === Primitive.Boolean) checkBooleans(c, r, data);
    else if (primitive === Primitive.DateTime) checkDates(c, r, data);
    return data;
  }
  c.items(count, 1);
  if (primitive === Primitive.Char) {
    const end = charsEnd(c.bytes, c.pos, c.end, count);
    if (end < 0) c.fail(`${count} Chars where the bytes left hold fewer, or half a pair at the end`);
    const at = c.pos;
    const data = r.wire.raw(F.elements, end - c.pos);
    r.wire.checkText(at, data.length);
    return data;
  }
  // Decimals and strings: each has its length before it, so only reading them tells where they end.
  const look = new ReadWire(c.fork(), r.options.maxString ?? NRBF_LIMITS.maxString, false, r.wire.noteAt);
  for (let i = 0; i < count; i++) {
    const at = look.c.pos;
    if (look.c.left < 1) c.fail(`the stream ends after ${i} of ${count} elements`);
    const text = look.text(F.text);
    if (primitive === Primitive.Decimal && !validDecimal(text))
      note(c, r, 'decimal-malformed', `the Decimal ${JSON.stringify(text.slice(0, 40))} is no number`, at);
  }
  return r.wire.raw(F.elements, look.c.pos - c.pos);
}

function checkBooleans(c: Cursor, r: Reader, data: Uint8Array): void {
  for (let i = 0; i < data.length; i++)
    if (data[i] > 1) {
      note(c, r, 'boolean-not-0-or-1', `a Boolean of ${data[i]}: .NET takes it as true`, c.pos - data.length + i);
      return;
    }
}

function checkDates(c: Cursor, r: Reader, data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < data.length; i += 8) {
    const raw = view.getBigUint64(i, true);
    if ((raw & 0x3fffffffffffffffn) < TICKS_END) continue;
    note(c, r, 'datetime-out-of-range', `a DateTime of ${dateText(raw)}`, c.pos - data.length + i);
    return;
  }
}

function crossDomain(c: Cursor, r: Reader, item: CrossDomainRecord): void {
  layout.crossDomain(r.wire, item);
  item.end = c.pos;
  keep(r, item);
  if (c.isRecording) c.tell(`${RECORD_NAMES[item.type]} ${item.index}`);
  if (item.type !== 19) return;
  register(c, r, item.id, item);
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
  if (r.stream.records.length > 1)
    note(c, r, 'message-not-first', `${RECORD_NAMES[type]} stands behind other records`, offset);
  if (type === 21) layout.methodCall(r.wire, m);
  else layout.methodReturn(r.wire, m);
  m.end = c.pos;
  keep(r, m);
  for (const group of [0x0f, 0x70, 0x1e00]) {
    const set = m.flags & group;
    if ((set & (set - 1)) !== 0)
      note(
        c,
        r,
        'flags-exclusive',
        `message flags 0x${m.flags.toString(16)} hold several that exclude each other (MS-NRBF 2.2.1.1)`,
        offset + 1,
      );
  }
  if (c.isRecording) c.tell(`${RECORD_NAMES[type]}${m.method === null ? '' : ` ${m.method.value}`}`);
  r.stream.message ??= m;
}

/** Flags that say that a call array follows. */
const IN_ARRAY =
  MessageFlag.ArgsIsArray |
  MessageFlag.ArgsInArray |
  MessageFlag.ContextInArray |
  MessageFlag.MethodSignatureInArray |
  MessageFlag.PropertiesInArray |
  MessageFlag.ReturnValueInArray |
  MessageFlag.ExceptionInArray |
  MessageFlag.GenericMethod;

/** All has been read: do references and ids lead somewhere? */
function link(c: Cursor, r: Reader): void {
  const { stream } = r;
  const { header, byId, message: m } = stream;
  if (!stream.ended) return;
  for (const reference of r.forward)
    if (lookUp(byId, reference.id) === undefined)
      note(
        c,
        r,
        'dangling-reference',
        `reference to object ${reference.id}, which is not in the stream`,
        reference.offset,
      );
  for (const use of r.libraryUses)
    if (!stream.libraries.has(use.id))
      note(c, r, 'unknown-library', `${use.what} is of library ${use.id}, which is not in the stream`, use.offset);
  const wantsArray = m === null || (m.flags & IN_ARRAY) !== 0;
  if (!wantsArray) return;
  stream.root = lookUp(byId, header.rootId) ?? null;
  if (m !== null) {
    if (!isRecord(stream.root) || stream.root.type < 7) stream.root = stream.top.find((x) => x.type === 16) ?? null;
    if (stream.root === null && r.keep)
      note(c, r, 'missing-call-array', 'the message flags promise a call array, and there is none', m.offset + 1);
  } else if (stream.root === null) {
    stream.root = firstObject(stream);
    note(c, r, 'missing-root', `the header's root id ${header.rootId} names no object`, header.offset + 1);
  }
}

function firstObject(stream: NrbfStream): ValueRecord | null {
  return lookUp(stream.byId, stream.header.rootId) ?? stream.top.find((x) => x.type <= 7 || x.type >= 15) ?? null;
}

/** One line for a record's node. */
function title(_stream: NrbfStream, item: ValueRecord | null, id: number): string {
  if (item === null) return `#${id}`;
  switch (item.type) {
    case 6:
      return `#${id} ${quote(item.text)}`;
    case 7:
    case 15:
    case 16:
    case 17:
      return `#${id} ${RECORD_NAMES[item.type]} ${arrayTypeName(item.element, item.lengths.length)} of ${item.lengths.join(' × ')}`;
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
      return `#${id} ${RECORD_NAMES[item.type]} ${item.cls.name}`;
    default:
      return `#${id} ${RECORD_NAMES[item.type]}`;
  }
}

function quote(text: string): string {
  return text.length > 200 ? `${JSON.stringify(text.slice(0, 200))}… (${text.length})` : JSON.stringify(text);
}

/** The field of the record that comes next: labelled by the member or the element that it is. */
function placeField(r: Reader): Field {
  const open = r.open;
  if (open === null) return F.record;
  if (open.type <= 5) return memberField((open as ObjectRecord).cls, r.next, 0);
  return field(F.record.name, `[${r.next}]`);
}

/** Made once for each member of a class. */
function memberField(cls: ClassInfo, i: number, kind: number): Field {
  cls.fields ??= [];
  const made = cls.fields[i];
  if (made !== undefined) return made;
  const f = kind === 0 ? field(F.record.name, cls.members[i]) : valueField(kind, cls.members[i]);
  cls.fields[i] = f;
  return f;
}
