/**
 * Reads what the tables of types.ts describe, in NDR (C706 14) and NDR64 (MS-RPCE 2.2.5).
 * Referents of embedded pointers stand behind the construct that holds the pointers, each followed by its own
 * referents (C706 14.3.12.3); in the tree they stand below their pointer.
 */

import { StateStore } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Field, field, type Node } from '../../src/core/node.js';
import { once } from '../../src/core/once.js';
import { ownMember } from '../../src/core/own-member.js';
import { agreementsOf, checkCounts, checkPart, checkTags } from './agree.js';
import { idText } from './id-text.js';
import { alignOf, armAlign, dimensionsOf, isConformant, lastArray, minSize } from './layout.js';
import { pointee } from './pointee.js';
import {
  type ArrayType,
  armField,
  elementField,
  type Member,
  type NdrType,
  type NdrValue,
  type NumberKind,
  type PointerType,
  type StringType,
  type StructType,
  type UnionType,
} from './types.js';

export const REFERENT_ID = field('dcerpc.referent_id', 'Referent', 'uint32', { hex: true });
const REFERENT_ID64 = field('dcerpc.referent_id64', 'Referent', 'uint64', { hex: true });
export const MAX_COUNT = field('dcerpc.array.max_count', 'Max count', 'uint64');
export const OFFSET = field('dcerpc.array.offset', 'Offset', 'uint64');
const ACTUAL_COUNT = field('dcerpc.array.actual_count', 'Actual count', 'uint64');
const UNION_TAG = field('dcerpc.union_tag', 'Union tag', 'uint32');
const POINTER = field('dcerpc.pointer', 'Pointer');
const ARRAY = field('dcerpc.array', 'Array');
export const NDR_FIELDS = [REFERENT_ID, REFERENT_ID64, MAX_COUNT, OFFSET, ACTUAL_COUNT, UNION_TAG, POINTER, ARRAY];

/** Fields of nodes that group a value's parts, by the value's own: they are no sights of that, and have its label. */
const groups = {
  pointer: once((f: Field) => field(POINTER.name, f.label)),
  array: once((f: Field) => field(ARRAY.name, f.label)),
  // a structure may be known by its bytes
  struct: once((f: Field) => field(f.name, f.label, f.type === 'bytes' ? 'bytes' : 'none')),
};

/** The field of a number as wide as a pointer, where those have 32 bits: it prints as many digits. */
const narrow = once((f: Field): Field => ({ ...f, type: 'uint32' }));

/** Where values go: the slot of an object or an array. */
type Target = Record<string | number, NdrValue>;

/** A referent still to come. */
interface Referent {
  readonly type: NdrType;
  readonly field: Field;
  readonly under: Node | null;
  readonly target: Target;
  readonly key: string | number;
}

/** What is left to do when all in front of it was read; also after a failure, when what was read is still shown. */
type Deferred = Referent | { readonly finish: (failed: boolean) => void };

/** What types that depend on more than their own bytes tell. */
export interface StubFindings {
  /** Interface pointers met while reading, in order: (IID, OXID, OID, IPID …) as objref.ts makes them. */
  readonly objrefs: object[];
  /** How the server lays out CCW_PTRs, where only one layout fits (ccw-ptr.ts). */
  ccw: string | null;
}

/** What they may ask, in one reading. */
export interface StubScope {
  /** What is kept for the whole capture. */
  readonly capture: StateStore;
  /** How the server lays out CCW_PTRs, for where several layouts fit; null while nothing told. */
  readonly ccw: string | null;
  /** By-reference numbers of a VARIANT have two referents, as go-msrpc writes them. */
  readonly referencesTwice: boolean;
  readonly found: StubFindings;
}

/** The scope of a reading that knows nothing of a capture. */
export function emptyScope(referencesTwice = false): StubScope {
  return { capture: new StateStore(), ccw: null, referencesTwice, found: { objrefs: [], ccw: null } };
}

/** Reads one stub (or one pickled value): a cursor, a transfer syntax and the referents still to come. */
export class NdrReader {
  private deferred: Deferred[] = [];
  /** VARTYPE of the VARIANT or SAFEARRAY being read: it stands in front of numbers that travel by their size alone. */
  vartype = 0;
  /** Of the conformant array that ends the structure being read: its counts, once they were read, and the structure's alignment. */
  private hoisted: { readonly counts: readonly number[]; readonly alignment: number } | null = null;
  private readonly referent = (_: Cursor, { type, field: f, target, key }: Referent): void =>
    this.whole(type, f, target, key);

  /**
   * @param base offset from which alignment counts
   */
  constructor(
    readonly c: Cursor,
    readonly ndr64: boolean,
    readonly scope: StubScope,
    readonly base = 0,
  ) {}

  /**
   * Reads parameters one by one, each with its referents, into an object. What was read stays when one fails.
   * @param behind called behind each
   */
  params(members: readonly Member[], target: Record<string, NdrValue>, behind?: (m: Member) => void): void {
    for (const m of members) {
      ownMember(target, m.name);
      this.whole(m.type, m.field, target, m.name);
      behind?.(m);
    }
    checkCounts(this.c, agreementsOf(members).arrays, target);
  }

  /** Reads a value with all its referents. */
  whole(type: NdrType, f: Field, target: Target, key: string | number): void {
    const outer = this.deferred;
    const mine: Deferred[] = [];
    this.deferred = mine;
    this.hoisted = null;
    this.c.enter();
    // the entry being worked on; -1 while the value itself is
    let done = -1;
    try {
      this.into(type, f, target, key);
      for (done = 0; done < mine.length; done++) {
        const d = mine[done];
        if ('finish' in d) d.finish(false);
        else this.c.below(d.under, this.referent, d);
      }
    } finally {
      for (done++; done < mine.length; done++) {
        const d = mine[done];
        if ('finish' in d) d.finish(true);
      }
      this.c.leave();
      this.deferred = outer;
    }
  }

  /** Aligns to `n` bytes from where the stub begins. */
  align(n: number): void {
    this.c.align(n, this.base);
  }

  /** A count or pointer-sized number: 4 bytes in NDR, 8 in NDR64. */
  count(f: Field): number {
    if (!this.ndr64) {
      this.align(4);
      return this.c.u32(f);
    }
    this.align(8);
    const value = this.c.u64(f === REFERENT_ID ? REFERENT_ID64 : f);
    if (value > 0xffffffffn && f !== REFERENT_ID) this.c.fail(`a count of ${value}`);
    return Number(value & 0xffffffffffffn);
  }

  /** Reads a value into its slot; its referents are put off. */
  into(type: NdrType, f: Field, target: Target, key: string | number): void {
    switch (type.kind) {
      case 'number':
        target[key] = this.number(type.number, f);
        break;
      case 'guid':
        this.align(4);
        target[key] = this.c.guid(f);
        break;
      case 'pointer':
        this.pointer(type, f, target, key);
        break;
      case 'struct':
        this.struct(type, f, target, key);
        break;
      case 'array':
        this.array(type, f, target, key);
        break;
      case 'string':
        target[key] = this.string(type, f);
        break;
      case 'union':
        this.union(type, f, target, key);
        break;
      case 'mapped': {
        const box: Target = {};
        try {
          this.into(type.wire, f, box, 'wire');
        } finally {
          this.deferred.push({
            finish: (failed) => {
              target[key] = box.wire === undefined ? null : type.decode(box.wire);
              if (!failed) type.check?.(this.c, box.wire);
            },
          });
        }
        break;
      }
      case 'custom':
        this.align(type.alignment(this.ndr64));
        target[key] = type.read(this, f);
        break;
    }
  }

  /** A number, aligned to its size. */
  number(kind: NumberKind, f: Field): number | bigint | string {
    const { c } = this;
    switch (kind) {
      case 'u8':
        return c.u8(f);
      case 'i8':
        return c.i8(f);
      case 'u16':
        this.align(2);
        return c.u16(f);
      case 'i16':
        this.align(2);
        return c.i16(f);
      case 'enum16':
        if (this.ndr64) {
          this.align(4);
          return c.u32(f);
        }
        this.align(2);
        return c.u16(f);
      case 'size':
        return this.count(this.c.isRecording && !this.ndr64 ? narrow(f) : f);
      case 'i32':
        this.align(4);
        return c.i32(f);
      case 'u32':
        this.align(4);
        return c.u32(f);
      case 'hex32':
        this.align(4);
        return hex(c.u32(f), 8);
      case 'f32':
        this.align(4);
        return c.f32(f);
      case 'f64':
        this.align(8);
        return c.f64(f);
      case 'u64':
        this.align(8);
        return c.u64(f);
      case 'i64':
        this.align(8);
        return c.i64(f);
      case 'id64':
        this.align(8);
        return idText(c.u64(f));
    }
  }

  private pointer(type: PointerType, f: Field, target: Target, key: string | number): void {
    const { c } = this;
    let under: Node | null = null;
    this.align(this.ndr64 ? 8 : 4);
    const read = (): number => {
      under = c.here;
      return this.count(REFERENT_ID);
    };
    const id = c.isRecording ? c.group(groups.pointer(f), read) : this.count(REFERENT_ID);
    target[key] = null;
    if (id === 0) {
      c.below(under, () => c.tell('null'), null);
      // a text that is null is a sight of its field all the same
      if (under !== null && f.type === 'string') (under as { field: Field }).field = f;
      return;
    }
    const to = pointee(type);
    // what is no table has nodes of its own alone: the pointer is the sight of its field
    if (under !== null && to.kind === 'custom' && to.fieldType === 'none') (under as { field: Field }).field = f;
    this.deferred.push({ type: to, field: f, under, target, key });
  }

  private struct(type: StructType, f: Field, target: Target, key: string | number): void {
    const value: Target = {};
    target[key] = value;
    const alignment = alignOf(type, this.ndr64);
    const conformant = isConformant(type);
    if (this.hoisted === null && conformant) this.hoisted = { counts: this.maxima(lastArray(type)), alignment };
    this.align(alignment);
    if (this.c.isRecording) this.c.group(groups.struct(f), () => this.members(type, value));
    else this.members(type, value);
    // MS-RPCE 2.2.5.3.4.1: in NDR64 a structure's size is a multiple of its alignment, as far as the stub goes on
    if (this.ndr64 && !conformant && this.c.left > 0) this.align(Math.min(alignment, 8));
  }

  private members(type: StructType, value: Target): void {
    for (const m of type.members) {
      ownMember(value, m.name);
      this.into(m.type, m.field, value, m.name);
    }
    const { arrays, unions } = agreementsOf(type.members);
    checkTags(this.c, unions, value);
    if (arrays.length > 0) this.deferred.push({ finish: (failed) => failed || checkCounts(this.c, arrays, value) });
  }

  private array(type: ArrayType, f: Field, target: Target, key: string | number): void {
    const { hoisted } = this;
    const counts = type.length === undefined ? [...(hoisted?.counts ?? this.maxima(type))] : [type.length];
    if (type.length === undefined) {
      // its gap stands behind what is in front of the array (MS-RPCE 2.2.5.3.4.1)
      if (this.ndr64 && hoisted !== null && this.c.left > 0) this.align(hoisted.alignment);
      this.hoisted = null;
    }
    if (type.varying)
      for (const [i, n] of counts.entries()) {
        counts[i] = this.part('elements', n);
      }
    const all = counts.reduce((product, n) => product * n, 1);
    if (counts.length > 1) this.c.items(all, minSize(dimensionsOf(type)[counts.length - 1].of));
    this.rows(type, all === 0 ? counts.map(() => 0) : counts, f, target, key);
  }

  /** Offset and count of the part of an array or a string that is sent: values do not say where it begins. */
  private part(of: 'elements' | 'characters', room: number): number {
    const offset = this.count(OFFSET);
    const count = this.count(ACTUAL_COUNT);
    checkPart(this.c, of, { room, offset, count });
    return count;
  }

  /** How many elements a conformant array may have, in each of its dimensions. */
  private maxima(type: ArrayType): readonly number[] {
    return dimensionsOf(type).map(() => this.count(MAX_COUNT));
  }

  /** Reads so many elements in each dimension. */
  private rows(
    type: ArrayType,
    [n, ...inner]: readonly number[],
    f: Field,
    target: Target,
    key: string | number,
  ): void {
    const { c } = this;
    const { of } = type;
    if (of.kind === 'number' && of.number === 'u8') {
      target[key] = c.raw(f, c.items(n, 1));
      return;
    }
    c.items(n, minSize(of));
    const values: NdrValue[] = [];
    target[key] = values;
    const slots = values as unknown as Target;
    if (n > 0) this.align(alignOf(of, this.ndr64));
    const own = c.isRecording ? elementField(type, f) : f;
    const elements = (): void => {
      for (let i = 0; i < n; i++)
        if (inner.length > 0) this.rows(of as ArrayType, inner, own, slots, i);
        else this.into(of, own, slots, i);
    };
    if (c.isRecording)
      c.group(own === f ? groups.array(f) : f, elements, null, `${n} ${n === 1 ? 'element' : 'elements'}`);
    else elements();
  }

  private string(type: StringType, f: Field): string {
    const { c } = this;
    const max = type.length ?? this.count(MAX_COUNT);
    const actual = this.part('characters', max);
    const unit = type.wide ? 2 : 1;
    c.items(actual, unit);
    return c.terminated(f, actual * unit, type.wide);
  }

  private union(type: UnionType, f: Field, target: Target, key: string | number): void {
    // MS-RPCE 2.2.5.3: in NDR64 tag and arms begin where the widest of them may
    if (this.ndr64) this.align(alignOf(type, true));
    const read = (): void => {
      const tag = Number(this.number(type.tag.number, UNION_TAG));
      const value: Target = { tag, value: null };
      target[key] = value;
      const arm = tag in type.arms ? type.arms[tag] : type.otherwise;
      if (arm === undefined) this.c.fail(`a union's tag ${tag} that names no arm`);
      if (this.ndr64) this.align(armAlign(type, true));
      if (arm !== null) this.into(arm, this.c.isRecording ? armField(arm, f) : f, value, 'value');
    };
    if (this.c.isRecording) this.c.group(f, read);
    else read();
  }
}

/** `0x` and `digits` hex digits. */
export function hex(value: number | bigint, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
