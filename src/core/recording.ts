/** The books of one PDU's dissection: its sources, its tree and its notes. */
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { fillGaps, type Node, type Note } from './node.js';
import type { DataSource } from './source.js';

/** What one PDU's dissection leaves behind. Shared by all cursors that took part in it. */
export class Recording {
  readonly notes: Note[] = [];
  readonly sources: DataSource[] = [];
  readonly roots: Node[] = [];
  /** For a source made while recording: the level of the tree that its nodes stand on. */
  readonly homes = new Map<DataSource, Node[]>();

  /**
   * @param on whether nodes are made; notes always are
   * @param limits bounds for what is read
   */
  constructor(
    readonly on: boolean,
    readonly limits: Limits = DEFAULT_LIMITS,
  ) {}

  /** Closes the books: after this the leaves of every source partition it. */
  finish(): this {
    if (this.on) fillGaps(this.roots, this.sources, (source) => this.homes.get(source) ?? this.roots);
    return this;
  }
}
