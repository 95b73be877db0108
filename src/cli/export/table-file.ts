/** A file of a table's rows: what every format has in common. */
import { closeSync, writeSync } from 'node:fs';
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
  /** @param fd open for writing; owned by the sink */
  constructor(private readonly fd: number) {}

  /** Writes all of it. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
  }

  close(): void {
    closeSync(this.fd);
  }
}
