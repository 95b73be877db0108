/**
 * The managed view: which .NET type the CLR's default COM marshalling makes of a parameter, and of a failed HRESULT.
 * One table by NDR type, one by VARTYPE; values are converted where managed and COM form differ.
 */

import { field } from '../../src/core/node.js';
import { describeHresult, isFailure } from '../names/hresult.js';
import { pointee } from '../ndr/pointee.js';
import type { Member, NdrType, NdrValue, NumberKind } from '../ndr/types.js';
import { follow, isRecord, type NrbfStream } from '../nrbf/index.js';
import { bstrText, isBstr } from './bstr.js';
import type { Objref } from './objref.js';
import type { SafeArray } from './safearray.js';
import { tagged } from './value.js';
import { type Variant, vtNumber } from './variant.js';
import { VT_ARRAY, VT_TYPE } from './vartype.js';

export const MANAGED_TYPE = field('clr.managed_type', 'Managed type', 'string');

/** A parameter as .NET code sees it. */
export interface Managed {
  readonly managedType: string;
  /** The value, where it is another one than on the wire or stands in a System.Object. */
  readonly value?: string | number | boolean | null;
  /** What a System.Object holds, or what is serialized in a string's bytes. */
  readonly content?: Managed;
  /** True for an object that stays where it is. */
  readonly proxy?: true;
  readonly elements?: readonly Managed[];
  readonly members?: Readonly<Record<string, Managed>>;
}

/** What is known of the object behind an interface pointer: its managed type, or null for one that is COM's. */
export type ObjectTypes = (objref: Objref) => string | null;

/** Elements and members looked at, and levels of them. */
const MOST = 64;
const DEPTH = 8;

/** Characters of a text that is repeated here. */
const TEXT = 256;

const NUMBERS: Readonly<Record<NumberKind, string>> = {
  u8: 'System.Byte',
  i8: 'System.SByte',
  u16: 'System.UInt16',
  i16: 'System.Int16',
  u32: 'System.UInt32',
  i32: 'System.Int32',
  u64: 'System.UInt64',
  i64: 'System.Int64',
  f32: 'System.Single',
  f64: 'System.Double',
  // an enumeration is marshalled as the integer under it
  enum16: 'System.Int32',
  size: 'System.UIntPtr',
  hex32: 'System.Int32',
  id64: 'System.UInt64',
};

/** Managed types by VARTYPE; BYREF and ARRAY are added by the caller. */
const VARTYPES: Readonly<Record<number, string>> = {
  1: 'System.DBNull',
  2: 'System.Int16',
  3: 'System.Int32',
  4: 'System.Single',
  5: 'System.Double',
  6: 'System.Decimal',
  7: 'System.DateTime',
  8: 'System.String',
  9: 'System.__ComObject',
  10: 'System.Int32',
  11: 'System.Boolean',
  12: 'System.Object',
  13: 'System.__ComObject',
  14: 'System.Decimal',
  16: 'System.SByte',
  17: 'System.Byte',
  18: 'System.UInt16',
  19: 'System.UInt32',
  20: 'System.Int64',
  21: 'System.UInt64',
  22: 'System.Int32',
  23: 'System.UInt32',
  36: 'System.ValueType',
};

/** Structures that .NET has in its own library. */
const COM_TYPES = [
  ...['DISPPARAMS', 'EXCEPINFO', 'TYPEATTR', 'TYPEDESC', 'ELEMDESC', 'FUNCDESC', 'VARDESC', 'PARAMDESC', 'IDLDESC'],
  ...['TYPELIBATTR', 'FILETIME', 'STATSTG', 'FORMATETC', 'STGMEDIUM', 'STATDATA', 'CONNECTDATA', 'BIND_OPTS'],
];

/** A decoded parameter as .NET code sees it. */
export function managedOf(type: NdrType, value: NdrValue, types: ObjectTypes = () => null, depth = 0): Managed {
  if (depth > DEPTH) return { managedType: 'System.Object' };
  switch (type.kind) {
    case 'number':
      return { managedType: NUMBERS[type.number] };
    case 'guid':
      return { managedType: 'System.Guid' };
    case 'string':
      return { managedType: 'System.String' };
    case 'pointer': {
      const to = pointee(type);
      return managedOf(to, value, types, depth + 1);
    }
    case 'array':
      return ofArray(type.of, value, types, depth);
    case 'struct':
      return ofStruct(type.name, type.members, value, types, depth);
    case 'union':
      return { managedType: 'System.ValueType' };
    case 'mapped':
      if (type.makes === 'safearray') return ofSafeArray(tagged(value, 'safearray'), types, depth);
      if (type.makes === 'variant') return ofVariant(tagged(value, 'variant'), types, depth);
      return managedOf(type.wire, null, types, depth + 1);
    case 'custom':
      if (type.makes === 'bstr') return ofBstr(value);
      if (type.makes === 'objref') return ofPointer(tagged(value, 'objref'), types);
      if (type.makes === 'ccw') return { managedType: 'System.IntPtr', value: tagged(value, 'ccw')?.value ?? null };
      return { managedType: 'System.Object' };
  }
}

/** What a call's return value becomes: an exception, or what the method returns. */
export function managedReturn(
  result: number | null,
  fault: number | null,
  returned: Managed | null,
): Managed & { thrown: boolean } {
  const code = fault === null ? result : hresultOf(fault);
  const exception = code === null ? null : describeHresult(code).exception;
  if (exception !== null) return { managedType: exception, thrown: true };
  // most methods return nothing: members added to a copy cost ten times a literal
  return returned === null ? { managedType: 'System.Void', thrown: false } : { ...returned, thrown: false };
}

/** Win32 errors come up as HRESULTs, and the runtime turns faults of the protocol into such errors. */
function hresultOf(fault: number): number {
  if (isFailure(fault)) return fault;
  return fault < 0x10000 ? 0x80070000 + fault : 0x800706be;
}

/** A managed parameter in a few words: `System.Object: System.Decimal 12.5`. */
export function managedText(m: Managed, depth = 0): string {
  const proxy = m.proxy ? ' (proxy)' : '';
  const value = m.value === undefined ? '' : ` ${m.value === null ? 'null' : m.value}`;
  const content = m.content === undefined ? '' : `: ${managedText(m.content, depth + 1)}`;
  const inside = m.elements ?? (m.members === undefined ? [] : Object.values(m.members).filter((x) => x.elements));
  const list =
    inside.length === 0 || depth > 2
      ? ''
      : ` { ${inside
          .slice(0, 8)
          .map((e) => managedText(e, depth + 1))
          .join(', ')}${inside.length > 8 ? ', …' : ''} }`;
  return `${m.managedType}${proxy}${value}${content}${list}`;
}

function ofBstr(value: NdrValue): Managed {
  const managedType = 'System.String';
  if (!isBstr(value) || value.nrbf === null) return { managedType };
  return { managedType, content: { managedType: typeOfStream(value.nrbf) } };
}

/** The type of what a stream holds. */
function typeOfStream(stream: NrbfStream): string {
  if (stream.message !== null)
    return stream.message.type === 21
      ? 'System.Runtime.Remoting.Messaging.IMethodCallMessage'
      : 'System.Runtime.Remoting.Messaging.IMethodReturnMessage';
  const root = follow(stream, stream.root);
  if (!isRecord(root)) return 'System.Object';
  if ('cls' in root) return root.cls.name;
  if (root.type === 6 || root.type === 17) return root.type === 6 ? 'System.String' : 'System.String[]';
  return root.type === 16 ? 'System.Object[]' : root.type === 7 || root.type === 15 ? 'System.Array' : 'System.Object';
}

function ofArray(of: NdrType, value: NdrValue, types: ObjectTypes, depth: number): Managed {
  const element = managedOf(of, null, types, depth + 1).managedType;
  const managedType = `${element}[]`;
  if (!Array.isArray(value) || !isTelling(of)) return { managedType };
  return { managedType, elements: value.slice(0, MOST).map((v) => managedOf(of, v, types, depth + 1)) };
}

function ofStruct(
  name: string,
  members: readonly Member[],
  value: NdrValue,
  types: ObjectTypes,
  depth: number,
): Managed {
  const managedType = COM_TYPES.includes(name) ? `System.Runtime.InteropServices.ComTypes.${name}` : name;
  if (value === null || typeof value !== 'object' || !members.some((m) => isTelling(m.type))) return { managedType };
  const values = value as Record<string, NdrValue>;
  const told = members.filter((m) => isTelling(m.type) && m.name in values);
  return {
    managedType,
    members: Object.fromEntries(told.map((m) => [m.name, managedOf(m.type, values[m.name], types, depth + 1)])),
  };
}

const telling = new WeakMap<NdrType, boolean>();

/** Whether values of a type have more to tell than the type: VARIANTs, arrays of them, interface pointers. */
function isTelling(type: NdrType): boolean {
  let known = telling.get(type);
  if (known === undefined) {
    // a type that refers to itself tells nothing by that alone
    telling.set(type, false);
    known = tells(type);
    telling.set(type, known);
  }
  return known;
}

function tells(type: NdrType): boolean {
  switch (type.kind) {
    case 'pointer':
      return isTelling(pointee(type));
    case 'array':
      return isTelling(type.of);
    case 'struct':
      return type.members.some((m) => isTelling(m.type));
    case 'mapped':
      return type.makes !== undefined;
    case 'custom':
      return type.makes === 'objref';
    default:
      return false;
  }
}

function ofPointer(o: Objref | null, types: ObjectTypes): Managed {
  if (o === null) return { managedType: 'System.Object', value: null };
  const known = types(o);
  return known === null ? { managedType: 'System.__ComObject' } : { managedType: known, proxy: true };
}

function ofVariant(v: Variant | null, types: ObjectTypes, depth: number): Managed {
  const managedType = 'System.Object';
  if (v === null) return { managedType, value: null };
  // the two sights of a VARIANT's type may disagree: then the value is not what vt says
  if (typeof v.vt !== 'string') return { managedType };
  const vt = vtNumber(v.vt);
  // VT_EMPTY is a null reference
  if (vt === 0) return { managedType, value: null };
  return { managedType, content: ofVartype(vt, v.value, types, depth + 1) };
}

/** A value by its VARTYPE, as an element or in a VARIANT. */
function ofVartype(vt: number, value: NdrValue, types: ObjectTypes, depth: number): Managed {
  if (depth > DEPTH) return { managedType: 'System.Object' };
  if (vt & VT_ARRAY) return ofSafeArray(tagged(value, 'safearray'), types, depth);
  const managedType = VARTYPES[vt & VT_TYPE] ?? 'System.Object';
  switch (vt & VT_TYPE) {
    case 6:
      return { managedType, value: typeof value === 'bigint' ? currency(value) : null };
    case 7:
      return { managedType, value: typeof value === 'number' ? oleDate(value) : null };
    case 8:
      return ofText(value);
    case 9:
    case 13:
      return ofPointer(tagged(value, 'objref'), types);
    case 11:
      return { managedType, value: typeof value === 'number' ? value !== 0 : null };
    case 12:
      return ofVariant(tagged(value, 'variant'), types, depth);
    default:
      return typeof value === 'object' && value !== null ? { managedType } : { managedType, value: plain(value) };
  }
}

function ofText(value: NdrValue): Managed {
  const managed = ofBstr(value);
  if (!isBstr(value)) return { ...managed, value: null };
  const text = bstrText(value);
  return text === null ? managed : { ...managed, value: text.length > TEXT ? `${text.slice(0, TEXT)}…` : text };
}

function plain(value: NdrValue): string | number | boolean | null {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function ofSafeArray(a: SafeArray | null, types: ObjectTypes, depth: number): Managed {
  if (a === null) return { managedType: 'System.Array', value: null };
  if (!Array.isArray(a.bounds)) return { managedType: 'System.Array' };
  const vt = vtNumber(a.vt) & VT_TYPE;
  const element = vt === 9 || vt === 13 ? 'System.Object' : (VARTYPES[vt] ?? 'System.Object');
  // one dimension that does not begin at zero is no T[] to .NET
  const shifted = a.bounds.length === 1 && a.bounds[0].lower !== 0;
  const managedType = `${element}[${shifted ? '*' : ','.repeat(Math.max(0, a.bounds.length - 1))}]`;
  if (![6, 7, 9, 11, 12, 13].includes(vt)) return { managedType };
  return { managedType, elements: a.elements.slice(0, MOST).map((e) => ofVartype(vt, e, types, depth + 1)) };
}

/** A CY, which counts ten-thousandths, as the number that it stands for: `12.5`. */
export function currency(cy: bigint): string {
  const digits = (cy < 0n ? -cy : cy).toString().padStart(5, '0');
  const fraction = digits.slice(-4).replace(/0+$/, '');
  return `${cy < 0n ? '-' : ''}${digits.slice(0, -4)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Milliseconds from 1970 to 30 December 1899, the zero of DATE. */
const OLE_EPOCH = Date.UTC(1899, 11, 30);
const DAY = 86_400_000;

/** DATE as DateTime.FromOADate reads it: whole days with a sign, and the time of day without one. */
function oleDate(date: number): string | null {
  // years 100 to 9999; DateTime takes nothing else
  if (!(date > -657435 && date < 2958466)) return null;
  const days = Math.trunc(date);
  const time = Math.round(OLE_EPOCH + days * DAY + Math.abs(date - days) * DAY);
  return new Date(time).toISOString().replace('Z', '');
}
