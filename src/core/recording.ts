/** The books of one PDU's dissection: its sources, its tree and its notes. */
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { type Field, fillGaps, type Node, type Note } from './node.js';
import type { DataSource } from './source.js';

/** Says of which fields nodes are asked for. */
export interface Sieve {
  wants(field: Field): boolean;
  /** Whether any of these is; asked again and again of the same lists. */
  wantsAny(fields: readonly Field[]): boolean;
}

/** What one PDU's dissection leaves behind. Shared by all cursors that took part in it. */
export class Recording {
  readonly notes: Note[] = [];
  readonly sources: DataSource[] = [];
  readonly roots: Node[] = [];
  /** For a source made while recording: the level of the tree that its nodes stand on. */
  private homes: Map<DataSource, Node[]> | null = null;

  /**
   * @param on whether nodes are made; notes always are
   * @param limits bounds for what is read
   * @param sieve what leaves are made for, where only those of some fields are asked for; groups are made anyway
   */
  constructor(
    readonly on: boolean,
    readonly limits: Limits = DEFAULT_LIMITS,
    readonly sieve: Sieve | null = null,
  ) {}

  /** The nodes of a source stand on this level. */
  settle(source: DataSource, level: Node[]): void {
    this.homes ??= new Map();
    this.homes.set(source, level);
  }

  /** Closes the books: after this the leaves of every source partition it, where no sieve let some through. */
  finish(): this {
    if (this.on && this.sieve === null)
      fillGaps(this.roots, this.sources, (source) => this.homes?.get(source) ?? this.roots);
    return this;
  }
}
