/** JSON on its way out, as UTF-8: no texts in between, and no objects for what can be told at once. */
import { utf8Text } from '#platform';
import { utf8Bytes } from '../core/bytes.js';
import { safe, steerless } from '../core/safe-text.js';
import { TextBytes } from './text-bytes.js';

const NULL = utf8Bytes('null');
const TRUE = utf8Bytes('true');
const FALSE = utf8Bytes('false');
const MINUS_ZERO = utf8Bytes('-0.0');
const HEX = utf8Bytes('0123456789abcdef');

/** What does not stand in a string of JSON as it is, or is not ASCII. */
const ODD = /[^ !#-[\]-~]/;
/** Up to this length characters are looked at one by one before a call into the runtime has begun. */
const SHORT = 32;
/** Room for a value that is made for itself. */
const SMALL = 1 << 12;

/** Parts of templates as bytes; there are as many as places in the program. */
const templates = new Map<TemplateStringsArray, readonly Uint8Array[]>();

function bytesOf(parts: TemplateStringsArray): readonly Uint8Array[] {
  let made = templates.get(parts);
  if (made === undefined) {
    made = parts.map(utf8Bytes);
    templates.set(parts, made);
  }
  return made;
}

/**
 * A text of JSON that grows at its end: what `JSON.stringify` writes of the same, but for negative zero, whose sign that
 * loses, and for characters that could steer a terminal, which are written out as `\u…`.
 */
export class JsonBytes extends TextBytes {
  /** Adds JSON as it stands in the program, and values in it. */
  put(parts: TemplateStringsArray, ...values: readonly unknown[]): void {
    const made = bytesOf(parts);
    this.copy(made[0]);
    for (let i = 0; i < values.length; i++) {
      this.json(values[i]);
      this.copy(made[i + 1]);
    }
  }

  /** Adds to a string that is begun: text of ours, and texts in it of which nothing shall steer a terminal. */
  within(parts: TemplateStringsArray, values: readonly string[]): void {
    const made = bytesOf(parts);
    this.copy(made[0]);
    for (let i = 0; i < values.length; i++) {
      this.inside(values[i]);
      this.copy(made[i + 1]);
    }
  }

  /** Adds a value of JSON. */
  json(value: unknown): void {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'boolean') this.copy(value ? TRUE : FALSE);
    else if (typeof value !== 'object' || value === null) this.copy(NULL);
    else if (Array.isArray(value)) this.items(value);
    else this.members(value as Record<string, unknown>);
  }

  private items(list: readonly unknown[]): void {
    this.byte(0x5b);
    for (let i = 0; i < list.length; i++) {
      if (i > 0) this.byte(0x2c);
      this.json(list[i]);
    }
    this.byte(0x5d);
  }

  private members(object: Record<string, unknown>): void {
    let first = true;
    for (const name in object) {
      const value = object[name];
      if (value === undefined) continue;
      this.name(name, first);
      first = false;
      this.json(value);
    }
    this.end(first);
  }

  /** Adds what stands in front of a member's value; the first one's opens the object. */
  name(name: string, first: boolean): void {
    this.byte(first ? 0x7b : 0x2c);
    this.string(name);
    this.byte(0x3a);
  }

  /** Ends an object, which may have no member. */
  end(empty: boolean): void {
    if (empty) this.byte(0x7b);
    this.byte(0x7d);
  }

  /** Adds a string. */
  string(text: string): void {
    this.byte(0x22);
    if (!this.plain(text)) this.text(steerless(JSON.stringify(text).slice(1, -1)));
    this.byte(0x22);
  }

  private inside(text: string): void {
    if (!this.plain(text)) this.text(JSON.stringify(safe(text)).slice(1, -1));
  }

  /** Adds text if it stands in a string of JSON as it is, and is ASCII; says whether it is. */
  private plain(given: string): boolean {
    // what is a string for sure has its length and its characters read without asking which kind of one it is
    const text = `${given}`;
    const { length } = text;
    if (length > SHORT) {
      if (ODD.test(text)) return false;
      this.ascii(text);
      return true;
    }
    this.reserve(length);
    const { buffer, size } = this;
    const { charCodeAt } = String.prototype;
    for (let i = 0; i < length; i++) {
      const c = charCodeAt.call(text, i);
      if (c < 0x20 || c > 0x7e || c === 0x22 || c === 0x5c) return false;
      buffer[size + i] = c;
    }
    this.size = size + length;
    return true;
  }

  /** Adds a number; NaN and infinities are null, and zero keeps its sign. */
  number(n: number): void {
    if (Object.is(n, -0)) this.copy(MINUS_ZERO);
    else if ((n | 0) === n && n >= 0) this.decimal(n);
    else if (Number.isFinite(n)) this.printable(String(n));
    else this.copy(NULL);
  }

  /** Adds bytes as a string of hex digits. */
  hex(bytes: Uint8Array): void {
    const { length } = bytes;
    this.reserve(2 * length + 2);
    const { buffer } = this;
    let at = this.size;
    buffer[at++] = 0x22;
    for (let i = 0; i < length; i++) {
      const byte = bytes[i];
      buffer[at++] = HEX[byte >> 4];
      buffer[at++] = HEX[byte & 15];
    }
    buffer[at++] = 0x22;
    this.size = at;
  }
}

/** What `write` writes, as the value that it tells. */
export function parsedJson(write: (out: JsonBytes) => void): unknown {
  const out = new JsonBytes(SMALL);
  write(out);
  const made = out.take();
  return JSON.parse(utf8Text(made, 0, made.length));
}
