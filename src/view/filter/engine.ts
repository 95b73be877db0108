/** What the filter's editor asks the worker for. */
import { type FieldTable, filterFor as filterOf, knownFields, type NodeJson } from '../../index.js';

let table: FieldTable | undefined;

/** All fields; the table is made at first need. */
function known(): FieldTable {
  table ??= knownFields();
  return table;
}

/** A filter that finds frames in which a field has a value; null where no filter knows the name. */
export function filterFor(name: string, value: NodeJson['value']): string | null {
  return filterOf(known(), name, value);
}
