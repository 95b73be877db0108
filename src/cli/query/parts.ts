/** What a query is asked of: parts of folders that `export` wrote, and of captures, which are exported first. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { safe } from '../../core/safe-text.js';
import type { Table } from '../../output/tables/column.js';
import { exporting } from '../export/export.js';
import { ExportFolder, isExportFolder } from '../export/folder.js';
import type { PartEntry } from '../export/part-entry.js';
import { tell } from '../messages.js';
import { type QueryOptions, UsageError } from '../options.js';
import { runJob } from '../run.js';
import { OWN_FOLDERS } from './own-folder.js';

/** A part, and the folder that it is in. */
export interface QueriedPart {
  /** A path in which a pattern has nothing to find. */
  readonly folder: string;
  /** What people call it. */
  readonly shown: string;
  readonly entry: PartEntry;
  /** Whether it is for its owner's eyes only. */
  readonly isSecret: boolean;
}

/** Files of a table. */
export function partFiles({ name }: Table<never>, parts: readonly QueriedPart[]): string[] {
  // a part that another version wrote may not have it
  const having = parts.filter(({ entry }) => entry.tables[name] !== undefined);
  return having.map(({ folder, entry: { digest, ending } }) => `${folder}/${name}/${digest}${ending}`);
}

/**
 * The parts that files are. Captures are read as `export` reads them, which sets the exit code.
 * @param own an empty folder of our own
 */
export async function partsOf(files: readonly string[], options: QueryOptions, own: string): Promise<QueriedPart[]> {
  const folders = files.filter(isExportFolder);
  const captures = files.filter((file) => !folders.includes(file));
  const parts = new Map<string, QueriedPart>();
  const add = (path: string, folder: string, name: string): void => {
    const broken = (digest: string): void => {
      if (options.quiet === true) return;
      tell(`${name}: part ${digest} is left out: a file of it is missing or cut; clrscope export writes it anew`);
    };
    const from = new ExportFolder(path, false, name);
    for (const entry of from.entries(broken)) {
      if (entry.ending === '.csv')
        throw new UsageError(
          `${name}: its parts are CSV, which tells neither types nor lists; export them as parquet or ndjson`,
        );
      const { digest } = entry;
      if (!parts.has(digest)) parts.set(digest, { folder, shown: path, entry, isSecret: from.isSecret(digest) });
    }
  };
  for (const [i, path] of folders.entries()) {
    // DuckDB takes a path for a pattern: the folder's own name stays out of it
    const link = join(own, String(i));
    symlinkSync(resolve(path), link, 'junction');
    add(path, link, safe(path));
  }
  if (captures.length > 0 || folders.length === 0) {
    const exported = join(own, 'exported');
    mkdirSync(exported);
    const told = { ...options, o: exported, format: 'parquet', mayChange: true, called: OWN_FOLDERS };
    await runJob(captures, told, { ...exporting(told), end() {} }, { command: 'export', options: told });
    // a mistake in options, or nothing to read, leaves nothing there
    if (isExportFolder(exported)) add(exported, exported, 'captures');
  }
  return [...parts.values()];
}
