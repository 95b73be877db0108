/** Display filters: what other rooms use of them. */

export { Collector, isKnown } from './collector.js';
export { compileFilter, type Filter } from './compile.js';
export { type FieldAlias, type FieldEntry, FieldTable, type Kind } from './field-table.js';
export { FilterError } from './filter-error.js';
