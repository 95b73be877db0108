/**
 * DER (X.690) over a cursor: what GSS-API, SPNEGO and Kerberos need of it. Definite lengths and low tag numbers only;
 * readers go down as deep as their grammar does, never as deep as the input says.
 */
import { latin1Text } from '#platform';
import type { Cursor } from '../core/cursor.js';
import { type Field, field } from '../core/node.js';
import { generalizedTime } from '../core/wire-time.js';

export const DER = {
  header: field('ber.header', 'Tag and length', 'bytes'),
  content: field('ber.content', 'Content', 'bytes'),
  unknown: field('ber.unknown', 'Unknown element', 'bytes'),
} as const;

export const DER_FIELDS: readonly Field[] = Object.values(DER);

/** Identifier octets of universal types. */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
const OID = 0x06;
export const ENUMERATED = 0x0a;
const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;

/** `[n]`, constructed. */
export const context = (n: number) => 0xa0 | n;
/** `[APPLICATION n]`, constructed. */
export const application = (n: number) => 0x60 | n;

/** Reads tag and length of the element that has to be a `tag`; returns how long its content is. */
export function tagAndLength(c: Cursor, tag: number): number {
  const found = c.peek();
  if (found >= 0 && found !== tag) c.fail(`tag ${hex(tag)} wanted, ${hex(found)} found`);
  const first = c.peek(1);
  if (first < 0x80) {
    c.raw(DER.header, 2);
    return Math.max(first, 0);
  }
  const count = first & 0x7f;
  if (count === 0) c.fail('a length without an end (DER has none)');
  if (count > 4) c.fail(`a length of ${count} bytes`);
  const bytes = c.raw(DER.header, 2 + count);
  let length = 0;
  for (let i = 2; i < bytes.length; i++) length = length * 256 + bytes[i];
  return length;
}

const hex = (tag: number) => `0x${tag.toString(16).padStart(2, '0')}`;

/** An element of type `tag`, its content read by `read` inside a frame; below a node when `f` is given. */
export function element<T>(c: Cursor, f: Field | null, tag: number, read: (c: Cursor) => T): T | undefined {
  const inside = () => c.frame(null, tagAndLength(c, tag), contents, read);
  return f === null ? inside() : c.group(f, inside);
}

/** What a grammar did not foresee behind its last member (extensions) is there, but unknown. */
function contents<T>(c: Cursor, read: (c: Cursor) => T): T {
  const value = read(c);
  if (c.left > 0) c.raw(DER.unknown, c.left);
  return value;
}

/** A member `[n]` of a sequence, below a node unless its content is one leaf; undefined where it is not there. */
export function contextMember<T>(c: Cursor, f: Field | null, n: number, read: (c: Cursor) => T): T | undefined {
  return c.peek() === context(n) ? element(c, f, context(n), read) : undefined;
}

/** Reads each element of the rest of a region. */
export function each(c: Cursor, read: (c: Cursor) => void): void {
  while (c.left > 0) {
    const at = c.pos;
    read(c);
    if (c.pos === at) c.fail('an element without bytes');
  }
}

/** INTEGER or ENUMERATED up to 6 bytes; also the value of the node being filled. */
export function integer(c: Cursor, tag = INTEGER): number {
  const length = tagAndLength(c, tag);
  if (length < 1 || length > 6) c.fail(`an integer of ${length} bytes`);
  const bytes = c.raw(DER.content, length);
  let value = bytes[0] & 0x80 ? -1 : 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}

/**
 * A member `[n]` INTEGER as a node with its number. Where the field is unsigned, a negative one of 32 bits counts as what
 * its bits say: some write UInt32 so (RFC 4120 section 5.2.4), and Windows the key versions of read-only controllers.
 */
export function integerMember(c: Cursor, f: Field, n: number): number | undefined {
  return contextMember(c, f, n, (m) => {
    const told = integer(m);
    const value = f.type === 'uint32' && told < 0 && told >= -(2 ** 31) ? told + 2 ** 32 : told;
    m.tell(f.names?.[value] === undefined ? String(value) : `${value} (${f.names[value]})`, value);
    return value;
  });
}

/** OCTET STRING as a leaf. */
export function octets(c: Cursor, f: Field): Uint8Array {
  return c.raw(f, tagAndLength(c, OCTET_STRING));
}

/** A text of any of the string types (they all hold ASCII or UTF-8 where they are used here). */
export function characters(c: Cursor, f: Field): string {
  return c.utf8(f, tagAndLength(c, c.peek()));
}

/** GeneralizedTime, as Kerberos has it: no fraction (RFC 4120 section 5.2.3). */
export function time(c: Cursor, f: Field): void {
  const length = tagAndLength(c, GENERALIZED_TIME);
  c.made(f, length, (b) => generalizedTime(latin1Text(b, 0, b.length)) ?? c.fail('a time that does not exist'));
}

/** BIT STRING: the bits, most significant first in each byte. */
export function bitString(c: Cursor, f: Field, display?: (bits: Uint8Array) => string): Uint8Array {
  const length = tagAndLength(c, BIT_STRING);
  if (length < 1) c.fail('a bit string without its count of unused bits');
  c.raw(DER.content, 1);
  return c.raw(f, length - 1, display);
}

/** Whether bit `n` of a BIT STRING is set. */
export const bit = (b: Uint8Array, n: number): boolean => ((b[n >> 3] ?? 0) & (0x80 >> (n & 7))) !== 0;

/** OBJECT IDENTIFIER in dots. */
export function oid(c: Cursor, f: Field, names: Readonly<Record<string, string>> = {}): string {
  return c.group(f, () => {
    const value = oidText(c.raw(DER.content, headerOnly(c)));
    c.tell(names[value] === undefined ? value : `${value} (${names[value]})`, value);
    return value;
  });
}

const headerOnly = (c: Cursor) => tagAndLength(c, OID);

function oidText(b: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of b) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (arcs.length === 0) arcs.push(Math.min(2, Math.floor(arc / 40)), arc - 40 * Math.min(2, Math.floor(arc / 40)));
    else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}
