/** All tables, in the order in which people ask for them. */
import { CALLS } from './calls.js';
import { CAPTURES } from './captures.js';
import type { Table } from './column.js';
import { CONNECTIONS } from './connections.js';
import { FINDINGS } from './findings.js';
import { NRBF_CALLS } from './nrbf-calls.js';
import { NRBF_TYPES, OBJREFS } from './nrbf-types.js';
import { OBJECTS, POINTERS } from './objects.js';
import { PDUS } from './pdus.js';

/** Every table; whose rows these are is known to whoever makes them. */
export const TABLES: readonly Table<never>[] = [
  CALLS,
  PDUS,
  CONNECTIONS,
  OBJECTS,
  POINTERS,
  NRBF_TYPES,
  NRBF_CALLS,
  OBJREFS,
  FINDINGS,
  CAPTURES,
];
