/** A file of a table's rows: what every format has in common. */
import { closeSync, writeSync } from 'node:fs';
import { reasonOf, UserError } from '../../core/user-error.js';
import type { Table } from '../../output/tables/column.js';
import type { PartEntry } from './part-entry.js';

/** Takes rows, and writes them as it goes. */
export interface TableFile<Row> {
  add(row: Row): void;
  /** Writes what is left, and closes the file. */
  end(): void;
  /** Closes the file as it is. */
  close(): void;
}

/** How tables are written. */
export interface TableFormat {
  /** What names of files end with. */
  readonly ending: PartEntry['ending'];
  open<Row>(table: Table<Row>, sink: Sink): TableFile<Row>;
}

/** Where a file's bytes go. */
export class Sink {
  /**
   * @param fd open for writing; owned by the sink
   * @param name what messages call the place
   */
  constructor(
    private fd: number | null,
    private readonly name: string,
  ) {}

  /** Writes all of it. @throws UserError where the operating system refuses, as a full disk does */
  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd!, bytes, at);
    } catch (e) {
      throw new UserError(`${this.name}: ${reasonOf(e)}`);
    }
  }

  /** Closes the file, once: its number may be another one's afterwards. */
  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }
}
