/** VARIANTs of documents (MS-OAUT 2.2.29): the type says which arm holds the value. */
import { SAFEARRAY } from '../../dissectors/dcom/safearray.js';
import { type Variant, VT_NAMES, vtNumber, WIRE_VARIANT } from '../../dissectors/dcom/variant.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { pointee } from '../../dissectors/ndr/pointee.js';
import {
  type CustomType,
  type NdrType,
  type NdrValue,
  pointer,
  type StructType,
  type UnionType,
} from '../../dissectors/ndr/types.js';
import type { FromDocument, ToDocument } from './conversion.js';
import { checked } from './documents/schema.js';
import { VARIANT_MEMBERS } from './documents/shapes.js';
import { EncodeError, found, type Json, unknownName } from './error.js';
import { safeArrayFromJson } from './safearray.js';

const VT_ARRAY = 0x2000;
const VT_BYREF = 0x4000;
const VT_BOOL = 11;

/** The arm of a VARIANT's union. */
function variantArm(vt: number): NdrType | null | undefined {
  if (vt & VT_ARRAY) return vt & VT_BYREF ? pointer(SAFEARRAY) : SAFEARRAY;
  const { members } = WIRE_VARIANT.wire as StructType;
  const { arms } = members[members.length - 1].type as UnionType;
  return vt in arms ? arms[vt] : undefined;
}

/** A VARIANT as JSON. */
export function variantToJson(v: Variant, of: ToDocument): Json {
  const arm = variantArm(vtNumber(v.vt));
  return {
    vt: v.vt,
    value: arm ? of(arm, v.value) : null,
    clSize: v.clSize,
    ...(v.referents === undefined ? {} : { referents: v.referents }),
  };
}

/** JSON as a VARIANT. */
export function variantFromJson(json: Json, path: string, ndr64: boolean, of: FromDocument): NdrValue {
  const o = checked(VARIANT_MEMBERS, json, path);
  const vt = vtNumber(o.vt);
  const arm = vt < 0 ? undefined : variantArm(vt);
  if (arm === undefined) throw new EncodeError(`${path}.vt`, noVariant(o.vt, vt));
  const at = `${path}.value`;
  const more = { clSize: Number(o.clSize ?? 3), ...(Number(o.referents) === 2 ? { referents: 2 as const } : {}) };
  if (arm === null) {
    if (o.value != null) throw new EncodeError(at, `${o.vt} has no value, so not ${found(o.value, at)}`);
    return { [KIND]: 'variant', vt: o.vt, value: null, ...more } satisfies Variant;
  }
  if (more.referents === 2 && !(arm.kind === 'pointer' && (pointee(arm) as CustomType).number !== undefined))
    throw new EncodeError(`${path}.referents`, `2 is for numbers by reference, not for ${o.vt}`);
  if (o.value === undefined)
    throw new EncodeError(at, `a value is wanted${arm.kind === 'pointer' ? ': null for a null pointer' : ''}`);
  let given = o.value as Json;
  if (typeof given === 'boolean' && (vt & 0xfff) === VT_BOOL) given = given ? -1 : 0;
  const value =
    vt & VT_ARRAY && given !== null
      ? safeArrayFromJson(given, at, 2, ndr64, of, vt & 0xfff)
      : of(arm, given, at, ndr64);
  return { [KIND]: 'variant', vt: o.vt, value, ...more } satisfies Variant;
}

function noVariant(name: string, vt: number): string {
  if (vt >= 0) return `there is no VARIANT of ${name}`;
  const known = Object.values(VT_NAMES);
  const part = name.split('|').find((p) => !['VT_BYREF', 'VT_ARRAY', ...known].includes(p)) ?? name;
  return unknownName('type', part, ['VT_BYREF', 'VT_ARRAY', ...known]);
}
