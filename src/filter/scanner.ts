/**
 * Cuts a display filter into words. What a word means depends on the field that it is compared with
 * (`05` is a number or a byte, `fe` a byte or a string), so the scanner finds only where it ends.
 */
import { utf8Bytes } from '../core/bytes.js';
import { FilterError } from './filter-error.js';
import type { SliceRange } from './syntax.js';

/** Operators that are not letters, longest first. */
const SYMBOLS = [
  '!==',
  '===',
  '==',
  '!=',
  '~=',
  '<=',
  '>=',
  '&&',
  '||',
  '^^',
  '<',
  '>',
  '~',
  '&',
  '+',
  '-',
  '*',
  '/',
  '%',
];

/** Operators that are letters, by the symbol they stand for. */
const LETTERS: Readonly<Record<string, string>> = {
  eq: '==',
  any_eq: '==',
  ne: '!=',
  all_ne: '!=',
  all_eq: '===',
  any_ne: '~=',
  gt: '>',
  lt: '<',
  ge: '>=',
  le: '<=',
  and: '&&',
  or: '||',
  xor: '^^',
  contains: 'contains',
  matches: 'matches',
  bitwise_and: '&',
  in: 'in',
  not: 'not',
};

/** Where a value or a name may end; the first that matches decides. */
const WORDS: readonly RegExp[] = [
  // GUID
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\w)/iy,
  // ISO 8601
  /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?(?![\w-])/y,
  // IPv6 and bytes with colons
  /(?=[0-9a-f]*:)[0-9a-f:]*[0-9a-f:](?:(?<=:\d{1,3})\.\d+\.\d+\.\d+)?(?:\/\d+)?/iy,
  // bytes with dashes
  /[0-9a-f]{2}(?:-[0-9a-f]{2})+(?![\w-])/iy,
  // IPv4
  /\d+(?:\.\d+){2,}(?!\w|\.\w)(?:\/\d+)?/y,
  // bytes with dots, two or more at a time
  /[0-9a-f]{2,}(?:\.[0-9a-f]{2,}){2,}(?!\w|\.\w)/iy,
  /\d+(?:\.\d+)?e[+-]\d+(?!\w)/iy,
  // numbers, and what was meant to be one; not the dots of a range
  /\.?\d\w*(?:\.\w+)?/y,
  // names; a dash in front of a letter belongs to them (`gss-api.OID`), in front of a digit it is a minus
  /[a-z_]\w*(?:-[a-z]\w*)*(?:\.\w+(?:-[a-z]\w*)*)*/iy,
];

const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  '\\': 92,
};

const SLICE_ITEM =
  /\s*(?:(-?(?:0x[0-9a-f]+|\d+))?\s*:\s*(0x[0-9a-f]+|\d+)?|(-?(?:0x[0-9a-f]+|\d+))(?:\s*-\s*(-?(?:0x[0-9a-f]+|\d+)))?)\s*/iy;

/** An operator and where it stands. */
export interface Operator {
  readonly symbol: string;
  readonly at: number;
  readonly end: number;
}

/** A position in a filter. */
export class Scanner {
  pos = 0;

  constructor(readonly text: string) {}

  /** Steps over blanks; whether anything is left. */
  more(): boolean {
    while (/\s/.test(this.text.charAt(this.pos))) this.pos++;
    return this.pos < this.text.length;
  }

  /** Steps over `symbol` if it stands here. */
  take(symbol: string): boolean {
    if (!this.more() || !this.text.startsWith(symbol, this.pos)) return false;
    this.pos += symbol.length;
    return true;
  }

  /** The operator that stands here, without stepping over it. */
  operator(): Operator | null {
    if (!this.more()) return null;
    const at = this.pos;
    const letters = this.match(/[a-z_]+(?![\w.])/y);
    this.pos = at;
    if (letters !== null) {
      const symbol = Object.hasOwn(LETTERS, letters) ? LETTERS[letters] : undefined;
      return symbol === undefined ? null : { symbol, at, end: at + letters.length };
    }
    const symbol = SYMBOLS.find((s) => this.text.startsWith(s, at));
    if (symbol === undefined) return null;
    return { symbol: symbol === '!==' ? '~=' : symbol === '~' ? 'matches' : symbol, at, end: at + symbol.length };
  }

  /** A value or a name, or null where none stands. */
  word(): string | null {
    for (const pattern of WORDS) {
      const found = this.match(pattern);
      if (found !== null) return found;
    }
    return null;
  }

  /** A quoted string, plain or raw, or null where none stands. */
  quoted(): Uint8Array | null {
    const raw = this.match(/r(?=")/iy) !== null;
    if (this.text[this.pos] !== '"') return null;
    const at = this.pos++;
    const bytes = this.characters('"', raw, at);
    return Uint8Array.from(bytes);
  }

  /** A character in single quotes, or null where none stands. */
  character(): number | null {
    if (this.text[this.pos] !== "'") return null;
    const at = this.pos++;
    const bytes = this.characters("'", false, at);
    if (bytes.length !== 1) throw this.error('A character constant holds exactly one byte', at, this.pos - at);
    return bytes[0];
  }

  /** The ranges of a slice, behind its opening bracket. */
  slice(): SliceRange[] {
    const ranges: SliceRange[] = [];
    do {
      this.more();
      const at = this.pos;
      SLICE_ITEM.lastIndex = at;
      const m = SLICE_ITEM.exec(this.text);
      if (m === null) throw this.error('A slice is [start:length], [first-last], [index], [:length] or [start:]', at);
      this.pos = SLICE_ITEM.lastIndex;
      ranges.push(this.range(m, at));
    } while (this.take(','));
    if (!this.take(']')) throw this.unexpected();
    return ranges;
  }

  /** Something stands here that cannot. */
  unexpected(): FilterError {
    if (!this.more()) return this.error('The filter ends too early', this.text.length);
    const at = this.pos;
    const found = this.operatorText() ?? this.word() ?? this.text.charAt(at);
    return this.error(`"${found}" was not expected here`, at, found.length);
  }

  error(reason: string, at: number, length = 1): FilterError {
    return new FilterError(reason, this.text, at, length);
  }

  private operatorText(): string | null {
    const op = this.operator();
    return op === null ? null : this.text.slice(op.at, op.end);
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.pos = pattern.lastIndex;
    return found[0];
  }

  private range(m: RegExpExecArray, at: number): SliceRange {
    const [, start, length, first, last] = m;
    const wrong = (text: string): FilterError => this.error(text, at, m[0].trim().length);
    if (first === undefined) {
      if (start === undefined && length === undefined) throw wrong('A slice needs a start or a length');
      if (length !== undefined && toInt(length) === 0) throw wrong('A slice of no bytes');
      return { start: toInt(start ?? '0'), length: length === undefined ? null : toInt(length) };
    }
    const from = toInt(first);
    if (last === undefined) return { start: from, length: 1 };
    const to = toInt(last);
    if (to < from || from < 0 !== to < 0) throw wrong('The end of the slice lies before its start');
    return { start: from, length: to - from + 1 };
  }

  /** Bytes up to the closing quote: text as UTF-8, escapes as the byte they name. */
  private characters(quote: string, raw: boolean, opened: number): number[] {
    const bytes: number[] = [];
    for (;;) {
      if (this.pos >= this.text.length) throw this.error('The closing quote is missing', opened);
      const c = this.text[this.pos];
      if (c === quote) {
        this.pos++;
        return bytes;
      }
      if (c === '\\' && raw) {
        // in a raw string a backslash stays, also the one that keeps a quote from ending it
        bytes.push(92);
        this.pos++;
        if (this.text[this.pos] === quote) {
          bytes.push(quote.charCodeAt(0));
          this.pos++;
        }
      } else if (c === '\\') this.escape(bytes);
      else this.utf8(bytes);
    }
  }

  private utf8(bytes: number[]): void {
    const c = String.fromCodePoint(this.text.codePointAt(this.pos)!);
    bytes.push(...utf8Bytes(c));
    this.pos += c.length;
  }

  private escape(bytes: number[]): void {
    const at = this.pos++;
    const hex = this.match(/x[0-9a-f]{1,2}/iy) ?? this.match(/u[0-9a-f]{4}|U[0-9a-f]{8}/y);
    const octal = hex === null ? this.match(/[0-3]?[0-7]{1,2}/y) : null;
    if (hex !== null) {
      const code = Number.parseInt(hex.slice(1), 16);
      if (hex[0] === 'x') bytes.push(code);
      else if (code > 0x10ffff) throw this.error('No such character', at, this.pos - at);
      else bytes.push(...utf8Bytes(String.fromCodePoint(code)));
    } else if (octal !== null) bytes.push(Number.parseInt(octal, 8));
    else {
      const name = this.text.charAt(this.pos);
      if (!Object.hasOwn(ESCAPES, name)) {
        const hint = 'write the backslash twice, or the string as r"…"';
        throw this.error(`"\\${name}" is not an escape sequence: ${hint}`, at, 2);
      }
      bytes.push(ESCAPES[name]);
      this.pos++;
    }
  }
}

function toInt(text: string): number {
  return text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
}
