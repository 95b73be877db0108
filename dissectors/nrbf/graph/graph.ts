/**
 * Looking into the graph: members by name, elements of arrays, primitive arrays as typed arrays.
 */
import {
  type ArrayRecord,
  follow,
  type Item,
  isNulls,
  isRecord,
  type NrbfScalar,
  type NrbfStream,
  type ObjectRecord,
} from '../format/model.js';
import { decodeText } from '../format/text.js';
import { PRIMITIVE_SIZES, Primitive } from '../format/types.js';

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Elements that are expanded where nobody says how many are wanted. */
const MOST = 10_000;

/** Elements of an array one by one, null runs expanded, up to `most` of them. Raw ones have `array.element`'s type. */
export function arrayItems(array: ArrayRecord, most = MOST): Item[] {
  if (array.data !== null) return rawElements(array, most);
  const items: Item[] = [];
  for (const item of array.items) {
    if (items.length >= most) break;
    if (isNulls(item)) {
      for (let i = Math.min(item.count, most - items.length); i > 0; i--) items.push(null);
    } else items.push(item);
  }
  return items;
}

/** The elements of an array that are records or ids of such; none where they are raw, as numbers are no ids. */
export function recordItems(array: ArrayRecord | null, most = MOST): Item[] {
  return array === null || array.data !== null ? [] : arrayItems(array, most);
}

/** Primitive elements, one by one. */
export function rawElements(array: ArrayRecord, most = MOST): NrbfScalar[] {
  const data = array.data as Uint8Array;
  const count = Math.min(array.count, most);
  const { primitive } = array.element;
  const out: NrbfScalar[] = [];
  if (primitive === Primitive.Char) {
    const text = decodeText(data, 0, data.length);
    for (let i = 0; i < count; i++) out.push(text[i] ?? '');
    return out;
  }
  if (primitive === Primitive.Decimal || primitive === Primitive.String) {
    let at = 0;
    for (let i = 0; i < count; i++) {
      let length = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = data[at++];
        length += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
      out.push(decodeText(data, at, length));
      at += length;
    }
    return out;
  }
  if (primitive === Primitive.Boolean) {
    for (let i = 0; i < count; i++) out.push(data[i] !== 0);
    return out;
  }
  const typed = typedElements(array, count);
  for (let i = 0; i < count; i++) out.push(typed[i]);
  return out;
}

/** What `typedElements` gives. */
export type Typed =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

const MAKERS: Readonly<Record<number, new (buffer: ArrayBufferLike, at: number, length: number) => Typed>> = {
  [Primitive.Boolean]: Uint8Array,
  [Primitive.Byte]: Uint8Array,
  [Primitive.SByte]: Int8Array,
  [Primitive.Int16]: Int16Array,
  [Primitive.UInt16]: Uint16Array,
  [Primitive.Int32]: Int32Array,
  [Primitive.UInt32]: Uint32Array,
  [Primitive.Int64]: BigInt64Array,
  [Primitive.UInt64]: BigUint64Array,
  [Primitive.TimeSpan]: BigInt64Array,
  [Primitive.DateTime]: BigUint64Array,
  [Primitive.Single]: Float32Array,
  [Primitive.Double]: Float64Array,
};

/** The elements of an array of fixed-size primitives: the stream's own bytes where they are aligned, else a copy. */
export function typedElements(array: ArrayRecord, count = array.count): Typed {
  const { primitive } = array.element;
  const size = PRIMITIVE_SIZES[primitive];
  const data = (array.data as Uint8Array).subarray(0, count * size);
  const Maker = MAKERS[primitive];
  if (LITTLE && data.byteOffset % size === 0) return new Maker(data.buffer, data.byteOffset, count);
  // Not slice(): a Buffer gives a view of the same memory.
  const copy = new Uint8Array(data);
  if (!LITTLE) for (let at = 0; at < copy.length; at += size) copy.subarray(at, at + size).reverse();
  return new Maker(copy.buffer, 0, count);
}

/** A member of an object, references followed; undefined where it has none of that name. */
export function member(stream: NrbfStream, object: ObjectRecord, name: string): Item | undefined {
  const i = object.cls.members.indexOf(name);
  if (i < 0) return undefined;
  const item = object.values[i] ?? null;
  return object.cls.kinds[i] === 0 || isRecord(item) ? follow(stream, item) : item;
}

/** Names of an object's members, or indexes of an array's elements, whose objects are not in the stream. */
export function lost(stream: NrbfStream, record: ObjectRecord | ArrayRecord | null): string[] {
  if (record === null) return [];
  const names: string[] = [];
  const { kinds, members } = asObject(record)?.cls ?? { kinds: null, members: null };
  const items = kinds === null ? (record as ArrayRecord).items : (record as ObjectRecord).values;
  for (let i = 0; i < items.length && names.length < 100; i++) {
    const item = items[i];
    if (kinds !== null && kinds[i] !== 0 && !isRecord(item)) continue;
    const found = follow(stream, item);
    if (isRecord(found) && found.type === 9) names.push(members === null ? `[${i}]` : members[i]);
  }
  return names;
}

/** A member that holds text; null elsewhere. */
export function textMember(stream: NrbfStream, object: ObjectRecord, name: string): string | null {
  const item = member(stream, object, name);
  if (typeof item === 'string') return item;
  return isRecord(item ?? null) ? recordText(item as Item) : null;
}

/** The text of a string record; null for anything else. */
export function recordText(item: Item): string | null {
  return isRecord(item) && item.type === 6 ? item.text : null;
}

/** A member that holds a number, raw or boxed; null elsewhere. */
export function numberMember(stream: NrbfStream, object: ObjectRecord, name: string): number | null {
  const item = member(stream, object, name);
  if (typeof item === 'number') return item;
  if (item !== undefined && isRecord(item) && item.type === 8 && typeof item.value === 'number') return item.value;
  return null;
}

/** A member that holds an object. */
export function objectMember(stream: NrbfStream, object: ObjectRecord, name: string): ObjectRecord | null {
  return asObject(member(stream, object, name) ?? null);
}

/** A member that holds an array. */
export function arrayMember(stream: NrbfStream, object: ObjectRecord, name: string): ArrayRecord | null {
  return asArray(member(stream, object, name) ?? null);
}

export function asObject(item: Item): ObjectRecord | null {
  return isRecord(item) && item.type <= 5 ? (item as ObjectRecord) : null;
}

export function asArray(item: Item): ArrayRecord | null {
  return isRecord(item) && (item.type === 7 || (item.type >= 15 && item.type <= 17)) ? (item as ArrayRecord) : null;
}

/** The texts in an array, up to `most`; what is no text is left out. */
export function arrayTexts(stream: NrbfStream, array: ArrayRecord | null, most = 1000): string[] {
  const texts: string[] = [];
  for (const item of recordItems(array, most)) {
    const text = recordText(follow(stream, item));
    if (text !== null) texts.push(text);
  }
  return texts;
}
