/** Rows of a table as comma separated values. */
import { utf8Text } from '#platform';
import { isoTime } from '../../core/time.js';
import { csvRow } from '../csv.js';
import type { Cells, CellType, Table } from './column.js';

const joined = (list: readonly unknown[]): string => list.join(' ');

/** A value in a cell; lists are joined with blanks. */
const TEXTS: { readonly [T in CellType]: (cell: Cells[T]) => string } = {
  text: String,
  json: (json) => utf8Text(json, 0, json.length),
  flag: String,
  uint16: String,
  uint32: String,
  count: String,
  number: String,
  time: (time) => isoTime(time) ?? '',
  texts: joined,
  frames: joined,
};

/** The line of names. */
export function csvHead<Row>({ columns }: Table<Row>): string {
  return csvRow(columns.map(({ name }) => name));
}

/** The line of a row; null is an empty cell. */
export function csvLine<Row>({ columns }: Table<Row>, row: Row): string {
  return csvRow(
    columns.map(({ type, of }) => {
      const cell = of(row) ?? null;
      return cell === null ? '' : (TEXTS[type] as (cell: unknown) => string)(cell);
    }),
  );
}
