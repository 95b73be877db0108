/** Well-known classes whose objects are one value that people write as text: numbers, times, GUIDs, types, URIs. */

import { isRecord, type NrbfStream, type ObjectRecord } from '../format/model.js';
import { areDecimalFlags, dateParts, dateText, decimalText, scalarText, spanText, TICKS_END } from '../format/text.js';
import { arrayItems, arrayMember, member, numberMember, textMember } from './graph.js';
import { shortType } from './short-type.js';

/** The text of an object; null where its members do not make one. */
type Reader = (s: NrbfStream, o: ObjectRecord) => string | null;

function boxed(_s: NrbfStream, o: ObjectRecord): string | null {
  const value = o.values.length === 1 ? o.values[0] : null;
  return value === null || isRecord(value) ? null : scalarText(o.cls.kinds[0], value);
}

function pointer(s: NrbfStream, o: ObjectRecord): string | null {
  const value = member(s, o, 'value') ?? null;
  return typeof value === 'bigint' ? `0x${BigInt.asUintN(64, value).toString(16)}` : null;
}

function decimal(s: NrbfStream, o: ObjectRecord): string | null {
  const [flags, hi, mid, lo] = ['flags', 'hi', 'mid', 'lo'].map((name) => numberMember(s, o, name));
  if (flags === null || hi === null || mid === null || lo === null || !areDecimalFlags(flags)) return null;
  return `${decimalText(flags, hi, mid, lo)}m`;
}

function dateTime(s: NrbfStream, o: ObjectRecord): string | null {
  const ticks = member(s, o, 'ticks');
  const told = member(s, o, 'dateData') ?? member(s, o, '_dateData') ?? ticks;
  if (typeof told !== 'bigint') return null;
  const raw = BigInt.asUintN(64, told);
  return typeof ticks === 'bigint' && dateParts(raw).ticks !== dateParts(BigInt.asUintN(64, ticks)).ticks
    ? null
    : dateText(raw);
}

function timeSpan(s: NrbfStream, o: ObjectRecord): string | null {
  const raw = member(s, o, '_ticks');
  return typeof raw === 'bigint' ? spanText(raw) : null;
}

/** The farthest that a DateTimeOffset is from UTC. */
const MOST_MINUTES = 14 * 60;

/** The DateTime is UTC, whatever its kind says; the offset is in minutes. */
function dateTimeOffset(s: NrbfStream, o: ObjectRecord): string | null {
  const raw = member(s, o, 'DateTime');
  const minutes = numberMember(s, o, 'OffsetMinutes');
  if (typeof raw !== 'bigint' || minutes === null) return null;
  const size = Math.abs(minutes);
  if (size > MOST_MINUTES) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  const there = dateParts(BigInt.asUintN(64, raw)).ticks + BigInt(minutes) * 600_000_000n;
  if (there < 0n || there >= TICKS_END) return null;
  return `${dateText(there)}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function guid(s: NrbfStream, o: ObjectRecord): string | null {
  const parts = ['_a', '_b', '_c', '_d', '_e', '_f', '_g', '_h', '_i', '_j', '_k'].map((name) =>
    numberMember(s, o, name),
  );
  if (parts.includes(null)) return null;
  const hex = (i: number, digits: number) => ((parts[i] as number) >>> 0).toString(16).padStart(8, '0').slice(-digits);
  const tail = [3, 4, 5, 6, 7, 8, 9, 10].map((i) => hex(i, 2));
  return `${hex(0, 8)}-${hex(1, 4)}-${hex(2, 4)}-${tail.slice(0, 2).join('')}-${tail.slice(2).join('')}`;
}

function version(s: NrbfStream, o: ObjectRecord): string | null {
  const all = ['_Major', '_Minor', '_Build', '_Revision'].map((name) => numberMember(s, o, name));
  // of build and revision -1 says that there is none
  const end = all.findIndex((n, i) => n === null || (i > 1 && n === -1));
  const told = all.slice(0, end < 0 ? all.length : end) as number[];
  const isWhole = all.slice(told.length).every((n) => n === -1) && told.every((n) => n >= 0);
  return isWhole ? told.join('.') : null;
}

/** UnityType says what the holder stands for: DBNull, Missing, a type, a module, an assembly. */
function unity(s: NrbfStream, o: ObjectRecord): string | null {
  const data = textMember(s, o, 'Data') ?? '';
  const assembly = textMember(s, o, 'AssemblyName') ?? '';
  switch (numberMember(s, o, 'UnityType')) {
    case 1:
      return 'Empty';
    case 2:
      return 'DBNull.Value';
    case 3:
      return 'Missing.Value';
    case 5:
      return `module ${data}`;
    case 6:
      return `assembly ${data === '' ? assembly : data}`;
    case 4:
    case 7:
    case 8:
      return `typeof(${data === '' ? '?' : shortType(data)})`;
    default:
      return null;
  }
}

function memberInfo(s: NrbfStream, o: ObjectRecord): string | null {
  const owner = textMember(s, o, 'ClassName');
  return `${owner === null ? '' : `${shortType(owner)}: `}${textMember(s, o, 'Signature') ?? textMember(s, o, 'Name') ?? '?'}`;
}

function bigInteger(s: NrbfStream, o: ObjectRecord): string | null {
  const sign = numberMember(s, o, '_sign');
  if (sign === null) return null;
  const bits = arrayMember(s, o, '_bits');
  if (bits === null) return String(sign);
  let value = 0n;
  for (const word of arrayItems(bits, 64).reverse()) value = (value << 32n) | BigInt((word as number) >>> 0);
  return bits.count > 64 ? `a number of ${bits.count * 32} bits` : `${sign < 0 ? '-' : ''}${value}`;
}

function quoted(value: string | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Classes of single values by name. */
export const SINGLE_VALUES: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...[
    'Boolean',
    'Byte',
    'SByte',
    'Char',
    'Int16',
    'UInt16',
    'Int32',
    'UInt32',
    'Int64',
    'UInt64',
    'Single',
    'Double',
  ].map((name) => [`System.${name}`, boxed] as const),
  ['System.Decimal', decimal],
  ['System.DateTime', dateTime],
  ['System.TimeSpan', timeSpan],
  ['System.DateTimeOffset', dateTimeOffset],
  ['System.Guid', guid],
  ['System.Version', version],
  ['System.IntPtr', pointer],
  ['System.UIntPtr', pointer],
  ['System.Numerics.BigInteger', bigInteger],
  ['System.Uri', (s, o) => textMember(s, o, 'AbsoluteUri') || textMember(s, o, 'RelativeUri')],
  ['System.Text.StringBuilder', (s, o) => quoted(textMember(s, o, 'm_StringValue'))],
  ['System.Globalization.CultureInfo', (s, o) => quoted(textMember(s, o, 'm_name'))],
  ['System.Globalization.CompareInfo', (s, o) => quoted(textMember(s, o, 'm_name'))],
  ['System.UnitySerializationHolder', unity],
  ['System.Reflection.MemberInfoSerializationHolder', memberInfo],
]);
