/** Which node of a PDU's tree says most of some bytes. */
import type { PduJson } from '../../index.js';

/** Path of the innermost node that holds a range of a source; null where none does. */
export function nodeAround(tree: PduJson['tree'], source: number, start: number, end: number): string | null {
  let least = Number.POSITIVE_INFINITY;
  let found: string | null = null;
  const todo: [nodes: PduJson['tree'], path: string][] = [[tree, '']];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [nodes, path] = next;
    nodes.forEach((node, at) => {
      const { offset = 0, length = 0 } = node;
      if (node.source === source && offset <= start && end <= offset + length && length <= least) {
        least = length;
        found = path + at;
      }
      if (node.children.length > 0) todo.push([node.children, `${path}${at}.`]);
    });
  }
  return found;
}
