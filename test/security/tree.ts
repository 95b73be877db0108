/** Helpers for tests of trees. */
import { Cursor } from '../../src/core/cursor.js';
import { field, type Node } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { dissectAuthToken, type SecurityContext } from '../../src/security/index.js';

const AUTH_VALUE = field('auth_value', 'Auth value');

export function dissect(bytes: Uint8Array, authType: number, context?: SecurityContext): Recording {
  const recording = new Recording(true);
  const c = new Cursor(fileSource('PDU', bytes), recording);
  c.frame(AUTH_VALUE, bytes.length, (t) => dissectAuthToken(t, authType, context), null);
  return recording.finish();
}

/** What is wrong with how the leaves of each source lie: nothing, where each byte lies in exactly one. */
export function partitionFaults(recording: Recording): string[] {
  const faults: string[] = [];
  for (const source of recording.sources) {
    const owners = new Uint8Array(source.bytes.length);
    const visit = (nodes: readonly Node[]) => {
      for (const node of nodes)
        if (node.children.length > 0) visit(node.children);
        else if (node.source === source) for (let i = node.start; i < node.end; i++) owners[i]++;
    };
    visit(recording.roots);
    owners.forEach((n, i) => {
      if (n !== 1) faults.push(`${source.name} byte ${i} is in ${n} leaves`);
    });
  }
  return faults;
}

/** All nodes, parents first. */
export function* nodes(list: readonly Node[]): Generator<Node> {
  for (const node of list) {
    yield node;
    yield* nodes(node.children);
  }
}
