/** Functions of filters: len, count, lower, upper, string, abs, max, min. */

import { utf8Bytes } from '../core/bytes.js';
import { constantOf } from './constants.js';
import { KIND_TEXT } from './field-table.js';
import { type Comparable, colons, ipv4Column, ipv6Column, secondsText, WIDTH } from './format.js';
import type { OperandCompiler, Valued } from './operand.js';
import type { FilterPlace, Operand } from './syntax.js';
import { order } from './values.js';

/** The names of all. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  'len',
  'count',
  'lower',
  'upper',
  'string',
  'abs',
  'max',
  'min',
]);

/** Whether there is such a function. */
export function isFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** Compiles a call of a function that exists. */
export function compileCall(
  compiler: OperandCompiler,
  name: string,
  args: readonly Operand[],
  place: Operand & FilterPlace,
): Valued {
  if (name === 'max' || name === 'min') return extreme(compiler, name, args, place);
  if (args.length !== 1) throw compiler.error(`${name}() takes one argument`, place);
  const of = compiler.valued(args[0]);
  const { values } = of;
  switch (name) {
    case 'len': {
      const width = of.entry === null ? undefined : WIDTH[of.entry.type];
      return compiler.computed('int', () => values().map((v) => width ?? byteLength(v)));
    }
    case 'count':
      // of a field that is not there nothing is counted, so that count(x) == 0 is never true, as in Wireshark
      return compiler.computed('int', () => (of.count() === 0 ? [] : [of.count()]));
    case 'string':
      if (of.kind === 'none' || (of.kind === 'bytes' && of.entry === null))
        throw compiler.error(`string() takes a field, not ${compiler.shown(args[0])}`, args[0]);
      return compiler.computed('string', () => values().map((v) => text(v, of)));
    case 'abs':
      if (of.kind !== 'int' && of.kind !== 'float' && of.kind !== 'time')
        throw wants(compiler, name, 'number', args[0], of);
      return compiler.computed(of.kind, () =>
        values().map((v) => ((typeof v === 'number' || typeof v === 'bigint') && v < 0 ? -v : v)),
      );
    default:
      if (of.kind !== 'string') throw wants(compiler, name, 'string', args[0], of);
      return compiler.computed('string', () =>
        values().map((v) => (name === 'lower' ? String(v).toLowerCase() : String(v).toUpperCase())),
      );
  }
}

function wants(compiler: OperandCompiler, name: string, what: string, arg: Operand, of: Valued): Error {
  return compiler.error(`${name}() takes a ${what}, and ${compiler.shown(arg)} is of type ${KIND_TEXT[of.kind]}`, arg);
}

function extreme(compiler: OperandCompiler, name: string, args: readonly Operand[], place: Operand): Valued {
  const first = args.find((arg) => compiler.literal(arg) === null);
  if (first === undefined) throw compiler.error(`${name}() needs a field`, place);
  const model = compiler.valued(first);
  const sources = args.map((arg) => {
    const literal = compiler.literal(arg);
    if (literal !== null) {
      const { value } = constantOf(compiler, literal, model);
      return () => [value];
    }
    const of = compiler.valued(arg);
    if (of.kind !== model.kind) throw wants(compiler, name, KIND_TEXT[model.kind], arg, of);
    return of.values;
  });
  const sign = name === 'max' ? 1 : -1;
  return compiler.computed(model.kind, () => {
    const all = sources.flatMap((values) => [...values()]);
    return all.length === 0 ? [] : [all.reduce((best, v) => (order(v, best) * sign > 0 ? v : best))];
  });
}

function byteLength(v: Comparable): number {
  return typeof v === 'object' ? v.length : utf8Bytes(String(v)).length;
}

/** Plain text of a value: numbers in decimal whatever their column shows, as in Wireshark. */
function text(v: Comparable, of: Valued): string {
  if (typeof v === 'object') return colons(v);
  if (of.kind === 'ipv4') return ipv4Column(Number(v));
  if (of.kind === 'ipv6') return ipv6Column(BigInt(v));
  if (of.kind === 'time' && typeof v === 'bigint') return secondsText(v);
  return String(v);
}
