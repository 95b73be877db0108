/**
 * Values of NDR tables as JSON, without loss: what a document of a stub holds as `params` (from-document.ts is the way
 * back). Unlike the JSON of `calls`, each value stands there once, so that what is edited is what is written.
 */

import { type Bstr, bstrText, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import type { CcwPtr } from '../../dissectors/dcom/ccw-ptr.js';
import type { Objref } from '../../dissectors/dcom/objref.js';
import type { SafeArray } from '../../dissectors/dcom/safearray.js';
import type { Extension } from '../../dissectors/dcom/this-that.js';
import type { Variant } from '../../dissectors/dcom/variant.js';
import type { Tower } from '../../dissectors/interfaces/tower.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import { pointee } from '../../dissectors/ndr/pointee.js';
import type { CustomType, NdrType, NdrValue, StructType, UnionType } from '../../dissectors/ndr/types.js';
import { recordsToJson } from '../../dissectors/nrbf/graph/records-json.js';
import type { NrbfStream } from '../../dissectors/nrbf/index.js';
import { same } from '../core/bytes.js';
import { hexText } from '../core/text.js';
import { valueFromDocument } from './documents/from-document.js';
import type { Json, JsonObject } from './error.js';
import { nrbfBytes } from './nrbf.js';
import { objrefToJson } from './objref.js';
import { safeArrayToJson } from './safearray.js';
import { scalar } from './scalar.js';
import { variantToJson } from './variant.js';

/** The NRBF stream of a BSTR: its records, and the bytes behind MessageEnd. Null where it cannot be written again. */
export function nrbfRecords(stream: NrbfStream, bytes: Uint8Array): JsonObject | null {
  if (!stream.complete) return null;
  const records = recordsToJson(stream, Number.POSITIVE_INFINITY).map(({ offset: _, length: __, ...rest }) => {
    // the class stands at its definition: a long name for each of many objects would be most of the document
    if (rest.type === 'ClassWithId') delete rest.className;
    return rest;
  });
  const trailing = bytes.subarray(stream.length);
  const json = {
    records: JSON.parse(JSON.stringify(records)) as Json,
    ...(trailing.length === 0 ? {} : { trailing: hexText(trailing) }),
  };
  try {
    const again = nrbfBytes(json, '');
    return same(again, bytes) ? json : null;
  } catch {
    return null;
  }
}

/** A value as JSON. */
export function valueToDocument(type: NdrType, value: NdrValue | undefined): Json {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case 'number':
      return scalar(value);
    case 'guid':
    case 'string':
      return value as string;
    case 'array':
      if (value instanceof Uint8Array) return hexText(value);
      return (value as NdrValue[]).map((v) => valueToDocument(type.of, v));
    case 'struct':
      return structOf(type, (m, name) => valueToDocument(m, (value as Record<string, NdrValue>)[name]));
    case 'union': {
      const { tag, value: arm } = value as { tag: number; value: NdrValue };
      const armType = armOf(type, tag);
      return armType === null ? { tag } : { tag, value: valueToDocument(armType, arm) };
    }
    case 'pointer':
      return valueToDocument(pointee(type), value);
    case 'mapped':
      // a VARIANT's two sights of its type may disagree: then the value is not what the type says
      if (kindOf(value) === 'safearray') return safeArrayToJson(value as unknown as SafeArray, valueToDocument);
      if (kindOf(value) === 'variant') return variantToJson(value as unknown as Variant, valueToDocument);
      return scalar(value);
    case 'custom':
      return customToJson(type, value);
  }
}

function structOf<T>(type: StructType, of: (type: NdrType, name: string) => T): { [name: string]: T } {
  return Object.fromEntries(type.members.map((m) => [m.name, of(m.type, m.name)]));
}

function customToJson(type: CustomType, value: NdrValue): Json {
  switch (type.makes) {
    case 'bstr':
      return bstrToJson(value as Bstr);
    case 'objref':
      return objrefToJson(value as Objref, valueToDocument, valueFromDocument);
    case 'ccw': {
      const { value: number, layout, referent } = value as CcwPtr;
      return { value: number, layout, ...(referent === undefined ? {} : { referent }) };
    }
    case 'bindings':
      return value as Json;
    case 'tower':
      return { bytes: hexText((value as Tower).bytes) };
    case 'extension': {
      const { id, size, data } = value as Extension;
      return { id, size, data: hexText(data) };
    }
    default:
      return scalar(value);
  }
}

function bstrToJson(b: Bstr): Json {
  if (b.cBytes === NULL_BSTR) return { cBytes: NULL_BSTR };
  const cBytes: JsonObject = b.cBytes === b.bytes.length ? {} : { cBytes: b.cBytes };
  const nrbf = b.nrbf === null ? null : nrbfRecords(b.nrbf, b.bytes);
  if (nrbf !== null) return { ...cBytes, nrbf };
  const text = bstrText(b);
  return text === null ? { ...cBytes, hex: hexText(b.bytes) } : { ...cBytes, text };
}

function armOf(type: UnionType, tag: number): NdrType | null {
  return (tag in type.arms ? type.arms[tag] : type.otherwise) ?? null;
}
