/** All tables, in the order in which people ask for them. */
import { CALL_TABLE } from './calls.js';
import { CAPTURE_TABLE } from './captures.js';
import { type Column, column, type Table } from './column.js';
import { CONNECTION_TABLE } from './connections.js';
import { FINDING_TABLE } from './findings.js';
import { REMOTED_TABLE } from './nrbf-calls.js';
import { OBJREF_TABLE, TYPE_TABLE } from './nrbf-types.js';
import { OBJECT_TABLE, POINTER_TABLE } from './objects.js';
import { PDU_TABLE } from './pdus.js';

/** Every table; whose rows these are is known to whoever makes them. */
export const TABLES: readonly Table<never>[] = [
  CALL_TABLE,
  PDU_TABLE,
  CONNECTION_TABLE,
  OBJECT_TABLE,
  POINTER_TABLE,
  TYPE_TABLE,
  REMOTED_TABLE,
  OBJREF_TABLE,
  FINDING_TABLE,
  CAPTURE_TABLE,
];

/** The column that all tables of an export have at their end: rows of the same part belong together. */
export function partColumn(digest: string): Column<never> {
  return column('part', 'text', 'the part: the first 16 digits of `digest` in `captures`', () => digest.slice(0, 16));
}
