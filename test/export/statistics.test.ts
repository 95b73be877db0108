/** What tables say of their row groups is so: filters skip what it excludes. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { afterAll, expect, test } from 'vitest';
import { TABLES } from '../../src/output/tables/tables.js';
import { clrscope, ROOT } from '../cli.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-statistics-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Texts are put in order by their bytes. */
const isUpTo = (a: unknown, b: unknown): boolean =>
  typeof a === 'string'
    ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) <= 0
    : (a as number) <= (b as number);

test('least, greatest and how many are missing, of every column that is no list', async () => {
  expect(clrscope(['export', `${ROOT}samples`, '-o', folder, '-q', '--group', 'none']).code).toBe(0);
  const known = new Set<string>();
  const wrong: string[] = [];
  for (const { name } of TABLES)
    for (const part of readdirSync(join(folder, name))) {
      const file = await asyncBufferFromFile(join(folder, name, part));
      const metadata = await parquetMetadataAsync(file);
      let rowStart = 0;
      for (const { columns, num_rows } of metadata.row_groups) {
        const rowEnd = rowStart + Number(num_rows);
        const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd });
        rowStart = rowEnd;
        for (const { meta_data } of columns) {
          const { path_in_schema: path, statistics } = meta_data!;
          if (path.length > 1 || statistics === undefined) continue;
          const column = `${name}.${path[0]}`;
          const values = rows.map((row) => row[path[0]]).filter((value) => value !== null && value !== undefined);
          const { null_count, min_value, max_value } = statistics;
          if (null_count !== undefined && Number(null_count) !== rows.length - values.length)
            wrong.push(`${column}: ${null_count} are missing`);
          if (min_value === undefined || max_value === undefined) continue;
          known.add(column);
          if (!values.every((value) => isUpTo(min_value, value) && isUpTo(value, max_value)))
            wrong.push(`${column}: ${min_value} to ${max_value}`);
        }
      }
    }
  expect(wrong).toEqual([]);
  // what is searched for
  for (const column of [
    'calls.time',
    'calls.server_address',
    'calls.operation',
    'calls.iid',
    'captures.capture',
    'findings.rule',
  ])
    expect(known).toContain(column);
});
