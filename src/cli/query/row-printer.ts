/** What prints the rows of a query, whatever the format. */
import type { Plain } from './value.js';

/** Where and how rows are printed. */
export interface Screen {
  readonly color: boolean;
  /** Columns to fill; infinite where nobody's terminal is. */
  readonly width: number;
}

/** Prints rows. */
export interface RowPrinter {
  row(cells: readonly Plain[]): void;
  end(): void;
}
