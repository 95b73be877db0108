/** Rows of a table as JSON objects. */
import { isoTime } from '../../core/time.js';
import type { JsonBytes } from '../json-bytes.js';
import type { Cell, CellType, Table } from './column.js';

/** Adds a row; columns of JSON are part of it. */
export function writeRow<Row>(out: JsonBytes, { columns }: Table<Row>, row: Row): void {
  for (let i = 0; i < columns.length; i++) {
    const { name, type, of } = columns[i];
    out.name(name, i === 0);
    writeCell(out, type, of(row) ?? null);
  }
  out.end(columns.length === 0);
}

function writeCell(out: JsonBytes, type: CellType, cell: Cell): void {
  if (cell instanceof Uint8Array) out.copy(cell);
  else if (type === 'time' && cell !== null) out.json(isoTime(cell as never));
  else out.json(cell);
}
