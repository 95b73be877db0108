/**
 * Text and numbers as people and the format spell them: UTF-8 (MS-NRBF 2.1.1.6), DateTime (2.1.1.5),
 * TimeSpan (2.1.1.4), Decimal (2.1.1.3).
 */
import { utf8Text } from '#platform';
import type { NrbfScalar } from './model.js';
import { Primitive } from './types.js';

const char = String.fromCharCode;

/** UTF-8 text of `length` bytes; what does not decode becomes U+FFFD. */
export function decodeText(b: Uint8Array, at: number, length: number): string {
  // A call into C++ costs as much as a dozen characters made here.
  if (length > 12) return utf8Text(b, at, at + length);
  let text = '';
  let i = at;
  const end = at + length;
  for (; i + 4 <= end; i += 4) {
    if ((b[i] | b[i + 1] | b[i + 2] | b[i + 3]) > 0x7f) return utf8Text(b, at, end);
    text += char(b[i], b[i + 1], b[i + 2], b[i + 3]);
  }
  for (; i < end; i++) {
    if (b[i] > 0x7f) return utf8Text(b, at, end);
    text += char(b[i]);
  }
  return text;
}

/** Whether a text has no half of a surrogate pair, which UTF-8 cannot say. */
export function wellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Behind `count` UTF-16 units that stand as UTF-8 from `at`; -1 where they do not. A pair is four bytes and two units. */
export function charsEnd(b: Uint8Array, at: number, end: number, count: number): number {
  let i = at;
  let left = count;
  while (left > 0 && i < end) {
    const lead = b[i];
    if (lead < 0x80) {
      i++;
      left--;
    } else if (lead < 0xe0) {
      i += 2;
      left--;
    } else if (lead < 0xf0) {
      i += 3;
      left--;
    } else {
      i += 4;
      left -= 2;
    }
  }
  return left === 0 && i <= end ? i : -1;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/;

/** Whether a Decimal's text is a number. */
function validDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/** Longer text is not looked at. */
const MOST_DECIMAL_TEXT = 200;
const MOST_DECIMAL = 79_228_162_514_264_337_593_543_950_335n;

/** Whether it is text (MS-NRBF 2.1.1.7) of a number that a Decimal can hold as it stands: 96 bits and 28 decimals. */
export function isDecimal(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > MOST_DECIMAL_TEXT || !validDecimal(value)) return false;
  const [whole, decimals = ''] = value.replace(/^[+-]/, '').split('.');
  const significant = decimals.replace(/0+$/, '');
  return significant.length <= 28 && BigInt(`0${whole}${significant}`) <= MOST_DECIMAL;
}

/** Text that is shorter has no more digits than a Decimal holds. */
const SURE_DECIMAL_TEXT = 28;

/** What is wrong with a Decimal's text, as a code and a message; null where nothing is. */
export function decimalFault(text: string): readonly [code: string, message: string] | null {
  if (text.length <= SURE_DECIMAL_TEXT ? validDecimal(text) : isDecimal(text)) return null;
  const shown = JSON.stringify(text.slice(0, 40));
  if (!validDecimal(text)) return ['decimal-malformed', `the Decimal ${shown} is no number`];
  return [
    'decimal-out-of-range',
    `the Decimal ${shown} has more than 96 bits or 28 digits behind the point: none is so exact`,
  ];
}

const TICKS_PER_DAY = 864_000_000_000n;
const UNIX_DAYS = 719_162n;
/** The first tick behind 9999-12-31. */
export const TICKS_END = 3_155_378_976_000_000_000n;

/**
 * Ticks and kind of a DateTime as it stands in the stream. Kind bits 3 are local, too, and `daylight`: in the hour that
 * comes twice when summer ends, the first of the two.
 */
export function dateParts(raw: bigint): { ticks: bigint; kind: number; daylight: boolean } {
  const kind = Number(raw >> 62n);
  return { ticks: raw & 0x3fffffffffffffffn, kind: kind === 3 ? 2 : kind, daylight: kind === 3 };
}

/** `2008-01-01T00:00:00`, with the fraction as long as it must be, and Z or `local` for the kind. */
export function dateText(raw: bigint): string {
  const { ticks, kind } = dateParts(raw);
  if (ticks >= TICKS_END) return `${ticks} ticks, beyond the year 9999`;
  const day = ticks / TICKS_PER_DAY - UNIX_DAYS;
  const date = new Date(Number(day) * 86_400_000);
  const iso = date.toISOString();
  // Before the year 1000 toISOString still writes four digits, so the date is always ten characters.
  const suffix = kind === 1 ? 'Z' : kind === 2 ? ' local' : '';
  return `${iso.slice(0, 10)}T${clock(ticks % TICKS_PER_DAY)}${suffix}`;
}

function clock(ticks: bigint): string {
  const seconds = Number(ticks / 10_000_000n);
  const two = (n: number) => String(n).padStart(2, '0');
  const fraction = ticks % 10_000_000n;
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return fraction === 0n ? text : `${text}.${String(fraction).padStart(7, '0').replace(/0+$/, '')}`;
}

/** `1.02:03:04.5`, as .NET prints a TimeSpan. */
export function spanText(ticks: bigint): string {
  const size = ticks < 0n ? -ticks : ticks;
  const days = size / TICKS_PER_DAY;
  return `${ticks < 0n ? '-' : ''}${days === 0n ? '' : `${days}.`}${clock(size % TICKS_PER_DAY)}`;
}

/** Whether a System.Decimal may have these flags: a sign and a scale of at most 28, no other bits. */
export function areDecimalFlags(flags: number): boolean {
  return (flags & 0x7f00ffff) === 0 && ((flags >>> 16) & 0xff) <= 28;
}

/** A System.Decimal from its four parts: 96 bits and flags with sign and scale. */
export function decimalText(flags: number, hi: number, mid: number, lo: number): string {
  const digits = ((BigInt(hi >>> 0) << 64n) | (BigInt(mid >>> 0) << 32n) | BigInt(lo >>> 0)).toString();
  const scale = (flags >>> 16) & 0xff;
  const padded = digits.padStart(scale + 1, '0');
  const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  return flags < 0 ? `-${text}` : text;
}

/** Text in quotes, as source code has it; long text is cut. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 1000 ? text.slice(0, 1000) : text);
}

/** A raw value as C# would write it. */
export function scalarText(primitive: number, value: NrbfScalar): string {
  switch (primitive) {
    case Primitive.String:
      return quote(String(value));
    case Primitive.Char:
      return value === "'" ? "'\\''" : `'${JSON.stringify(String(value)).slice(1, -1).replace('\\"', '"')}'`;
    case Primitive.Decimal:
      return `${value}m`;
    case Primitive.DateTime:
      return dateText(value as bigint);
    case Primitive.TimeSpan:
      return spanText(value as bigint);
    case Primitive.Single:
      return floatText(value as number | string, 6);
    case Primitive.Double:
      return floatText(value as number | string, 17);
    default:
      return String(value);
  }
}

/** The shortest text that reads as the same number: a Single has no more than nine digits. */
function floatText(value: number | string, digits: number): string {
  if (typeof value === 'string') return 'NaN';
  if (Object.is(value, -0)) return '-0';
  for (let n = digits; n < 10; n++) {
    const short = Number(value.toPrecision(n));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}
