/** A table with a caption whose columns sort. Of very many rows the first are shown, and more on demand. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { place } from '../state.js';
import { inOrder, type SortKey, sortBy, sortedOf } from './sorting.js';
import './data-table.css';

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** What it is sorted by; what a cell shows, too, where there is no `cell`. */
  readonly key: SortKey<Row>;
  readonly cell?: (row: Row) => ComponentChildren;
  readonly isNumber?: boolean;
}

interface Props<Row> {
  /** Name in the address. */
  readonly id: string;
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: readonly TableColumn<Row>[];
}

/** Rows that are shown at first, and with each demand. */
const ROWS = 100;

/** Nothing where there are no rows. */
export function DataTable<Row>({ id, caption, rows, columns }: Props<Row>) {
  const [most, setMost] = useState(ROWS);
  if (rows.length === 0) return null;
  const sorted = sortedOf(place.value.sort);
  const own = Object.fromEntries(columns.map((column) => [`${id}.${column.id}`, column.key]));
  const shown = inOrder(rows, own, sorted).slice(0, most);
  return (
    <div class="data-table" id={`table-${id}`}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id: name, title, isNumber }) => {
              const isSorted = sorted?.id === `${id}.${name}`;
              return (
                <th
                  key={name}
                  scope="col"
                  class={isNumber ? 'number' : undefined}
                  aria-sort={isSorted ? (sorted.down ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" onClick={() => sortBy(`${id}.${name}`)}>
                    {title}
                    {isSorted && <span aria-hidden="true"> {sorted.down ? '▾' : '▴'}</span>}
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>
              {columns.map(({ id: name, key, cell, isNumber }) => (
                <td key={name} class={isNumber ? 'number' : undefined}>
                  {cell === undefined ? key(row) : cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" class="link" onClick={() => setMost(most + ROWS)}>
          {caption}: {rows.length - most} more rows
        </button>
      )}
    </div>
  );
}
