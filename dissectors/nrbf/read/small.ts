/**
 * Records that hold no others, and of which there are most: references, nulls and strings.
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { F } from '../format/fields.js';
import { type ArrayRecord, idAt, type NullsRecord, type StringRecord } from '../format/model.js';
import * as layout from '../format/records.js';
import { RecordType } from '../format/types.js';
import { shownText } from './draw.js';
import { COST, keep, put, type Reader, register } from './reader.js';

/** ObjectNulls in a row that are kept as one run. */
const LONG_RUN = 8;

/**
 * A BinaryObjectString (2.5.7).
 * @param made whether its record is made at once
 * @returns its id, or the record, which it is too where the id stands for another one
 */
export function nextString(c: Cursor, r: Reader, made: boolean): number | StringRecord {
  const offset = c.pos;
  const { head } = r;
  r.wire.check = !made;
  r.wire.u8(F.recordType, 6);
  layout.objectString(r.wire, head);
  r.kept += COST.record + c.pos - offset;
  const { id, text } = head;
  if (c.isRecording) c.tell(`#${id} ${shownText(text)}`, text);
  const string: StringRecord | null = made ? { type: 6, offset, end: c.pos, id, text } : null;
  if (register(r, id, string ?? offset, offset) && string === null) {
    if (r.keep) r.stream.records.push(offset);
    return id;
  }
  const record = string ?? (r.objects.make(offset) as StringRecord);
  keep(r, record);
  return record;
}

/** A MemberReference (2.5.3). Returns what it refers to. */
export function nextReference(c: Cursor, r: Reader): number {
  const offset = c.pos;
  r.wire.u8(F.recordType, 9);
  const id = layout.reference(r.wire, 0);
  r.kept += COST.number;
  if (r.keep) r.stream.records.push(offset);
  else if (!r.objects.has(id)) r.references.push(offset);
  if (c.isRecording && c.here !== null) r.refNodes.push([c.here, id]);
  return id;
}

/** An ObjectNull (2.5.4). */
export function nextNull(c: Cursor, r: Reader): void {
  r.kept += COST.number;
  if (r.keep) r.stream.records.push(c.pos);
  r.wire.u8(F.recordType, 10);
  if (c.isRecording) c.tell('null');
}

/** MemberReferences as elements of an array. False where they are few. */
export function referencesInARow(c: Cursor, r: Reader): boolean {
  if (!r.keep || c.peek(5) !== RecordType.MemberReference) return false;
  const array = r.open as ArrayRecord;
  const { bytes } = c;
  const { records } = r.stream;
  const last = Math.min(c.end - 5, c.pos + 5 * (array.count - r.next - 1));
  let at = c.pos;
  for (; at <= last && bytes[at] === RecordType.MemberReference && r.kept <= r.maxKept; at += 5) {
    r.kept += COST.number;
    records.push(at);
    array.items[array.filled++] = idAt(bytes, at);
    r.next++;
  }
  c.pos = at;
  return true;
}

/** ObjectNulls as elements of an array, a byte each: many in a row are kept as one run. False where they are few. */
export function nullsInARow(c: Cursor, r: Reader): boolean {
  if (c.peek(LONG_RUN - 1) !== RecordType.ObjectNull) return false;
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
