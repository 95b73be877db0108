/** The preprocessor of C as far as IDL files use it: macros, conditions, imports of files that lie beside. */
import { constant } from './expression.js';
import { IdlError, type IdlToken, tokensOf, tokenText } from './tokens.js';

/** The text of a file that is imported; null where there is none. */
export type Imports = (name: string) => string | null;

interface Macro {
  /** Null where it takes none. */
  readonly parameters: readonly string[] | null;
  readonly body: readonly IdlToken[];
}

/** A condition around: whether its part is wanted, and whether one was. */
interface Condition {
  wanted: boolean;
  was: boolean;
  readonly at: IdlToken;
}

/** Tokens that come of macros, those too of which nothing is left. */
const MOST_WORK = 500_000;
/** How deep macros use macros, and files import files. */
const DEEPEST = 32;
/** How deep conditions stand in each other. */
const MOST_CONDITIONS = 64;
const MOST_PARAMETERS = 127;

/** Takes directives out of files one after the other, and puts macros in; `import "x.idl"` too. */
export class Preprocessor {
  private readonly macros = new Map<string, Macro>();
  private readonly read = new Set<string>();
  private readonly out: IdlToken[] = [];
  private work = 0;

  constructor(private readonly imports: Imports) {}

  /**
   * The tokens of a file, behind those of what it imports.
   * @throws IdlError with the place of the mistake
   */
  file(text: string, name: string): IdlToken[] {
    this.out.length = 0;
    this.tokens(tokensOf(text, name), 0);
    return this.out;
  }

  private tokens(all: readonly IdlToken[], depth: number): void {
    const conditions: Condition[] = [];
    for (let at = 0; at < all.length; ) {
      const token = all[at];
      if (token.first && token.text === '#') {
        let end = at + 1;
        while (all[end].kind !== 'end' && !all[end].first) end++;
        this.directive(all.slice(at + 1, end), token, conditions, depth);
        at = end;
        continue;
      }
      if (token.kind === 'end') break;
      if (conditions.some(({ wanted }) => !wanted)) {
        at++;
        continue;
      }
      at = this.isImport(token) ? this.importing(all, at, depth) : this.expanded(all, at, this.out, []);
    }
    const open = conditions.at(-1);
    if (open !== undefined) throw new IdlError(open.at, 'a condition that has no end: #endif was expected');
    if (depth === 0) this.out.push(all[all.length - 1]);
  }

  private directive(line: readonly IdlToken[], at: IdlToken, conditions: Condition[], depth: number): void {
    const name = line[0]?.text ?? '';
    const outer = conditions.every(({ wanted }) => wanted);
    if (name === 'if' || name === 'ifdef' || name === 'ifndef') {
      if (conditions.length >= MOST_CONDITIONS)
        throw new IdlError(at, `conditions nested more than ${MOST_CONDITIONS} deep`);
      const wanted = outer && this.begins(name, line, at);
      conditions.push({ wanted, was: !outer || wanted, at });
    } else if (name === 'elif' || name === 'else') {
      const inner = conditions.at(-1);
      if (inner === undefined) throw new IdlError(at, `#${name} without #if`);
      inner.wanted = !inner.was && (name === 'else' || this.holds(line.slice(1), at));
      inner.was ||= inner.wanted;
    } else if (name === 'endif') {
      if (conditions.pop() === undefined) throw new IdlError(at, '#endif without #if');
    } else if (outer) this.order(name, line, at, depth);
  }

  private begins(name: string, line: readonly IdlToken[], at: IdlToken): boolean {
    if (name === 'if') return this.holds(line.slice(1), at);
    return this.macros.has(this.word(line[1], at)) === (name === 'ifdef');
  }

  private order(name: string, line: readonly IdlToken[], at: IdlToken, depth: number): void {
    if (name === 'define') this.define(line, at);
    else if (name === 'undef') this.macros.delete(this.word(line[1], at));
    else if (name === 'include' && line[1]?.kind === 'text') this.include(line[1], depth);
    else if (name === 'error') throw new IdlError(at, `#error ${line[1]?.text ?? ''}`);
  }

  private define(line: readonly IdlToken[], at: IdlToken): void {
    const name = this.word(line[1], at);
    const open = line[2];
    // what takes parameters has its parenthesis at once behind its name
    const takes = open?.text === '(' && open.column === line[1].column + name.length;
    if (!takes) {
      this.macros.set(name, { parameters: null, body: line.slice(2) });
      return;
    }
    const close = line.findIndex(({ text }) => text === ')');
    if (close < 0) throw new IdlError(at, `) was expected behind the parameters of ${name}`);
    const parameters = line.slice(3, close).flatMap((t) => (t.kind === 'word' ? [t.text] : []));
    if (parameters.length > MOST_PARAMETERS) throw new IdlError(at, `more than ${MOST_PARAMETERS} parameters`);
    this.macros.set(name, { parameters, body: line.slice(close + 1) });
  }

  private word(token: IdlToken | undefined, at: IdlToken): string {
    if (token?.kind !== 'word') throw new IdlError(token ?? at, 'a name was expected behind the directive');
    return token.text;
  }

  private holds(line: readonly IdlToken[], at: IdlToken): boolean {
    const known: IdlToken[] = [];
    const value = (is: boolean, from: IdlToken): IdlToken => ({ ...from, kind: 'number', text: is ? '1' : '0' });
    for (let i = 0; i < line.length; ) {
      if (line[i].text !== 'defined') {
        i = this.expanded(line, i, known, []);
        continue;
      }
      const bare = line[i + 1]?.text !== '(';
      known.push(value(this.macros.has(line[i + (bare ? 1 : 2)]?.text ?? ''), line[i]));
      i += bare ? 2 : 4;
    }
    const end: IdlToken = { ...at, kind: 'end', text: '' };
    let next = 0;
    const source = { peek: () => known[next] ?? end, take: () => known[next++] ?? end };
    // what is no macro is 0
    const result = constant(source, () => 0n);
    if (source.peek() !== end)
      throw new IdlError(source.peek(), `an operator was expected, not ${tokenText(source.peek())}`);
    return result !== 0;
  }

  private isImport(token: IdlToken): boolean {
    return token.text === 'import' && token.kind === 'word';
  }

  /** `import "a.idl", "b.idl";` */
  private importing(all: readonly IdlToken[], at: number, depth: number): number {
    let next = at + 1;
    for (; all[next].kind === 'text'; next++) {
      this.include(all[next], depth);
      if (all[next + 1].text !== ',') {
        next++;
        break;
      }
      next++;
    }
    if (all[next].text !== ';')
      throw new IdlError(all[next], `; was expected behind import, not ${tokenText(all[next])}`);
    return next + 1;
  }

  /** A file that lies beside, once. One that does not: its types may be among those that everybody knows. */
  private include(token: IdlToken, depth: number): void {
    const name = token.text.slice(1, -1);
    if (this.read.has(name)) return;
    this.read.add(name);
    if (depth >= DEEPEST) throw new IdlError(token, `imports nested more than ${DEEPEST} deep`);
    const text = this.imports(name);
    if (text !== null) this.tokens(tokensOf(text, name), depth + 1);
  }

  /** Adds a token, or what a macro makes of it, to `out`. Returns where to go on. */
  private expanded(all: readonly IdlToken[], at: number, out: IdlToken[], within: readonly string[]): number {
    const token = all[at];
    const macro = token.kind === 'word' && !within.includes(token.text) ? this.macros.get(token.text) : undefined;
    if (macro === undefined) {
      out.push(token);
      return at + 1;
    }
    let next = at + 1;
    let given: readonly IdlToken[][] = [];
    if (macro.parameters !== null) {
      // without its parentheses it is a word like another
      if (all[next]?.text !== '(') {
        out.push(token);
        return next;
      }
      ({ list: given, next } = argumentsFrom(all, next, token));
    }
    if (within.length >= DEEPEST) throw new IdlError(token, `macros nested more than ${DEEPEST} deep`);
    const placed: IdlToken[] = [];
    for (const part of macro.body) {
      const which = part.kind === 'word' ? (macro.parameters?.indexOf(part.text) ?? -1) : -1;
      for (const t of which < 0 ? [part] : (given[which] ?? [])) {
        this.count(token);
        // what comes of a macro is where it was used
        placed.push({ ...t, file: token.file, line: token.line, column: token.column });
      }
    }
    const inside = [...within, token.text];
    for (let i = 0; i < placed.length; ) i = this.expanded(placed, i, out, inside);
    return next;
  }

  private count(at: IdlToken): void {
    if (++this.work > MOST_WORK) throw new IdlError(at, `macros make more than ${MOST_WORK} words and marks`);
  }
}

/** What is given to a macro, by the commas between its parentheses. */
function argumentsFrom(all: readonly IdlToken[], open: number, macro: IdlToken): { list: IdlToken[][]; next: number } {
  const list: IdlToken[][] = [[]];
  let depth = 0;
  for (let at = open; at < all.length && all[at].kind !== 'end'; at++) {
    const token = all[at];
    if (token.text === '(' && depth++ === 0) continue;
    if (token.text === ')' && --depth === 0) return { list, next: at + 1 };
    if (token.text === ',' && depth === 1) list.push([]);
    else list[list.length - 1].push(token);
  }
  throw new IdlError(macro, `) was expected behind what is given to ${macro.text}`);
}
