/** Rows go through: how much memory `query` takes does not depend on how many they are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Resident, ROOT } from '../cli.js';
import { DUCKDB } from './duckdb.js';

/** Megabytes that twenty times as many rows, 100 MB of text, may take more. */
const MORE = 70;

const folder = mkdtempSync(join(tmpdir(), 'clrscope-query-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!DUCKDB)('query', () => {
  test.each(['table', 'csv', 'json', 'parquet'])('takes as much memory for many rows as for few: %s', (format) => {
    const tables = join(folder, format);
    const one = new Resident();
    expect(one.run(['export', `${ROOT}samples/managed-object/capture.pcap`, '-o', tables, '-q']).code).toBe(0);
    const [few, many] = [20_000, 400_000].map((rows) => {
      const sql = `SELECT range AS n, repeat(chr((97 + range % 26)::INTEGER), 250) AS text FROM range(${rows})`;
      const { code, err, megabytes } = one.run(['query', sql, tables, '-T', format, '-o', join(folder, 'rows')]);
      expect([code, err]).toEqual([0, '']);
      return megabytes;
    });
    one.end();
    expect(many - few).toBeLessThan(MORE);
  });
});
