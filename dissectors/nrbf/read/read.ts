/**
 * Reads one stream (MS-NRBF 2.7): a loop with its own stack and a table of which record may stand where. Depth
 * costs memory and never stack; memory follows the bytes that are there, not the counts that they claim.
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { IdMap } from '../../../src/core/id-map.js';
import type { Node, Note } from '../../../src/core/node.js';
import { F } from '../format/fields.js';
import { type ArrayRecord, type ClassInfo, NO_CLASS, type NrbfStream, type ObjectRecord } from '../format/model.js';
import { ObjectOffsets } from '../format/object-table.js';
import * as layout from '../format/records.js';
import { ReadWire } from '../format/wire.js';
import { placeField, title } from './draw.js';
import { DAMAGE, firstObject, link } from './link.js';
import { beginObject, rawMembers } from './object.js';
import {
  ALLOWED,
  ELEMENT,
  LENIENT,
  MEMBER,
  NOTES_PER_CODE,
  type NrbfOptions,
  note,
  type Reader,
  TOP,
} from './reader.js';
import { record } from './record.js';

/** So many records are drawn; what follows is one leaf. A tree of millions of nodes serves nobody. */
const DRAWN_RECORDS = 20_000;

const HEADER_LENGTH = 17;

/** Whether bytes begin as a stream does: MS-NRBF 2.6.1, version 1.0, whatever the ids are. */
export function startsAsNrbf(bytes: Uint8Array, at = 0): boolean {
  if (bytes.length - at <= HEADER_LENGTH || bytes[at] !== 0) return false;
  if (bytes[at + 9] !== 1 || bytes[at + 10] !== 0 || bytes[at + 11] !== 0 || bytes[at + 12] !== 0) return false;
  if (bytes[at + 13] !== 0 || bytes[at + 14] !== 0 || bytes[at + 15] !== 0 || bytes[at + 16] !== 0) return false;
  return (ALLOWED[bytes[at + HEADER_LENGTH]] & (TOP | (TOP << LENIENT))) !== 0;
}

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
  const { limits } = c.recording;
  const classes = new IdMap<ClassInfo>();
  const objects = new ObjectOffsets(c.source, classes, limits);
  const stream: NrbfStream = {
    source: c.source,
    start,
    length: 0,
    header: { type: 0, offset: start, end: start, rootId: 0, headerId: 0, majorVersion: 0, minorVersion: 0 },
    records: [],
    recordCount: 0,
    byId: objects,
    libraries: new IdMap(),
    message: null,
    root: null,
    complete: false,
    ended: false,
    made: [],
    warnings,
    limits,
  };
  const noted = new Map<string, number>();
  const reader: Reader = {
    stream,
    objects,
    home: c,
    wire: new ReadWire(c, limits, true, (code, message, at) => note(reader, code, message, at)),
    options,
    maxDepth: limits.nrbfDepth,
    keep: options.validate !== true,
    open: null,
    next: 0,
    place: TOP,
    outer: [],
    outerNext: [],
    nodes: [],
    classes,
    twice: new IdMap(),
    classesByName: new Map(),
    lastClass: NO_CLASS,
    head: { id: 0, cls: NO_CLASS, text: '' },
    passing: -1,
    passingRecord: -1,
    references: [],
    first: null,
    callArray: null,
    refNodes: [],
    libraryUses: [],
    elements: 0,
    maxElements: limits.nrbfElements,
    kept: 0,
    maxKept: limits.nrbfKept,
    inRuns: 0,
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

/** Reads what has room for one stream. Bytes behind it belong to nobody, but those of another stream are told. */
export function readOneNrbf(c: Cursor): NrbfStream {
  const stream = readNrbf(c);
  if (startsAsNrbf(c.bytes, c.pos))
    c.note('stream-behind', `another stream begins behind this one: its ${c.bytes.length - c.pos} bytes are not read`);
  return stream;
}

/** The stream in a frame of its own; then what can be said only when all of it has been seen. */
function readStream(c: Cursor, r: Reader): void {
  const { stream } = r;
  if (c.isRecording && c.here !== null) r.nodes.push(c.here);
  const read = c.frame(null, c.claimed - c.pos, readFramed, r);
  c.pos = r.stoppedAt;
  if (r.passing >= 0) beginObject(r).end = c.pos;
  // The object whose raw members were cut off was not entered yet.
  const last = stream.records.at(-1);
  if (typeof last === 'object' && last.end === 0 && last.type !== 0) {
    last.end = c.pos;
    if (last.type <= 5) trim(last as ObjectRecord);
  }
  for (let open = r.open; open !== null; open = r.outer.pop() ?? null) {
    open.end = c.pos;
    trim(open);
  }
  for (const node of r.nodes) node.end = Math.max(node.end, c.pos);
  stream.length = c.pos - stream.start;
  stream.recordCount = stream.records.length + r.inRuns;
  if (read === true) link(r);
  else rootOfCut(r);
  for (const [node, id] of r.refNodes) node.display = `→ ${title(stream.byId.get(id) ?? null, id)}`;
}

/** The root of a stream that was cut off: what its header names may have stood behind. */
function rootOfCut(r: Reader): void {
  const { stream } = r;
  const { rootId } = stream.header;
  stream.root = firstObject(r);
  if (stream.root === null || stream.message !== null || stream.byId.has(rootId)) return;
  const message = `root ${rootId} is not in what was read: the first object is shown in its place`;
  note(r, 'missing-root', message, stream.header.offset + 1);
}

function readFramed(c: Cursor, r: Reader): boolean {
  try {
    if (c.peek() > 0) c.fail(`record type ${c.peek()} where a stream begins with its header, 0`);
    r.wire.group(F.record, readHeader, r);
    if (c.isRecording) drawn(c, r);
    else while (!r.stream.ended && !r.halted) step(c, r);
    return r.stream.ended;
  } finally {
    r.stoppedAt = Math.max(r.stoppedAt, c.pos);
  }
}

/** The loop while recording: after so many records the rest is read, but is one leaf in the tree. */
function drawn(c: Cursor, r: Reader): void {
  const { stream } = r;
  while (!stream.ended && !r.halted && stream.records.length < DRAWN_RECORDS) step(c, r);
  if (stream.ended || r.halted) return;
  const rest = c.fork();
  r.wire = r.wire.over(rest);
  try {
    while (!stream.ended && !r.halted) step(rest, r);
  } finally {
    r.stoppedAt = rest.pos;
    const length = rest.pos - c.pos;
    c.below(
      r.nodes[r.nodes.length - 1],
      () => c.raw(F.more, length, () => `${stream.records.length + r.inRuns - DRAWN_RECORDS} more records`),
      null,
    );
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

/** Of an object or array that was cut off, only what was read stays: what is missing is not null. */
function trim(open: ObjectRecord | ArrayRecord): void {
  if (open.type > 5) {
    shrink(open as ArrayRecord);
    return;
  }
  const { values } = open as ObjectRecord;
  // there may be holes, which indexOf does not see
  let end = 0;
  while (end < values.length && values[end] !== undefined) end++;
  values.length = end;
}

/** Gives back the room that null runs did not need. */
function shrink(array: ArrayRecord): void {
  if (array.items.length > array.filled) array.items.length = array.filled;
}

function close(c: Cursor, r: Reader, open: ObjectRecord | ArrayRecord): void {
  open.end = c.pos;
  if (open.type > 5) shrink(open as ArrayRecord);
  r.open = r.outer.pop() as ObjectRecord | ArrayRecord | null;
  r.next = r.outerNext.pop() as number;
  if (c.isRecording) {
    const node = r.nodes.pop() as Node;
    node.end = Math.max(node.end, c.pos);
  }
}
