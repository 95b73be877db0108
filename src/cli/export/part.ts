/** A part of an export: the rows of one capture in all tables. It comes to be whole, or not at all. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from '../../output/tables/column.js';
import type { AddRow } from '../../output/tables/rows.js';
import { partColumn, TABLES } from '../../output/tables/tables.js';
import type { ExportFolder } from './folder.js';
import type { PartEntry } from './part-entry.js';
import type { TableFile, TableFormat } from './table-file.js';

/** A part that is being written. */
export class PartWriter {
  private readonly files = new Map<Table<never>, { readonly file: TableFile<never>; rows: number }>();
  private readonly temporary: string;

  constructor(
    private readonly folder: ExportFolder,
    private readonly format: TableFormat,
    private readonly digest: string,
  ) {
    this.temporary = folder.temporary();
    const own = partColumn(digest);
    try {
      for (const table of TABLES) {
        const sink = folder.create(this.temporary, table.name);
        this.files.set(table, { file: format.open({ ...table, columns: [...table.columns, own] }, sink), rows: 0 });
      }
    } catch (e) {
      this.abandon();
      throw e;
    }
  }

  /** Adds a row to a table. */
  readonly add: AddRow = (table, row) => {
    const to = this.files.get(table as Table<never>)!;
    to.rows++;
    (to.file as TableFile<unknown>).add(row);
  };

  /** Puts all of it where it belongs. */
  commit(entry: Omit<PartEntry, 'digest' | 'ending' | 'tables'>): void {
    const { folder, digest, temporary } = this;
    const { ending } = this.format;
    const tables: PartEntry['tables'] = {};
    for (const [{ name }, { file, rows }] of this.files) {
      file.end();
      tables[name] = { rows, bytes: statSync(join(folder.path, temporary, name)).size };
    }
    folder.place(temporary, digest, ending);
    folder.remember({ ...entry, digest, ending, tables });
    folder.drop(temporary);
  }

  /** Leaves nothing of it. */
  abandon(): void {
    for (const { file } of this.files.values()) file.close();
    this.folder.drop(this.temporary);
  }
}
