/** What the parser makes of a display filter, before anybody asks what its names mean. */

/** Where in the filter something stands. */
export interface FilterPlace {
  readonly at: number;
  readonly end: number;
}

/** `!=` is `all_ne` since Wireshark 4.0: no pair of values may be equal. */
export type CompareOp = '==' | '!=' | '===' | '~=' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '&';

export type Quantifier = 'any' | 'all' | null;

/** One stretch of a slice: from `start` (negative: from the end) over `length`, or to the end where that is null. */
export interface SliceRange {
  readonly start: number;
  readonly length: number | null;
}

/** Something that has values. */
export type Operand = FilterPlace &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'text'; readonly bytes: Uint8Array }
    | { readonly kind: 'char'; readonly code: number }
    | { readonly kind: 'slice'; readonly of: Operand; readonly ranges: readonly SliceRange[] }
    | { readonly kind: 'call'; readonly name: string; readonly args: readonly Operand[] }
    | { readonly kind: 'arithmetic'; readonly op: ArithmeticOp; readonly left: Operand; readonly right: Operand }
    | { readonly kind: 'minus'; readonly of: Operand }
  );

/** One element of a set: a value, or a range with both its ends. */
export interface SetItem {
  readonly from: Operand;
  readonly to: Operand | null;
}

/** Something that is true or false of a frame. */
export type Test = FilterPlace &
  (
    | { readonly kind: 'and' | 'or' | 'xor'; readonly parts: readonly Test[] }
    | { readonly kind: 'not'; readonly of: Test }
    | {
        readonly kind: 'compare';
        readonly op: CompareOp;
        readonly quantifier: Quantifier;
        readonly left: Operand;
        readonly right: Operand;
      }
    | {
        readonly kind: 'in';
        readonly negated: boolean;
        readonly quantifier: Quantifier;
        readonly left: Operand;
        readonly items: readonly SetItem[];
      }
    /** A field or protocol is there, or a calculation gives something else than zero. */
    | { readonly kind: 'present'; readonly of: Operand }
  );

const TESTS: ReadonlySet<string> = new Set(['and', 'or', 'xor', 'not', 'compare', 'in', 'present']);

/** Tells the two apart. */
export function isTest(x: Test | Operand): x is Test {
  return TESTS.has(x.kind);
}

/** A literal of the filter's text. */
export type Literal = Extract<Operand, { kind: 'word' | 'text' | 'char' }>;
