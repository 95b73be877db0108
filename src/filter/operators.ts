/** Sums, products and bit masks in filters. Whole numbers are exact: what a number cannot hold becomes a bigint. */

import { constantOf } from './constants.js';
import { KIND_TEXT, type Kind } from './field-table.js';
import type { Comparable } from './format.js';
import type { OperandCompiler, OperandValues, Valued } from './operand.js';
import type { ArithmeticOp, Operand } from './syntax.js';

/** The values of something in the frame at hand. */
/** Compiles `left op right`; one side may be a literal, which then has the type of the other. */
export function compileArithmetic(compiler: OperandCompiler, x: Extract<Operand, { kind: 'arithmetic' }>): Valued {
  const leftLiteral = compiler.literal(x.left);
  const rightLiteral = compiler.literal(x.right);
  if (leftLiteral !== null && rightLiteral !== null)
    throw compiler.error(`${compiler.shown(x)} is a calculation without a field`, x);
  const model = compiler.valued(leftLiteral === null ? x.left : x.right);
  const values = (literal: typeof leftLiteral, operand: Operand): OperandValues => {
    if (literal === null) {
      const valued = operand === (leftLiteral === null ? x.left : x.right) ? model : compiler.valued(operand);
      allowed(compiler, x.op, valued.kind, operand);
      if (valued.kind !== model.kind && !(isNumber(valued.kind) && isNumber(model.kind)))
        throw compiler.error(`${KIND_TEXT[model.kind]} and ${KIND_TEXT[valued.kind]} cannot be combined`, operand);
      return valued.values;
    }
    const constant = [constantOf(compiler, literal, { ...model, entry: null }).value];
    return () => constant;
  };
  allowed(compiler, x.op, model.kind, leftLiteral === null ? x.left : x.right);
  const left = values(leftLiteral, x.left);
  const right = values(rightLiteral, x.right);
  const whole = model.kind !== 'float';
  return compiler.computed(model.kind, () => {
    const found: Comparable[] = [];
    for (const a of left()) {
      for (const b of right()) {
        const value = apply(x.op, a, b, whole);
        if (value !== null) found.push(value);
      }
    }
    return found;
  });
}

/** Compiles a minus sign before something that is no literal. */
export function compileMinus(compiler: OperandCompiler, x: Extract<Operand, { kind: 'minus' }>): Valued {
  const of = compiler.valued(x.of);
  if (!isNumber(of.kind) && of.kind !== 'time') throw compiler.error(`A ${KIND_TEXT[of.kind]} has no negative`, x.of);
  const { values } = of;
  return compiler.computed(of.kind, () =>
    values().map((v) => (typeof v === 'number' || typeof v === 'bigint' ? (v === 0 ? 0 : -v) : v)),
  );
}

function isNumber(kind: Kind): boolean {
  return kind === 'int' || kind === 'float';
}

function allowed(compiler: OperandCompiler, op: ArithmeticOp, kind: Kind, operand: Operand): void {
  const masks = kind === 'int' || kind === 'ipv4' || kind === 'bytes';
  const sums = isNumber(kind) || (kind === 'time' && (op === '+' || op === '-'));
  if (op === '&' ? masks : sums) return;
  throw compiler.error(
    `${compiler.shown(operand)} is of type ${KIND_TEXT[kind]}, which "${op}" cannot work on`,
    operand,
  );
}

function apply(op: ArithmeticOp, a: Comparable, b: Comparable, whole: boolean): Comparable | null {
  if (typeof a === 'object' || typeof b === 'object')
    return typeof a === 'object' && typeof b === 'object' ? masked(a, b) : null;
  if (typeof a === 'string' || typeof b === 'string') return null;
  if (!whole) return inFloat(op, Number(a), Number(b));
  if (!isWhole(a) || !isWhole(b)) return null;
  if (op === '&' && typeof a === 'number' && typeof b === 'number' && isSmall(a) && isSmall(b)) return a & b;
  const value = inWhole(op, BigInt(a), BigInt(b));
  if (value === null) return null;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER && typeof a === 'number'
    ? Number(value)
    : value;
}

function isWhole(n: number | bigint): boolean {
  return typeof n === 'bigint' || Number.isInteger(n);
}

/** Where the operators of numbers work on whole ones. */
function isSmall(n: number): boolean {
  return n >= 0 && n <= 0x7fffffff;
}

/** The mask is laid on the beginning; without a byte of both there is no value. */
function masked(a: Uint8Array, b: Uint8Array): Uint8Array | null {
  const length = Math.min(a.length, b.length);
  return length === 0 ? null : a.subarray(0, length).map((byte, i) => byte & b[i]);
}

function inFloat(op: ArithmeticOp, a: number, b: number): number | null {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? null : a / b;
    case '%':
      return b === 0 ? null : a % b;
    case '&':
      return null;
  }
}

function inWhole(op: ArithmeticOp, a: bigint, b: bigint): bigint | null {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? null : a / b;
    case '%':
      return b === 0n ? null : a % b;
    case '&':
      return a & b;
  }
}
