/**
 * Writes what the tables of types.ts describe, in NDR (C706 14) and NDR64 (MS-RPCE 2.2.5): the counterpart of read.ts.
 */

import { guidBytes, utf8Bytes, utf16Bytes } from '../../src/core/bytes.js';
import { alignOf, armAlign, dimensionsOf, isConformant, isOpenArray, numberSize } from './layout.js';
import { pointee } from './pointee.js';
import { exactNumber, rangeText } from './range.js';
import type { ArrayType, Member, NdrType, NdrValue, NumberKind, StringType, StructType } from './types.js';

type Elements = NdrValue[] | Uint8Array;

type Deferred = { readonly type: NdrType; readonly value: NdrValue };

/**
 * A place whose bytes no value says. Every place where padding may be is one, those without padding too: so the n-th
 * gap of a stub is the same place when its values become longer or shorter.
 */
export interface Gap {
  readonly start: number;
  readonly length: number;
  /**
   * `padding`: alignment, and the byte that fills up the last word of a BSTR; `reserved`: what receivers ignore;
   * `referent`: the id of a pointer that is not null; `room`: the maximum count of a varying array.
   */
  readonly kind: 'padding' | 'reserved' | 'referent' | 'room';
}

/** Collects the bytes of one stub. Throws a TypeError for values that do not fit their table. */
export class NdrWriter {
  private buffer = new Uint8Array(256);
  private view = new DataView(this.buffer.buffer);
  private length = 0;
  private deferred: Deferred[] = [];
  /** VARTYPE of the VARIANT or SAFEARRAY being written, as in read.ts. */
  vartype = 0;
  /** Alignment of the structure whose last array's counts were written in front of it; 0 where there is none. */
  private hoisted = 0;
  private referents = 0;
  /** Where the bytes are that no value says, in the order of writing. */
  readonly gaps: Gap[] = [];

  /**
   * @param ids referent ids to use one after the other; then, and without them, ids are made as Windows makes them
   * @param blobsLittleEndian byte order of what MS-OAUT has little endian whatever the drep says (BSTR, SAFEARRAY)
   */
  constructor(
    readonly ndr64: boolean,
    public littleEndian = true,
    private readonly ids: readonly number[] = [],
    private readonly blobsLittleEndian = littleEndian,
  ) {}

  /** Referent ids that were used so far. */
  get referentsUsed(): number {
    return this.referents;
  }

  /** Writes a BSTR's or a SAFEARRAY's bytes in their byte order. */
  blob(write: () => void): void {
    const outer = this.littleEndian;
    this.littleEndian = this.blobsLittleEndian;
    write();
    this.littleEndian = outer;
  }

  /** What was written, as a copy. */
  result(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  /** Parameters one by one, each with its referents. */
  params(members: readonly Member[], values: Record<string, NdrValue>): void {
    for (const m of members) this.whole(m.type, memberOf(values, m.name));
  }

  /** A value with all its referents. */
  whole(type: NdrType, value: NdrValue): void {
    const outer = this.deferred;
    const mine: Deferred[] = [];
    this.deferred = mine;
    this.hoisted = 0;
    this.into(type, value);
    for (const d of mine) this.whole(d.type, d.value);
    this.deferred = outer;
  }

  /** Zero bytes up to a multiple of `n`. */
  align(n: number): void {
    const gap = -this.length & (n - 1);
    if (n > 1) this.gaps.push({ start: this.length, length: gap, kind: 'padding' });
    if (gap > 0) this.buffer.fill(0, this.room(gap), this.length);
  }

  /** The last `length` bytes, or those in front of the last `behind`, are ones that no value says. */
  spare(kind: Gap['kind'], length: number, behind = 0): void {
    this.gaps.push({ start: this.length - behind - length, length, kind });
  }

  u32(value: number): void {
    this.number('u32', value);
  }

  /** A count or pointer-sized number. */
  count(value: number): void {
    if (!this.ndr64) {
      this.u32(value);
      return;
    }
    this.number('u64', value);
  }

  /** A pointer's referent id: the next of those given, or one of our own. */
  referent(): void {
    const id = this.ids[this.referents] ?? 0x20000 + 4 * this.referents;
    this.referents++;
    this.count(id);
    this.spare('referent', this.ndr64 ? 8 : 4);
  }

  bytes(value: Uint8Array): void {
    const at = this.room(value.length);
    this.buffer.set(value, at);
  }

  /** Throws for a value that the kind cannot hold: nothing wraps, and nothing is rounded to a whole number. */
  number(kind: NumberKind, value: NdrValue): void {
    const exact = exactNumber(kind, value, this.ndr64);
    if (exact === null) throw new TypeError(`${rangeText(kind, this.ndr64)} is wanted, not ${String(value)}`);
    const width = numberSize(kind, this.ndr64);
    this.align(width);
    const at = this.room(width);
    const le = this.littleEndian;
    if (kind === 'f32') this.view.setFloat32(at, Number(exact), le);
    else if (kind === 'f64') this.view.setFloat64(at, Number(exact), le);
    else if (width === 8) this.view.setBigUint64(at, BigInt.asUintN(64, BigInt(exact)), le);
    else if (width === 4) this.view.setUint32(at, Number(exact), le);
    else if (width === 2) this.view.setUint16(at, Number(exact), le);
    else this.view.setUint8(at, Number(exact));
  }

  private into(type: NdrType, value: NdrValue): void {
    switch (type.kind) {
      case 'number':
        this.number(type.number, value);
        break;
      case 'guid':
        this.guid(value as string);
        break;
      case 'pointer':
        if (value === null || value === undefined) this.count(0);
        else {
          this.referent();
          this.deferred.push({ type: pointee(type), value });
        }
        break;
      case 'struct':
        this.struct(type, value as Record<string, NdrValue>);
        break;
      case 'array':
        this.array(type, value as Elements);
        break;
      case 'string':
        this.string(`${value}\0`, type);
        break;
      case 'union': {
        const { tag, value: arm } = value as { tag: number; value: NdrValue };
        const armType = tag in type.arms ? type.arms[tag] : type.otherwise;
        if (armType === undefined) throw new TypeError(`a union has no arm ${tag}`);
        if (this.ndr64) this.align(alignOf(type, true));
        this.number(type.tag.number, tag);
        if (this.ndr64) this.align(armAlign(type, true));
        if (armType !== null) this.into(armType, arm);
        break;
      }
      case 'mapped':
        this.into(type.wire, type.encode(value));
        break;
      case 'custom':
        this.align(type.alignment(this.ndr64));
        type.write(this, value);
        break;
    }
  }

  /** A GUID's 16 bytes, its first three parts in the byte order of the stub. */
  guid(value: string): void {
    this.align(4);
    const bytes = guidBytes(value, this.littleEndian);
    if (bytes.length !== 16) throw new TypeError(`not a GUID: ${value}`);
    this.bytes(bytes);
  }

  private struct(type: StructType, value: Record<string, NdrValue>): void {
    const alignment = alignOf(type, this.ndr64);
    const conformant = isConformant(type);
    if (this.hoisted === 0 && conformant) {
      for (const n of openLengths(type, value)) this.count(n);
      this.hoisted = alignment;
    }
    this.align(alignment);
    for (const m of type.members) {
      this.into(m.type, memberOf(value, m.name));
      if (m.type.as?.reserved && m.type.kind === 'number')
        this.spare('reserved', numberSize(m.type.number, this.ndr64));
    }
    if (this.ndr64 && !conformant) this.align(Math.min(alignment, 8));
  }

  private array(type: ArrayType, value: Elements): void {
    const counts = type.length === undefined ? lengthsOf(type, value) : [value.length];
    if (type.length === undefined) {
      if (this.hoisted === 0)
        for (const n of counts) {
          this.count(n);
          if (type.varying) this.spare('room', this.ndr64 ? 8 : 4);
        }
      // its gap stands behind what is in front of the array (MS-RPCE 2.2.5.3.4.1)
      else if (this.ndr64) this.align(this.hoisted);
      this.hoisted = 0;
    } else if (value.length !== type.length)
      throw new TypeError(`an array of ${type.length} elements is wanted, not one of ${value.length}`);
    if (type.varying)
      for (const n of counts) {
        this.count(0);
        this.count(n);
      }
    this.rows(type, counts, value);
  }

  private rows(type: ArrayType, [n, ...inner]: readonly number[], value: Elements): void {
    if (value.length !== n) throw new TypeError(`rows of ${n} elements are wanted, not one of ${value.length}`);
    if (value instanceof Uint8Array) {
      this.bytes(value);
      return;
    }
    if (value.length > 0) this.align(alignOf(type.of, this.ndr64));
    for (const v of value)
      if (inner.length > 0) this.rows(type.of as ArrayType, inner, v as Elements);
      else this.into(type.of, v);
  }

  private string(text: string, { wide, length }: StringType): void {
    const body = wide ? utf16Bytes(text, this.littleEndian) : utf8Bytes(text);
    const count = wide ? body.length / 2 : body.length;
    if (length === undefined) {
      this.count(count);
      this.spare('room', this.ndr64 ? 8 : 4);
    } else if (count > length) throw new TypeError(`text of ${count - 1} characters in room for ${length - 1}`);
    this.count(0);
    this.count(count);
    this.bytes(body);
  }

  /** Makes room for `n` bytes and returns where they begin. */
  private room(n: number): number {
    const at = this.length;
    this.length += n;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, at));
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** A member's value; null where there is none, whatever else objects have by that name. */
function memberOf(value: Record<string, NdrValue>, name: string): NdrValue {
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}

/** Elements of an open array in each dimension, by its first row. */
function lengthsOf(type: ArrayType, value: Elements): number[] {
  const counts: number[] = [];
  let row: NdrValue | undefined = value;
  for (const _ of dimensionsOf(type)) {
    counts.push((row as Elements | undefined)?.length ?? 0);
    row = (row as NdrValue[] | undefined)?.[0];
  }
  return counts;
}

/** Elements of the conformant array that ends a structure. */
function openLengths(type: StructType, value: Record<string, NdrValue>): number[] {
  const last = type.members[type.members.length - 1];
  const inner = memberOf(value, last.name);
  if (isOpenArray(last.type)) return lengthsOf(last.type as ArrayType, inner as Elements);
  return openLengths(last.type as StructType, inner as Record<string, NdrValue>);
}
