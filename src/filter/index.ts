/** Display filters: what other rooms use of them. */

export { Collector } from './collector.js';
export { compileFilter, type Filter } from './compile.js';
export { type FieldEntry, FieldTable } from './field-table.js';
export { FilterError } from './filter-error.js';
export { FUNCTIONS } from './functions.js';
export { type Expected, expectedAt, type FilterWord, wordsOf } from './words.js';
export { filterFor, valueLiteral } from './written.js';
