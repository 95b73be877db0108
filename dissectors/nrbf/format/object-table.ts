/**
 * The objects of a stream by id. Reading goes over objects and strings, checks them, and leaves their offsets here;
 * the record of one is made when somebody asks for it. Most of a long stream nobody asks for.
 */
import { Cursor } from '../../../src/core/cursor.js';
import { IdMap } from '../../../src/core/id-map.js';
import type { Limits } from '../../../src/core/limits.js';
import { Recording } from '../../../src/core/recording.js';
import type { DataSource } from '../../../src/core/source.js';
import { VALUE_FIELDS } from './fields.js';
import {
  type ClassInfo,
  type Item,
  idAt,
  NO_CLASS,
  NOTHING,
  type ObjectRecord,
  type Objects,
  type StringRecord,
  type ValueRecord,
} from './model.js';
import * as layout from './records.js';
import { RecordType } from './types.js';
import { ReadWire } from './wire.js';

export class ObjectOffsets implements Objects {
  private readonly entries = new IdMap<ValueRecord | number>();
  private wire: ReadWire | null = null;

  /** @param classes those that objects refer to, as they are found */
  constructor(
    private readonly source: DataSource,
    private readonly classes: IdMap<ClassInfo>,
    private readonly limits: Limits,
  ) {}

  has(id: number): boolean {
    return this.entries.has(id);
  }

  get(id: number): ValueRecord | undefined {
    const entry = this.entries.get(id);
    if (typeof entry !== 'number') return entry;
    const record = this.make(entry);
    this.entries.replace(id, record);
    return record;
  }

  /** Sets what an id stands for: a record, or the offset of a string, or of a ClassWithId that `make` can make. */
  add(id: number, entry: ValueRecord | number): boolean {
    return this.entries.add(id, entry);
  }

  /** The string at an offset, or the ClassWithId: its first `most` members, which are raw, or strings that are entries here, or references, or null. */
  make(offset: number, most = Number.POSITIVE_INFINITY): ValueRecord {
    const w = this.wireAt(offset + 1);
    const { c } = w;
    if (c.bytes[offset] === RecordType.BinaryObjectString) {
      const string: StringRecord = { type: 6, offset, end: 0, id: 0, text: '' };
      layout.objectString(w, string);
      string.end = c.pos;
      return string;
    }
    const object: ObjectRecord = { type: 1, offset, end: 0, id: 0, cls: NO_CLASS, values: NOTHING };
    object.cls = this.classes.get(layout.classWithId(w, object)) ?? NO_CLASS;
    const { kinds } = object.cls;
    const count = Math.min(most, kinds.length);
    const values = new Array<Item>(count);
    for (let i = 0; i < count; i++)
      values[i] = kinds[i] === 0 ? this.record(w, c.pos) : layout.value(w, kinds[i], VALUE_FIELDS[kinds[i]], 0);
    object.values = values;
    object.end = c.pos;
    return object;
  }

  /** The same for good, and the record of its id from now on. */
  begin(offset: number, most: number): ObjectRecord {
    const object = this.make(offset, most) as ObjectRecord;
    this.entries.replace(object.id, object);
    return object;
  }

  /** What stands for a member: the string itself, an id that is referred to, or null. */
  private record(w: ReadWire, offset: number): Item {
    const { c } = w;
    const type = c.bytes[offset];
    if (type === RecordType.ObjectNull) {
      c.pos = offset + 1;
      return null;
    }
    const id = idAt(c.bytes, offset);
    if (type === RecordType.MemberReference) {
      c.pos = offset + 5;
      return id;
    }
    const string = this.get(id) as ValueRecord;
    c.pos = string.end;
    return string;
  }

  private wireAt(offset: number): ReadWire {
    if (this.wire === null) {
      const c = new Cursor(this.source, new Recording(false, this.limits));
      this.wire = new ReadWire(c, this.limits, false, () => {});
    }
    this.wire.c.pos = offset;
    return this.wire;
  }
}
