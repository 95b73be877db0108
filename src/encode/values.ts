/**
 * Values of NDR tables as JSON, without loss: what a document of a stub holds as `params` (from-document.ts is the way
 * back). Unlike the JSON of `calls`, each value stands there once, so that what is edited is what is written.
 */
import type { Tower } from '../../dissectors/dcerpc/tower.js';
import { type Bstr, bstrText, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import type { CcwPtr } from '../../dissectors/dcom/ccw-ptr.js';
import type { Objref } from '../../dissectors/dcom/objref.js';
import { elementTable, SAFEARRAY, type SafeArray } from '../../dissectors/dcom/safearray.js';
import type { Extension } from '../../dissectors/dcom/this-that.js';
import { type Variant, vtNumber, WIRE_VARIANT } from '../../dissectors/dcom/variant.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import type { CustomType, NdrType, NdrValue, PointerType, StructType, UnionType } from '../../dissectors/ndr/types.js';
import { pointer } from '../../dissectors/ndr/types.js';
import type { NrbfStream } from '../../dissectors/nrbf/index.js';
import { recordsToJson } from '../../dissectors/nrbf/records-json.js';
import { hexText } from '../core/text.js';
import type { Json, JsonObject } from './error.js';
import { nrbfBytes } from './nrbf.js';
import { objrefToJson } from './objref.js';

const VT_ARRAY = 0x2000;
const VT_BYREF = 0x4000;

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
    return Buffer.compare(again, bytes) === 0 ? json : null;
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
      if (kindOf(value) === 'safearray') return safeArrayToJson(value as unknown as SafeArray);
      if (kindOf(value) === 'variant') return variantToJson(value as unknown as Variant);
      return scalar(value);
    case 'custom':
      return customToJson(type, value);
  }
}

function structOf<T>(type: StructType, of: (type: NdrType, name: string) => T): { [name: string]: T } {
  return Object.fromEntries(type.members.map((m) => [m.name, of(m.type, m.name)]));
}

export function pointee(type: PointerType): NdrType {
  return typeof type.to === 'function' ? type.to() : type.to;
}

/** Numbers that JSON has no form for are text: 64-bit ones, NaN, infinities, minus zero. */
function scalar(value: NdrValue): Json {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : numberText(value);
  return value as Json;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function customToJson(type: CustomType, value: NdrValue): Json {
  switch (type.makes) {
    case 'bstr':
      return bstrToJson(value as Bstr);
    case 'objref':
      return objrefToJson(value as Objref);
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

function safeArrayToJson(a: SafeArray): Json {
  const of = elementTable(a.sfType);
  const elements = a.elements.map((e) =>
    of === undefined || of.kind === 'number' ? scalar(e) : valueToDocument(of, e),
  );
  const { vt, features, bounds, cbElements, cLocks, sfType, pointers, iid, noData } = a;
  return {
    ...{ vt, features: [...features], bounds: bounds.map((b) => ({ ...b })), elements },
    ...{ cbElements, cLocks, sfType, pointers, ...(iid === undefined ? {} : { iid }), ...(noData ? { noData } : {}) },
  };
}

/** The arm of a VARIANT's union. */
export function variantArm(vt: number): NdrType | null | undefined {
  if (vt & VT_ARRAY) return vt & VT_BYREF ? pointer(SAFEARRAY) : SAFEARRAY;
  const { members } = WIRE_VARIANT.wire as StructType;
  const { arms } = members[members.length - 1].type as UnionType;
  return vt in arms ? arms[vt] : undefined;
}

function variantToJson(v: Variant): Json {
  const arm = variantArm(vtNumber(v.vt));
  return {
    vt: v.vt,
    value: arm ? valueToDocument(arm, v.value) : null,
    clSize: v.clSize,
    ...(v.referents === undefined ? {} : { referents: v.referents }),
  };
}

function armOf(type: UnionType, tag: number): NdrType | null {
  return (tag in type.arms ? type.arms[tag] : type.otherwise) ?? null;
}
