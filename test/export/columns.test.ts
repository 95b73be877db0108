/** Parquet as `export` writes it, against another program's reader: any cells of every type come back, between their bounds. */
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { PARQUET } from '../../src/cli/export/parquet/parquet.js';
import { Sink } from '../../src/cli/export/table-file.js';
import { utf8Bytes } from '../../src/core/bytes.js';
import { type CellType, column, type Table } from '../../src/output/tables/column.js';

// it is read beside what is compiled
vi.mock('../../src/cli/version.js', () => ({ version: () => '0' }));

const folder = mkdtempSync(join(tmpdir(), 'clrscope-columns-'));
afterAll(() => rmSync(folder, { recursive: true }));
const PATH = join(folder, 'table');

const parsers = { ...DEFAULT_PARSERS, timestampFromMicroseconds: (time: bigint) => time };

type Row = Record<string, unknown>;

/** Writes rows of cells by column, and reads them again. */
async function through(types: readonly CellType[], rows: readonly unknown[][]) {
  const columns = types.map((type, i) => column(`c${i}`, type, '', (row: unknown[]) => row[i] as never));
  const table: Table<unknown[]> = { name: 'table', about: '', columns };
  const file = PARQUET.open(table, new Sink(openSync(PATH, 'w'), 'table'));
  for (const row of rows) file.add(row);
  file.end();
  const buffer = await asyncBufferFromFile(PATH);
  const read: Row[] = await parquetReadObjects({ file: buffer, parsers });
  return { read, groups: (await parquetMetadataAsync(buffer)).row_groups };
}

const some = <T>(cells: fc.Arbitrary<T>) => fc.option(cells, { freq: 4 });
const text = fc.string({ unit: 'binary', maxLength: 40 });
/** Cells of each type, and what comes back of one. */
const CELLS: Readonly<Record<CellType, readonly [fc.Arbitrary<unknown>, (cell: never) => unknown]>> = {
  text: [text, (cell) => cell],
  json: [text.map((t) => utf8Bytes(JSON.stringify(t))), (cell: Uint8Array) => new TextDecoder().decode(cell)],
  flag: [fc.boolean(), (cell) => cell],
  uint16: [fc.nat(0xffff), (cell) => cell],
  uint32: [fc.nat(0xffffffff), (cell) => cell],
  count: [fc.maxSafeNat(), (cell) => BigInt(cell)],
  number: [fc.double(), (cell) => cell],
  time: [
    fc.record({ sec: fc.oneof(fc.integer(), fc.integer({ min: -9e12, max: 9e12 })), nsec: fc.nat(999_999_999) }),
    (t: { sec: number; nsec: number }) => BigInt(t.sec) * 1_000_000n + BigInt(Math.floor(t.nsec / 1000)),
  ],
  texts: [fc.array(some(text), { maxLength: 5 }), (cell) => cell],
  frames: [fc.array(fc.nat(0xffffffff), { maxLength: 5 }), (cell) => cell],
};
const TYPES = Object.keys(CELLS) as CellType[];

describe('columns', () => {
  test('any rows come back', async () => {
    const row = fc.tuple(...TYPES.map((type) => some(CELLS[type][0])));
    const property = fc.asyncProperty(fc.array(row, { maxLength: 60 }), async (rows) => {
      const { read } = await through(TYPES, rows);
      const wanted = rows.map((cells) =>
        cells.map((cell, i) => (cell === null ? null : CELLS[TYPES[i]][1](cell as never))),
      );
      expect(read.map((r) => TYPES.map((_, i) => r[`c${i}`] ?? null))).toEqual(wanted);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  // few values, as many as begin a dictionary that does not pay, one that pays barely, and more than one holds
  test.each([3, 1500, 5000, 40_000])(
    '%i distinct values in 40,000 rows come back, in groups that tell their bounds',
    async (distinct) => {
      const rows = Array.from({ length: 40_000 }, (_, i) => {
        const n = (i * 7919) % distinct;
        return [`value ${String(n).padStart(6, '0')}`, n, n, i % 5 === 0 ? null : [`${n}`, 'same', `${n + 1}`]];
      });
      const { read, groups } = await through(['text', 'uint32', 'count', 'texts'], rows);
      expect(read.map(({ c0, c1, c2, c3 }) => [c0, c1, Number(c2), c3 ?? null])).toEqual(rows);
      expect(groups.length).toBeGreaterThan(1);
      let at = 0;
      for (const { columns, num_rows } of groups) {
        const of = rows.slice(at, at + Number(num_rows)).map(([, n]) => n as number);
        at += Number(num_rows);
        const { statistics } = columns[1].meta_data!;
        expect([statistics?.min_value, statistics?.max_value]).toEqual([Math.min(...of), Math.max(...of)]);
        const encodings = columns[0].meta_data!.encodings;
        expect(encodings.includes('RLE_DICTIONARY')).toBe(distinct < 2000);
      }
    },
  );

  test('a dictionary that many values did not fit into is not tried again, one that few did not fit into is', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => [
      `value ${i < 20_000 ? i : 1}`,
      i < 20_000 && i > 3 ? null : 'same',
    ]);
    const { read, groups } = await through(['text', 'text'], rows);
    expect(read.map(({ c0, c1 }) => [c0, c1 ?? null])).toEqual(rows);
    expect(groups.length).toBeGreaterThan(2);
    const last = groups.at(-1)!.columns.map(({ meta_data }) => meta_data!.encodings.includes('RLE_DICTIONARY'));
    expect(last).toEqual([false, true]);
  });

  test('texts are between their bounds as bytes are compared, however long they are', async () => {
    const rows = ['\u{1f600} over all', '\uffff', `${'z'.repeat(5000)}y`, '', 'a'].map((t) => [t]);
    const { groups } = await through(['text'], rows);
    const { statistics } = groups[0].columns[0].meta_data!;
    expect(statistics?.min_value).toBe('');
    const most = Buffer.from(String(statistics?.max_value));
    for (const [t] of rows) expect(Buffer.compare(Buffer.from(t), most)).toBeLessThanOrEqual(0);
    expect(most.length).toBeLessThan(64);
  });

  test('NaN and a sign of zero do not hide what lies between bounds', async () => {
    const { groups } = await through(['number'], [[Number.NaN], [-0], [0], [Number.NaN]]);
    const { statistics } = groups[0].columns[0].meta_data!;
    expect(statistics?.min_value).toBe(-0);
    expect(statistics?.max_value).toBe(0);
  });

  test('bounds of times are exact, however far they are apart', async () => {
    await through(['time'], [[{ sec: 0, nsec: 0 }], [{ sec: 9e12, nsec: 123_457_000 }]]);
    const file = readFileSync(PATH);
    const footer = file.subarray(-8 - file.readUInt32LE(file.length - 8));
    const greatest = Buffer.alloc(8);
    greatest.writeBigInt64LE(9_000_000_000_000_123_457n);
    // what reads it makes a date of it
    expect(footer.includes(greatest)).toBe(true);
  });

  test('a table without rows is one', async () => {
    expect((await through(TYPES, [])).read).toEqual([]);
  });
});
