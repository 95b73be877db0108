/**
 * JSON of documents as values of NDR tables. A value that its type cannot hold is refused with its path: nothing
 * wraps, is rounded, or becomes null.
 */

import type { CcwPtr } from '../../../dissectors/dcom/ccw-ptr.js';
import type { Extension } from '../../../dissectors/dcom/this-that.js';
import { DECIMAL_TEXT, decimalParts } from '../../../dissectors/dcom/variant.js';
import { agreementsOf } from '../../../dissectors/ndr/agree.js';
import { KIND } from '../../../dissectors/ndr/kinds.js';
import { pointee } from '../../../dissectors/ndr/pointee.js';
import { exactNumber, rangeText } from '../../../dissectors/ndr/range.js';
import type {
  ArrayType,
  CustomType,
  Member,
  NdrType,
  NdrValue,
  NumberKind,
  StringType,
} from '../../../dissectors/ndr/types.js';
import { wellFormed } from '../../../dissectors/nrbf/format/text.js';
import { utf8Bytes } from '../../core/bytes.js';
import { bstrFromJson } from '../bstr.js';
import {
  arrayAt,
  beyond,
  bytesAt,
  EncodeError,
  found,
  type Json,
  type JsonObject,
  meant,
  objectAt,
  textAt,
  under,
} from '../error.js';
import { dualStringFrom, objrefFromJson } from '../objref.js';
import { safeArrayFromJson } from '../safearray.js';
import { variantFromJson } from '../variant.js';
import { checked, isUuid } from './schema.js';
import { BINDINGS_MEMBERS, BYTES_MEMBERS, CCW_MEMBERS, EXTENSION_MEMBERS, UNION_MEMBERS } from './shapes.js';

/** JSON as a value; `path` is for messages, `ndr64` for numbers that are wider there. */
export function valueFromDocument(type: NdrType, json: Json | undefined, path: string, ndr64 = false): NdrValue {
  if (json === undefined) throw new EncodeError(path, 'a value is wanted');
  if (json === null) {
    if (type.kind === 'pointer' || (type.kind === 'mapped' && type.makes === 'safearray')) return null;
    throw new EncodeError(path, 'a value is wanted, not null');
  }
  switch (type.kind) {
    case 'number':
      return numeric(type.number, json, path, ndr64);
    case 'guid':
      return guidAt(json, path);
    case 'string':
      return stringAt(type, json, path);
    case 'array':
      return arrayFrom(type, json, path, ndr64);
    case 'struct':
      return structFrom(type.members, objectAt(json, path), path, type.name, ndr64);
    case 'union': {
      const o = checked(UNION_MEMBERS, json, path);
      const tag = Number(o.tag);
      const arm = tag in type.arms ? type.arms[tag] : type.otherwise;
      if (arm === undefined)
        throw new EncodeError(`${path}.tag`, `there is no arm ${tag}; there are ${Object.keys(type.arms).join(', ')}`);
      numeric(type.tag.number, o.tag, `${path}.tag`, ndr64);
      if (arm !== null) return { tag, value: valueFromDocument(arm, o.value as Json, `${path}.value`, ndr64) };
      if (o.value != null) throw new EncodeError(`${path}.value`, `the arm ${tag} holds nothing`);
      return { tag, value: null };
    }
    case 'pointer':
      return valueFromDocument(pointee(type), json, path, ndr64);
    case 'mapped':
      if (type.makes === 'safearray') return safeArrayFromJson(json, path, 1, ndr64, valueFromDocument);
      if (type.makes === 'variant') return variantFromJson(json, path, ndr64, valueFromDocument);
      if (decimalParts(json) === null)
        throw new EncodeError(path, `${DECIMAL_TEXT} is wanted, not ${found(json, path)}`);
      return String(json);
    case 'custom':
      return customFromJson(type, json, path, ndr64);
  }
}

/** Members of a structure, or parameters: all that there are, and no others. */
export function structFrom(
  list: readonly Member[],
  o: JsonObject,
  path: string,
  of: string,
  ndr64: boolean,
): Record<string, NdrValue> {
  const names = list.map((m) => m.name);
  for (const name of Object.keys(o))
    if (!names.includes(name)) throw new EncodeError(under(path, name), `${of} has no ${name}${meant(name, names)}`);
  const value = Object.fromEntries(
    list.map(({ name, type }) => {
      const given = Object.hasOwn(o, name) ? o[name] : undefined;
      if (given === undefined && type.kind === 'pointer')
        throw new EncodeError(under(path, name), 'a value is wanted: null for a null pointer');
      return [name, valueFromDocument(type, given, under(path, name), ndr64)];
    }),
  );
  counts(list, value, o, path);
  return value;
}

/** What says how many elements an array has says how many there are (size_is, C706 4.2.18). */
function counts(list: readonly Member[], value: Record<string, NdrValue>, o: JsonObject, path: string): void {
  for (const { name, count } of agreementsOf(list).arrays) {
    if (value[name] === null || !Object.hasOwn(value, count)) continue;
    const { length } = value[name] as { length: number };
    if (Number(value[count]) !== length)
      throw new EncodeError(
        under(path, name),
        `${length} ${length === 1 ? 'element' : 'elements'}, where ${count} says ${found(o[count], path)}`,
      );
  }
}

function numeric(kind: NumberKind, json: unknown, path: string, ndr64: boolean): NdrValue {
  const exact = beyond(json) ? null : exactNumber(kind, json, ndr64);
  if (exact === null) throw new EncodeError(path, `${rangeText(kind, ndr64)} is wanted, not ${found(json, path)}`);
  return exact;
}

function guidAt(json: Json, path: string): string {
  if (!isUuid(json)) throw new EncodeError(path, `not a GUID without braces: ${found(json, path)}`);
  return json;
}

function stringAt({ wide, length }: StringType, json: Json, path: string): string {
  const text = textAt(json, path);
  if (!wide && !wellFormed(text)) throw new EncodeError(path, 'half of a surrogate pair, which UTF-8 cannot say');
  const count = wide ? text.length : utf8Bytes(text).length;
  if (length !== undefined && count >= length)
    throw new EncodeError(path, `text of at most ${length - 1} characters is wanted, not ${count}`);
  return text;
}

function arrayFrom(type: ArrayType, json: Json, path: string, ndr64: boolean): NdrValue {
  const bytes = type.of.kind === 'number' && type.of.number === 'u8';
  const value =
    bytes && typeof json === 'string'
      ? bytesAt(json, path)
      : arrayAt(json, path).map((v, i) => valueFromDocument(type.of, v, `${path}[${i}]`, ndr64));
  if (type.length !== undefined && value.length !== type.length)
    throw new EncodeError(path, `${type.length} elements are wanted, not ${value.length}`);
  return value;
}

function customFromJson(type: CustomType, json: Json, path: string, ndr64: boolean): NdrValue {
  switch (type.makes) {
    case 'bstr':
      return bstrFromJson(json, path);
    case 'objref':
      return objrefFromJson(objectAt(json, path), path, valueFromDocument);
    case 'ccw':
      return ccwFromJson(json, path, ndr64);
    case 'bindings':
      checked(BINDINGS_MEMBERS, json, path);
      return dualStringFrom(json as JsonObject, path);
    case 'tower':
      return { bytes: bytesAt(checked(BYTES_MEMBERS, json, path).bytes, `${path}.bytes`) };
    case 'extension':
      return extensionFromJson(json, path);
  }
  if (type.number === undefined) throw new EncodeError(path, 'there is no way to say this in a document');
  return numeric(type.number.number, json, path, ndr64);
}

function extensionFromJson(json: Json, path: string): NdrValue {
  const o = checked(EXTENSION_MEMBERS, json, path);
  const data = bytesAt(o.data, `${path}.data`);
  const size = Number(o.size ?? data.length);
  if (size > data.length)
    throw new EncodeError(`${path}.size`, `at most ${data.length}, as many bytes as data has, not ${size}`);
  return { [KIND]: 'extension', id: o.id, size, data, errorInfo: null } satisfies Extension;
}

function ccwFromJson(json: Json, path: string, ndr64: boolean): NdrValue {
  const o = checked(CCW_MEMBERS, json, path);
  const layout = o.layout ?? 'int64';
  const at = `${path}.value`;
  const value = exactNumber('u64', o.value, ndr64);
  if (value === null) throw new EncodeError(at, `${rangeText('u64', ndr64)} is wanted, not ${found(o.value, at)}`);
  // an int is shown as the pointer that a CLR of 64 bits makes of it: its sign goes on to the left
  const narrow = BigInt.asUintN(64, BigInt.asIntN(32, BigInt(value)));
  if (layout.endsWith('32') && BigInt(value) >> 32n !== 0n && narrow !== value)
    throw new EncodeError(at, `${o.value} has more than the 32 bits of the layout ${layout}`);
  if (o.referent !== undefined && !layout.startsWith('ptr'))
    throw new EncodeError(`${path}.referent`, `the layout ${layout} has none`);
  if (o.referent !== undefined) numeric(ndr64 ? 'u64' : 'u32', o.referent, `${path}.referent`, ndr64);
  const referent = o.referent === undefined ? {} : { referent: Number(o.referent) };
  return { [KIND]: 'ccw', value: o.value, layout, alternatives: [], ...referent } satisfies CcwPtr;
}
