/**
 * Values as people write them: numbers in any base, addresses with a prefix length, bytes, GUIDs, times.
 * Each function returns null for a text that is not one.
 */
import { fromHex } from '../core/bytes.js';
import { whenShown } from '../core/calendar.js';

const BASES: readonly [RegExp, number][] = [
  [/^0x([0-9a-f]+)$/i, 16],
  [/^0b([01]+)$/i, 2],
  [/^0o([0-7]+)$/i, 8],
  // as in C, and as Wireshark reads it
  [/^0([0-7]+)$/, 8],
  [/^(0|[1-9]\d*)$/, 10],
];
const PREFIX: Readonly<Record<number, string>> = { 16: '0x', 8: '0o', 2: '0b', 10: '' };

/** A whole number with or without a sign; bigint only where a number would lose digits. */
export function parseInteger(text: string): number | bigint | null {
  const negative = text.startsWith('-');
  const digits = negative || text.startsWith('+') ? text.slice(1) : text;
  for (const [pattern, base] of BASES) {
    const m = pattern.exec(digits);
    if (m === null) continue;
    const value = BigInt(PREFIX[base] + m[1]);
    const signed = negative ? -value : value;
    return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed;
  }
  return null;
}

/** A decimal number with a fraction, an exponent, or none of them; null where it is too big for a number. */
export function parseFloatText(text: string): number | null {
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** An address or, with a prefix length, a network. `bits` counts the bits that matter. */
export interface Address<T> {
  readonly value: T;
  readonly bits: number;
}

/** `10.0.0.0/8`. The host part of a network does not matter and may be set. */
export function parseIpv4(text: string): Address<number> | null {
  const m = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (m === null) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = Number(m[i]);
    if (part > 255) return null;
    value = value * 256 + part;
  }
  const bits = m[5] === undefined ? 32 : Number(m[5]);
  return bits > 32 ? null : { value, bits };
}

/** `2001:db8::/32`, `::ffff:10.0.0.1`. */
export function parseIpv6(text: string): Address<bigint> | null {
  const [address, prefix, ...rest] = text.split('/');
  if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return null;
  const bits = prefix === undefined ? 128 : Number(prefix);
  if (bits > 128) return null;
  const halves = address.split('::');
  if (halves.length > 2) return null;
  const head = groups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1], true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) value = (value << 16n) | BigInt(group);
  return { value, bits };
}

/** The 16-bit groups of one side of `::`; the last two may be written as an IPv4 address. */
function groups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const found: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) found.push(Number.parseInt(part, 16));
    else {
      const v4 = last && i === parts.length - 1 && !part.includes('/') ? parseIpv4(part) : null;
      if (v4 === null) return null;
      found.push(Math.floor(v4.value / 65536), v4.value % 65536);
    }
  }
  return found;
}

/** `05:00:0b`, `05-00-0b`, `0500.0b03`, `05000b`, `0x05`, or one digit for one byte. */
export function parseBytes(text: string): Uint8Array | null {
  if (/^[0-9a-f]$/i.test(text)) return Uint8Array.of(Number.parseInt(text, 16));
  const digits =
    /^(?:0x)?((?:[0-9a-f]{2})+|[0-9a-f]{2}(?:([:.-])[0-9a-f]{2})(?:\2[0-9a-f]{2})*|(?:[0-9a-f]{4}\.)+[0-9a-f]{4})$/i.exec(
      text,
    );
  return digits === null ? null : fromHex(digits[1].replace(/[:.-]/g, ''));
}

/** A GUID with or without braces, in lower case without them. */
export function parseGuid(text: string): string | null {
  const m = /^(\{)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\})?$/i.exec(text);
  return m === null || (m[1] === undefined) !== (m[3] === undefined) ? null : m[2].toLowerCase();
}

/** Seconds with up to nine digits after the point, as nanoseconds. */
export function parseSeconds(text: string): bigint | null {
  const m = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  if (m === null || (m[2] === '' && (m[3] ?? '') === '')) {
    const seconds = parseFloatText(text);
    return seconds === null || !Number.isFinite(seconds * 1e9) ? null : BigInt(Math.round(seconds * 1e9));
  }
  const nanoseconds = BigInt(m[2] || '0') * 1_000_000_000n + BigInt((m[3] ?? '').padEnd(9, '0').slice(0, 9));
  return m[1] === '-' ? -nanoseconds : nanoseconds;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?`;
const ISO = new RegExp(String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:\s+|T)${CLOCK})?$`, 'i');
const WORDED = new RegExp(String.raw`^([a-z]{3})\s+(\d{1,2}),\s+(\d{4})\s+${CLOCK}$`, 'i');

/**
 * `2026-11-21 01:02:03.5`, ISO 8601, `Nov 21, 2026 01:02:03`, as nanoseconds since 1970. A time without a zone is
 * local time, as in Wireshark: that of TZ, or of the machine.
 */
export function parseTime(text: string): bigint | null {
  const iso = ISO.exec(text.trim());
  const worded = iso === null ? WORDED.exec(text.trim()) : null;
  const m = iso ?? worded;
  if (m === null) return null;
  const year = Number(iso !== null ? m[1] : m[3]);
  const month = iso !== null ? Number(m[2]) - 1 : MONTHS.indexOf(m[1].toLowerCase());
  const day = Number(iso !== null ? m[3] : m[2]);
  const [hour, minute, second] = [Number(m[4] ?? 0), Number(m[5] ?? 0), Number(m[6] ?? 0)];
  const ms = Date.UTC(year, month, day, hour, minute, second);
  const made = new Date(ms);
  // Date.UTC carries what does not exist (month 13, 31 February, second 61) into the next unit
  if (made.getUTCMonth() !== month || made.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) return null;
  const fraction = BigInt((m[7] ?? '').padEnd(9, '0'));
  if (m[8] === undefined) return BigInt(whenShown(ms)) * 1_000_000n + fraction;
  const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(m[8]);
  const offset = zone === null ? 0 : (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60_000;
  return BigInt(ms - offset) * 1_000_000n + fraction;
}
