/** SAFEARRAYs of documents (MS-OAUT 2.2.30): what their members say must fit together. */
import { elementTable, FEATURE_NAMES, impliedVartype, type SafeArray } from '../../dissectors/dcom/safearray.js';
import { VT_NAMES, vtName, vtNumber } from '../../dissectors/dcom/variant.js';
import { KIND } from '../../dissectors/ndr/kinds.js';
import { exactNumber, rangeText } from '../../dissectors/ndr/range.js';
import type { NdrValue, NumberKind } from '../../dissectors/ndr/types.js';
import type { FromDocument, ToDocument } from './conversion.js';
import { checked } from './documents/schema.js';
import { SAFEARRAY_MEMBERS } from './documents/shapes.js';
import { beyond, EncodeError, found, type Json, unknownName } from './error.js';
import { scalar } from './scalar.js';

const HAVE_IID = 32781;

/** SF_TYPE, size of an element, and how it is a number, by VARENUM. */
const TYPES: Readonly<Record<number, readonly [sfType: number, cb: number, number?: NumberKind]>> = {
  ...{ 8: [8, 4], 9: [9, 4], 12: [12, 16], 13: [13, 4], 36: [36, 4] },
  ...{ 16: [16, 1, 'i8'], 17: [16, 1, 'u8'], 2: [2, 2, 'i16'], 18: [2, 2, 'u16'], 11: [2, 2, 'i16'] },
  ...{ 3: [3, 4, 'i32'], 19: [3, 4, 'u32'], 22: [3, 4, 'i32'], 23: [3, 4, 'u32'], 10: [3, 4, 'hex32'] },
  ...{ 4: [3, 4, 'f32'], 5: [20, 8, 'f64'], 7: [20, 8, 'f64'] },
  ...{ 20: [20, 8, 'i64'], 21: [20, 8, 'u64'], 6: [20, 8, 'i64'] },
};

/** Features that go with an SF_TYPE (MS-OAUT 2.2.9). */
const USUAL: Readonly<Record<number, string>> = {
  8: 'FADF_BSTR',
  9: 'FADF_DISPATCH',
  12: 'FADF_VARIANT',
  13: 'FADF_UNKNOWN',
  [HAVE_IID]: 'FADF_HAVEIID',
};

/**
 * A SAFEARRAY.
 * @param pointers referents in front of it where the document does not say: one as a parameter, two in a VARIANT
 * @param wanted VARENUM that the VARIANT around it says
 */
export function safeArrayFromJson(
  json: Json,
  path: string,
  pointers: 1 | 2,
  ndr64: boolean,
  from: FromDocument,
  wanted?: number,
): SafeArray {
  const o = checked(SAFEARRAY_MEMBERS, json, path);
  const vt = vtNumber(o.vt);
  if (vt < 0 || vt > 0xfff) throw new EncodeError(`${path}.vt`, unknownName('type', o.vt, Object.values(VT_NAMES)));
  if (wanted !== undefined && vt !== wanted)
    throw new EncodeError(`${path}.vt`, `${o.vt} in a VARIANT of ${vtName(wanted)}`);
  const [usualType, usualSize] = TYPES[vt] ?? [3, 4];
  const sfType = Number(o.sfType ?? (o.iid === undefined ? usualType : HAVE_IID));
  const of = elementTable(sfType);
  if (of === undefined) throw new EncodeError(`${path}.sfType`, `there is no SF_TYPE ${sfType}`);
  if (TYPES[vt] !== undefined && sfType !== usualType && !(sfType === HAVE_IID && (vt === 13 || vt === 9)))
    throw new EncodeError(`${path}.sfType`, `elements of ${o.vt} have SF_TYPE ${usualType}, not ${sfType}`);
  if ((sfType === HAVE_IID) !== (o.iid !== undefined))
    throw new EncodeError(`${path}.iid`, o.iid === undefined ? 'it is missing' : `SF_TYPE ${sfType} has none`);
  const features = o.features ?? [...(sfType in USUAL ? [USUAL[sfType]] : []), 'FADF_HAVEVARTYPE'];
  features.forEach((name, i) => {
    if (!FEATURE_NAMES.includes(name))
      throw new EncodeError(`${path}.features[${i}]`, unknownName('feature', name, FEATURE_NAMES));
  });
  const cLocks = vartype(o.vt, vt, wanted ?? impliedVartype(sfType) ?? 0, features, o.cLocks, path);
  const kind = TYPES[vt]?.[2];
  const elements = o.elements.map((e, i): NdrValue => {
    const at = `${path}.elements[${i}]`;
    return kind === undefined || (of.kind === 'custom' ? of.number === undefined : of.kind !== 'number')
      ? from(of, e as Json, at, ndr64)
      : element(kind, vt === 11 && typeof e === 'boolean' ? (e ? -1 : 0) : e, at);
  });
  return {
    [KIND]: 'safearray',
    vt: o.vt,
    features,
    bounds: boundsOf(o.bounds, elements.length, o.noData === true, path),
    elements,
    cbElements: Number(o.cbElements ?? usualSize),
    cLocks,
    sfType,
    pointers: (o.pointers === undefined ? pointers : Number(o.pointers)) as 1 | 2,
    ...(o.iid === undefined ? {} : { iid: o.iid }),
    ...(o.noData === true ? { noData: true } : {}),
  };
}

/**
 * cLocks, whose upper half holds the VARTYPE (MS-OAUT 2.2.30.10).
 * @param known the VARENUM of elements where the array itself has none: the VARIANT's, or what SF_TYPE implies
 */
function vartype(
  name: string,
  vt: number,
  known: number,
  features: readonly string[],
  given: number | string | undefined,
  path: string,
): number {
  const cLocks = given === undefined ? vt * 0x10000 : Number(given);
  if (features.includes('FADF_HAVEVARTYPE')) {
    if (cLocks >>> 16 !== vt)
      throw new EncodeError(`${path}.vt`, `${name} where the upper half of cLocks says ${vtName(cLocks >>> 16)}`);
  } else if (known !== vt)
    throw new EncodeError(`${path}.vt`, `${name} takes FADF_HAVEVARTYPE: without it the elements are ${vtName(known)}`);
  return cLocks;
}

function boundsOf(
  given: readonly { lower?: number | string | undefined; count: number | string }[] | undefined,
  length: number,
  noData: boolean,
  path: string,
): SafeArray['bounds'] {
  const bounds = (given ?? [{ count: length }]).map((b) => ({ lower: Number(b.lower ?? 0), count: Number(b.count) }));
  if (bounds.length === 0 || bounds.length > 0xffff)
    throw new EncodeError(`${path}.bounds`, `from 1 to 65535 dimensions are wanted, not ${bounds.length}`);
  const product = bounds.reduce((n, b) => n * b.count, 1);
  if (noData ? length !== 0 : product !== length)
    throw new EncodeError(
      noData ? `${path}.elements` : `${path}.bounds`,
      noData ? 'noData says that there are none' : `bounds of ${product} elements, and elements has ${length}`,
    );
  return bounds;
}

function element(kind: NumberKind, json: unknown, path: string): NdrValue {
  const exact = beyond(json) ? null : exactNumber(kind, json, false);
  if (exact === null) throw new EncodeError(path, `${rangeText(kind, false)} is wanted, not ${found(json, path)}`);
  // elements are kept as they are read: 64-bit ones as bigint, all others as numbers
  if (kind === 'hex32') return Number(exact) >>> 0;
  return kind.endsWith('64') && kind !== 'f64' ? exact : Number(exact);
}

/** A SAFEARRAY as JSON. */
export function safeArrayToJson(a: SafeArray, to: ToDocument): Json {
  const of = elementTable(a.sfType);
  const elements = a.elements.map((e) => (of === undefined || of.kind === 'number' ? scalar(e) : to(of, e)));
  const { vt, features, bounds, cbElements, cLocks, sfType, pointers, iid, noData } = a;
  return {
    ...{ vt, features: [...features], bounds: bounds.map((b) => ({ ...b })), elements },
    ...{ cbElements, cLocks, sfType, pointers, ...(iid === undefined ? {} : { iid }), ...(noData ? { noData } : {}) },
  };
}
