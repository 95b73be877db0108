/**
 * Turns a parsed filter into a function. Types are checked here, once: what cannot be compared is an error with
 * its place, never a filter that silently finds nothing.
 */
import type { FrameTest } from '../core/frame.js';
import { Collector, isKnown, type Slot } from './collector.js';
import { constantOf, literalText, wholeRegex } from './constants.js';
import { type FieldTable, KIND_TEXT, type Kind } from './field-table.js';
import { FilterError } from './filter-error.js';
import type { Comparable } from './format.js';
import { compileCall, isFunction } from './functions.js';
import type { OperandCompiler, OperandValues, Valued } from './operand.js';
import { compileArithmetic, compileMinus } from './operators.js';
import { parseFilter } from './parser.js';
import type { CompareOp, Literal, Operand, Quantifier, Test } from './syntax.js';
import { contains, isNotZero, order, sliced } from './values.js';

/** A compiled filter. Evaluates one frame at a time. */
export interface Filter extends FrameTest {
  /** Fields whose nodes are asked for; a protocol by its own name. */
  readonly fieldNames: ReadonlySet<string>;
}

type Check = () => boolean;

/** Null where it hangs on what is not known of the frame. */
type Answer = () => boolean | null;

/** Compiles a filter. Throws `FilterError`. */
export function compileFilter(text: string, known: FieldTable): Filter {
  const compiler = new Compiler(text, known);
  const answer = compiler.test(parseFilter(text));
  const { collector } = compiler;
  return {
    fieldNames: collector.names,
    ofLayers: collector.ofLayers,
    ofPdus: collector.ofPdus,
    wants: (field) => collector.wants(field),
    wantsAny: (fields) => collector.wantsAny(fields),
    matches(frame) {
      collector.collect(frame);
      return answer() === true;
    },
    foresees(frame, known) {
      collector.collect(frame, known);
      return answer();
    },
  };
}

/** Compiles the parts of one filter. */
class Compiler implements OperandCompiler {
  readonly collector = new Collector();
  /** What the comparison at hand looks at. */
  private slots = new Set<Slot>();

  constructor(
    private readonly text: string,
    private readonly known: FieldTable,
  ) {}

  error(reason: string, place: { readonly at: number; readonly end: number }): FilterError {
    return new FilterError(reason, this.text, place.at, place.end - place.at);
  }

  shown(place: { readonly at: number; readonly end: number }): string {
    return this.text.slice(place.at, place.end);
  }

  test(test: Test): Answer {
    switch (test.kind) {
      case 'and':
      case 'or': {
        const parts = test.parts.map((part) => this.test(part));
        return () => decided(parts, test.kind === 'or');
      }
      case 'xor': {
        const parts = test.parts.map((part) => this.test(part));
        return () => parts.map((part) => part()).reduce((a, b) => (a === null || b === null ? null : a !== b), false);
      }
      case 'not': {
        const of = this.test(test.of);
        return () => {
          const answer = of();
          return answer === null ? null : !answer;
        };
      }
      default: {
        this.slots = new Set();
        const check = this.single(test);
        const slots = [...this.slots];
        return () => (this.collector.isWhole || slots.every(({ isKnown }) => isKnown) ? check() : null);
      }
    }
  }

  private single(test: Exclude<Test, { kind: 'and' | 'or' | 'xor' | 'not' }>): Check {
    switch (test.kind) {
      case 'present':
        return this.presence(test.of);
      case 'in':
        return this.membership(test);
      case 'compare':
        return this.comparison(test.op, test.quantifier, test.left, test.right);
    }
  }

  literal(operand: Operand): Literal | null {
    if (operand.kind === 'text' || operand.kind === 'char') return operand;
    return operand.kind === 'word' && !isKnown(operand.text, this.known) ? operand : null;
  }

  valued(operand: Operand): Valued {
    switch (operand.kind) {
      case 'word':
        return this.field(operand.text, operand);
      case 'slice': {
        const of = this.valued(operand.of);
        if (of.kind === 'int' || of.kind === 'float' || of.kind === 'bool' || of.kind === 'guid' || of.kind === 'time')
          throw this.error(`${this.shown(operand.of)} is of type ${KIND_TEXT[of.kind]}: no bytes to slice`, operand.of);
        const { values } = of;
        return this.computed('bytes', () => sliced(values(), of.kind, operand.ranges));
      }
      case 'call':
        if (!isFunction(operand.name)) throw this.error(`There is no function ${operand.name}()`, operand);
        return compileCall(this, operand.name, operand.args, operand);
      case 'arithmetic':
        return compileArithmetic(this, operand);
      case 'minus':
        return compileMinus(this, operand);
      default:
        throw this.error(`${this.shown(operand)} is a value where a field is needed`, operand);
    }
  }

  computed(kind: Kind, values: OperandValues): Valued {
    return { kind, values, entry: null, count: () => values().length };
  }

  private field(name: string, place: Operand): Valued {
    const entry = this.known.get(name);
    if (entry !== undefined) {
      const slot = this.collector.field(entry);
      this.slots.add(slot);
      return { kind: entry.kind, values: () => slot.values, entry, count: () => slot.nodes.length };
    }
    if (this.known.isPrefix(name)) throw this.error(`${name} has no value of its own, only fields below it`, place);
    throw this.unknown(name, place);
  }

  private unknown(name: string, place: Operand): FilterError {
    const near = this.known.suggest(name);
    const hint = near.length === 0 ? '' : `; is it ${near.join(', ')}?`;
    return this.error(`"${name}" is neither a field nor a protocol${hint}`, place);
  }

  private presence(of: Operand): Check {
    if (of.kind === 'word') {
      // a protocol is there where its own node is, as in Wireshark: SMB2 has fields of smb, and is none
      if (this.known.get(of.text) === undefined && this.known.isPrefix(of.text)) {
        const slot = this.collector.below(of.text, this.known.placesBelow(of.text));
        this.slots.add(slot);
        return () => slot.nodes.length > 0;
      }
      return this.present(this.field(of.text, of));
    }
    if (of.kind === 'call') throw this.error(`Presence of a function: compare ${this.shown(of)} with something`, of);
    if (this.literal(of) !== null) throw this.error(`${this.shown(of)} is neither a field nor a protocol`, of);
    const valued = this.valued(of);
    if (of.kind === 'slice') return this.present(valued);
    return () => valued.values().some(isNotZero);
  }

  private present(valued: Valued): Check {
    return () => valued.count() > 0;
  }

  private comparison(op: CompareOp, quantifier: Quantifier, left: Operand, right: Operand): Check {
    if (op === 'matches') return this.matching(quantifier, left, right);
    if (this.literal(left) !== null) {
      // the name that is wrong is rather the one with a dot in it than the number opposite
      if (left.kind === 'word' && /^[a-z_]/i.test(left.text) && left.text.includes('.'))
        throw this.unknown(left.text, left);
      if (op === 'contains' || this.literal(right) !== null)
        throw this.error(`The left side of "${op}" must be a field or function, not ${this.shown(left)}`, left);
      return this.comparison(MIRRORED[op] ?? op, quantifier, right, left);
    }
    const l = this.valued(left);
    if (op === 'contains') return this.containing(quantifier, l, left, right);
    const literal = this.literal(right);
    const all = quantifier === 'all' || (quantifier === null && (op === '!=' || op === '==='));
    if (literal !== null) {
      const constant = constantOf(this, literal, l);
      const compare = constant.compare;
      const holds = HOLDS[op];
      return one(l.values, (v) => holds(compare(v)), all);
    }
    const r = this.valued(right);
    if (!comparableKinds(l.kind, r.kind)) {
      const text = `${this.shown(left)} (${KIND_TEXT[l.kind]}) and ${this.shown(right)} (${KIND_TEXT[r.kind]})`;
      throw this.error(`${text} cannot be compared`, right);
    }
    return pairs(l.values, r.values, HOLDS[op], all);
  }

  private containing(quantifier: Quantifier, l: Valued, left: Operand, right: Operand): Check {
    this.wantsText(l, left, 'contains');
    const all = quantifier === 'all';
    const literal = this.literal(right);
    if (literal !== null) {
      const wanted = l.kind === 'string' ? literalText(literal) : constantOf(this, literal, l).value;
      return one(l.values, (v) => contains(v, wanted), all);
    }
    const r = this.valued(right);
    if (!comparableKinds(l.kind, r.kind))
      throw this.error(`${this.shown(left)} (${KIND_TEXT[l.kind]}) cannot contain a ${KIND_TEXT[r.kind]}`, right);
    return () => {
      const wanted = r.values();
      const has = (v: Comparable): boolean =>
        all ? wanted.every((w) => contains(v, w)) : wanted.some((w) => contains(v, w));
      return one(l.values, has, all)();
    };
  }

  private matching(quantifier: Quantifier, left: Operand, right: Operand): Check {
    const l = this.valued(left);
    this.wantsText(l, left, 'matches');
    const pattern = wholeRegex(this, right, l.kind === 'string');
    return one(
      l.values,
      (v) => (typeof v === 'object' || typeof v === 'string' ? pattern.test(v) : false),
      quantifier === 'all',
    );
  }

  private wantsText(l: Valued, left: Operand, op: string): void {
    if (l.kind === 'string' || l.kind === 'bytes' || l.kind === 'none') return;
    const name = this.shown(left);
    throw this.error(`${name} is of type ${KIND_TEXT[l.kind]}, which "${op}" cannot search; try string(${name})`, left);
  }

  private membership(test: Extract<Test, { kind: 'in' }>): Check {
    if (this.literal(test.left) !== null && test.left.kind !== 'word')
      throw this.error('Only a field can be a member of a set', test.left);
    const left = this.valued(test.left);
    const items = test.items.map((item) => this.member(left, item.from, item.to));
    const inside = (v: Comparable): boolean => items.some((item) => item(v));
    if (!test.negated) return one(left.values, inside, test.quantifier === 'all');
    // absent is not in: what is not there is in no set
    if (test.quantifier !== 'any') return () => !left.values().some(inside);
    return () => left.values().some((v) => !inside(v));
  }

  private member(left: Valued, from: Operand, to: Operand | null): (v: Comparable) => boolean {
    const low = this.bound(left, from);
    if (to === null) return (v) => low(v, '==');
    const high = this.bound(left, to);
    return (v) => low(v, '>=') && high(v, '<=');
  }

  private bound(left: Valued, operand: Operand): (v: Comparable, op: CompareOp) => boolean {
    const literal = this.literal(operand);
    if (literal !== null) {
      const { compare } = constantOf(this, literal, left);
      return (v, op) => HOLDS[op](compare(v));
    }
    const right = this.valued(operand);
    if (!comparableKinds(left.kind, right.kind))
      throw this.error(`A ${KIND_TEXT[right.kind]} in a set of ${KIND_TEXT[left.kind]} values`, operand);
    return (v, op) => right.values().some((w) => HOLDS[op](order(v, w)));
  }
}

const HOLDS: Readonly<Record<CompareOp, (order: number) => boolean>> = {
  '==': (o) => o === 0,
  '===': (o) => o === 0,
  '!=': (o) => o !== 0,
  '~=': (o) => o !== 0,
  '<': (o) => o < 0,
  '<=': (o) => o <= 0,
  '>': (o) => o > 0,
  '>=': (o) => o >= 0,
  contains: () => false,
  matches: () => false,
};

/** What an operator becomes when its sides change places. */
const MIRRORED: Readonly<Partial<Record<CompareOp, CompareOp>>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** The first part that is `wanted` decides; else one that is not known leaves all of it open. */
function decided(parts: readonly Answer[], wanted: boolean): boolean | null {
  let open = false;
  for (const part of parts) {
    const answer = part();
    if (answer === wanted) return wanted;
    if (answer === null) open = true;
  }
  return open ? null : !wanted;
}

/** A field without values holds nothing, neither `all` nor `any`. */
function one(values: OperandValues, holds: (v: Comparable) => boolean, all: boolean): Check {
  if (all) {
    return () => {
      const found = values();
      return found.length > 0 && found.every(holds);
    };
  }
  return () => values().some(holds);
}

function pairs(left: OperandValues, right: OperandValues, holds: (order: number) => boolean, all: boolean): Check {
  return () => {
    const l = left();
    const r = right();
    if (l.length === 0 || r.length === 0) return false;
    return all ? l.every((a) => r.every((b) => holds(order(a, b)))) : l.some((a) => r.some((b) => holds(order(a, b))));
  };
}

function comparableKinds(a: Kind, b: Kind): boolean {
  const group = (kind: Kind): string => (kind === 'float' ? 'int' : kind === 'none' ? 'bytes' : kind);
  return group(a) === group(b);
}
