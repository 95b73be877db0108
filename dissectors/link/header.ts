/** Headers told by their parts: most of what stands in front of IP is words of a few bits each. */
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, type FieldType, field } from '../../src/core/node.js';

/** Reads on at the cursor: part of a header that begins at `at` and, where it is understood, ends at `end`. */
type Read = (c: Cursor, at: number, end: number) => void;

/** Some bytes of a header, and the fields that they can have. */
export interface HeaderPart {
  readonly fields: readonly Field[];
  readonly read: Read;
}

/** A header in front of IP: its group, all fields, and how it is read. */
export interface LayerHeader extends HeaderPart {
  readonly group: Field;
}

/** A field whose value is `width` bits behind `shift` lower ones. */
interface Bits {
  readonly field: Field;
  readonly shift: number;
  readonly width: number;
}

/** Bits of a word, counted from the lowest. */
export function bits(name: string, label: string, type: FieldType, shift: number, width: number, hex = false): Bits {
  return { field: field(name, label, type, { hex }), shift, width };
}

/** One bit. */
export function flag(name: string, label: string, shift: number): Bits {
  return bits(name, label, 'bool', shift, 1);
}

/** `length` bytes of bits: the first of them has the bytes, the others are computed beside it. */
export function bitWord(length: 1 | 2 | 3 | 4, ...parts: readonly Bits[]): HeaderPart {
  const [first, ...rest] = parts;
  const value = ({ field: f, shift, width }: Bits, n: number): number | boolean => {
    const bit = Math.floor(n / 2 ** shift) % 2 ** width;
    return f.type === 'bool' ? bit !== 0 : bit;
  };
  return {
    fields: parts.map((part) => part.field),
    read: (c) => {
      const n = c.bits(first.field, length, (all) => value(first, all));
      for (const part of rest) c.computed(part.field, value(part, n));
    },
  };
}

/** A number of one to four bytes in network order. */
export function number(length: 1 | 2 | 3 | 4, name: string, label: string, more: Partial<Field> = {}): HeaderPart {
  const f = field(name, label, length === 1 ? 'uint8' : length === 2 ? 'uint16' : 'uint32', more);
  return { fields: [f], read: (c) => (length === 3 ? c.bits(f, 3, (n) => n) : readNumber(c, f, length)) };
}

function readNumber(c: Cursor, f: Field, length: 1 | 2 | 4): void {
  if (length === 1) c.u8(f);
  else if (length === 2) c.u16(f);
  else c.u32(f);
}

/** A number with its lowest byte first. */
export function littleNumber(length: 2 | 4, name: string, label: string): HeaderPart {
  const f = field(name, label, length === 2 ? 'uint16' : 'uint32');
  return {
    fields: [f],
    read: (c) => {
      c.littleEndian = true;
      readNumber(c, f, length);
      c.littleEndian = false;
    },
  };
}

/** Bytes with a text of their own, or none. */
export function raw(length: number, name: string, label: string, text?: (b: Uint8Array) => string): HeaderPart {
  const f = field(name, label, 'bytes');
  return { fields: [f], read: (c) => c.skip(f, length, text) };
}

/** Parts that are there where the header's bytes say so. */
export function when(holds: (b: Uint8Array, at: number) => boolean, ...parts: readonly HeaderPart[]): HeaderPart {
  return {
    fields: parts.flatMap((part) => part.fields),
    read: (c, at, end) => {
      if (holds(c.bytes, at)) for (const part of parts) part.read(c, at, end);
    },
  };
}

/** A header of these parts one behind the other. */
export function layerHeader(name: string, label: string, ...parts: readonly HeaderPart[]): LayerHeader {
  const group = field(name, label);
  return {
    group,
    fields: [group, ...parts.flatMap((part) => part.fields)],
    read: (c, at, end) => {
      for (const part of parts) part.read(c, at, end);
    },
  };
}

/** What of the header is left, in bytes that nobody takes apart. */
export function rest(name: string, label: string): HeaderPart {
  const f = field(name, label, 'bytes');
  return {
    fields: [f],
    read: (c, _, end) => {
      if (c.pos < end) c.skip(f, end - c.pos);
    },
  };
}

/** Bytes that are not taken apart. */
export function skip(length: number): HeaderPart {
  return {
    fields: [],
    read: (c) => {
      c.pos = Math.min(c.pos + length, c.end);
    },
  };
}
