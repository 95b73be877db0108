/** What the fuzzer tries: one input of a target, and what of it is worth remembering. */
import type { Recording } from '../../src/core/recording.js';
import type { Corpus } from './corpus.js';
import type { Random } from './random.js';

/** One input: how to try it, and how to keep it. */
export interface Input {
  /** Tries the input; tells what is wrong. */
  run(): string[] | Promise<string[]>;
  /** The input as a file that `replay` understands. */
  save(): { readonly bytes: Uint8Array; readonly extension: Extension };
  /** What of it was worth keeping to mutate further: called where the input showed something new. */
  readonly keep?: (() => void) | undefined;
  /** Names of what the input showed. */
  readonly features: Set<string>;
}

export type Extension = 'packets.pcap' | 'capture.bin' | 'nrbf' | 'http' | 'soap' | 'filter' | 'keytab';

export type Target = (corpus: Corpus, r: Random) => Input;

/** How many inputs a corpus may grow by. */
export const MOST_KEPT = 3000;

/** A message without what differs from input to input. */
export function shape(code: string, message: string): string {
  return `${code} ${message.replace(/0x[0-9a-f]+|\d+|"[^"]*"|'[^']*'/g, '#').slice(0, 100)}`;
}

/** Names of nodes with their parent's. */
export function addFields(features: Set<string>, recording: Recording): void {
  const todo = recording.roots.map((node) => ({ node, parent: '' }));
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { node, parent } = next;
    const { name } = node.field;
    features.add(`${parent}>${name}`);
    for (const child of node.children) todo.push({ node: child, parent: name });
  }
}
