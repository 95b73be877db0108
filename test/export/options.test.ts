/** What parts of an export depend on beside the capture and the program. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { exportTarget } from '../../src/cli/export/export.js';
import { CALL_TABLE } from '../../src/output/tables/calls.js';

// it is read beside what is compiled
vi.mock('../../src/cli/version.js', () => ({ version: () => '0' }));

const folder = mkdtempSync(join(tmpdir(), 'clrscope-options-'));
afterAll(() => rmSync(folder, { recursive: true }));

const digest = (full: boolean): string => {
  const options = { o: join(folder, 'out'), format: 'parquet', full } as Parameters<typeof exportTarget>[0];
  return exportTarget(options, { secrets: null, own: { idl: [], registry: [], dissectors: [] } }).options;
};

test('a part that was written with other columns, or other options, is written anew', () => {
  const { columns } = CALL_TABLE;
  const before = digest(false);
  expect(digest(false)).toBe(before);
  expect(digest(true)).not.toBe(before);
  try {
    Object.assign(CALL_TABLE, { columns: columns.slice(1) });
    expect(digest(false)).not.toBe(before);
  } finally {
    Object.assign(CALL_TABLE, { columns });
  }
  expect(digest(false)).toBe(before);
});
