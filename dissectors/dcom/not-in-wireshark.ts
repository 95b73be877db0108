/**
 * Filters and columns are to give what tshark gives. Where Wireshark has no dissector for a COM interface it shows
 * no field of DCOM either, although ORPC header, OBJREFs and HRESULT are there for everybody to see: their fields
 * then begin with `orpc.` instead of `dcom.`.
 */
import type { Field, Node } from '../../src/core/node.js';

const OURS = 'dcom.';
const renamed = new WeakMap<Field, Field>();

/** The field under its other name; itself where it is none of DCOM's. */
export function fieldNotInWireshark(f: Field): Field {
  if (!f.name.startsWith(OURS)) return f;
  let other = renamed.get(f);
  if (other === undefined) {
    other = { ...f, name: `orpc.${f.name.slice(OURS.length)}` };
    renamed.set(f, other);
  }
  return other;
}

/** Gives nodes and all below them the other names. */
export function renameForWireshark(nodes: readonly Node[]): void {
  const todo = [...nodes];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    (node as { field: Field }).field = fieldNotInWireshark(node.field);
    todo.push(...node.children);
  }
}
