/** Tables of an export as views of a database: typed by the same columns, also where there is no part. */
import type { CellType, Table } from '../../output/tables/column.js';
import { partColumn } from '../../output/tables/tables.js';
import { partFiles, type QueriedPart } from './parts.js';

const TYPES: Readonly<Record<CellType, string>> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  flag: 'BOOLEAN',
  uint16: 'USMALLINT',
  uint32: 'UINTEGER',
  count: 'BIGINT',
  number: 'DOUBLE',
  time: 'TIMESTAMPTZ',
  texts: 'VARCHAR[]',
  frames: 'UINTEGER[]',
};

/** Bytes that a line of NDJSON may have, with its parameters whole. */
const LINE = 1 << 28;

/** A text in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The statement that makes a table's view. */
export function tableView(table: Table<never>, parts: readonly QueriedPart[]): string {
  const columns = [...table.columns, partColumn('')];
  const none = columns.map(({ name, type }) => `NULL::${TYPES[type]} AS "${name}"`);
  const typed = columns.map(({ name, type }) => `"${name}": '${TYPES[type]}'`);
  // parts of different versions may have other columns
  const byName = new Set(parts.map(({ entry }) => entry.version)).size > 1;
  const readers = {
    '.parquet': (files: string) => `read_parquet([${files}], hive_partitioning = false, union_by_name = ${byName})`,
    '.ndjson': (files: string) =>
      `read_ndjson([${files}], hive_partitioning = false, maximum_object_size = ${LINE}, columns = {${typed.join(', ')}})`,
  };
  const read = Object.entries(readers).flatMap(([ending, reader]) => {
    const files = partFiles(
      table,
      parts.filter(({ entry }) => entry.ending === ending),
    );
    return files.length === 0 ? [] : [`SELECT * FROM ${reader(files.map(literal).join(', '))}`];
  });
  const empty = `SELECT ${none.join(', ')} WHERE false`;
  return `CREATE VIEW "${table.name}" AS ${[empty, ...read].join(' UNION ALL BY NAME ')}`;
}
