/**
 * A field's value as tshark 4.0 prints it in a column, and as filters compare it. A dissector may hold an address
 * as bytes, number or text, and a time as nanoseconds (bigint) or seconds (number): all of these are one value.
 */
import { hexText, latin1Text } from '#platform';
import { ipv6Text as addressText } from '../core/address.js';
import { calendar, calendarDate } from '../core/calendar.js';
import type { Field, FieldType, Node, Scalar } from '../core/node.js';
import { fieldKind, type Kind } from './field-table.js';
import { parseBytes, parseIpv4, parseIpv6, parseSeconds, parseTime } from './literals.js';

/** What comparisons work on: booleans as 0 and 1, IPv4 as number, IPv6 as bigint, times as nanoseconds. */
export type Comparable = number | bigint | string | Uint8Array;

/** Bytes of a value on the wire, by type; the others have no fixed width. */
export const WIDTH: Readonly<Partial<Record<FieldType, number>>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float: 4,
  double: 8,
  guid: 16,
  ipv4: 4,
  ipv6: 16,
};

/** 24 bits on the wire, which `FieldType` does not know. */
const UINT24: ReadonlySet<string> = new Set(['ipv6.flow', 'geneve.vni']);

/** The node's value as comparisons want it, or null where it has none of that kind. */
export function comparable({ source, start, end, value }: Node, kind: Kind): Comparable | null {
  return kind === 'none' && source !== null ? source.bytes.subarray(start, end) : comparableValue(value, kind);
}

/** A value as comparisons want it, or null where it is none of that kind. */
export function comparableValue(value: Scalar, kind: Kind): Comparable | null {
  switch (kind) {
    case 'none':
    case 'bytes':
      return asBytes(value);
    case 'bool':
      return value === null || typeof value === 'object' || typeof value === 'string' ? null : Number(Boolean(value));
    case 'int':
    case 'float':
      return typeof value === 'boolean'
        ? Number(value)
        : typeof value === 'number' || typeof value === 'bigint'
          ? value
          : null;
    case 'guid':
    case 'string':
      return value === null || typeof value === 'object' ? null : String(value);
    case 'ipv4':
      return ipv4Number(value);
    case 'ipv6':
      return ipv6Number(value);
    case 'time':
      return nanoseconds(value);
  }
}

/** A node's value as a column shows it. */
export function formatNode(node: Node): string {
  const { field, value } = node;
  // a protocol prints its line of the tree, a group that it is there
  if (field.type === 'none') return field.name.includes('.') ? '1' : (node.display ?? field.label);
  if (value === null) return field.type === 'string' ? (node.display ?? '') : '';
  return formatValue(field, value);
}

/** A value as a column shows it. */
export function formatValue(field: Field, value: Exclude<Scalar, null>): string {
  switch (fieldKind(field.type)) {
    case 'bool':
      return value ? '1' : '0';
    case 'int':
      return typeof value === 'number' || typeof value === 'bigint' ? integerText(field, value) : plain(value);
    case 'float':
      return typeof value === 'number' ? floatText(value, field.type === 'float' ? 6 : 15) : plain(value);
    case 'ipv4': {
      const n = ipv4Number(value);
      return n === null ? plain(value) : ipv4Column(n);
    }
    case 'ipv6': {
      const n = ipv6Number(value);
      return n === null ? plain(value) : ipv6Column(n);
    }
    case 'time': {
      const ns = nanoseconds(value);
      return ns === null
        ? plain(value)
        : isDuration(field.name)
          ? secondsText(ns)
          : timeText(ns, IN_UTC.has(field.name));
    }
    case 'bytes':
      return isHardwareAddress(field.name) ? colons(value) : plain(value);
    default:
      return plain(value);
  }
}

/** Times that count from something else than a calendar's start, or that Wireshark prints as if they did. */
export function isDuration(name: string): boolean {
  return /(?:^|[._])(?:time_epoch|time_relative|time_delta\w*|duration)$/.test(name) || name === 'dcerpc.time';
}

/** Bytes as `aa:bb:cc`. */
export function colons(value: Exclude<Scalar, null>): string {
  const digits = plain(value);
  const pairs = digits.length >> 1;
  if (pairs === 0) return '';
  // values may be as long as a frame: a text for each byte would take a hundred times as much
  const text = new Uint8Array(pairs * 3 - 1);
  for (let i = 0, at = 0; i < pairs; i++) {
    if (i > 0) text[at++] = COLON;
    text[at++] = digits.charCodeAt(2 * i);
    text[at++] = digits.charCodeAt(2 * i + 1);
  }
  return latin1Text(text, 0, text.length);
}

const COLON = 0x3a;

/** Nanoseconds as `1694504294.756299000`. */
export function secondsText(ns: bigint): string {
  const abs = ns < 0n ? -ns : ns;
  return `${ns < 0n ? '-' : ''}${abs / 1_000_000_000n}.${String(abs % 1_000_000_000n).padStart(9, '0')}`;
}

/** Nanoseconds since 1970 as `2023-09-12T07:38:14.756299000Z`. */
export function isoText(ns: bigint): string {
  const told = calendar(ns, true);
  return told === null ? secondsText(ns) : `${calendarDate(told)}T${told.clock}.${told.fraction}Z`;
}

/** A value as nanoseconds, or null where it is no time. */
export function nanoseconds(value: Scalar): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value * 1e9) ? BigInt(Math.round(value * 1e9)) : null;
  return typeof value === 'string' ? (parseTime(value) ?? parseSeconds(value)) : null;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Wireshark prints these in UTC, and all others in the machine's zone. */
const IN_UTC: ReadonlySet<string> = new Set(['ntlmssp.ntlmv2_response.time']);

/** `Sep 12, 2023 07:38:14.756299000 UTC`, the day padded with a blank. */
function timeText(ns: bigint, isUtc = false): string {
  const told = calendar(ns, isUtc);
  if (told === null) return secondsText(ns);
  const { year, month, day, clock, fraction, zone } = told;
  return `${MONTHS[month]} ${String(day).padStart(2, ' ')}, ${year} ${clock}.${fraction} ${zone}`;
}

function isHardwareAddress(name: string): boolean {
  return /^(?:eth\.(?:src|dst)|sll\.src\.eth|wlan\.(?:ra|ta|sa|da|bssid)|ieee8021ah\.c(?:src|dst)|macsec\.SCI\.system_identifier)$/.test(
    name,
  );
}

function integerText(field: Field, value: number | bigint): string {
  if (field.hex !== true) return String(value);
  const width = UINT24.has(field.name) ? 3 : (WIDTH[field.type] ?? 4);
  const digits = value < 0 ? BigInt.asUintN(width * 8, BigInt(value)) : value;
  return `0x${digits.toString(16).padStart(width * 2, '0')}`;
}

/** As C's `%.{digits}g` prints it. */
function floatText(value: number, digits: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= digits) {
    const sign = power < 0 ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const sign = Object.is(value, -0) ? '-' : '';
  return sign + trimZeros(value.toFixed(Math.max(0, digits - 1 - power)));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function plain(value: Exclude<Scalar, null>): string {
  if (typeof value !== 'object') return String(value);
  return hexText(value);
}

function asBytes(value: Scalar): Uint8Array | null {
  return value instanceof Uint8Array ? value : typeof value === 'string' ? parseBytes(value) : null;
}

function ipv4Number(value: Scalar): number | null {
  if (typeof value === 'number') return value >>> 0;
  if (typeof value === 'string') return parseIpv4(value)?.value ?? null;
  if (!(value instanceof Uint8Array) || value.length !== 4) return null;
  return value[0] * 0x1000000 + value[1] * 0x10000 + value[2] * 0x100 + value[3];
}

function ipv6Number(value: Scalar): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return parseIpv6(value)?.value ?? null;
  return value instanceof Uint8Array && value.length === 16 ? BigInt(`0x${plain(value)}`) : null;
}

/** Dotted text of an IPv4 address. */
export function ipv4Column(n: number): string {
  return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`;
}

/** Text of an IPv6 address. */
export function ipv6Column(n: bigint): string {
  return addressText(
    Uint8Array.from({ length: 16 }, (_, i) => Number((n >> BigInt(120 - 8 * i)) & 0xffn)),
    0,
  );
}
