/** Reads tokens one by one: what the parsers of IDL stand on. */
import { constant } from './expression.js';
import type { Attribute, Declared } from './syntax.js';
import { IdlError, type IdlToken, tokenText } from './tokens.js';

/** How deep structs, unions and libraries may be declared in each other. */
const DEEPEST = 64;

/** A place in tokens, and what was declared in front of it. */
export class IdlReader {
  private at = 0;
  private depth = 0;

  /** @param tokens the last of them ends them */
  constructor(
    private readonly tokens: readonly IdlToken[],
    protected readonly declared: Declared,
  ) {}

  peek(): IdlToken {
    return this.tokens[this.at];
  }

  take(): IdlToken {
    const token = this.tokens[this.at];
    if (token.kind !== 'end') this.at++;
    return token;
  }

  protected is(text: string): boolean {
    const token = this.peek();
    return token.text === text && token.kind !== 'text';
  }

  protected took(text: string): boolean {
    const is = this.is(text);
    if (is) this.at++;
    return is;
  }

  protected expect(text: string, where: string): void {
    if (!this.took(text)) throw this.wanted(`${text} ${where}`);
  }

  protected wanted(what: string): IdlError {
    return new IdlError(this.peek(), `${what} was expected, not ${tokenText(this.peek())}`);
  }

  protected word(what: string): IdlToken {
    if (this.peek().kind !== 'word') throw this.wanted(what);
    return this.take();
  }

  /** `[name, name(arguments)]`, once or several times. */
  protected attributes(): Attribute[] {
    const list: Attribute[] = [];
    while (this.took('[')) {
      while (!this.took(']')) {
        const { text: name, file, line, column } = this.word('an attribute, or ]');
        list.push({ name, file, line, column, arguments: this.is('(') ? this.arguments() : [] });
        if (!this.is(']')) this.expect(',', 'or ] behind an attribute');
      }
    }
    return list;
  }

  /** What stands between parentheses, by the commas there. */
  protected arguments(): IdlToken[][] {
    const open = this.take();
    const list: IdlToken[][] = [[]];
    let depth = 1;
    for (let token = this.take(); token.kind !== 'end'; token = this.take()) {
      if (token.text === '(') depth++;
      else if (token.text === ')' && --depth === 0) return list;
      if (token.text === ',' && depth === 1) list.push([]);
      else list[list.length - 1].push(token);
    }
    throw new IdlError(open, ') was expected: a parenthesis that has no end');
  }

  /** A constant expression. */
  protected number(): number {
    return constant(this, ({ text }) => this.declared.constants.get(text));
  }

  /** Something that holds declarations of its own. */
  protected nested<T>(read: () => T): T {
    if (++this.depth > DEEPEST) throw new IdlError(this.peek(), `declarations nested more than ${DEEPEST} deep`);
    const made = read();
    this.depth--;
    return made;
  }
}
