/** Constant expressions of IDL and of its preprocessor (C706 4.2.8, 4.3.2): integers, all operators of C but assignments. */
import { IdlError, type IdlToken, tokenText } from './tokens.js';

/** Where tokens come from: the parser, or a directive's line. */
export interface TokenSource {
  peek(): IdlToken;
  take(): IdlToken;
}

/** How deep parentheses and operators may be nested. */
const DEEPEST = 100;

type Binary = (a: bigint, b: bigint) => bigint;
const truth = (is: boolean): bigint => (is ? 1n : 0n);

/** Binary operators, those that bind least first. */
const LEVELS: readonly Readonly<Record<string, Binary>>[] = [
  { '||': (a, b) => truth(a !== 0n || b !== 0n) },
  { '&&': (a, b) => truth(a !== 0n && b !== 0n) },
  { '|': (a, b) => a | b },
  { '^': (a, b) => a ^ b },
  { '&': (a, b) => a & b },
  { '==': (a, b) => truth(a === b), '!=': (a, b) => truth(a !== b) },
  {
    '<': (a, b) => truth(a < b),
    '>': (a, b) => truth(a > b),
    '<=': (a, b) => truth(a <= b),
    '>=': (a, b) => truth(a >= b),
  },
  { '<<': (a, b) => a << shift(b), '>>': (a, b) => a >> shift(b) },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => (b === 0n ? 0n : a / b), '%': (a, b) => (b === 0n ? 0n : a % b) },
];

const UNARY: Readonly<Record<string, (a: bigint) => bigint>> = {
  '-': (a) => -a,
  '+': (a) => a,
  '~': (a) => ~a,
  '!': (a) => truth(a === 0n),
};

const shift = (by: bigint): bigint => by & 63n;

/**
 * Reads an expression and works it out, in 64 bits.
 * @param valued a name's value; undefined where it has none
 * @throws IdlError where it is none
 */
export function constant(from: TokenSource, valued: (name: IdlToken) => bigint | undefined): number {
  let depth = 0;
  const at = from.peek();
  const operand = (): bigint => {
    if (++depth > DEEPEST) throw new IdlError(at, `an expression nested more than ${DEEPEST} deep`);
    const token = from.take();
    let value: bigint | undefined;
    if (token.kind === 'mark' && Object.hasOwn(UNARY, token.text)) value = UNARY[token.text](operand());
    else if (token.text === '(') {
      value = level(0);
      const close = from.take();
      if (close.text !== ')') throw new IdlError(close, `) was expected, not ${tokenText(close)}`);
    } else if (token.kind === 'number') value = numberOf(token);
    else if (token.kind === 'text') value = characterOf(token);
    else if (token.kind === 'word') value = valued(token);
    if (value === undefined) throw new IdlError(token, `a number was expected, not ${tokenText(token)}`);
    depth--;
    return value;
  };
  const level = (at: number): bigint => {
    if (at === LEVELS.length) return operand();
    let value = level(at + 1);
    for (let { text } = from.peek(); Object.hasOwn(LEVELS[at], text); { text } = from.peek()) {
      from.take();
      value = BigInt.asIntN(64, LEVELS[at][text](value, level(at + 1)));
    }
    return value;
  };
  return Number(level(0));
}

function numberOf(token: IdlToken): bigint | undefined {
  const digits = token.text.replace(/[uUlL]+$/, '');
  return /^(?:0[xX][\da-fA-F]+|\d+)$/.test(digits)
    ? BigInt(/^0\d/.test(digits) ? `0o${digits.replace(/[89]/g, '7')}` : digits)
    : undefined;
}

/** `'A'` and `L'A'` are their codes. */
function characterOf({ text }: IdlToken): bigint | undefined {
  const inside = /^L?'(.)'$/su.exec(text)?.[1];
  return inside === undefined ? undefined : BigInt(inside.codePointAt(0) as number);
}
