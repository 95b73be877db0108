/**
 * Values of NDR tables as JSON and back, without loss: what a document of a stub holds as `params`. Both ways follow
 * the same tables as reading and writing do. Unlike the JSON of `calls`, each value stands there once, so that what
 * is edited is what is written.
 */
import type { Tower } from '../../dissectors/dcerpc/tower.js';
import { BSTR, type Bstr, bstrText, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import { CCW_LAYOUTS, type CcwPtr } from '../../dissectors/dcom/ccw-ptr.js';
import { MINTERFACE_POINTER, type Objref } from '../../dissectors/dcom/objref.js';
import { SAFEARRAY, type SafeArray } from '../../dissectors/dcom/safearray.js';
import type { Extension } from '../../dissectors/dcom/this-that.js';
import { type Variant, vtNumber, WIRE_VARIANT } from '../../dissectors/dcom/variant.js';
import { KIND, kindOf } from '../../dissectors/ndr/kinds.js';
import type { CustomType, NdrType, NdrValue, PointerType, StructType, UnionType } from '../../dissectors/ndr/types.js';
import { pointer } from '../../dissectors/ndr/types.js';
import {
  encodeValues,
  type NrbfStream,
  type RecordJson,
  type ValueDocument,
  writeNrbf,
} from '../../dissectors/nrbf/index.js';
import { recordsToJson } from '../../dissectors/nrbf/records-json.js';
import { hexText } from '../core/text.js';
import { arrayAt, bytesAt, EncodeError, type Json, type JsonObject, numberAt, objectAt, textAt } from './error.js';
import { objrefFromJson, objrefToJson } from './objref.js';

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

/** The bytes of an NRBF document: its `records`, or its `root`, `call` and `objects` as VALUEs; then `trailing`. */
export function nrbfBytes(json: Json, path: string): Uint8Array {
  const o = objectAt(json, path);
  try {
    const stream =
      o.records === undefined
        ? encodeValues(o as unknown as ValueDocument)
        : writeNrbf({ records: arrayAt(o.records, `${path}.records`) as unknown as RecordJson[] });
    // the documents of `nrbf` and `calls` have the number of trailing bytes there, not the bytes
    const trailing = typeof o.trailing === 'string' ? bytesAt(o.trailing, `${path}.trailing`) : new Uint8Array(0);
    return Buffer.concat([stream, trailing]);
  } catch (e) {
    if (e instanceof EncodeError) throw e;
    throw new EncodeError(path, e instanceof Error ? e.message : String(e));
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

/** JSON as a value; `path` is for messages. */
export function valueFromDocument(type: NdrType, json: Json | undefined, path: string): NdrValue {
  if (json === null || json === undefined) {
    if (type.kind === 'pointer' || isSafeArray(type)) return null;
    throw new EncodeError(path, 'a value is wanted');
  }
  switch (type.kind) {
    case 'number':
      return numeric(json, path);
    case 'guid':
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(textAt(json, path)))
        throw new EncodeError(path, `not a GUID: ${json}`);
      return json as string;
    case 'string':
      return textAt(json, path);
    case 'array': {
      const value =
        typeof json === 'string'
          ? bytesAt(json, path)
          : arrayAt(json, path).map((v, i) => valueFromDocument(type.of, v, `${path}[${i}]`));
      if (type.length !== undefined && value.length !== type.length)
        throw new EncodeError(path, `${type.length} elements are wanted, not ${value.length}`);
      return value;
    }
    case 'struct': {
      const o = objectAt(json, path);
      return structOf(type, (m, name) => valueFromDocument(m, o[name], `${path}.${name}`));
    }
    case 'union': {
      const o = objectAt(json, path);
      const tag = numberAt(o.tag, `${path}.tag`);
      const arm = tag in type.arms ? type.arms[tag] : type.otherwise;
      if (arm === undefined) throw new EncodeError(path, `the union has no arm ${tag}`);
      return { tag, value: arm === null ? null : valueFromDocument(arm, o.value, `${path}.value`) };
    }
    case 'pointer':
      return valueFromDocument(pointee(type), json, path);
    case 'mapped':
      if (type.makes === 'safearray') return safeArrayFromJson(objectAt(json, path), path);
      if (type.makes === 'variant') return variantFromJson(objectAt(json, path), path);
      return typeof json === 'number' ? String(json) : textAt(json, path);
    case 'custom':
      return customFromJson(type, json, path);
  }
}

function structOf<T>(type: StructType, of: (type: NdrType, name: string) => T): { [name: string]: T } {
  return Object.fromEntries(type.members.map((m) => [m.name, of(m.type, m.name)]));
}

function pointee(type: PointerType): NdrType {
  return typeof type.to === 'function' ? type.to() : type.to;
}

function isSafeArray(type: NdrType): boolean {
  return type.kind === 'mapped' && type.makes === 'safearray';
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

function numeric(json: Json, path: string): NdrValue {
  if (typeof json === 'boolean') return json ? -1 : 0;
  if (typeof json === 'string' && /^(-?\d+|0x[0-9a-f]+|-?\d+\.\d+(e[-+]?\d+)?|NaN|-?Infinity)$/i.test(json))
    return json;
  if (typeof json !== 'number') throw new EncodeError(path, `a number is wanted, not ${JSON.stringify(json)}`);
  return json;
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

function customFromJson(type: CustomType, json: Json, path: string): NdrValue {
  switch (type.makes) {
    case 'bstr':
      return bstrFromJson(json, path);
    case 'objref':
      return objrefFromJson(objectAt(json, path), path);
    case 'ccw':
      return ccwFromJson(objectAt(json, path), path);
    case 'bindings': {
      const o = objectAt(json, path);
      return {
        bindings: arrayAt(o.bindings ?? [], `${path}.bindings`),
        securityBindings: arrayAt(o.securityBindings ?? [], `${path}.securityBindings`),
      };
    }
    case 'tower':
      return { bytes: bytesAt(objectAt(json, path).bytes, `${path}.bytes`) };
    case 'extension': {
      const o = objectAt(json, path);
      const data = bytesAt(o.data, `${path}.data`);
      const size = numberAt(o.size ?? data.length, `${path}.size`);
      return { [KIND]: 'extension', id: textAt(o.id, `${path}.id`), size, data, errorInfo: null } satisfies Extension;
    }
    default:
      return numeric(json, path);
  }
}

function ccwFromJson(o: JsonObject, path: string): NdrValue {
  const layout = CCW_LAYOUTS.find((l) => l === (o.layout ?? 'int64'));
  if (layout === undefined)
    throw new EncodeError(`${path}.layout`, `one of ${CCW_LAYOUTS.join(', ')}, not ${JSON.stringify(o.layout)}`);
  const value = textAt(o.value, `${path}.value`);
  const referent = o.referent === undefined ? {} : { referent: numberAt(o.referent, `${path}.referent`, 0, 2 ** 53) };
  return { [KIND]: 'ccw', value, layout, alternatives: [], ...referent } satisfies CcwPtr;
}

function bstrToJson(b: Bstr): Json {
  if (b.cBytes === NULL_BSTR) return { cBytes: NULL_BSTR };
  const cBytes: JsonObject = b.cBytes === b.bytes.length ? {} : { cBytes: b.cBytes };
  const nrbf = b.nrbf === null ? null : nrbfRecords(b.nrbf, b.bytes);
  if (nrbf !== null) return { ...cBytes, nrbf };
  const text = bstrText(b);
  return text === null ? { ...cBytes, hex: hexText(b.bytes) } : { ...cBytes, text };
}

/** Text, `{text}`, `{hex}`, or `{nrbf}`; `cBytes` where it is not the length. */
function bstrFromJson(json: Json, path: string): NdrValue {
  if (typeof json === 'string') return bstr(Buffer.from(json, 'utf16le'));
  const o = objectAt(json, path);
  if (o.cBytes === NULL_BSTR) return { [KIND]: 'bstr', cBytes: NULL_BSTR, bytes: new Uint8Array(0), nrbf: null };
  const bytes =
    o.nrbf != null
      ? nrbfBytes(o.nrbf, `${path}.nrbf`)
      : o.text != null
        ? Buffer.from(textAt(o.text, `${path}.text`), 'utf16le')
        : bytesAt(o.hex ?? '', `${path}.hex`);
  const cBytes = o.cBytes === undefined ? bytes.length : numberAt(o.cBytes, `${path}.cBytes`);
  return bstr(bytes, cBytes);
}

function bstr(bytes: Uint8Array, cBytes = bytes.length): Bstr {
  return { [KIND]: 'bstr', cBytes, bytes, nrbf: null };
}

/** What a SAFEARRAY's elements are written as, by SF_TYPE; null for numbers. */
function elementType(sfType: number): NdrType | null {
  if (sfType === 8) return BSTR;
  if (sfType === 9 || sfType === 13 || sfType === 32781) return pointer(MINTERFACE_POINTER);
  if (sfType === 12) return pointer(WIRE_VARIANT);
  return null;
}

function safeArrayToJson(a: SafeArray): Json {
  const of = elementType(a.sfType);
  const elements = a.elements.map((e) => (of === null ? scalar(e) : valueToDocument(of, e)));
  const { vt, features, bounds, cbElements, cLocks, sfType, pointers, iid, noData } = a;
  return {
    ...{ vt, features: [...features], bounds: bounds.map((b) => ({ ...b })), elements },
    ...{ cbElements, cLocks, sfType, pointers, ...(iid === undefined ? {} : { iid }), ...(noData ? { noData } : {}) },
  };
}

/** SF_TYPE and element size that a VARENUM wants where a document does not say them. */
const SIZES: Readonly<Record<string, readonly [sfType: number, cb: number]>> = {
  ...{ VT_BSTR: [8, 4], VT_UNKNOWN: [13, 4], VT_DISPATCH: [9, 4], VT_VARIANT: [12, 16] },
  ...{ VT_I1: [16, 1], VT_UI1: [16, 1], VT_I2: [2, 2], VT_UI2: [2, 2], VT_BOOL: [2, 2] },
  ...{ VT_I4: [3, 4], VT_UI4: [3, 4], VT_R4: [3, 4], VT_INT: [3, 4], VT_UINT: [3, 4], VT_ERROR: [3, 4] },
  ...{ VT_I8: [20, 8], VT_UI8: [20, 8], VT_R8: [20, 8], VT_CY: [20, 8], VT_DATE: [20, 8] },
};

function safeArrayFromJson(o: JsonObject, path: string): NdrValue {
  const vt = textAt(o.vt, `${path}.vt`);
  const [usualType, usualSize] = SIZES[vt] ?? [3, 4];
  const sfType = numberAt(o.sfType ?? usualType, `${path}.sfType`);
  const of = elementType(sfType);
  const elements = arrayAt(o.elements, `${path}.elements`).map((e, i) =>
    of === null ? numeric(e, `${path}.elements[${i}]`) : valueFromDocument(of, e, `${path}.elements[${i}]`),
  );
  const bounds = o.bounds ?? [{ lower: 0, count: elements.length }];
  const iid = o.iid === undefined ? {} : { iid: textAt(o.iid, `${path}.iid`) };
  const usual = sfType === 8 ? ['FADF_BSTR', 'FADF_HAVEVARTYPE'] : ['FADF_HAVEVARTYPE'];
  const features = arrayAt(o.features ?? usual, `${path}.features`) as string[];
  const cLocks = numberAt(o.cLocks ?? vtNumber(vt) * 0x10000, `${path}.cLocks`);
  // MS-OAUT 2.2.30.10: the upper half of cLocks holds the VARTYPE
  if (features.includes('FADF_HAVEVARTYPE') && cLocks >>> 16 !== vtNumber(vt))
    throw new EncodeError(`${path}.vt`, `${vt} where the upper half of cLocks says ${cLocks >>> 16}`);
  return {
    [KIND]: 'safearray',
    vt,
    features,
    bounds: arrayAt(bounds, `${path}.bounds`) as unknown as SafeArray['bounds'],
    elements,
    cbElements: numberAt(o.cbElements ?? usualSize, `${path}.cbElements`),
    cLocks,
    sfType,
    pointers: o.pointers === 1 ? 1 : 2,
    ...iid,
    ...(o.noData === true ? { noData: true } : {}),
  } satisfies SafeArray;
}

/** The arm of a VARIANT's union. */
function variantArm(vt: number): NdrType | null | undefined {
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

function variantFromJson(o: JsonObject, path: string): NdrValue {
  const vt = textAt(o.vt, `${path}.vt`);
  const arm = variantArm(vtNumber(vt));
  if (arm === undefined) throw new EncodeError(`${path}.vt`, `there is no VARIANT of ${vt}`);
  const value = arm === null ? null : valueFromDocument(arm, o.value, `${path}.value`);
  const clSize = numberAt(o.clSize ?? 3, `${path}.clSize`);
  return { [KIND]: 'variant', vt, value, clSize, ...(o.referents === 2 ? { referents: 2 } : {}) } satisfies Variant;
}

function armOf(type: UnionType, tag: number): NdrType | null {
  return (tag in type.arms ? type.arms[tag] : type.otherwise) ?? null;
}
