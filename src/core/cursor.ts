/**
 * Reading is recording. One dissect function serves the fast pass and the annotated tree: `c.u16(FRAG_LENGTH)`
 * returns the number and, while recording, adds a node with its bytes. Without recording it is a bounds
 * check and a load. This is the only file that throws or catches `Malformed`.
 */
import { latin1Text } from '#platform';
import { limitMessage } from './limits.js';
import { type Field, type Node, PADDING, type Scalar } from './node.js';
import { Recording, type Sieve } from './recording.js';
import type { DataSource } from './source.js';
import { guidText, utf16Text } from './text.js';

/**
 * Thrown inside, caught at the nearest frame; carries no stack trace.
 * `truncated`: the bytes were promised but not captured; `malformed`: they cannot be there or mean nothing;
 * `limit`: a bound of ours was met.
 */
class Malformed {
  constructor(
    readonly code: 'truncated' | 'malformed' | 'limit',
    readonly message: string,
    readonly offset: number,
    readonly source: string,
  ) {}
}

/** A text for a value, or a function that makes it (called only while recording). */
export type Display<T> = string | ((value: T) => string);

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A position in a source, the region that may be read, and the node that is being filled. */
export class Cursor {
  readonly bytes: Uint8Array;
  /** For what is read seldom; made when it is. */
  private seldom: DataView | null = null;
  /** Offset of the next byte, from the start of the source. */
  pos: number;
  /** End of what was captured of the current region. */
  end: number;
  /** End that the region claims; beyond `end` where bytes were lost. A read between the two is `truncated`. */
  claimed: number;
  littleEndian = true;
  private depth = 0;
  /** How deep sources may be derived from each other (NRBF in a BSTR in an OBJREF in …) and types may nest. */
  private readonly maxDepth: number;
  /** What leaves are made for; null where for all fields. */
  private readonly sieve: Sieve | null;
  /** Children of the node being filled; null while not recording. */
  private level: Node[] | null;
  private open: Node | null = null;

  constructor(
    readonly source: DataSource,
    readonly recording: Recording,
    claimed: number = source.bytes.length,
  ) {
    this.bytes = source.bytes;
    this.pos = 0;
    this.end = source.bytes.length;
    this.claimed = Math.max(claimed, this.end);
    this.maxDepth = recording.limits.depth;
    this.sieve = recording.sieve;
    this.level = recording.on ? recording.roots : null;
    if (recording.on) recording.sources.push(source);
  }

  /** Bytes left in the region, as far as they were captured. */
  get left(): number {
    return this.end - this.pos;
  }

  /** Bytes left in the region as it claims to be, captured or not. */
  get claimedLeft(): number {
    return this.claimed - this.pos;
  }

  /** Whether nodes are being made. Dissectors need it only to skip work that serves display alone. */
  get isRecording(): boolean {
    return this.level !== null;
  }

  u8(f: Field, display?: Display<number>): number {
    const at = this.take(1);
    const value = this.bytes[at];
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  i8(f: Field, display?: Display<number>): number {
    const at = this.take(1);
    const value = (this.bytes[at] << 24) >> 24;
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  u16(f: Field, display?: Display<number>): number {
    const at = this.take(2);
    const value = this.word16(at);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  i16(f: Field, display?: Display<number>): number {
    const at = this.take(2);
    const value = (this.word16(at) << 16) >> 16;
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  u32(f: Field, display?: Display<number>): number {
    const at = this.take(4);
    const value = this.word32(at) >>> 0;
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  i32(f: Field, display?: Display<number>): number {
    const at = this.take(4);
    const value = this.word32(at);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  u64(f: Field, display?: Display<bigint>): bigint {
    const at = this.take(8);
    const value = this.view.getBigUint64(at, this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  i64(f: Field, display?: Display<bigint>): bigint {
    const at = this.take(8);
    const value = this.view.getBigInt64(at, this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  f32(f: Field, display?: Display<number>): number {
    const at = this.take(4);
    const value = this.view.getFloat32(at, this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  f64(f: Field, display?: Display<number>): number {
    const at = this.take(8);
    const value = this.view.getFloat64(at, this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  /** A 16-byte GUID, its first three parts in the current byte order (C706 A.1): lower case, no braces. */
  guid(f: Field, display?: Display<string>): string {
    const at = this.take(16);
    const value = guidText(this.bytes, at, this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  /** `length` bytes, as a view on the source (not a copy). */
  raw(f: Field, length: number, display?: Display<Uint8Array>): Uint8Array {
    const at = this.take(length);
    const value = this.bytes.subarray(at, at + length);
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  /** The same where nobody but the tree wants them. */
  skip(f: Field, length: number, display?: Display<Uint8Array>): void {
    const at = this.take(length);
    if (this.isAsked(f)) this.leaf(f, at, this.bytes.subarray(at, at + length), display);
  }

  /**
   * `length` bytes (at most 4, the first of them the highest) whose node has some of their bits for its value: the others
   * become computed nodes beside it, so that every byte stays in one leaf. Returns all the bits.
   */
  bits(f: Field, length: number, pick: (n: number) => Scalar, display: Display<Scalar> = String): number {
    const at = this.take(length);
    let n = 0;
    for (let i = at; i < this.pos; i++) n = n * 256 + this.bytes[i];
    if (this.level !== null) this.leaf(f, at, pick(n), display);
    return n;
  }

  /** `length` bytes that stand for a value in a coding of its own, as a time: the node holds what `make` makes of them. */
  made<T extends Scalar>(f: Field, length: number, make: (bytes: Uint8Array) => T, display?: Display<T>): T {
    const at = this.take(length);
    const value = make(this.bytes.subarray(at, at + length));
    if (this.level !== null) this.leaf(f, at, value, display);
    return value;
  }

  /** `length` bytes as UTF-8; malformed sequences become U+FFFD. */
  utf8(f: Field, length: number): string {
    const at = this.take(length);
    const value = utf8.decode(this.bytes.subarray(at, at + length));
    if (this.level !== null) this.leaf(f, at, value, undefined);
    return value;
  }

  /** `length` bytes (even) as UTF-16 in the current byte order, without stopping at a zero. */
  utf16(f: Field, length: number): string {
    const at = this.take(length);
    const value = utf16Text(this.bytes.subarray(at, at + length), this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, undefined);
    return value;
  }

  /**
   * `length` bytes of text (UTF-8, or UTF-16 in the current byte order) that end at a zero. The zero is no part of the
   * value, what lies behind it is padding; text without a zero takes all of the bytes.
   */
  terminated(f: Field, length: number, wide: boolean): string {
    const at = this.take(length);
    const region = this.bytes.subarray(at, at + length);
    const text = wide ? utf16Text(region, this.littleEndian) : utf8.decode(region);
    const zero = text.indexOf('\0');
    if (zero < 0) {
      if (this.level !== null) this.leaf(f, at, text, undefined);
      return text;
    }
    const value = text.slice(0, zero);
    if (this.level === null) return value;
    // a unit of UTF-16 is a character of the text; malformed UTF-8 is not as long as what is shown for it
    this.pos = at + (wide ? (zero + 1) * 2 : region.indexOf(0) + 1);
    this.leaf(f, at, value, undefined);
    this.pad(at + length - this.pos);
    return value;
  }

  /** UTF-16 units up to and with a zero unit; the text without it. Fails where the region has none. */
  utf16z(f: Field): string {
    let to = this.pos;
    while (to + 1 < this.end && (this.bytes[to] !== 0 || this.bytes[to + 1] !== 0)) to += 2;
    const at = this.take(to + 2 - this.pos);
    const value = utf16Text(this.bytes.subarray(at, to), this.littleEndian);
    if (this.level !== null) this.leaf(f, at, value, undefined);
    return value;
  }

  /** Bytes up to and with a zero byte, as Latin-1. Fails where the region has none. */
  cString(f: Field): string {
    const zero = this.bytes.indexOf(0, this.pos);
    if (zero < 0 || zero >= this.end) this.fail('a string without its closing zero');
    const at = this.take(zero + 1 - this.pos);
    const value = latin1Text(this.bytes, at, zero);
    if (this.level !== null) this.leaf(f, at, value, undefined);
    return value;
  }

  /** Skips to the next multiple of `n` (a power of two) counted from `base`; what is skipped is a padding leaf. */
  align(n: number, base = 0): void {
    const gap = (base - this.pos) & (n - 1);
    if (gap !== 0) this.pad(gap);
  }

  /** `length` bytes that mean nothing. */
  pad(length: number): void {
    const at = this.take(length);
    if (this.level !== null && length > 0)
      this.leaf(PADDING, at, this.bytes.subarray(at, at + length), undefined, 'padding');
  }

  /** `length` bytes that go on in another source: a leaf here, whatever is made of them there. */
  carry(f: Field, length: number): void {
    const at = this.take(length);
    if (this.isAsked(f)) this.leaf(f, at, this.bytes.subarray(at, at + length), undefined, 'carried');
  }

  /** Goes on at another place further on in the source; what lies in front of it stays undissected. */
  goTo(at: number): void {
    this.take(at - this.pos);
  }

  /** A value that was learnt and not read, or what makes it: a node without bytes. */
  computed(f: Field, value: Scalar | (() => Scalar), display?: string): void {
    if (this.level === null || this.sieve?.wants(f) === false) return;
    this.level.push({
      field: f,
      source: null,
      start: 0,
      end: 0,
      value: typeof value === 'function' ? value() : value,
      display: display ?? null,
      role: 'data',
      children: [],
    });
  }

  /** The byte at `offset` from here, or -1 beyond what was captured. Records nothing. */
  peek(offset = 0): number {
    const at = this.pos + offset;
    return at < this.end ? this.bytes[at] : -1;
  }

  /** The 32-bit number at `offset` from here in the current byte order, or -1. Records nothing. */
  peek32(offset = 0): number {
    const at = this.pos + offset;
    return at + 4 <= this.end ? this.word32(at) >>> 0 : -1;
  }

  /** Another cursor at the same place that records nothing: for looking ahead before deciding how to read. */
  fork(): Cursor {
    const c = new Cursor(this.source, new Recording(false, this.recording.limits), this.claimed);
    c.pos = this.pos;
    c.end = this.end;
    c.claimed = this.claimed;
    c.littleEndian = this.littleEndian;
    c.depth = this.depth;
    return c;
  }

  /** Reads what belongs together below one node. */
  group<T>(f: Field, read: (c: Cursor) => T): T;
  group<A, T>(f: Field, read: (c: Cursor, a: A) => T, a: A, display?: Display<T>): T;
  group<A, T>(f: Field, read: (c: Cursor, a: A) => T, a?: A, display?: Display<T>): T {
    if (this.level === null) return read(this, a as A);
    const node = this.push(f, this.pos, this.pos, null, 'data');
    const outer = this.level;
    const open = this.open;
    this.level = node.children;
    this.open = node;
    try {
      const value = read(this, a as A);
      if (display !== undefined) node.display = typeof display === 'function' ? display(value) : display;
      return value;
    } finally {
      node.end = Math.max(node.start, this.pos);
      // bytes that are taken apart are bytes all the same: filters and columns ask for them
      if (f.type === 'bytes' && node.value === null) node.value = this.bytes.subarray(node.start, node.end);
      this.level = outer;
      this.open = open;
    }
  }

  /** Whether nodes are made for any of these fields. */
  wantsAny(fields: readonly Field[]): boolean {
    return this.level !== null && this.sieve?.wantsAny(fields) !== false;
  }

  /**
   * Like `group` for a protocol that has these fields and no others: nothing is recorded where none of them is asked
   * for, and no group where that one is not.
   */
  protocol<T>(f: Field, fields: readonly Field[], read: () => T): T {
    if (this.level === null || this.sieve === null) return this.group(f, read, null);
    const wanted = this.sieve.wantsAny(fields);
    if (wanted && this.sieve.wants(f)) return this.group(f, read, null);
    const { level, open } = this;
    if (!wanted) this.level = null;
    this.open = null;
    try {
      return read();
    } finally {
      this.level = level;
      this.open = open;
    }
  }

  /** Like `group` for a deferred referent: what `read` reads stands below `under`, wherever its bytes lie. */
  below<A, T>(under: Node | null, read: (c: Cursor, a: A) => T, a: A): T {
    if (this.level === null || under === null) return read(this, a);
    const outer = this.level;
    const open = this.open;
    this.level = under.children;
    this.open = under;
    try {
      return read(this, a);
    } finally {
      this.level = outer;
      this.open = open;
    }
  }

  /** Goes on with a group that was closed before, right behind it: the group then ends where this reading does. */
  more<A, T>(group: Node | null, read: (c: Cursor, a: A) => T, a: A): T {
    try {
      return this.below(group, read, a);
    } finally {
      if (group !== null) group.end = Math.max(group.end, this.pos);
    }
  }

  /** The node being filled, to come back to with `below`; null while not recording. */
  get here(): Node | null {
    return this.open;
  }

  /** Text for the node being filled. */
  tell(display: string | (() => string), value?: Scalar): void {
    if (this.open === null || this.sieve?.wants(this.open.field) === false) return;
    this.open.display = typeof display === 'function' ? display() : display;
    if (value !== undefined) this.open.value = value;
  }

  /**
   * Reads a region of `length` bytes whose end the caller knows. Whatever goes wrong inside ends there: it
   * becomes a note, what was read stays, and the cursor goes on behind the region. Undefined where it went wrong.
   */
  frame<T>(f: Field | null, length: number, read: (c: Cursor) => T): T | undefined;
  frame<A, T>(f: Field | null, length: number, read: (c: Cursor, a: A) => T, a: A): T | undefined;
  frame<A, T>(f: Field | null, length: number, read: (c: Cursor, a: A) => T, a?: A): T | undefined {
    const start = this.pos;
    const { end, claimed, littleEndian, depth } = this;
    const wanted = start + length;
    if (wanted > claimed) this.note('malformed', `${length} bytes claimed where ${claimed - start} are left`);
    this.claimed = Math.min(claimed, wanted);
    this.end = Math.min(end, wanted);
    const inside = (): T | undefined => {
      try {
        return read(this, a as A);
      } catch (e) {
        this.caught(e);
        return undefined;
      } finally {
        this.pos = Math.max(this.pos, this.end);
      }
    };
    const value = f === null ? inside() : this.group(f, inside);
    this.end = end;
    this.claimed = claimed;
    this.littleEndian = littleEndian;
    this.depth = depth;
    return value;
  }

  /** A cursor over a source made from bytes of this one; its nodes stand below the node being filled here. */
  over(source: DataSource, claimed: number = source.bytes.length): Cursor {
    if (this.depth >= this.maxDepth) this.limit(limitMessage('depth', this.recording.limits));
    const c = new Cursor(source, this.recording, claimed);
    c.level = this.level;
    c.open = this.open;
    c.depth = this.depth + 1;
    c.littleEndian = this.littleEndian;
    if (this.level !== null) this.recording.settle(source, this.level);
    return c;
  }

  /** Goes one level deeper in a nested type; fails where that is too deep. Pair with `leave`. */
  enter(): void {
    if (++this.depth > this.maxDepth) this.limit(limitMessage('depth', this.recording.limits));
  }

  leave(): void {
    this.depth--;
  }

  /** A count from the wire, checked against the bytes left before anybody loops or allocates by it. */
  items(count: number, minBytes: number): number {
    if (count * minBytes > this.claimed - this.pos)
      this.fail(`${count} items of at least ${minBytes} bytes where ${this.claimed - this.pos} are left`);
    return count;
  }

  /** Says something odd about the byte at `offset` (in the source), and goes on. */
  note(code: string, message: string, offset: number = this.pos): void {
    this.recording.notes.push({ code, message, offset, source: this.source.name });
  }

  /** Gives up the current frame. */
  fail(message: string): never {
    throw new Malformed('malformed', message, this.pos, this.source.name);
  }

  /** Gives up the current frame because a bound of ours was met. */
  limit(message: string): never {
    throw new Malformed('limit', message, this.pos, this.source.name);
  }

  /** Makes a note of what a frame caught. */
  private caught(e: unknown): void {
    if (e instanceof Malformed)
      this.recording.notes.push({ code: e.code, message: e.message, offset: e.offset, source: e.source });
    else this.note('bug', `a defect of clrscope, please report it: ${e instanceof Error ? e.message : String(e)}`);
  }

  /** Checks that `n` bytes are there, and steps over them. Returns where they begin. */
  private take(n: number): number {
    const at = this.pos;
    const to = at + n;
    if (to > this.end || n < 0) this.short(n);
    this.pos = to;
    return at;
  }

  private short(n: number): never {
    const code = this.pos + n <= this.claimed && n >= 0 ? 'truncated' : 'malformed';
    const text =
      code === 'truncated'
        ? `${n} bytes were not captured (${this.end - this.pos} of them are here)`
        : `${n} bytes wanted where ${this.end - this.pos} are left`;
    throw new Malformed(code, text, this.pos, this.source.name);
  }

  private get view(): DataView {
    const { buffer, byteOffset, length } = this.bytes;
    this.seldom ??= new DataView(buffer, byteOffset, length);
    return this.seldom;
  }

  private word16(at: number): number {
    const b = this.bytes;
    return this.littleEndian ? b[at] | (b[at + 1] << 8) : (b[at] << 8) | b[at + 1];
  }

  /** Its highest bit is a sign. */
  private word32(at: number): number {
    const b = this.bytes;
    return this.littleEndian
      ? b[at] | (b[at + 1] << 8) | (b[at + 2] << 16) | (b[at + 3] << 24)
      : (b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3];
  }

  /** Whether a leaf of the field is made: asked where its value is not to be had for nothing. */
  private isAsked(f: Field): boolean {
    return this.level !== null && this.sieve?.wants(f) !== false;
  }

  private leaf<T extends Scalar>(
    f: Field,
    at: number,
    value: T,
    display: Display<T> | undefined,
    role: Node['role'] = 'data',
  ): void {
    if (this.sieve?.wants(f) === false) return;
    const node = this.push(f, at, this.pos, value, role);
    if (display !== undefined) node.display = typeof display === 'function' ? display(value) : display;
  }

  private push(f: Field, start: number, end: number, value: Scalar, role: Node['role']): Node {
    const node: Node = { field: f, source: this.source, start, end, value, display: null, role, children: [] };
    (this.level as Node[]).push(node);
    return node;
  }
}
