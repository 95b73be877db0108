/**
 * Regular expressions for `matches`, in the part of PCRE's syntax that a linear matcher can run: no look-around,
 * no back-references. The result is a program for `regex.ts`.
 */

/** Whether a code unit belongs to a class. */
export type CharTest = (code: number) => boolean;

/** What must hold at a place without a character being consumed. */
export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'veryEnd' | 'word' | 'notWord';

/** One step of a program. `split` goes on at both places. */
export type Step =
  | { readonly op: 'char'; readonly test: CharTest }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'match' };

/** A pattern that is wrong or not supported; `at` is an offset in it. */
export class RegexError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

type Tree =
  | { kind: 'char'; test: CharTest }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'all'; parts: Tree[] }
  | { kind: 'one'; parts: Tree[] }
  | { kind: 'repeat'; of: Tree; min: number; max: number };

interface Flags {
  ignoreCase: boolean;
  dotAll: boolean;
  multiline: boolean;
}

/** Steps of one program: counted repetitions multiply, and time is steps times input. */
const MAX_STEPS = 2000;
const MAX_REPEAT = 1000;
const MAX_DEPTH = 100;

/** Compiles a pattern. Case does not matter unless the pattern says `(?-i)`, as in Wireshark. */
export function compileRegex(pattern: string): Step[] {
  const parser = new Parser(pattern);
  const tree = parser.alternatives({ ignoreCase: true, dotAll: false, multiline: false });
  if (parser.pos < pattern.length) throw new RegexError('a closing parenthesis without an opening one', parser.pos);
  const steps: Step[] = [];
  emit(tree, steps);
  steps.push({ op: 'match' });
  return steps;
}

function emit(tree: Tree, steps: Step[]): void {
  if (steps.length > MAX_STEPS) throw new RegexError(`more than ${MAX_STEPS} steps`, 0);
  switch (tree.kind) {
    case 'char':
      steps.push({ op: 'char', test: tree.test });
      return;
    case 'assert':
      steps.push({ op: 'assert', what: tree.what });
      return;
    case 'all':
      for (const part of tree.parts) emit(part, steps);
      return;
    case 'one': {
      const ends: { op: 'jump'; to: number }[] = [];
      for (const [i, part] of tree.parts.entries()) {
        if (i === tree.parts.length - 1) emit(part, steps);
        else {
          const split = { op: 'split' as const, first: steps.length + 1, second: 0 };
          steps.push(split);
          emit(part, steps);
          const end = { op: 'jump' as const, to: 0 };
          ends.push(end);
          steps.push(end);
          split.second = steps.length;
        }
      }
      for (const end of ends) end.to = steps.length;
      return;
    }
    case 'repeat':
      emitRepeat(tree.of, tree.min, tree.max, steps);
  }
}

function emitRepeat(of: Tree, min: number, max: number, steps: Step[]): void {
  for (let i = 0; i < min; i++) emit(of, steps);
  if (max === Number.POSITIVE_INFINITY) {
    const split = { op: 'split' as const, first: steps.length + 1, second: 0 };
    const again = steps.length;
    steps.push(split);
    emit(of, steps);
    steps.push({ op: 'jump', to: again });
    split.second = steps.length;
    return;
  }
  const splits: { op: 'split'; first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = { op: 'split' as const, first: steps.length + 1, second: 0 };
    splits.push(split);
    steps.push(split);
    emit(of, steps);
  }
  for (const split of splits) split.second = steps.length;
}

const DIGIT: CharTest = (c) => c >= 48 && c <= 57;
/** What `\w` stands for. */
export const WORD: CharTest = (c) => DIGIT(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const SPACE: CharTest = (c) => c === 32 || (c >= 9 && c <= 13);
const negate =
  (test: CharTest): CharTest =>
  (c) =>
    !test(c);

const CLASSES: Readonly<Record<string, CharTest>> = {
  d: DIGIT,
  D: negate(DIGIT),
  w: WORD,
  W: negate(WORD),
  s: SPACE,
  S: negate(SPACE),
};

const POSIX: Readonly<Record<string, CharTest>> = {
  alpha: (c) => WORD(c) && !DIGIT(c) && c !== 95,
  digit: DIGIT,
  alnum: (c) => WORD(c) && c !== 95,
  upper: (c) => c >= 65 && c <= 90,
  lower: (c) => c >= 97 && c <= 122,
  space: SPACE,
  blank: (c) => c === 32 || c === 9,
  punct: (c) => c > 32 && c < 127 && (!WORD(c) || c === 95),
  print: (c) => c >= 32 && c < 127,
  graph: (c) => c > 32 && c < 127,
  cntrl: (c) => c < 32 || c === 127,
  xdigit: (c) => DIGIT(c) || (c >= 65 && c <= 70) || (c >= 97 && c <= 102),
  word: WORD,
};

const ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, r: 13, f: 12, a: 7, e: 27, '0': 0 };

const ASSERTIONS: Readonly<Record<string, Assertion>> = { b: 'word', B: 'notWord', A: 'start', Z: 'end', z: 'veryEnd' };

/** The same character in the other case, where that is one code unit too. */
function otherCases(c: number): number[] {
  const text = String.fromCharCode(c);
  return [text.toLowerCase(), text.toUpperCase()].filter((t) => t.length === 1).map((t) => t.charCodeAt(0));
}

/** A test that does not mind case where it should not. Answers for the first 256 codes are kept. */
function folded(test: CharTest, ignoreCase: boolean): CharTest {
  const any: CharTest = ignoreCase ? (c) => test(c) || otherCases(c).some(test) : test;
  const known = Uint8Array.from({ length: 256 }, (_, c) => Number(any(c)));
  return (c) => (c < 256 ? known[c] === 1 : any(c));
}

class Parser {
  pos = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  alternatives(outer: Flags): Tree {
    if (++this.depth > MAX_DEPTH) throw new RegexError(`groups nested deeper than ${MAX_DEPTH}`, this.pos);
    const flags = { ...outer };
    const parts = [this.sequence(flags)];
    while (this.take('|')) parts.push(this.sequence(flags));
    this.depth--;
    return parts.length === 1 ? parts[0] : { kind: 'one', parts };
  }

  private sequence(flags: Flags): Tree {
    const parts: Tree[] = [];
    while (this.pos < this.text.length && this.text[this.pos] !== '|' && this.text[this.pos] !== ')') {
      const item = this.item(flags);
      if (item !== null) parts.push(this.repeated(item));
    }
    return parts.length === 1 ? parts[0] : { kind: 'all', parts };
  }

  private item(flags: Flags): Tree | null {
    const at = this.pos;
    const c = this.text[this.pos++];
    switch (c) {
      case '.':
        return { kind: 'char', test: flags.dotAll ? () => true : (code) => code !== 10 };
      case '^':
        return { kind: 'assert', what: flags.multiline ? 'lineStart' : 'start' };
      case '$':
        return { kind: 'assert', what: flags.multiline ? 'lineEnd' : 'end' };
      case '(':
        return this.group(flags, at);
      case '[':
        return { kind: 'char', test: this.charClass(flags, at) };
      case '*':
      case '+':
      case '?':
        throw new RegexError(`nothing before "${c}" that could be repeated`, at);
      case '\\':
        return this.escape(flags, at);
      default:
        return this.literal(c.charCodeAt(0), flags);
    }
  }

  private literal(code: number, flags: Flags): Tree {
    return { kind: 'char', test: folded((c) => c === code, flags.ignoreCase) };
  }

  private group(flags: Flags, at: number): Tree | null {
    if (this.take('?')) {
      const option = /([imsx-]*)([:)])/y;
      option.lastIndex = this.pos;
      const m = option.exec(this.text);
      if (m !== null) {
        this.pos = option.lastIndex;
        const inner = this.withOptions(flags, m[1], at);
        if (m[2] === ')') {
          Object.assign(flags, inner);
          return null;
        }
        return this.closed(this.alternatives(inner), at);
      }
      const name = /P?<\w+>|'\w+'/y;
      name.lastIndex = this.pos;
      const named = name.exec(this.text);
      if (named === null) throw new RegexError('look-around and other special groups are not supported', at);
      this.pos = name.lastIndex;
    } else if (this.text[this.pos] === '*') throw new RegexError('control verbs are not supported', at);
    return this.closed(this.alternatives(flags), at);
  }

  private withOptions(flags: Flags, text: string, at: number): Flags {
    const made = { ...flags };
    let on = true;
    for (const c of text) {
      if (c === '-') on = false;
      else if (c === 'i') made.ignoreCase = on;
      else if (c === 's') made.dotAll = on;
      else if (c === 'm') made.multiline = on;
      else throw new RegexError(`the option "${c}" is not supported`, at);
    }
    return made;
  }

  private closed(tree: Tree, at: number): Tree {
    if (!this.take(')')) throw new RegexError('a parenthesis that is not closed', at);
    return tree;
  }

  private repeated(item: Tree): Tree {
    let tree = item;
    for (let again = false; ; again = true) {
      const at = this.pos;
      const bounds = this.bounds();
      if (bounds === null) return tree;
      if (again && this.text[at] === '+') throw new RegexError('possessive quantifiers are not supported', at);
      if (again && this.text[at] !== '{') throw new RegexError('a quantifier behind a quantifier', at);
      const [min, max] = bounds;
      if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT))
        throw new RegexError(`more than ${MAX_REPEAT} repetitions`, at);
      if (max < min) throw new RegexError('the upper bound is below the lower', at);
      tree = { kind: 'repeat', of: tree, min, max };
      // greedy or not, a match is a match
      this.take('?');
    }
  }

  private bounds(): [number, number] | null {
    if (this.take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.take('?')) return [0, 1];
    const counted = /\{(\d{1,5})(,(\d{1,5})?)?\}/y;
    counted.lastIndex = this.pos;
    const m = counted.exec(this.text);
    if (m === null) return null;
    this.pos = counted.lastIndex;
    const min = Number(m[1]);
    return [min, m[2] === undefined ? min : m[3] === undefined ? Number.POSITIVE_INFINITY : Number(m[3])];
  }

  private escape(flags: Flags, at: number): Tree {
    const c = this.text.charAt(this.pos);
    if (Object.hasOwn(CLASSES, c)) {
      this.pos++;
      return { kind: 'char', test: CLASSES[c] };
    }
    if (Object.hasOwn(ASSERTIONS, c)) {
      this.pos++;
      return { kind: 'assert', what: ASSERTIONS[c] };
    }
    return this.literal(this.escapedCode(at), flags);
  }

  /** The code behind a backslash that stands for one character. */
  private escapedCode(at: number): number {
    const hex = /x\{([0-9a-f]{1,4})\}|x([0-9a-f]{1,2})/iy;
    hex.lastIndex = this.pos;
    const m = hex.exec(this.text);
    if (m !== null) {
      this.pos = hex.lastIndex;
      return Number.parseInt(m[1] ?? m[2], 16);
    }
    const c = this.text.charAt(this.pos++);
    if (c === '') throw new RegexError('a backslash at the end', at);
    if (Object.hasOwn(ESCAPES, c)) return ESCAPES[c];
    if (/[1-9]/.test(c)) throw new RegexError('back-references are not supported', at);
    if (/[a-z]/i.test(c)) throw new RegexError(`"\\${c}" is not supported`, at);
    return c.charCodeAt(0);
  }

  private charClass(flags: Flags, at: number): CharTest {
    const negated = this.take('^');
    const tests: CharTest[] = [];
    // a bracket that comes first is meant
    let first = true;
    for (; ; first = false) {
      if (this.pos >= this.text.length) throw new RegexError('a class that is not closed', at);
      if (!first && this.take(']')) break;
      const named = this.classInClass();
      if (named !== null) {
        tests.push(named);
        continue;
      }
      const from = this.classCode();
      if (this.text[this.pos] === '-' && this.text[this.pos + 1] !== ']' && this.pos + 1 < this.text.length) {
        this.pos++;
        const to = this.classCode();
        if (to < from) throw new RegexError('a range that ends before it starts', at);
        tests.push((c) => c >= from && c <= to);
      } else tests.push((c) => c === from);
    }
    const inside = folded((c) => tests.some((test) => test(c)), flags.ignoreCase);
    return negated ? negate(inside) : inside;
  }

  private classInClass(): CharTest | null {
    const posix = /\[:(\^?)(\w+):\]/y;
    posix.lastIndex = this.pos;
    const m = posix.exec(this.text);
    if (m !== null) {
      if (!Object.hasOwn(POSIX, m[2])) throw new RegexError(`no class "${m[2]}"`, this.pos);
      this.pos = posix.lastIndex;
      return m[1] === '' ? POSIX[m[2]] : negate(POSIX[m[2]]);
    }
    const c = this.text.charAt(this.pos + 1);
    if (this.text[this.pos] !== '\\' || !Object.hasOwn(CLASSES, c)) return null;
    this.pos += 2;
    return CLASSES[c];
  }

  private classCode(): number {
    const at = this.pos;
    const c = this.text[this.pos++];
    if (c !== '\\') return c.charCodeAt(0);
    if (this.take('b')) return 8;
    return this.escapedCode(at);
  }

  private take(c: string): boolean {
    if (this.text[this.pos] !== c) return false;
    this.pos++;
    return true;
  }
}
