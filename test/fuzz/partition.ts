/** The rule that every byte of every source lies in exactly one leaf, as a check that a fuzzer can afford. */

import type { Node } from '../../src/core/node.js';
import type { Recording } from '../../src/core/recording.js';
import type { DataSource } from '../../src/core/source.js';

/** What is wrong with a finished recording's leaves; empty where they partition every source. */
export function partitionProblems(recording: Recording): string[] {
  const problems: string[] = [];
  const leaves = new Map<DataSource, Node[]>();
  for (const source of recording.sources) leaves.set(source, []);
  const todo: Node[] = [...recording.roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const { source, start, end, children, field } = node;
    for (const child of children) todo.push(child);
    if (source === null) continue;
    const mine = leaves.get(source);
    if (mine === undefined) problems.push(`${field.name} lies in ${source.name}, which is not among the sources`);
    else if (start < 0 || end < start || end > source.bytes.length)
      problems.push(`${field.name} ${start}..${end} leaves ${source.name} of ${source.bytes.length} bytes`);
    else if (children.length === 0 && end > start) mine.push(node);
  }
  for (const [source, nodes] of leaves) {
    nodes.sort((a, b) => a.start - b.start);
    let at = 0;
    for (const { start, end, field } of nodes) {
      if (start > at) problems.push(`bytes ${at}..${start} of ${source.name} are in no leaf`);
      if (start < at) problems.push(`${field.name} ${start}..${end} of ${source.name} overlaps the leaf before it`);
      at = Math.max(at, end);
    }
    if (at < source.bytes.length) problems.push(`bytes ${at}..${source.bytes.length} of ${source.name} are in no leaf`);
  }
  return problems;
}
