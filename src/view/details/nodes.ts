/** The tree of a PDU as rows, and ways through it. Nothing recurses: trees are as deep as their input wants. */
import type { PduJson } from '../../index.js';

/** A node, as `read -T json --full` prints it. */
export type PduNode = PduJson['tree'][number];

/** A node where it stands. */
export interface NodeRow {
  readonly node: PduNode;
  /** From 1 on. */
  readonly level: number;
  /** Places among the children from the root on, as `3.0.12`. */
  readonly path: string;
  /** Its place among those beside it, from 1 on, and how many these are. */
  readonly place: number;
  readonly of: number;
}

/** Nodes as rows, one below the other, without those below nodes that are closed. */
export function rowsOf(roots: readonly PduNode[], isOpen: (node: PduNode, level: number) => boolean): NodeRow[] {
  const rows: NodeRow[] = [];
  const levels = [{ nodes: roots, next: 0, path: '' }];
  for (let inner = levels.at(-1); inner !== undefined; inner = levels.at(-1)) {
    const node = inner.nodes[inner.next++];
    if (node === undefined) {
      levels.pop();
      continue;
    }
    const path = `${inner.path}${inner.next - 1}`;
    const level = levels.length;
    rows.push({ node, level, path, place: inner.next, of: inner.nodes.length });
    if (node.children.length > 0 && isOpen(node, level))
      levels.push({ nodes: node.children, next: 0, path: `${path}.` });
  }
  return rows;
}

/** Nodes from the root to the one of a path; none where there is none. */
export function nodesOn(roots: readonly PduNode[], path: string | null): PduNode[] {
  const nodes: PduNode[] = [];
  let beside = roots;
  for (const place of path?.split('.') ?? []) {
    const node = beside[Number(place)];
    if (node === undefined) return [];
    nodes.push(node);
    beside = node.children;
  }
  return nodes;
}
