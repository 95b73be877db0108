/** What `encode` says of documents that it cannot write. */

import { UserError } from '../core/user-error.js';

/** A document that cannot be encoded: where, and why. */
export class EncodeError extends UserError {
  constructor(path: string, message: string) {
    super(path === '' ? message : `${path}: ${message}`);
    this.name = 'EncodeError';
  }
}

/** A member of a JSON object, or undefined. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

/** The JSON object at `path`. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new EncodeError(path, `an object is wanted, not ${what(value)}`);
  return value as JsonObject;
}

/** The array at `path`. */
export function arrayAt(value: unknown, path: string): Json[] {
  if (!Array.isArray(value)) throw new EncodeError(path, `an array is wanted, not ${what(value)}`);
  return value as Json[];
}

/** The text at `path`. */
export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new EncodeError(path, `text is wanted, not ${what(value)}`);
  return value;
}

/** The whole number at `path`, from `low` to `high`. Text as `0x10` is taken too. */
export function numberAt(value: unknown, path: string, low = 0, high = 0xffffffff): number {
  const n = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof n !== 'number' || !Number.isInteger(n) || n < low || n > high)
    throw new EncodeError(path, `a whole number from ${low} to ${high} is wanted, not ${what(value)}`);
  return n;
}

/** The bytes that the hex text at `path` says. */
export function bytesAt(value: unknown, path: string): Uint8Array {
  const text = textAt(value, path).replace(/\s+/g, '');
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new EncodeError(path, 'not hex digits in pairs');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function what(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
