/**
 * Parses display filters as wireshark-filter(4), version 4.0, writes them: a Pratt parser over one precedence
 * table. From later versions it also takes `xor`; a literal may stand on the left, and parentheses around sums.
 */
import type { FilterError } from './filter-error.js';
import { type Operator, Scanner } from './scanner.js';
import {
  type ArithmeticOp,
  type CompareOp,
  isTest,
  type Operand,
  type Quantifier,
  type SetItem,
  type Test,
} from './syntax.js';

/** How tightly an operator binds. `not` stands between `and` and the comparisons: `!a == 1` is `!(a == 1)`. */
const OR = 1;
const XOR = 2;
const AND = 3;
const NOT = 4;
const COMPARE = 5;
const SUM = 7;
const UNARY = 9;

const POWER: Readonly<Record<string, number>> = {
  '||': OR,
  '^^': XOR,
  '&&': AND,
  '==': COMPARE,
  '!=': COMPARE,
  '===': COMPARE,
  '~=': COMPARE,
  '<': COMPARE,
  '<=': COMPARE,
  '>': COMPARE,
  '>=': COMPARE,
  contains: COMPARE,
  matches: COMPARE,
  in: COMPARE,
  not: COMPARE,
  '&': 6,
  '+': SUM,
  '-': SUM,
  '*': 8,
  '/': 8,
  '%': 8,
};

/** Parentheses and `not` that may be open at once. */
const MAX_DEPTH = 200;

/** Parses a filter. Throws `FilterError`. */
export function parseFilter(text: string): Test {
  return new Parser(text).whole();
}

class Parser {
  private readonly scanner: Scanner;
  private depth = 0;

  constructor(text: string) {
    this.scanner = new Scanner(text);
  }

  whole(): Test {
    if (!this.scanner.more()) throw this.scanner.error('The filter is empty', 0);
    const test = this.asTest(this.expression(0));
    if (this.scanner.more()) throw this.scanner.unexpected();
    return test;
  }

  private expression(power: number): Test | Operand {
    if (++this.depth > MAX_DEPTH) throw this.scanner.error(`Nested deeper than ${MAX_DEPTH} levels`, this.scanner.pos);
    let left = this.prefix();
    for (;;) {
      const op = this.scanner.operator();
      const binds = op === null ? undefined : POWER[op.symbol];
      if (op === null || binds === undefined || binds <= power) break;
      this.scanner.pos = op.end;
      if (binds <= AND) left = this.logical(left, op, binds);
      else if (binds === COMPARE) left = this.comparison(left, op);
      else left = this.arithmetic(left, op, binds);
    }
    this.depth--;
    return left;
  }

  private prefix(): Test | Operand {
    if (!this.scanner.more()) throw this.scanner.unexpected();
    const at = this.scanner.pos;
    if (this.isNot()) {
      const of = this.asTest(this.expression(NOT));
      return { kind: 'not', of, at, end: of.end };
    }
    if (this.scanner.take('(')) return this.closed(this.expression(0), ')');
    if (this.scanner.take('{')) return this.closed(this.asOperand(this.expression(COMPARE)), '}');
    if (this.scanner.take('-')) {
      const of = this.asOperand(this.expression(UNARY));
      if (of.kind === 'word' && /^[\d.]/.test(of.text)) return { ...of, text: `-${of.text}`, at };
      return { kind: 'minus', of, at, end: of.end };
    }
    this.scanner.take('+');
    this.scanner.more();
    return this.operand();
  }

  /** `not` or `!`; not the beginning of `!=`. */
  private isNot(): boolean {
    const op = this.scanner.operator();
    if (op?.symbol === 'not') {
      this.scanner.pos = op.end;
      return true;
    }
    return this.scanner.text[this.scanner.pos + 1] !== '=' && this.scanner.take('!');
  }

  private closed<T extends Test | Operand>(inner: T, symbol: string): T {
    if (!this.scanner.take(symbol)) throw this.scanner.unexpected();
    return inner;
  }

  private operand(): Operand | Test {
    const { scanner } = this;
    const at = scanner.pos;
    const bytes = scanner.quoted();
    if (bytes !== null) return this.postfix({ kind: 'text', bytes, at, end: scanner.pos });
    const code = scanner.character();
    if (code !== null) return { kind: 'char', code, at, end: scanner.pos };
    if (scanner.operator() !== null) throw scanner.unexpected();
    const text = scanner.word();
    if (text === null) throw scanner.unexpected();
    const end = scanner.pos;
    if (/^[a-z_]\w*$/i.test(text) && scanner.take('(')) return this.postfix(this.call(text, at));
    if ((text === 'any' || text === 'all') && this.startsOperand()) return this.quantified(text, at);
    return this.postfix({ kind: 'word', text, at, end });
  }

  /** Whether something follows that can be compared, so that `any` or `all` is a quantifier and no name. */
  private startsOperand(): boolean {
    return (
      this.scanner.more() && this.scanner.operator() === null && !/[)\]},[]/.test(this.scanner.text[this.scanner.pos])
    );
  }

  private quantified(quantifier: Exclude<Quantifier, null>, at: number): Test {
    const inner = this.expression(NOT);
    if (isTest(inner) && (inner.kind === 'compare' || inner.kind === 'in') && inner.quantifier === null)
      return { ...inner, quantifier, at };
    throw this.scanner.error(`"${quantifier}" belongs before a comparison`, at, quantifier.length);
  }

  private call(name: string, at: number): Operand {
    const args: Operand[] = [];
    if (!this.scanner.take(')')) {
      do args.push(this.asOperand(this.expression(COMPARE)));
      while (this.scanner.take(','));
      if (!this.scanner.take(')')) throw this.scanner.unexpected();
    }
    return { kind: 'call', name, args, at, end: this.scanner.pos };
  }

  private postfix(operand: Operand): Operand {
    let of = operand;
    while (this.scanner.take('[')) {
      const ranges = this.scanner.slice();
      of = { kind: 'slice', of, ranges, at: of.at, end: this.scanner.pos };
    }
    return of;
  }

  /** Chains of one operator become one list, so that long ones do not nest. */
  private logical(left: Test | Operand, op: Operator, binds: number): Test {
    const kind = binds === OR ? 'or' : binds === XOR ? 'xor' : 'and';
    const parts = [this.asTest(left)];
    for (let next: Operator | null = op; next !== null && next.symbol === op.symbol; next = this.scanner.operator()) {
      this.scanner.pos = next.end;
      parts.push(this.asTest(this.expression(binds)));
    }
    return { kind, parts, at: parts[0].at, end: parts[parts.length - 1].end };
  }

  /** `a < b < c` is `a < b and b < c`. */
  private comparison(first: Test | Operand, op: Operator): Test {
    const parts: Test[] = [];
    let left = this.asOperand(first);
    for (
      let next: Operator | null = op;
      next !== null && POWER[next.symbol] === COMPARE;
      next = this.scanner.operator()
    ) {
      this.scanner.pos = next.end;
      if (next.symbol === 'in' || next.symbol === 'not') {
        parts.push(this.membership(left, next));
        break;
      }
      const right = this.asOperand(this.expression(COMPARE));
      parts.push({
        kind: 'compare',
        op: next.symbol as CompareOp,
        quantifier: null,
        left,
        right,
        at: left.at,
        end: right.end,
      });
      left = right;
    }
    return parts.length === 1 ? parts[0] : { kind: 'and', parts, at: parts[0].at, end: parts[parts.length - 1].end };
  }

  private membership(left: Operand, op: Operator): Test {
    const negated = op.symbol === 'not';
    if (negated) {
      const next = this.scanner.operator();
      if (next?.symbol !== 'in') throw this.scanner.unexpected();
      this.scanner.pos = next.end;
    }
    if (!this.scanner.take('{')) throw this.scanner.unexpected();
    const items: SetItem[] = [];
    do {
      const from = this.asOperand(this.expression(COMPARE));
      const to = this.scanner.take('..') ? this.asOperand(this.expression(COMPARE)) : null;
      items.push({ from, to });
      // Wireshark 3 had blanks between the elements
    } while (this.scanner.take(',') || this.startsOperand());
    if (!this.scanner.take('}')) throw this.scanner.unexpected();
    return { kind: 'in', negated, quantifier: null, left, items, at: left.at, end: this.scanner.pos };
  }

  private arithmetic(left: Test | Operand, op: Operator, binds: number): Operand {
    const l = this.asOperand(left);
    const r = this.asOperand(this.expression(binds));
    return { kind: 'arithmetic', op: op.symbol as ArithmeticOp, left: l, right: r, at: l.at, end: r.end };
  }

  private asTest(x: Test | Operand): Test {
    return isTest(x) ? x : { kind: 'present', of: x, at: x.at, end: x.end };
  }

  private asOperand(x: Test | Operand): Operand {
    if (!isTest(x)) return x;
    throw this.wantsValue(x);
  }

  private wantsValue(x: Test): FilterError {
    return this.scanner.error('A value or a field was expected here, not a test', x.at, x.end - x.at);
  }
}
