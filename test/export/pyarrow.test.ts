/** Tables of `export` in pyarrow, where a Python with it is there: `PYTHON=/path/to/python npx vitest run test/export`. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TABLES } from '../../src/output/tables/tables.js';
import { clrscope, ROOT } from '../cli.js';

const PYTHON = process.env.PYTHON ?? 'python3';
const hasPyarrow = spawnSync(PYTHON, ['-c', 'import pyarrow.dataset']).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'clrscope-pyarrow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Types, rows, and row groups that a filter skips by their statistics. */
const SCRIPT = `
import json, sys
import pyarrow.dataset as ds, pyarrow.parquet as pq, glob
out = {}
for table in sys.argv[2:]:
    data = ds.dataset(f"{sys.argv[1]}/{table}", format="parquet")
    out[table] = {"rows": data.count_rows(), "types": {f.name: str(f.type) for f in data.schema}}
    data.to_table()
calls = glob.glob(f"{sys.argv[1]}/calls/*.parquet")
group = pq.ParquetFile(calls[0]).metadata.row_group(0)
columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
out["statistics"] = {name: [columns[name].statistics.min, columns[name].statistics.max] for name in ("call", "server_address")}
out["encodings"] = list(columns["server_address"].encodings)
print(json.dumps(out))
`;

test.skipIf(!hasPyarrow)('pyarrow reads every table, with the types that are meant', () => {
  expect(clrscope(['export', `${ROOT}samples`, '-o', folder, '-q']).code).toBe(0);
  const names = TABLES.map(({ name }) => name);
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', SCRIPT, folder, ...names], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const told = JSON.parse(stdout);
  for (const { name, columns } of TABLES) {
    expect(Object.keys(told[name].types)).toEqual([...columns.map((c) => c.name), 'part']);
    expect(told[name].rows).toBeGreaterThan(0);
  }
  expect(told.calls.types).toMatchObject({
    time: 'timestamp[us, tz=UTC]',
    client_port: 'uint16',
    duration: 'double',
    decrypted: 'bool',
    request_frames: 'list<element: uint32>',
    in_json: 'string',
  });
  expect(told.statistics.call[0]).toBe(1);
  expect(told.statistics.server_address[0]).toMatch(/^\d+\./);
  expect(told.encodings).toContain('RLE_DICTIONARY');
});
