/** How a list is sorted, as the address says it: a column, with a minus in front the other way round. */
import { go, place } from '../state.js';

/** What a row is sorted by in a column; null comes last. */
export type SortKey<Row> = (row: Row) => string | number | null;

/** A column that was asked for, and which way. */
export interface Sorted {
  readonly id: string;
  readonly down: boolean;
}

/** @param sort as `Place` has it */
export function sortedOf(sort: string | null): Sorted | undefined {
  return sort === null ? undefined : { id: sort.replace(/^-/, ''), down: sort.startsWith('-') };
}

/** A click on a title sorts, another one the other way round, and a third one not at all. */
export function sortBy(id: string): void {
  const { sort } = place.value;
  go({ sort: sort === id ? `-${id}` : sort === `-${id}` ? null : id }, true);
}

/** Rows in the order of a column's keys; as they are where there is none of that name. Equal ones stay in their order. */
export function inOrder<Row>(
  rows: readonly Row[],
  keys: Readonly<Record<string, SortKey<Row>>>,
  sorted: Sorted | undefined,
): readonly Row[] {
  if (sorted === undefined || !Object.hasOwn(keys, sorted.id)) return rows;
  const key = keys[sorted.id];
  const way = sorted.down ? -1 : 1;
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  keyed.sort(({ key: a }, { key: b }) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b));
    return order * way;
  });
  return keyed.map(({ row }) => row);
}

/** Numbers in texts count as numbers: `10.0.0.9` comes in front of `10.0.0.10`. */
const { compare } = new Intl.Collator('en', { numeric: true });
