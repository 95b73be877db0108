/**
 * One line that says what a stream is, the way source code would: `Svc.Add(2, 3)`, `Address { Street = "…" }`.
 * Bounded in length and in work, whatever the stream holds.
 */
import { cut, hexText } from '../../../src/core/text.js';
import { type ArrayRecord, follow, type Item, isRecord, type NrbfStream, type ObjectRecord } from '../format/model.js';
import { quote, scalarText } from '../format/text.js';
import { arrayTypeName, BinaryType, Primitive } from '../format/types.js';
import { arrayItems, asArray } from './graph.js';
import { type Meaning, meaningOf } from './known-classes.js';
import { type MessagePart, messageParts } from './message.js';
import type { ObjRefSummary } from './objref.js';
import { shortType } from './short-type.js';

/** Objects inside objects that a line shows. */
const DEPTH = 4;

/** A method call in pieces. */
export interface MessageText {
  /** The type that is called, without namespace and assembly. */
  target: string;
  method: string;
  args: string[];
}

/** A method return in pieces. */
export interface ReturnText {
  /** `void` where the method returns nothing, or returns null: the two look the same on the wire. */
  value: string;
  /** Values of out and ref parameters; those that are only in are null. */
  args: string[];
  /** `InvalidOperationException: "…"` where the method threw. */
  exception: string | null;
}

/** A stream in one line of at most about `max` characters. */
export function describeNrbf(stream: NrbfStream, max = 120): string {
  const call = describeCall(stream, max);
  if (call !== null)
    return cut(`${call.target === '' ? '' : `${call.target}.`}${call.method}(${call.args.join(', ')})`, max);
  const back = describeReturn(stream, max);
  if (back !== null) {
    if (back.exception !== null) return cut(`-> throw ${back.exception}`, max);
    const out = back.args.some((arg) => arg !== 'null') ? `, out (${back.args.join(', ')})` : '';
    return cut(`-> ${back.value}${out}`, max);
  }
  // what is not there is no null
  if (stream.root === null && !stream.complete) return `NRBF, ${stream.source.bytes.length} bytes`;
  return describeItem(stream, stream.root, 0, max);
}

/** A method call in pieces; null where the stream is none. */
export function describeCall(stream: NrbfStream, max = 120): MessageText | null {
  const parts = messageParts(stream);
  if (parts === null || parts.kind !== 'call') return null;
  const generic = parts.genericArgs === undefined ? [] : typeNames(stream, parts.genericArgs);
  return {
    target: shortType(parts.type),
    method: generic.length === 0 ? parts.method : `${parts.method}<${generic.join(', ')}>`,
    args: argTexts(stream, parts.args, max),
  };
}

/** A method return in pieces; null where the stream is none. */
export function describeReturn(stream: NrbfStream, max = 120): ReturnText | null {
  const parts = messageParts(stream);
  if (parts === null || parts.kind !== 'return') return null;
  const { returnValue, exception } = parts;
  return {
    value: returnValue === undefined ? 'void' : describeItem(stream, returnValue.item, returnValue.primitive, max),
    args: argTexts(stream, parts.args, max),
    exception: exception === undefined ? null : describeItem(stream, exception.item, exception.primitive, max),
  };
}

function argTexts(stream: NrbfStream, args: readonly MessagePart[], max: number): string[] {
  const texts: string[] = [];
  let left = max;
  for (const arg of args) {
    if (left <= 0) {
      texts.push('…');
      break;
    }
    const text = describeItem(stream, arg.item, arg.primitive, Math.max(24, left));
    left -= text.length + 2;
    texts.push(text);
  }
  return texts;
}

function typeNames(stream: NrbfStream, part: MessagePart): string[] {
  const array = asArray(follow(stream, part.item));
  if (array === null || array.data !== null) return ['?'];
  return arrayItems(array, 16).map((item) => describeItem(stream, item, 0, 80).replace(/^typeof\((.*)\)$/, '$1'));
}

/** Any value in one line of at most about `max` characters; `primitive` is its type where it is raw. */
export function describeItem(stream: NrbfStream, item: Item, primitive = 0, max = 120): string {
  return cut(new Teller(stream, max).item(item, primitive, 0), max);
}

/** Writes until `left` is used up; recursion ends at DEPTH. */
class Teller {
  constructor(
    private readonly stream: NrbfStream,
    private left: number,
  ) {}

  item(given: Item, primitive: number, depth: number): string {
    const item = primitive === 0 ? follow(this.stream, given) : given;
    if (item === null) return this.say('null');
    if (!isRecord(item)) return this.say(scalarText(primitive, item));
    switch (item.type) {
      case 6:
        return this.say(quote(item.text));
      case 8:
        return this.say(item.primitive === Primitive.Null ? 'null' : scalarText(item.primitive, item.value));
      case 9:
        return this.say('(missing)');
      case 1:
      case 2:
      case 3:
      case 4:
      case 5:
        return this.object(item, depth);
      case 7:
      case 15:
      case 16:
      case 17:
        return this.array(item, depth);
      default:
        return this.say('…');
    }
  }

  private say(text: string): string {
    this.left -= text.length;
    return text;
  }

  /** Items joined by commas, as many as fit. */
  private joined(count: number, shown: number, one: (i: number) => string): string {
    const texts: string[] = [];
    for (let i = 0; i < shown && this.left > 0; i++) {
      texts.push(one(i));
      this.left -= 2;
    }
    if (texts.length < count) texts.push('…');
    return texts.join(', ');
  }

  private object(o: ObjectRecord, depth: number): string {
    const meaning = meaningOf(this.stream, o);
    if (meaning !== null) return this.meaning(o, meaning, depth);
    const { cls, values } = o;
    const name = this.say(shortType(cls.name));
    if (cls.members.length === 1 && cls.members[0] === 'value__')
      return `${name}(${this.item(values[0] ?? null, cls.kinds[0], depth)})`;
    if (cls.members.length === 0) return `${name} {}`;
    if (depth >= DEPTH || this.left <= 0) return `${name} {…}`;
    const inside = this.joined(cls.members.length, values.length, (i) => {
      const label = this.say(`${cls.members[i].replace(/^<(.*)>k__BackingField$/, '$1')} = `);
      return label + this.item(values[i] ?? null, Math.abs(cls.kinds[i] ?? 0), depth + 1);
    });
    return `${name} { ${inside} }`;
  }

  private array(a: ArrayRecord, depth: number): string {
    const type = shortType(arrayTypeName(a.element, a.lengths.length));
    const name = this.say(type.replace(/\[(,*)\]$/, `[${a.lengths.join(', ')}]`));
    if (a.count === 0) return name;
    if (depth >= DEPTH || this.left <= 0) return `${name} {…}`;
    const bytes = a.data !== null && a.element.primitive === Primitive.Byte;
    const items = arrayItems(a, Math.min(a.count, 1 + Math.max(8, this.left)));
    const primitive = a.element.binary === BinaryType.Primitive ? a.element.primitive : 0;
    const inside = bytes
      ? this.say(byteText(a.data as Uint8Array))
      : this.joined(a.count, items.length, (i) => this.item(items[i], primitive, depth + 1));
    return `${name} { ${inside} }`;
  }

  private meaning(o: ObjectRecord, m: Meaning, depth: number): string {
    if (m.kind === 'text') return this.say(m.text);
    if (m.kind === 'objref') return this.say(objRefText(m.objRef));
    const name = this.say(shortType(o.cls.name));
    if (m.kind === 'methods') return `${m.type === '' ? 'delegate' : m.type}(${this.say(m.methods.join(' + '))})`;
    if (m.kind === 'tables') {
      const tables = m.tables.length === 0 ? '' : ` { ${this.say(m.tables.join(', '))} }`;
      return `${name} ${JSON.stringify(m.name)}${tables}`;
    }
    if (m.kind === 'exception') {
      const { exception: e } = m;
      const own = `${shortType(e.type)}: ${this.say(quote(e.message ?? ''))}`;
      if (e.inner.length === 0 || depth >= DEPTH || this.left <= 0) return own;
      return `${own} (inner ${this.item(e.inner[0], 0, DEPTH)})`;
    }
    if (m.count === 0) return m.kind === 'list' && name.startsWith('Tuple') ? '()' : `${name} {}`;
    if (depth >= DEPTH || this.left <= 0) return `${name} {…}`;
    if (m.kind === 'list') {
      const inside = this.joined(m.count, m.items.length, (i) =>
        this.item(m.items[i].item, m.items[i].primitive, depth + 1),
      );
      return /^(Value)?Tuple</.test(name) ? `(${inside})` : `${name} { ${inside} }`;
    }
    const inside = this.joined(m.count, m.entries.length, (i) => {
      const [key, value] = m.entries[i];
      return `${this.item(key.item, key.primitive, depth + 1)}: ${this.item(value.item, value.primitive, depth + 1)}`;
    });
    return `${name} { ${inside} }`;
  }
}

/** `ObjRef svc.rem : Svc, tcp://10.0.0.1:9099` */
export function objRefText(o: ObjRefSummary): string {
  const type = o.type === null ? '' : ` : ${shortType(o.type)}`;
  const channel =
    o.channels.length === 0 ? '' : `, ${o.channels[0]}${o.channels.length > 1 ? ` (+${o.channels.length - 1})` : ''}`;
  const missing = o.missing === undefined ? '' : ` (missing: ${o.missing.slice(0, 4).join(', ')})`;
  return `ObjRef ${o.uri ?? '(no URI)'}${type}${channel}${missing}`;
}

function byteText(data: Uint8Array): string {
  const hex = hexText(data.subarray(0, 24));
  return `${hex.replace(/(..)(?=.)/g, '$1 ')}${data.length > 24 ? ' …' : ''}`;
}
