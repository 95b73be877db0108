/**
 * Arrays (MS-NRBF 2.4) and null runs (2.5.5, 2.5.6): primitives are taken as one piece, whatever their number.
 */

import type { Cursor } from '../../../src/core/cursor.js';
import { limitMessage } from '../../../src/core/limits.js';
import { F } from '../format/fields.js';
import { type ArrayRecord, NOTHING, type NullsRecord } from '../format/model.js';
import * as layout from '../format/records.js';
import { charsEnd, dateText, decimalFault, TICKS_END } from '../format/text.js';
import { BinaryType, PLAIN_TYPES, PRIMITIVE_SIZES, Primitive } from '../format/types.js';
import { ReadWire } from '../format/wire.js';
import { title } from './draw.js';
import { descend, keep, note, put, type Reader, register, room, useLibrary } from './reader.js';

const MOST_INDEX = 0x7fffffff;

export function nullRun(c: Cursor, r: Reader, run: NullsRecord): void {
  layout.nulls(r.wire, run);
  run.end = c.pos;
  const left = (r.open as ArrayRecord).count - r.next;
  if (run.count > left) c.fail(`a run of ${run.count} nulls where the array has ${left} elements left`);
  if (run.count === 0) note(r, 'null-run-empty', 'a run of no nulls', run.offset);
  keep(r, run);
  if (c.isRecording) c.tell(`null × ${run.count}`);
  put(r, run, run.count);
}

/** Records 7 and 15 to 17: the head, then primitives as they lie, or a descent into the elements. */
export function array(c: Cursor, r: Reader, type: 7 | 15 | 16 | 17, offset: number): void {
  const element = PLAIN_TYPES[type === 17 ? BinaryType.String : BinaryType.Object];
  const a: ArrayRecord = {
    type,
    offset,
    end: 0,
    id: 0,
    arrayType: 0,
    lengths: [0],
    lowerBounds: null,
    element,
    count: 0,
    data: null,
    items: NOTHING,
    filled: 0,
  };
  if (type === 7) layout.binaryArray(r.wire, a);
  else layout.singleArray(r.wire, a);
  let count = 1;
  for (const length of a.lengths) count *= length;
  if (count > MOST_INDEX) c.fail(`an array of ${a.lengths.join(' × ')} = ${count} elements`);
  a.count = count;
  for (const [i, low] of (a.lowerBounds ?? []).entries())
    if (low + a.lengths[i] - 1 > MOST_INDEX)
      note(
        r,
        'index-out-of-range',
        `an array of ${a.lengths[i]} elements from ${low} on: an index has 31 bits`,
        offset,
      );
  r.elements += count;
  if (r.elements > r.maxElements) c.limit(limitMessage('nrbfElements', r.stream.limits));
  if (a.element.binary === BinaryType.Class) useLibrary(r, a.element.libraryId, offset, a.element.className);
  if (r.keep && a.element.binary !== BinaryType.Primitive && count > 0) a.items = room(count);
  keep(r, a);
  register(r, a.id, a, offset);
  put(r, a);
  if (c.isRecording) c.tell(title(a, a.id));
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
  const look = new ReadWire(c.fork(), r.stream.limits, false, r.wire.noteAt);
  for (let i = 0; i < count; i++) {
    const at = look.c.pos;
    if (look.c.left < 1) c.fail(`the stream ends after ${i} of ${count} elements`);
    const text = look.text(F.text);
    const fault = primitive === Primitive.Decimal ? decimalFault(text) : null;
    if (fault !== null) note(r, ...fault, at);
  }
  return r.wire.raw(F.elements, look.c.pos - c.pos);
}

function checkBooleans(c: Cursor, r: Reader, data: Uint8Array): void {
  for (let i = 0; i < data.length; i++)
    if (data[i] > 1) {
      note(r, 'boolean-not-0-or-1', `a Boolean of ${data[i]}: .NET takes it as true`, c.pos - data.length + i);
      return;
    }
}

function checkDates(c: Cursor, r: Reader, data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < data.length; i += 8) {
    const raw = view.getBigUint64(i, true);
    if ((raw & 0x3fffffffffffffffn) < TICKS_END) continue;
    note(r, 'datetime-out-of-range', `a DateTime of ${dateText(raw)}`, c.pos - data.length + i);
    return;
  }
}
