/** Every field by its name: what filters and columns may ask for. */
import { allFields, LAYER_ALIASES, LAYER_FIELDS } from '../dissectors/index.js';
import type { RpcInterface } from '../dissectors/ndr/interface.js';
import { FieldTable } from './filter/index.js';

/** The table of all fields of all dissectors. */
export function knownFields(more: readonly RpcInterface[] = []): FieldTable {
  return new FieldTable(allFields(more), LAYER_ALIASES, LAYER_FIELDS);
}
