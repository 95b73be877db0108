/** What `encode` says of documents that it cannot write. */
import { fromHex } from '../core/bytes.js';
import { distance, slips } from '../core/nearest.js';

import { UserError } from '../core/user-error.js';

/** A document that cannot be encoded: where, and why. */
export class EncodeError extends UserError {
  constructor(path: string, message: string) {
    super(path === '' ? message : `${path.replace(/^\./, '')}: ${message}`);
    this.name = 'EncodeError';
  }
}

/** A member of a JSON object, or undefined. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

/** The path of a member or an element of what stands at `path`. */
export function under(path: string, key: unknown): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(String(key))
    ? `${path}.${key}`
    : `${path}[${JSON.stringify(key)}]`;
}

/** The JSON object at `path`. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EncodeError(path, `an object is wanted, not ${found(value, path)}`);
  return value as JsonObject;
}

/** The array at `path`. */
export function arrayAt(value: unknown, path: string): Json[] {
  if (!Array.isArray(value)) throw new EncodeError(path, `a list is wanted, not ${found(value, path)}`);
  return value as Json[];
}

/** The text at `path`. */
export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new EncodeError(path, `text is wanted, not ${found(value, path)}`);
  return value;
}

/** The whole number that a value says, from `low` to `high`; text as `12` or `0x10` is taken too. Null for others. */
export function whole(value: unknown, low: number, high: number): number | null {
  const n = typeof value === 'string' && /^(-?\d+|0x[0-9a-f]+)$/i.test(value) ? Number(value) : value;
  return typeof n === 'number' && Number.isSafeInteger(n) && n >= low && n <= high ? n : null;
}

/** The whole number at `path`, from `low` to `high`. */
export function numberAt(value: unknown, path: string, low = 0, high = 0xffffffff): number {
  const n = whole(value, low, high);
  if (n === null)
    throw new EncodeError(path, `a whole number from ${low} to ${high} is wanted, not ${found(value, path)}`);
  return n;
}

const HEX = /^[0-9a-fA-F]*$/;

/** The bytes that hex text says, with blanks or without; null for other values. */
export function hexBytes(value: unknown): Uint8Array | null {
  const digits = typeof value === 'string' ? value.replace(/\s+/g, '') : 'x';
  return digits.length % 2 === 0 && HEX.test(digits) ? fromHex(digits) : null;
}

/** The bytes that the hex text at `path` says. */
export function bytesAt(value: unknown, path: string): Uint8Array {
  const bytes = hexBytes(textAt(value, path));
  if (bytes === null) throw new EncodeError(path, 'hex digits in pairs are wanted');
  return bytes;
}

/** `there is no KIND NAME; is it OTHER?`, or all that there are where none is near and they are few. */
export function unknownName(kind: string, name: string, known: Iterable<string>): string {
  return `there is no ${kind} ${short(name)}${meant(name, [...new Set(known)])}`;
}

/** `; is it OTHER?`, `; it has A, B`: what was meant, or may stand there. */
export function meant(name: string, known: readonly string[]): string {
  const wanted = name.toLowerCase();
  // among a few names a slip in a short one is told apart, too
  let least = Math.max(known.length <= 24 && name.length > 2 ? 1 : 0, slips(name));
  let near: string[] = [];
  for (const candidate of known) {
    const cost = distance(wanted, candidate.toLowerCase(), least);
    if (cost > least) continue;
    if (cost < least) near = [];
    least = cost;
    near.push(candidate);
  }
  if (near.length > 0 && near.length <= 4) return `; is it ${near.join(' or ')}?`;
  return known.length > 0 && known.length <= 24
    ? `; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`
    : '';
}

/** Places where somebody may have put a password: what stands there is never quoted. */
const SECRET = /(^|[.[])(auth|password|nthash|keys?)\b(?!\.(type|level)$)/i;

/** Whether a number in JSON was too great for a number: 1e999 is read as infinite, which is text (`Infinity`) where it is meant. */
export function beyond(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** A value for a message, shortened. */
export function found(value: unknown, path: string): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (beyond(value)) return 'one that is greater than any number';
  if (SECRET.test(path)) return typeof value === 'string' ? 'this text' : 'this';
  return JSON.stringify(typeof value === 'string' ? short(value) : value);
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
