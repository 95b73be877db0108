/**
 * One description of a record serves three ends: read it, draw it, write it. A layout (records.ts) calls
 * `r.id = w.i32(F.objectId, r.id)`: a reading wire ignores the value it is given, returns the one that stands
 * in the stream and, while recording, draws it; a writing wire appends the value and returns it.
 */
import { isUtf8 } from '#platform';
import type { Cursor } from '../../../src/core/cursor.js';
import { type Limits, limitMessage } from '../../../src/core/limits.js';
import type { Field } from '../../../src/core/node.js';
import { F } from './fields.js';
import { decodeText } from './text.js';

export interface Wire {
  readonly reading: boolean;
  u8(f: Field, value: number, display?: (v: number) => string): number;
  i8(f: Field, value: number): number;
  u16(f: Field, value: number): number;
  i16(f: Field, value: number): number;
  u32(f: Field, value: number, display?: (v: number) => string): number;
  i32(f: Field, value: number): number;
  i64(f: Field, value: bigint, display?: (v: bigint) => string): bigint;
  u64(f: Field, value: bigint, display?: (v: bigint) => string): bigint;
  f32(f: Field, value: number | string): number | string;
  f64(f: Field, value: number | string): number | string;
  /** LengthPrefixedString (MS-NRBF 2.1.1.6). */
  text(f: Field, value: string): string;
  /** The same where reading needs the text even when it only checks. */
  name(f: Field, value: string): string;
  /** One UTF-16 unit as UTF-8 (2.1.1.1). */
  char(f: Field, value: string): string;
  raw(f: Field, length: number, value: Uint8Array): Uint8Array;
  /** A number that may not be negative and counts things of at least `minBytes` bytes each. */
  count(f: Field, value: number, minBytes: number): number;
  /** An enumeration of one byte up to `last`. */
  choice(f: Field, value: number, last: number): number;
  /** Draws what `layout` handles below one node. */
  group<A>(f: Field, layout: (w: Wire, a: A) => void, a: A): void;
  note(code: string, message: string): void;
  fail(message: string): never;
}

/** .NET's NaN, which other implementations do not write: the sign bit is set. */
const NAN64 = 0xfff8000000000000n;
const NAN32 = 0xffc00000;

/** Reads through a cursor. */
export class ReadWire implements Wire {
  readonly reading = true;
  private readonly maxString: number;

  /** @param check the text of string records is checked and not made. */
  constructor(
    readonly c: Cursor,
    private readonly limits: Limits,
    public check: boolean,
    readonly noteAt: (code: string, message: string, at: number) => void,
  ) {
    this.maxString = limits.nrbfString;
  }

  /** The same with another cursor. */
  over(c: Cursor): ReadWire {
    return new ReadWire(c, this.limits, this.check, this.noteAt);
  }

  u8(f: Field, _value: number, display?: (v: number) => string): number {
    return this.c.u8(f, display);
  }
  i8(f: Field): number {
    return this.c.i8(f);
  }
  u16(f: Field): number {
    return this.c.u16(f);
  }
  i16(f: Field): number {
    return this.c.i16(f);
  }
  u32(f: Field, _value: number, display?: (v: number) => string): number {
    return this.c.u32(f, display);
  }
  i32(f: Field, _value?: number): number {
    return this.c.i32(f);
  }
  i64(f: Field, _value: bigint, display?: (v: bigint) => string): bigint {
    return this.c.i64(f, display);
  }
  u64(f: Field, _value: bigint, display?: (v: bigint) => string): bigint {
    return this.c.u64(f, display);
  }

  f32(f: Field): number | string {
    const value = this.c.f32(f);
    if (!Number.isNaN(value)) return value;
    const bits = this.last(4).getUint32(0, true);
    return bits === NAN32 ? value : `NaN:${bits.toString(16)}`;
  }

  f64(f: Field): number | string {
    const value = this.c.f64(f);
    if (!Number.isNaN(value)) return value;
    const bits = this.last(8).getBigUint64(0, true);
    return bits === NAN64 ? value : `NaN:${bits.toString(16)}`;
  }

  /** The bytes that were read last. */
  private last(length: number): DataView {
    const { bytes, pos } = this.c;
    return new DataView(bytes.buffer, bytes.byteOffset + pos - length, length);
  }

  text(f: Field, _value?: string): string {
    return this.string(f, this.check);
  }

  name(f: Field, _value?: string): string {
    return this.string(f, false);
  }

  private string(f: Field, check: boolean): string {
    const c = this.c;
    let length = c.peek();
    if (length < 0 || length > 127 || length > this.maxString || c.isRecording) length = this.length();
    else c.pos++;
    const at = c.pos;
    if (c.isRecording || at + length > c.end) {
      const text = c.utf8(f, length);
      if (text.includes('\uFFFD')) this.checkText(at, length);
      return text;
    }
    c.pos = at + length;
    if (!this.isAscii(at, length)) this.checkText(at, length);
    return check ? '' : decodeText(c.bytes, at, length);
  }

  /** Whether bytes are ASCII, as far as looking is faster than asking for UTF-8. */
  private isAscii(at: number, length: number): boolean {
    if (length > 256) return false;
    const b = this.c.bytes;
    const end = at + length;
    let all = 0;
    let i = at;
    for (; i + 4 <= end; i += 4) all |= b[i] | b[i + 1] | b[i + 2] | b[i + 3];
    for (; i < end; i++) all |= b[i];
    return all < 0x80;
  }

  /** The length of a string: seven bits a byte, low ones first, at most five bytes. */
  private length(): number {
    const c = this.c;
    let length = 0;
    let n = 0;
    for (;;) {
      const byte = c.peek(n);
      if (byte < 0) c.raw(F.stringLength, n + 1);
      length += (byte & 0x7f) * 2 ** (7 * n);
      n++;
      if (byte < 0x80) break;
      if (n === 5) c.fail('a string length that does not end in five bytes');
    }
    if (length > 0x7fffffff) c.fail(`a string of ${length} bytes: a length has 31 bits`);
    if (length > this.maxString) c.limit(limitMessage('nrbfString', this.limits));
    if (n > 1 && c.peek(n - 1) === 0)
      this.noteAt('string-length-overlong', `the string length ${length} takes ${n} bytes, more than it needs`, c.pos);
    if (n === 1) c.u8(F.stringLength);
    else c.raw(F.stringLength, n, () => String(length));
    return length;
  }

  /** Says so where bytes are not UTF-8. */
  checkText(at: number, length: number): void {
    if (!isUtf8(this.c.bytes.subarray(at, at + length)))
      this.noteAt('string-invalid-utf8', 'a string that is not UTF-8: what does not decode shows as U+FFFD', at);
  }

  char(f: Field): string {
    const c = this.c;
    const lead = c.peek();
    if (lead >= 0 && lead < 0x80) return String.fromCharCode(c.u8(f, (v) => String.fromCharCode(v)));
    const n = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const at = c.pos;
    const text = c.utf8(f, n);
    if (text.length !== 1) this.noteAt('char-invalid', 'a Char that is not one UTF-16 unit', at);
    else if (text === '\uFFFD') this.checkText(at, n);
    return text;
  }

  raw(f: Field, length: number): Uint8Array {
    return this.c.raw(f, length);
  }

  count(f: Field, _value: number, minBytes: number): number {
    const c = this.c;
    const value = c.peek32() | 0;
    // Checked before it is taken, so that the note points at it.
    if (c.left >= 4) {
      if (value < 0) c.fail(`${f.label} is ${value}: it may not be negative`);
      if (minBytes > 0) c.items(value, minBytes);
    }
    return c.i32(f);
  }

  choice(f: Field, _value: number, last: number): number {
    const c = this.c;
    if (c.peek() > last) c.fail(`${f.label} is ${c.peek()}: the last one there is, is ${last}`);
    return c.u8(f);
  }

  group<A>(f: Field, layout: (w: Wire, a: A) => void, a: A): void {
    if (this.c.isRecording) this.c.group(f, () => layout(this, a), null);
    else layout(this, a);
  }

  note(code: string, message: string): void {
    this.noteAt(code, message, this.c.pos);
  }
  fail(message: string): never {
    this.c.fail(message);
  }
}

const utf8 = new TextEncoder();

/** Appends to a buffer that grows. */
export class WriteWire implements Wire {
  readonly reading = false;
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  length = 0;

  /** What has been written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private room(n: number): number {
    const at = this.length;
    this.length += n;
    if (this.length > this.bytes.length) {
      const bytes = new Uint8Array(Math.max(this.length, this.bytes.length * 2));
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer);
    }
    return at;
  }

  /** Nothing wraps: what does not fit is a defect of the document. */
  private exact(f: Field, value: number, low: number, high: number): number {
    if (!Number.isInteger(value) || value < low || value > high)
      throw new TypeError(`${f.label}: a whole number from ${low} to ${high} is wanted, not ${String(value)}`);
    return value;
  }

  u8(f: Field, value: number): number {
    const at = this.room(1);
    this.bytes[at] = this.exact(f, value, 0, 0xff);
    return value;
  }
  i8(f: Field, value: number): number {
    const at = this.room(1);
    this.bytes[at] = this.exact(f, value, -0x80, 0x7f);
    return value;
  }
  u16(f: Field, value: number): number {
    const at = this.room(2);
    this.view.setUint16(at, this.exact(f, value, 0, 0xffff), true);
    return value;
  }
  i16(f: Field, value: number): number {
    const at = this.room(2);
    this.view.setInt16(at, this.exact(f, value, -0x8000, 0x7fff), true);
    return value;
  }
  u32(f: Field, value: number): number {
    const at = this.room(4);
    this.view.setUint32(at, this.exact(f, value, 0, 0xffffffff), true);
    return value;
  }
  i32(f: Field, value: number): number {
    const at = this.room(4);
    this.view.setInt32(at, this.exact(f, value, -0x80000000, 0x7fffffff), true);
    return value;
  }
  i64(_f: Field, value: bigint): bigint {
    const at = this.room(8);
    this.view.setBigInt64(at, value, true);
    return value;
  }
  u64(_f: Field, value: bigint): bigint {
    const at = this.room(8);
    this.view.setBigUint64(at, value, true);
    return value;
  }
  f32(_f: Field, value: number | string): number | string {
    const at = this.room(4);
    if (typeof value === 'string') this.view.setUint32(at, Number.parseInt(value.slice(4), 16), true);
    else if (Number.isNaN(value)) this.view.setUint32(at, NAN32, true);
    else this.view.setFloat32(at, value, true);
    return value;
  }
  f64(_f: Field, value: number | string): number | string {
    const at = this.room(8);
    if (typeof value === 'string') this.view.setBigUint64(at, BigInt(`0x${value.slice(4)}`), true);
    else if (Number.isNaN(value)) this.view.setBigUint64(at, NAN64, true);
    else this.view.setFloat64(at, value, true);
    return value;
  }
  text(_f: Field, value: string): string {
    const bytes = utf8.encode(value);
    let left = bytes.length;
    for (; left > 0x7f; left >>>= 7) this.u8(F.stringLength, (left & 0x7f) | 0x80);
    this.u8(F.stringLength, left);
    this.raw(F.text, bytes.length, bytes);
    return value;
  }
  name(f: Field, value: string): string {
    return this.text(f, value);
  }
  char(_f: Field, value: string): string {
    const bytes = utf8.encode(value);
    this.raw(F.text, bytes.length, bytes);
    return value;
  }
  raw(_f: Field, _length: number, value: Uint8Array): Uint8Array {
    const at = this.room(value.length);
    this.bytes.set(value, at);
    return value;
  }
  count(f: Field, value: number): number {
    return this.u32(f, this.exact(f, value, 0, 0x7fffffff));
  }
  choice(f: Field, value: number): number {
    return this.u8(f, value);
  }
  group<A>(_f: Field, layout: (w: Wire, a: A) => void, a: A): void {
    layout(this, a);
  }
  note(): void {}
  fail(message: string): never {
    throw new TypeError(message);
  }
}
