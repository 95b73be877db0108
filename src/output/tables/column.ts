/**
 * What a table is: its columns with their types, what they mean, and where a row's value comes from. Files of every
 * format, the list of columns in README and what `query` knows are made of this.
 */
import type { Time } from '../../core/context.js';

/** What values of a column are here; null is no value. */
export interface Cells {
  text: string;
  /** JSON, as UTF-8. */
  json: Uint8Array;
  flag: boolean;
  /** Whole numbers without a sign, of 16 or 32 bits. */
  uint16: number;
  uint32: number;
  /** Whole numbers up to 2^53. */
  count: number;
  /** Seconds and other measures. */
  number: number;
  /** Parquet keeps microseconds of it. */
  time: Time;
  /** Null is a text that nobody told. */
  texts: readonly (string | null)[];
  frames: readonly number[];
}

/** Types of columns. */
export type CellType = keyof Cells;

/** A value in a column. */
export type Cell = Cells[CellType] | null;

/** A column of a table whose rows are made of `Row`s. */
export interface Column<Row> {
  readonly name: string;
  readonly type: CellType;
  /** What it says, in one line. */
  readonly about: string;
  readonly of: (row: Row) => Cell;
}

/** A table. */
export interface Table<Row> {
  readonly name: string;
  /** What one row of it is. */
  readonly about: string;
  readonly columns: readonly Column<Row>[];
}

/** Describes a column. */
export function column<Row, T extends CellType>(
  name: string,
  type: T,
  about: string,
  of: (row: Row) => Cells[T] | null | undefined,
): Column<Row> {
  return { name, type, about, of: of as Column<Row>['of'] };
}
