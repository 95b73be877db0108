/** `clrscope query SQL FILE...`: SQL over captures, or over what `export` made of them. */
import { createReadStream, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { safe } from '../../core/safe-text.js';
import { TABLES } from '../../output/tables/tables.js';
import { isExportFolder } from '../export/folder.js';
import { Exit, type QueryOptions, UsageError } from '../options.js';
import { OutFile } from '../out-file.js';
import { formatOf } from '../printer.js';
import { screenOf } from '../run.js';
import { loadDuckDB, type QueryResult, QueryTables } from './duckdb.js';
import { ROW_FORMATS } from './formats.js';
import { makeOwnFolder } from './own-folder.js';
import { partFiles, partsOf } from './parts.js';
import { QUESTIONS, questionOf } from './questions.js';
import type { Screen } from './row-printer.js';
import { plainOf } from './value.js';

type Format = keyof typeof ROW_FORMATS | 'parquet';

const FORMATS: Readonly<Record<Format, Format>> = { table: 'table', csv: 'csv', json: 'json', parquet: 'parquet' };

/** Signals that end a program, beside Ctrl-C's. */
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command.
 * @param words the SQL, where none of the questions is asked, and files
 */
export async function queryTables(words: string[], { r = [], ...options }: QueryOptions): Promise<void> {
  const format = formatOf(FORMATS, options.T, 'query prints -T');
  if (options.list === true) return list(format, options);
  const asked = options.ask === undefined ? null : questionOf(options.ask);
  const [sql, ...named] = asked === null ? words : [asked.sql, ...words];
  const files = [...r, ...named];
  if (sql === undefined) throw new UsageError('no SQL was given; clrscope query --list shows questions to --ask');
  if (asked === null && existsSync(sql))
    throw new UsageError(`${safe(sql)} is a file, and stands where the SQL should: clrscope query 'SELECT …' FILE...`);
  if (files.length === 0)
    throw new UsageError(
      'no FILE was given; behind the SQL stand captures, folders of captures, or a folder that clrscope export wrote',
    );
  if (format === 'parquet' && (options.o ?? '-') === '-') throw new UsageError('-T parquet goes with -o FILE');
  const duckdb = await loadDuckDB();
  let made: string | null = null;
  const leave = (): void => {
    if (made !== null) rmSync(made, { recursive: true, force: true });
  };
  // whoever ends the program leaves nothing behind that secrets opened
  const end = (signal: NodeJS.Signals): void => {
    leave();
    // as it would have ended without us: exit() waits for DuckDB
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  };
  // whoever else listens ends what is under way
  const interrupted = (): void => {
    if (process.listenerCount('SIGINT') === 1) end('SIGINT');
  };
  process.once('exit', leave);
  for (const signal of SIGNALS) process.once(signal, end);
  process.on('SIGINT', interrupted);
  try {
    // somebody listens already
    const own = makeOwnFolder();
    made = own;
    const parts = await partsOf(files, options, own);
    const nothing = parts.length === 0 && (process.exitCode ?? Exit.done) !== Exit.done;
    if (nothing || process.exitCode === Exit.interrupted) return;
    const inputs = [
      ...files.filter((file) => !isExportFolder(file)),
      ...TABLES.flatMap((table) => partFiles(table, parts)),
      ...(options.secrets ?? []),
    ];
    const out = new OutFile(options.o, {
      inputs,
      secret: options.secrets !== undefined || parts.some(({ isSecret }) => isSecret),
    });
    const result = format === 'parquet' ? join(own, 'result.parquet') : null;
    const tables = await QueryTables.open(duckdb, parts, own, result);
    let isInterrupted = false;
    const interrupt = (): void => {
      isInterrupted = true;
      tables.interrupt();
    };
    process.once('SIGINT', interrupt);
    try {
      if (format === 'parquet') await copy(tables, result!, sql, out);
      else await print(await tables.ask(sql), format, out, options);
      out.close();
    } catch (e) {
      if (!isInterrupted) throw e;
      process.exitCode = Exit.interrupted;
    } finally {
      process.removeListener('SIGINT', interrupt);
      tables.close();
    }
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, end);
    process.removeListener('SIGINT', interrupted);
    process.removeListener('exit', leave);
    leave();
  }
}

/** `--list`: questions, with their SQL where a program asks. */
function list(format: Format, options: QueryOptions): void {
  if (format === 'parquet') throw new UsageError('--list prints -T table, csv or json');
  const out = new OutFile(options.o, { inputs: [], secret: false });
  const names = format === 'table' ? (['name', 'about'] as const) : (['name', 'about', 'sql'] as const);
  const to = ROW_FORMATS[format](out, names, screenFor(out, options));
  for (const question of QUESTIONS) to.row(names.map((name) => question[name]));
  to.end();
  out.close();
}

/** Prints rows as they come. */
async function print(result: QueryResult, format: Exclude<Format, 'parquet'>, out: OutFile, options: QueryOptions) {
  const to = ROW_FORMATS[format](out, result.names, screenFor(out, options));
  for (let rows = await result.next(); rows.length > 0; rows = await result.next())
    for (const row of rows) to.row(row.map(plainOf));
  to.end();
}

async function copy(tables: QueryTables, made: string, sql: string, out: OutFile): Promise<void> {
  await tables.copyTo(made, sql);
  for await (const bytes of createReadStream(made) as AsyncIterable<Buffer>) out.bytes(bytes);
}

/** What goes to a file or to another program is whole. */
function screenFor(out: OutFile, options: QueryOptions): Screen {
  const { color, width } = screenOf(options);
  if (!out.isPrinted) return { color: false, width: Number.POSITIVE_INFINITY };
  return { color, width: isatty(1) || process.env.COLUMNS !== undefined ? width : Number.POSITIVE_INFINITY };
}
