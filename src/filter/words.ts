/**
 * What a display filter consists of, word for word, also while it is being written and wrong; and what could be written
 * at a place of it. For editors: colours and completion.
 */
import { isKnown } from './collector.js';
import type { FieldEntry, FieldTable, Kind } from './field-table.js';
import { FilterError } from './filter-error.js';
import { isFunction } from './functions.js';
import { Scanner } from './scanner.js';

/** A word of a filter. `end` is exclusive. */
export interface FilterWord {
  readonly kind: 'field' | 'function' | 'operator' | 'text' | 'value' | 'bracket' | 'wrong';
  readonly at: number;
  readonly end: number;
  /** As it is written; of operators, the symbol that it stands for. */
  readonly text: string;
}

/** What can be written at a place of a filter, instead of what stands between `from` and that place. */
export interface Expected {
  readonly from: number;
  /** Fields, functions and `not`. */
  readonly operands: boolean;
  /** Those that fit what stands before, the likeliest first. */
  readonly operators: readonly string[];
  /** The field whose values can be written. */
  readonly valuesOf: FieldEntry | null;
}

/** Cuts a filter into words. Nothing is thrown: what is no word is `wrong`. */
export function wordsOf(text: string, known: FieldTable): FilterWord[] {
  const scanner = new Scanner(text);
  const words: FilterWord[] = [];
  while (scanner.more()) {
    const at = scanner.pos;
    const [kind, symbol] = nextKind(scanner, known);
    if (scanner.pos === at) scanner.pos++;
    words.push({ kind, at, end: scanner.pos, text: symbol ?? text.slice(at, scanner.pos) });
  }
  return words;
}

/** Steps over a word; what is of no kind is not stepped over. */
function nextKind(scanner: Scanner, known: FieldTable): [FilterWord['kind'], symbol?: string] {
  try {
    if (scanner.quoted() !== null || scanner.character() !== null) return ['text'];
  } catch (e) {
    if (!(e instanceof FilterError)) throw e;
    // what opened it has no end, or no meaning
    scanner.pos = scanner.text.length;
    return ['text'];
  }
  const operator = scanner.operator();
  if (operator !== null) {
    scanner.pos = operator.end;
    return ['operator', operator.symbol];
  }
  const word = scanner.word();
  if (word !== null) {
    if (isKnown(word, known)) return ['field'];
    if (isFunction(word) && scanner.text[scanner.pos] === '(') return ['function'];
    return word === 'any' || word === 'all' ? ['operator'] : ['value'];
  }
  if (scanner.take('!')) return ['operator', 'not'];
  return /[()[\]{},]/.test(scanner.text[scanner.pos]) || scanner.take('.') ? ['bracket'] : ['wrong'];
}

/** Operators between tests; behind them, and before anything, another test begins. */
const BETWEEN = ['&&', '||', '^^'];
const BEGINS: ReadonlySet<string> = new Set([...BETWEEN, 'not', 'any', 'all', '(']);

/** A quoted string without its end. */
const OPEN_TEXT = /^r?"(?:[^"\\]|\\.)*$/i;

/** What can be written at a place of a filter. */
export function expectedAt(text: string, at: number, known: FieldTable): Expected {
  const all = wordsOf(text.slice(0, at), known);
  const begun = begunWord(all, text.slice(0, at));
  const words = all.slice(0, begun);
  const nothing = { from: all[begun]?.at ?? at, operands: false, operators: [], valuesOf: null };
  const before = words.at(-1);
  if (before === undefined || BEGINS.has(before.text)) return { ...nothing, operands: true };
  const set = openSet(words);
  if (set !== null) return /^[{,.]$/.test(before.text) ? { ...nothing, valuesOf: fieldOf(set, known) } : nothing;
  if (before.kind === 'field') return { ...nothing, operators: operatorsFor(known.get(before.text)?.kind ?? 'none') };
  // what is calculated may be of any kind
  if (/^[)\]]$/.test(before.text)) return { ...nothing, operators: operatorsFor('int') };
  if (before.kind === 'value' || before.kind === 'text' || before.text === '}')
    return { ...nothing, operators: BETWEEN };
  // behind a name stands its bracket, and patterns are none of the values
  if (before.kind !== 'operator' || before.text === 'in' || before.text === 'matches') return nothing;
  return { ...nothing, valuesOf: fieldOf(words.slice(0, -1), known) };
}

/** Which word is being written at the end of a text; the one behind the last where none is. */
function begunWord(words: readonly FilterWord[], text: string): number {
  const last = words.at(-1);
  if (last === undefined || last.end < text.length) return words.length;
  const before = words.at(-2);
  // a name or an address that goes on behind its dot; two dots are a range
  const goesOn = last.text === '.' && before?.end === last.at && /\w$/.test(before.text);
  if (goesOn) return words.length - 2;
  const isBegun = last.kind === 'text' ? OPEN_TEXT.test(last.text) : /\w$/.test(text);
  return isBegun ? words.length - 1 : words.length;
}

/** What stands before the set that is not closed yet; null where there is none. */
function openSet(words: readonly FilterWord[]): FilterWord[] | null {
  const brace = words.findLastIndex(({ text }) => text === '{' || text === '}');
  return words[brace]?.text === '{'
    ? words.slice(0, brace).filter(({ text }) => text !== 'in' && text !== 'not')
    : null;
}

/** The field that words end with. */
function fieldOf(words: readonly FilterWord[], known: FieldTable): FieldEntry | null {
  const last = words.at(-1);
  return last?.kind === 'field' ? (known.get(last.text) ?? null) : null;
}

const ORDER = ['<', '<=', '>', '>='];
const SEARCH = ['contains', 'matches'];
const OF_KIND: Readonly<Record<Kind, readonly string[]>> = {
  none: SEARCH,
  bool: ['==', '!='],
  int: ['==', '!=', ...ORDER, 'in', '&'],
  float: ['==', '!=', ...ORDER, 'in'],
  guid: ['==', '!=', 'in'],
  string: ['==', '!=', ...SEARCH, 'in'],
  bytes: ['==', '!=', ...SEARCH, 'in'],
  ipv4: ['==', '!=', ...ORDER, 'in'],
  ipv6: ['==', '!=', ...ORDER, 'in'],
  time: ['==', '!=', ...ORDER, 'in'],
};

function operatorsFor(kind: Kind): readonly string[] {
  return [...OF_KIND[kind], ...BETWEEN];
}
