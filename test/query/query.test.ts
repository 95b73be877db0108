/** `query`: SQL over captures and exports gives what `export` wrote, in every format, and does nothing but read. */
import { spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUESTIONS } from '../../src/cli/query/questions.js';
import { TABLES } from '../../src/output/tables/tables.js';
import { clrscope, MAIN, ROOT } from '../cli.js';
import { RAW } from '../printed.js';
import { DUCKDB, type Row, rows } from './duckdb.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-query-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;
const REMOTING = `${ROOT}samples/remoting-tcp/capture.pcap`;
const SEALED = `${ROOT}samples/truth/ntlm-privacy.pcap`;
const SECRETS = SEALED.replace('.pcap', '.secrets.json');

test('where DuckDB is not installed, it says what to install', () => {
  const away = join(folder, 'away');
  mkdirSync(join(away, 'dist'), { recursive: true });
  cpSync(`${ROOT}dist/bundle`, join(away, 'dist/bundle'), { recursive: true });
  copyFileSync(`${ROOT}package.json`, join(away, 'package.json'));
  const main = join(away, 'dist/bundle/cli/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'query', 'SELECT 1', CAPTURE], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('clrscope: query needs @duckdb/node-api: npm i -g @duckdb/node-api\n');
  expect([status, stdout]).toEqual([2, '']);
  // questions are ours
  expect(spawnSync(process.execPath, [main, 'query', '--list'], { encoding: 'utf8' }).status).toBe(0);
});

describe.skipIf(!DUCKDB)('query', () => {
  const parquet = join(folder, 'parquet');
  const ndjson = join(folder, 'ndjson');
  const empty = join(folder, "an empty 'export' [*]");
  beforeAll(() => {
    expect(clrscope(['export', CAPTURE, REMOTING, '-o', parquet, '-q']).code).toBe(0);
    expect(clrscope(['export', CAPTURE, REMOTING, '-o', ndjson, '-q', '--format', 'ndjson']).code).toBe(0);
    mkdirSync(join(empty, 'parts'), { recursive: true });
    copyFileSync(join(parquet, 'manifest.json'), join(empty, 'manifest.json'));
  });

  describe.each(TABLES.map(({ name }) => name))('the table %s', (table) => {
    test('has the rows of the capture, whatever they were exported as', () => {
      const sql = `FROM ${table} ORDER BY ALL`;
      const all = rows(sql, CAPTURE, REMOTING);
      if (table !== 'findings') expect(all.length).toBeGreaterThan(0);
      expect(rows(sql, parquet)).toEqual(all);
      const columns = TABLES.find((t) => t.name === table)!.columns.filter((c) => c.type === 'json');
      const json = (row: Row): Row => {
        for (const { name } of columns) row[name] = JSON.parse(String(row[name]));
        return row;
      };
      expect(rows(sql, ndjson).map(json)).toEqual(all.map(json));
    });

    test('is typed, also where there is no part', () => {
      const typed = rows(`DESCRIBE ${table}`, parquet);
      expect(typed.map((c) => c.column_name)).toEqual([
        ...TABLES.find((t) => t.name === table)!.columns.map((c) => c.name),
        'part',
      ]);
      expect(rows(`DESCRIBE ${table}`, empty)).toEqual(typed);
      expect(rows(`DESCRIBE ${table}`, ndjson)).toEqual(typed);
      expect(rows(`FROM ${table}`, empty)).toEqual([]);
    });
  });

  test('calls are those of `calls`', () => {
    const told = clrscope(['calls', '-T', 'ndjson', CAPTURE]).out.trim().split('\n');
    const wanted = told.map((line) => JSON.parse(line));
    expect(rows('SELECT call, time, operation, hresult, request_frames FROM calls', CAPTURE)).toEqual(
      wanted.map((c) => ({
        call: c.call,
        time: c.time,
        operation: c.operation,
        hresult: c.hresult?.code ?? null,
        request_frames: c.frames.request,
      })),
    );
  });

  test('counts a part once, and only one that the export knows', () => {
    const count = 'SELECT count(*) AS n FROM calls';
    const wanted = rows(count, parquet);
    expect(rows(count, parquet, ndjson, CAPTURE, REMOTING)).toEqual(wanted);
    const stray = join(parquet, 'calls', `${'0'.repeat(64)}.parquet`);
    copyFileSync(join(parquet, 'calls', readdirSync(join(parquet, 'calls'))[0]), stray);
    expect(rows(count, parquet)).toEqual(wanted);
    rmSync(stray);
  });

  test('refuses CSV, which tells neither types nor lists', () => {
    const csv = join(folder, 'csv');
    expect(clrscope(['export', CAPTURE, '-o', csv, '-q', '--format', 'csv']).code).toBe(0);
    expect(clrscope(['query', 'FROM calls', csv])).toMatchObject({ code: 2, err: expect.stringContaining('CSV') });
  });

  test('follows no link in an export', () => {
    const linked = join(folder, 'linked');
    cpSync(parquet, linked, { recursive: true });
    const part = join(linked, 'calls', readdirSync(join(linked, 'calls'))[0]);
    const other = join(folder, 'other.parquet');
    copyFileSync(part, other);
    rmSync(part);
    symlinkSync(other, part);
    const [one] = rows('SELECT count(DISTINCT part) AS parts FROM calls', linked);
    expect(one).toEqual({ parts: 1 });
  });

  test('takes an entry for what it is named by, and misses no table that it has not', () => {
    const changed = join(folder, 'changed');
    cpSync(parquet, changed, { recursive: true });
    const [first, second] = readdirSync(join(changed, 'parts')).map((name) => join(changed, 'parts', name));
    const entry = JSON.parse(readFileSync(first, 'utf8'));
    writeFileSync(first, JSON.stringify({ ...entry, digest: `../../parquet/calls/${entry.digest}` }));
    const { objrefs: _, ...tables } = JSON.parse(readFileSync(second, 'utf8')).tables;
    writeFileSync(second, JSON.stringify({ ...JSON.parse(readFileSync(second, 'utf8')), tables }));
    expect(rows('SELECT count(DISTINCT part) AS parts FROM calls', changed)).toEqual([{ parts: 1 }]);
    expect(rows('FROM objrefs', changed)).toEqual([]);
  });

  test('opens what is sealed, and keeps it from others', () => {
    const sql =
      "SELECT count(*) FILTER (decrypted) AS opened, count(*) FILTER (outcome = 'sealed') AS sealed FROM calls";
    const target = join(folder, 'opened.csv');
    expect(clrscope(['query', sql, SEALED, '--secrets', SECRETS, '-T', 'csv', '-o', target])).toMatchObject({
      code: 0,
      out: '',
    });
    expect(readFileSync(target, 'utf8')).toBe('opened,sealed\n16,0\n');
    expect(statSync(target).mode & 0o777).toBe(0o600);
    const kept = join(folder, 'kept');
    expect(clrscope(['export', SEALED, '--secrets', SECRETS, '-o', kept, '-q']).code).toBe(0);
    const again = join(folder, 'again.csv');
    expect(clrscope(['query', sql, kept, '-T', 'csv', '-o', again]).code).toBe(0);
    expect(statSync(again).mode & 0o777).toBe(0o600);
    // a folder that others may look into, with a part that they may not read
    const both = join(folder, 'both');
    expect(clrscope(['export', CAPTURE, '-o', both, '-q']).code).toBe(0);
    expect(clrscope(['export', SEALED, '--secrets', SECRETS, '-o', both, '-q']).code).toBe(0);
    const mixed = join(folder, 'mixed.csv');
    expect(clrscope(['query', sql, both, '-T', 'csv', '-o', mixed]).code).toBe(0);
    expect(statSync(mixed).mode & 0o777).toBe(0o600);
  });

  test('leaves nothing behind, and says what a damaged capture is', () => {
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const cut = join(folder, 'cut.pcap');
    writeFileSync(cut, readFileSync(CAPTURE).subarray(0, -10));
    const ended = spawnSync(process.execPath, [MAIN, 'query', 'SELECT damage FROM captures', cut, '-T', 'csv'], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
    });
    expect(ended.status).toBe(3);
    expect(ended.stdout.split('\n')[1]).not.toBe('');
    expect(clrscope(['query', 'SELECT 1', join(folder, 'nowhere.pcap')])).toMatchObject({ code: 2, out: '' });
    expect(clrscope(['query', 'SELECT 1'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^clrscope: no FILE.*\n$/),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('takes a capture that is still written as far as it goes', async () => {
    const capture = join(folder, 'growing.pcap');
    const bytes = readFileSync(CAPTURE);
    writeFileSync(capture, Buffer.concat([bytes, ...Array.from({ length: 100 }, () => bytes.subarray(24))]));
    const args = ['query', 'SELECT packets FROM captures', capture, '-T', 'csv', '-q'];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'pipe' });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    const writing = setInterval(() => appendFileSync(capture, bytes.subarray(24)), 5);
    const code = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(writing);
    // its last packet may be there in part
    expect([0, 3]).toContain(code);
    expect(Number(out.split('\n')[1])).toBeGreaterThanOrEqual(71 * 101);
  });

  describe('prints', () => {
    const HOSTILE = "SELECT chr(27) || '[2J' AS x, chr(8238) || chr(10) AS y, chr(155) AS z";

    test.each(['table', 'csv', 'json'])('nothing that steers a terminal: %s', (format) => {
      const { code, out } = clrscope(['query', HOSTILE, parquet, '-T', format]);
      expect(code).toBe(0);
      expect(out).toContain('\\u001b[2J');
      expect(out).not.toMatch(RAW);
    });

    test('numbers up to 2^53 as such, times as ISO 8601, structures as they are', () => {
      const sql = `SELECT 9007199254740991 AS most, 9007199254740993 AS more, 1.5 AS decimal, 'NaN'::DOUBLE AS nan,
        TIMESTAMPTZ '2026-01-02 03:04:05.000006+01' AS zoned, TIMESTAMP '1969-12-31 23:59:59.5' AS plain,
        DATE '2026-01-02' AS day, [1, NULL] AS list, {'a': [{'b': true}]} AS struct, map {'k': 1} AS map,
        'infinity'::TIMESTAMP AS never, 'x' AS x, 'y' AS x`;
      expect(rows(sql, empty)).toEqual([
        {
          most: 9007199254740991,
          more: '9007199254740993',
          decimal: 1.5,
          nan: 'NaN',
          zoned: '2026-01-02T02:04:05.000006Z',
          plain: '1969-12-31T23:59:59.500000',
          day: '2026-01-02',
          list: [1, null],
          struct: { a: [{ b: true }] },
          map: [{ key: 'k', value: 1 }],
          never: 'infinity',
          x: 'x',
          'x:1': 'y',
        },
      ]);
    });

    test('a table as wide as the terminal, a line a value where it is too narrow', () => {
      // tests have 120 columns
      const wide = clrscope(['query', "SELECT repeat('x', 300) AS a, 7 AS b, repeat('漢', 90) AS c", parquet]).out;
      for (const line of wide.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(120);
      expect(wide).toMatch(/^a +b {2}c\nx+… {2}7 {2}漢+…\n$/);
      const narrow = clrscope(['query', 'FROM calls LIMIT 2', parquet]).out;
      expect(narrow).toMatch(/^capture +capture\.pcap\ncall +1\n/m);
      expect(narrow.split('\n\n').length).toBe(2);
      for (const line of narrow.split('\n')) expect([...line].length).toBeLessThanOrEqual(120);
    });

    test('Parquet to a file alone', async () => {
      const target = join(folder, 'rows.parquet');
      const sql = "SELECT capture, call FROM calls WHERE operation = 'GetObjectIdentity' -- )";
      expect(clrscope(['query', sql, parquet, '-T', 'parquet', '-o', target])).toMatchObject({ code: 0, out: '' });
      const read = await parquetReadObjects({ file: await asyncBufferFromFile(target) });
      expect(read).toEqual(rows(`${sql}\n`, parquet));
      expect(read.length).toBeGreaterThan(0);
      expect(clrscope(['query', sql, parquet, '-T', 'parquet'])).toMatchObject({ code: 2, out: '' });
      expect(clrscope(['query', sql, parquet, '-T', 'parquet', '-o', '-'])).toMatchObject({ code: 2, out: '' });
    });

    test('over nothing that it reads', () => {
      const part = join(parquet, 'calls', readdirSync(join(parquet, 'calls'))[0]);
      const before = readFileSync(part);
      expect(clrscope(['query', 'FROM calls', parquet, '-o', part]).code).toBe(2);
      expect(clrscope(['query', 'FROM calls', CAPTURE, '-o', CAPTURE]).code).toBe(2);
      expect(readFileSync(part)).toEqual(before);
    });
  });

  describe('only reads', () => {
    let part = '';
    let evil = '';
    beforeAll(() => {
      part = join(parquet, 'calls', readdirSync(join(parquet, 'calls'))[0]);
      evil = join(folder, 'evil');
    });

    test.each<[string, () => string]>([
      ['COPY', () => `COPY calls TO '${evil}'`],
      ['COPY to a part', () => `COPY calls TO '${part}' (USE_TMP_FILE false)`],
      ['COPY that is explained', () => `EXPLAIN ANALYZE COPY calls TO '${part}' (USE_TMP_FILE false)`],
      ['COPY behind options', () => `EXPLAIN (ANALYZE) COPY calls TO '${part}' (USE_TMP_FILE false)`],
      ['COPY behind a comment', () => `/* */ EXPLAIN/**/ANALYZE COPY calls TO '${part}' (USE_TMP_FILE false)`],
      ['COPY behind options and comments', () => `--\nEXPLAIN--\n(FORMAT json, ANALYZE)/**/COPY calls TO '${part}'`],
      ['COPY behind what looks explained', () => `EXPLAIN /* */ ANALYZE/*FROM calls*/COPY calls TO '${part}'`],
      ['COPY in query()', () => `FROM query('COPY calls TO ''${evil}''')`],
      ['EXPORT', () => `EXPORT DATABASE '${evil}'`],
      ['IMPORT', () => `IMPORT DATABASE '${evil}'`],
      ['ATTACH', () => `ATTACH '${evil}'`],
      ['CREATE', () => 'CREATE TABLE t AS SELECT 1'],
      ['DROP', () => 'DROP VIEW calls'],
      ['INSTALL', () => 'INSTALL httpfs'],
      ['LOAD', () => 'LOAD httpfs'],
      ['SET', () => 'SET threads = 1'],
      ['SET of what holds it', () => 'SET enable_external_access = true'],
      ['PRAGMA', () => 'PRAGMA enable_profiling'],
      ['CALL', () => 'CALL enable_logging()'],
      ['several statements', () => 'SELECT 1; SELECT 2'],
      ['one behind another', () => `SELECT 1; COPY calls TO '${evil}'`],
      ['no statement', () => '/* nothing */'],
      ['read_csv', () => "FROM read_csv('/etc/passwd')"],
      ['read_text', () => "FROM read_text('/etc/passwd')"],
      ['read_blob', () => `FROM read_blob('${CAPTURE}')`],
      ['sniff_csv', () => "FROM sniff_csv('/etc/passwd')"],
      ['glob', () => "FROM glob('/etc/*')"],
      ['a file', () => "FROM '/etc/passwd'"],
      ['a file of Parquet', () => `FROM '${join(folder, 'rows.parquet')}'`],
      ['an address', () => "FROM read_csv('https://127.0.0.1:1/x')"],
      ['getenv', () => "SELECT getenv('HOME')"],
      ['a parameter', () => 'SELECT $1'],
    ])('%s is refused', (_, sql) => {
      const before = readFileSync(part);
      for (const more of [[], ['-T', 'parquet', '-o', join(folder, 'refused.parquet')]]) {
        const { code, out, err } = clrscope(['query', sql(), parquet, ...more]);
        expect([code, out]).toEqual([2, '']);
        expect(err).toMatch(/^clrscope: \S+ \S+ /);
        expect(err).not.toContain('defect');
      }
      expect(existsSync(evil)).toBe(false);
      expect(readFileSync(part)).toEqual(before);
    });

    test.each([
      'EXPLAIN FROM calls',
      'EXPLAIN ANALYZE FROM calls',
      'EXPLAIN (FORMAT json) FROM calls',
      'EXPLAIN(ANALYZE, FORMAT json)FROM calls',
      'EXPLAIN (FROM calls)',
      '-- why\nEXPLAIN /* how */ ANALYZE--\nFROM calls',
      '/* why\n*/EXPLAIN/**/FROM calls',
      '--why\n-- and how\nFROM calls',
      '-- why\n(SELECT 1)',
      'DESCRIBE calls',
      'SHOW TABLES',
      'VALUES (1)',
    ])('%j reads', (sql) => {
      expect(rows(sql, parquet).length).toBeGreaterThan(0);
    });

    test('a comment alone is nothing to ask, and behind -- the SQL stays as it is', () => {
      expect(clrscope(['query', '-- nothing', parquet]).code).toBe(2);
      expect(clrscope(['query', '-T', 'csv', '--', '--x\nSELECT 1 AS one', parquet]).out).toBe('one\n1\n');
    });
  });

  test('says what stands behind the SQL where nothing does', () => {
    for (const words of [['SELECT 1'], ['--ask', 'captures']]) {
      const { code, err } = clrscope(['query', ...words]);
      expect(code).toBe(2);
      expect(err).toMatch(/no FILE was given; .*captures, .*clrscope export/);
    }
  });

  test('says where the mistake is, and which tables there are', () => {
    const wrong = (sql: string): string => {
      const { code, out, err } = clrscope(['query', sql, parquet]);
      expect([code, out]).toEqual([2, '']);
      return err;
    };
    expect(wrong('SELECT 1 FROM FROM calls')).toContain('LINE 1: SELECT 1 FROM FROM calls\n                      ^');
    expect(wrong('SELECT nothing FROM calls')).toContain('LINE 1: SELECT nothing FROM calls\n               ^');
    const noTable = wrong('FROM cals');
    for (const { name } of TABLES) expect(noTable).toContain(name);
    expect(noTable).toContain('LINE 1: FROM cals');
    // one that only rows show
    expect(wrong('SELECT CAST(capture AS INTEGER) FROM calls')).toContain('Conversion Error');
  });

  describe('questions', () => {
    test('are listed with their SQL', () => {
      const { code, out } = clrscope(['query', '--list', '-T', 'json']);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toEqual(QUESTIONS);
      expect(QUESTIONS.length).toBeGreaterThanOrEqual(12);
      expect(new Set(QUESTIONS.map(({ name }) => name)).size).toBe(QUESTIONS.length);
      const lines = clrscope(['query', '--list']).out.trimEnd().split('\n').slice(1);
      expect(lines.map((line) => line.split(/ {2,}/))).toEqual(QUESTIONS.map(({ name, about }) => [name, about]));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    });

    test.each(QUESTIONS)('$name is asked of captures, of exports and of nothing', ({ name, sql }) => {
      const asked = clrscope(['query', '--ask', name, parquet, '-T', 'json']);
      expect(asked).toMatchObject({ code: 0, err: '' });
      expect(JSON.parse(asked.out)).toEqual(rows(sql, parquet));
      expect(clrscope(['query', '--ask', name, parquet])).toMatchObject({ code: 0, err: '' });
      expect(clrscope(['query', '--ask', name, empty, '-T', 'json'])).toMatchObject({ code: 0, out: '[\n]\n' });
    });

    test('have names that a slip is told by', () => {
      const { code, err } = clrscope(['query', '--ask', 'unansered', parquet]);
      expect(code).toBe(2);
      expect(err).toContain('unanswered');
    });
  });
});
