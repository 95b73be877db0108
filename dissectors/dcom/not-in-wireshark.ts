/**
 * Filters and columns are to give what tshark gives. Where Wireshark has no dissector for a COM interface it shows
 * no field of DCOM either, although ORPC header, OBJREFs and HRESULT are there for everybody to see: their fields
 * then begin with `orpc.` instead of `dcom.`.
 */

import type { Field, Node } from '../../src/core/node.js';
import { once } from '../../src/core/once.js';

const OURS = 'dcom.';
const renamed = once((f: Field): Field => ({ ...f, name: `orpc.${f.name.slice(OURS.length)}` }));

/** The field under its other name; itself where it is none of DCOM's. */
export function fieldNotInWireshark(f: Field): Field {
  return f.name.startsWith(OURS) ? renamed(f) : f;
}

/** Gives nodes and all below them the other names. */
export function renameForWireshark(nodes: readonly Node[]): void {
  const todo = [...nodes];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    (node as { field: Field }).field = fieldNotInWireshark(node.field);
    todo.push(...node.children);
  }
}
