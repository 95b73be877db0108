/** What an operand of a filter is once it is compiled, and what compiles the operands inside it. */
import type { FieldEntry, Kind } from './field-table.js';
import type { FilterError } from './filter-error.js';
import type { Comparable } from './format.js';
import type { FilterPlace, Literal, Operand } from './syntax.js';

/** The values in the frame that was collected last. */
export type OperandValues = () => readonly Comparable[];

/** Something compiled that has values. */
export interface Valued {
  readonly kind: Kind;
  /** The values in the frame that was collected last. */
  readonly values: OperandValues;
  /** The field it is, where it is nothing but a field. */
  readonly entry: FieldEntry | null;
  /** How many sights of the field there are, with or without value. */
  readonly count: () => number;
}

/** Compiles operands, for those that hold others. */
export interface OperandCompiler {
  /** Why the filter is wrong at a place. */
  error(reason: string, place: FilterPlace): FilterError;
  /** What stands at a place of the filter. */
  shown(place: FilterPlace): string;
  /** Whether an operand is a literal: a quoted string, or a word that is no field. */
  literal(operand: Operand): Literal | null;
  /** An operand that must have values of its own: a field, a slice, a function, a sum. */
  valued(operand: Operand): Valued;
  /** Something calculated. */
  computed(kind: Kind, values: OperandValues): Valued;
}
