/**
 * Runs a pattern over all its alternatives at once, so that time grows with the input and never explodes: a
 * filter is typed by hand, the input comes from the network.
 */
import { type Assertion, compileRegex, type Step, WORD } from './regex-parse.js';

/** Whether text (by UTF-16 units) or bytes contain a match. */
export interface Regex {
  test(input: string | Uint8Array): boolean;
}

/** Compiles a pattern; throws `RegexError`. */
export function regex(pattern: string): Regex {
  const steps = compileRegex(pattern);
  const now = new StateSet(steps.length);
  const next = new StateSet(steps.length);
  return { test: (input) => search(steps, input, now, next) };
}

/** Places in a program, each at most once, in the order they were added. */
class StateSet {
  readonly list: Int32Array;
  private readonly where: Int32Array;
  size = 0;

  constructor(n: number) {
    this.list = new Int32Array(n);
    this.where = new Int32Array(n);
  }

  add(state: number): boolean {
    const at = this.where[state];
    if (at < this.size && this.list[at] === state) return false;
    this.where[state] = this.size;
    this.list[this.size++] = state;
    return true;
  }
}

function search(steps: readonly Step[], input: string | Uint8Array, a: StateSet, b: StateSet): boolean {
  const code: (i: number) => number = typeof input === 'string' ? (i) => input.charCodeAt(i) : (i) => input[i];
  const { length } = input;
  const todo: number[] = [];
  /** Adds a place and all that follow without a character; whether the end of the pattern is among them. */
  const enter = (set: StateSet, state: number, pos: number): boolean => {
    todo.push(state);
    for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
      if (!set.add(at)) continue;
      const step = steps[at];
      if (step.op === 'match') {
        todo.length = 0;
        return true;
      }
      if (step.op === 'jump') todo.push(step.to);
      else if (step.op === 'split') todo.push(step.first, step.second);
      else if (step.op === 'assert' && holds(step.what, pos, length, code)) todo.push(at + 1);
    }
    return false;
  };
  let now = a;
  let next = b;
  now.size = 0;
  const first = steps[0];
  const anchored = first.op === 'assert' && first.what === 'start';
  for (let pos = 0; ; pos++) {
    if ((!anchored || pos === 0) && enter(now, 0, pos)) return true;
    if (pos === length || (anchored && now.size === 0)) return false;
    const c = code(pos);
    next.size = 0;
    for (let i = 0; i < now.size; i++) {
      const state = now.list[i];
      const step = steps[state];
      if (step.op === 'char' && step.test(c) && enter(next, state + 1, pos + 1)) return true;
    }
    const spare = now;
    now = next;
    next = spare;
  }
}

function holds(what: Assertion, pos: number, length: number, code: (i: number) => number): boolean {
  switch (what) {
    case 'start':
      return pos === 0;
    case 'veryEnd':
      return pos === length;
    case 'end':
      return pos === length || (pos === length - 1 && code(pos) === 10);
    case 'lineStart':
      return pos === 0 || code(pos - 1) === 10;
    case 'lineEnd':
      return pos === length || code(pos) === 10;
    default: {
      const before = pos > 0 && WORD(code(pos - 1));
      const after = pos < length && WORD(code(pos));
      return (before !== after) === (what === 'word');
    }
  }
}
