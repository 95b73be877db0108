/**
 * VALUEs: the graph as a program would see it. Made without recursion; what is nested deeper than 200 levels stands
 * in `objects`.
 */
import { ownMember } from '../../../src/core/own-member.js';
import {
  ABSENT,
  type ArrayRecord,
  type ClassInfo,
  follow,
  type Item,
  isNulls,
  isRecord,
  type NrbfScalar,
  type NrbfStream,
  type ObjectRecord,
} from '../format/model.js';
import { isKnownStruct } from '../format/system-types.js';
import { dateParts } from '../format/text.js';
import { arrayTypeName, BinaryType, PRIMITIVE_TYPES, Primitive } from '../format/types.js';
import { explain } from '../read/explain.js';
import { rawElements } from './graph.js';

/** The contract's VALUE. */
export interface ValueObject {
  id?: number | undefined;
  ref?: number;
  type?: string;
  value?: string | number | boolean | null;
  ticks?: string;
  kind?: number;
  /** Of a local DateTime in the hour that comes twice: true where it is the first of the two. */
  daylight?: true;
  /** Of an object's class, or of an array's element type where that is a class; null for the system library. */
  assembly?: string | null;
  /** The library's id where the stream does not say which one that is: `assembly` is null then. */
  libraryId?: number;
  /**
   * Whether the object's record stands in the place of the value itself, as .NET writes value types, or a reference
   * does. Says true, and false where one would think otherwise: for enums and known structs.
   */
  inline?: boolean;
  members?: Record<string, JsonValue>;
  /**
   * Of a class with several members of one name (a public field that hides that of a base class): what those are
   * called that stand under another name in `members`.
   */
  memberNames?: Record<string, string>;
  rank?: number;
  lengths?: number[];
  lowerBounds?: number[];
  elements?: JsonValue[];
  /** Where something was left out: how long the whole is. */
  shortened?: { length: number };
  /** True where the whole document became too long to show this. */
  omitted?: true;
  /** What the object means, for people. */
  readable?: unknown;
}
export type JsonValue = ValueObject | null;

/** Where the order of `members` is kept when it is not the order of the object's keys. */
export const MEMBER_ORDER = Symbol('member order');

/** A name for each member: a second `a` is `a (2)`. The very list where no name stands twice. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  if (taken.size === names.length) return names;
  const seen = new Map<string, number>();
  return names.map((name) => {
    let n = (seen.get(name) ?? 0) + 1;
    let other = name;
    for (; n > 1 && taken.has(other); n++) other = `${name} (${n})`;
    seen.set(name, other === name ? n : n - 1);
    taken.add(other);
    return other;
  });
}

const isIndex = (name: string): boolean => /^\d{1,10}$/.test(name);

/** Levels of VALUEs inside one VALUE. */
const DEPTH = 200;
/** Shortened without `full`. */
const SHORT_ELEMENTS = 300;
const SHORT_TEXT = 2000;
const SHORT_OBJECTS = 1000;

/** An object or array that is being shown, and how far that is. */
interface Frame {
  record: ObjectRecord | ArrayRecord;
  next: number;
  depth: number;
  members: Record<string, JsonValue> | null;
  elements: JsonValue[] | null;
}

/** Bytes, signed bytes and booleans come in so few kinds that each VALUE is made once. */
const SMALL: Map<number, JsonValue[]> = new Map();

/** Characters of JSON: what the wire says once (a class's name, a shared string, a run of nulls) is shown at each sight. */
export function jsonBudget({ limits: { output }, length }: NrbfStream, full: boolean): number {
  return full ? output + 100 * length : output / 16;
}

/** Makes VALUEs; remembers what it has shown, so that a second sight is a ref. */
export class Values {
  private readonly seen = new Map<ObjectRecord | ArrayRecord, ValueObject>();
  private readonly frames: Frame[] = [];
  private readonly keys = new Map<ClassInfo, readonly string[]>();
  private readonly deep: (ObjectRecord | ArrayRecord)[] = [];
  private ids = 0;
  private budget: number;
  overflow = false;

  constructor(
    private readonly stream: NrbfStream,
    private readonly full: boolean,
  ) {
    this.budget = jsonBudget(stream, full);
  }

  /** The VALUE of an item that something holds; `primitive` is its type where it is raw. */
  of(item: Item, primitive = 0): JsonValue {
    const value = this.place(item, primitive, 1);
    this.run();
    return value;
  }

  /** The VALUE of what stands at the top of the stream. */
  top(item: Item): JsonValue {
    const value = this.of(item);
    if (value !== null) delete value.inline;
    return value;
  }

  /** The objects that were too deep where they stood. */
  rest(): JsonValue[] {
    const objects: JsonValue[] = [];
    for (let i = 0; i < this.deep.length; i++) {
      if (!this.full && i >= SHORT_OBJECTS) break;
      const record = this.deep[i];
      objects.push(this.seen.get(record) as ValueObject);
      this.fill(record, 1);
      this.run();
    }
    return objects;
  }

  /** How many of those `rest` left out. */
  get left(): number {
    return this.full ? 0 : Math.max(0, this.deep.length - SHORT_OBJECTS);
  }

  private run(): void {
    for (let frame = this.frames.at(-1); frame !== undefined; frame = this.frames.at(-1)) this.continue(frame);
  }

  /** Goes on in an object or array until something in it must be shown first. */
  private continue(frame: Frame): void {
    const { record, members, elements, depth } = frame;
    const level = this.frames.length;
    if (members !== null) {
      const { cls, values } = record as ObjectRecord;
      const keys = this.keysOf(cls);
      while (frame.next < values.length) {
        const i = frame.next++;
        const kind = cls.kinds[i];
        ownMember(members, keys[i]);
        members[keys[i]] = this.place(values[i] ?? null, kind < 0 ? -kind : kind, depth + 1);
        if (this.frames.length > level) return;
      }
    } else if (elements !== null) {
      const { items } = record as ArrayRecord;
      const most = this.full ? Number.POSITIVE_INFINITY : SHORT_ELEMENTS;
      while (frame.next < items.length && elements.length < most) {
        const item = items[frame.next++];
        if (isNulls(item)) {
          for (let n = Math.min(item.count, most - elements.length); n > 0 && this.spend(5); n--) elements.push(null);
          continue;
        }
        elements.push(this.place(item, 0, depth + 1));
        if (this.frames.length > level) return;
      }
      const { count } = record as ArrayRecord;
      if (elements.length < count && (elements.length >= most || this.overflow))
        (this.seen.get(record) as ValueObject).shortened = { length: count };
    }
    this.frames.pop();
  }

  private spend(chars: number): boolean {
    this.budget -= chars;
    if (this.budget < 0) this.overflow = true;
    return !this.overflow;
  }

  private place(given: Item, primitive: number, depth: number): JsonValue {
    const item = primitive === 0 ? follow(this.stream, given) : given;
    if (item === null) return null;
    if (this.overflow) return { omitted: true };
    if (!isRecord(item)) return this.scalar(primitive, item);
    switch (item.type) {
      case 6:
        return this.text('System.String', item.text);
      case 8:
        return item.primitive === Primitive.Null ? null : this.scalar(item.primitive, item.value);
      case 9:
        return {
          omitted: true,
          readable: item === ABSENT ? 'the call array has no such element' : `object ${item.id} is not in the stream`,
        };
      case 10:
      case 13:
      case 14:
        return null;
      case 18:
      case 19:
      case 20:
        return { type: 'System.String', value: null, readable: `string ${item.index} of the process that wrote it` };
      default:
        return this.container(item as ObjectRecord | ArrayRecord, depth, item === given);
    }
  }

  private text(type: string, text: string): JsonValue {
    this.spend(text.length + 40);
    if (this.full || text.length <= SHORT_TEXT) return { type, value: text };
    return { type, value: text.slice(0, SHORT_TEXT), shortened: { length: text.length } };
  }

  private scalar(primitive: number, value: NrbfScalar): JsonValue {
    if (primitive === Primitive.String || primitive === Primitive.Decimal)
      return this.text(PRIMITIVE_TYPES[primitive], String(value));
    this.spend(40);
    return scalarValue(primitive, value);
  }

  /** @param inline whether the record itself stands there, not a reference to it */
  private container(record: ObjectRecord | ArrayRecord, depth: number, inline: boolean): JsonValue {
    const within = inline && record.type <= 5;
    const shown = this.seen.get(record);
    if (shown !== undefined) {
      shown.id ??= ++this.ids;
      this.spend(12);
      return within ? { ref: shown.id, inline: true } : { ref: shown.id };
    }
    const value = this.shell(record);
    this.seen.set(record, value);
    if (depth > DEPTH) {
      value.id = ++this.ids;
      this.deep.push(record);
      return within ? { ref: value.id, inline: true } : { ref: value.id };
    }
    if (within) value.inline = true;
    else if (record.type <= 5 && isKnownStruct(value.type ?? '', (record as ObjectRecord).cls.members))
      value.inline = false;
    this.fill(record, depth);
    return value;
  }

  /** The name of a library; null for the system library, and with `value` marked where the stream does not have it. */
  private assembly(value: ValueObject, libraryId: number): void {
    const library = libraryId === 0 ? undefined : this.stream.libraries.get(libraryId);
    value.assembly = library?.name ?? null;
    if (libraryId !== 0 && library === undefined) value.libraryId = libraryId;
    this.spend((value.assembly?.length ?? 4) + 12);
  }

  private keysOf(cls: ClassInfo): readonly string[] {
    let keys = this.keys.get(cls);
    if (keys === undefined) {
      keys = distinct(cls.members);
      this.keys.set(cls, keys);
    }
    return keys;
  }

  /** The VALUE of an object or array with nothing in it yet. */
  private shell(record: ObjectRecord | ArrayRecord): ValueObject {
    if (record.type <= 5) {
      const { cls } = record as ObjectRecord;
      this.spend(cls.name.length + 48 + 10 * cls.members.length);
      const readable = explain(this.stream, record as ObjectRecord);
      const value: ValueObject = { id: undefined, type: cls.name, assembly: null };
      this.assembly(value, cls.libraryId);
      if (readable !== undefined) value.readable = readable;
      value.members = {};
      const keys = this.keysOf(cls);
      // JavaScript puts names that look like array indexes first; a printer that wants the stream's order looks here.
      if (keys.some(isIndex)) Object.defineProperty(value.members, MEMBER_ORDER, { value: keys });
      if (keys !== cls.members) {
        value.memberNames = {};
        for (let i = 0; i < keys.length; i++)
          if (keys[i] !== cls.members[i]) {
            value.memberNames[keys[i]] = cls.members[i];
            this.spend(2 * cls.members[i].length + 12);
          }
      }
      return value;
    }
    const a = record as ArrayRecord;
    const type = arrayTypeName(a.element, a.lengths.length);
    this.spend(type.length + 60);
    const value: ValueObject = { id: undefined, type };
    const { binary, libraryId } = a.element;
    if (binary === BinaryType.Class || binary === BinaryType.SystemClass) this.assembly(value, libraryId);
    value.rank = a.lengths.length;
    value.lengths = a.lengths;
    if (a.lowerBounds?.some((bound) => bound !== 0)) value.lowerBounds = a.lowerBounds;
    value.elements = [];
    return value;
  }

  private fill(record: ObjectRecord | ArrayRecord, depth: number): void {
    const value = this.seen.get(record) as ValueObject;
    if (record.type <= 5) {
      const names = (record as ObjectRecord).cls.members;
      for (const name of names) this.spend(name.length + 5);
      this.frames.push({ record, next: 0, depth, members: value.members as Record<string, JsonValue>, elements: null });
      return;
    }
    const a = record as ArrayRecord;
    if (a.data === null) {
      this.frames.push({ record, next: 0, depth, members: null, elements: value.elements as JsonValue[] });
      return;
    }
    const most = this.full ? a.count : Math.min(a.count, SHORT_ELEMENTS);
    value.elements = this.spend(most * 40) ? elementValues(a, most) : [];
    if (value.elements.length < a.count) value.shortened = { length: a.count };
  }
}

/** VALUEs of a primitive array's first elements. */
function elementValues(a: ArrayRecord, most: number): JsonValue[] {
  const { primitive } = a.element;
  if (primitive === Primitive.Byte || primitive === Primitive.Boolean) {
    const table = smallValues(primitive);
    const data = a.data as Uint8Array;
    const out = new Array<JsonValue>(most);
    for (let i = 0; i < most; i++) out[i] = table[data[i]];
    return out;
  }
  return rawElements(a, most).map((v) => scalarValue(primitive, v));
}

function smallValues(primitive: number): JsonValue[] {
  let table = SMALL.get(primitive);
  if (table === undefined) {
    table = Array.from({ length: 256 }, (_, i) =>
      scalarValue(primitive, primitive === Primitive.Boolean ? i !== 0 : i),
    );
    SMALL.set(primitive, table);
  }
  return table;
}

/** The VALUE of a raw value. */
function scalarValue(primitive: number, value: NrbfScalar): JsonValue {
  const type = PRIMITIVE_TYPES[primitive] || 'System.Object';
  switch (primitive) {
    case Primitive.DateTime: {
      const { ticks, kind, daylight } = dateParts(value as bigint);
      return { type, ticks: ticks.toString(), kind, ...(daylight ? { daylight } : {}) };
    }
    case Primitive.TimeSpan:
      return { type, ticks: (value as bigint).toString() };
    case Primitive.Double:
    case Primitive.Single:
      return { type, value: floatJson(value as number | string) };
    default:
      return { type, value: typeof value === 'bigint' ? value.toString() : value };
  }
}

/** A number as JSON has it; NaN with any payload and infinities as text. */
function floatJson(value: number | string): number | string {
  if (typeof value === 'string') return 'NaN';
  return Number.isFinite(value) ? value : String(value);
}
