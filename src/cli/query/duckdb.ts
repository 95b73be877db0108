/**
 * DuckDB as `query` uses it. @duckdb/node-api is optional: where npm finds no build for a machine, or was told to leave it
 * out, everything else works. So what is used of it is declared here, and the program is built without it too.
 */
import { reasonOf, UserError } from '../../core/user-error.js';
import { TABLES } from '../../output/tables/tables.js';
import { importModule } from '../import-module.js';
import { UsageError } from '../options.js';
import { partFiles, type QueriedPart } from './parts.js';
import { literal, tableView } from './views.js';

/** What is used of the package. */
interface DuckDB {
  readonly DuckDBInstance: {
    create(path: string, options: Readonly<Record<string, string>>): Promise<Instance>;
  };
  /** Names by numbers too. */
  readonly StatementType: Readonly<Record<string, string | number>>;
}

interface Instance {
  connect(): Promise<Connection>;
  closeSync(): void;
}

interface Connection {
  run(sql: string): Promise<unknown>;
  /** Refuses what is not one statement. */
  prepare(sql: string): Promise<Prepared>;
  interrupt(): void;
  closeSync(): void;
}

interface Prepared {
  readonly statementType: number;
  stream(): Promise<Streamed>;
}

/** What DuckDB has of an answer. */
interface Streamed {
  deduplicatedColumnNames(): string[];
  /** Rows to a number that fits the memory; null or none of them at the end. */
  fetchChunk(): Promise<{ readonly rowCount: number; getRows(): unknown[][] } | null>;
}

/** Rows, as they come. */
export interface QueryResult {
  /** Names of the columns, each another one. */
  readonly names: readonly string[];
  /** Rows to a number that fits the memory; none at the end. */
  next(): Promise<unknown[][]>;
}

/** @throws UserError where it is not there, or does not run here */
export async function loadDuckDB(): Promise<DuckDB> {
  try {
    return (await importModule('@duckdb/node-api')) as unknown as DuckDB;
  } catch (e) {
    const isMissing = e instanceof Error && e.message.startsWith("Cannot find package '@duckdb/node-api'");
    const reason = isMissing ? '' : `; it is there, and does not run: ${reasonOf(e)}`;
    throw new UserError(`query needs @duckdb/node-api: npm i -g @duckdb/node-api${reason}`);
  }
}

/** What may stand between words. */
const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*\*/)`;
/** Where the statement begins that EXPLAIN is asked about. */
const EXPLAINED = new RegExp(
  String.raw`^${GAP}*EXPLAIN(?:${GAP}+ANALYZE(?=\W))?${GAP}*(?:\(${GAP}*(?:ANALYZE|FORMAT)\b[^()]*\))?(.*)$`,
  'is',
);

/** The tables of an export in a database that reads their files and nothing else, and writes nothing but `Writable`. */
export class QueryTables {
  private constructor(
    private readonly duckdb: DuckDB,
    private readonly instance: Instance,
    private readonly connection: Connection,
    private readonly parts: readonly QueriedPart[],
  ) {}

  /**
   * @param folder of our own: what a large sort does not keep in memory goes there
   * @param writable a file that `copyTo` may write
   * @throws UserError where the file of a part is none
   */
  static async open(
    duckdb: DuckDB,
    parts: readonly QueriedPart[],
    folder: string,
    writable: string | null,
  ): Promise<QueryTables> {
    const instance = await duckdb.DuckDBInstance.create(':memory:', {
      temp_directory: `${folder}/spilled`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    const tables = new QueryTables(duckdb, instance, connection, parts);
    const allowed = [...TABLES.flatMap((table) => partFiles(table, parts)), ...(writable === null ? [] : [writable])];
    await connection.run("SET TimeZone = 'UTC'");
    for (const table of TABLES) await tables.told(connection.run(tableView(table, parts)));
    await connection.run(`SET allowed_paths = [${allowed.map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return tables;
  }

  /**
   * Asks. Rows come as they are fetched.
   * @throws UserError with the place where the SQL is wrong; UsageError where it does more than read
   */
  async ask(sql: string): Promise<QueryResult> {
    const prepared = await this.reading(sql);
    const result = await this.told(prepared.stream());
    // a text may be too long for a string: that is said when it is looked at
    const next = async (): Promise<unknown[][]> => (await result.fetchChunk())?.getRows() ?? [];
    return { names: result.deduplicatedColumnNames(), next: () => this.told(next()) };
  }

  /** Writes what a question gives to the file that may be written, as Parquet. */
  async copyTo(file: string, sql: string): Promise<void> {
    await this.reading(sql);
    // a text in a text: whatever it holds, it stays one SELECT
    const copy = `COPY (FROM query(${literal(sql)})) TO ${literal(file)} (FORMAT parquet, USE_TMP_FILE false)`;
    await this.told(this.connection.run(copy));
  }

  /** Ends a question that is under way: it throws. */
  interrupt(): void {
    this.connection.interrupt();
  }

  /** Gives back its memory. */
  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /** The statement, where it only reads: DuckDB's parser says so. What EXPLAIN is asked about, it may run. */
  private async reading(sql: string): Promise<Prepared> {
    const prepared = await this.told(this.connection.prepare(sql));
    const type = this.typeOf(prepared);
    const explained = EXPLAINED.exec(sql)?.[1];
    const isExplained = type === 'EXPLAIN' && explained !== undefined;
    const reads = isExplained ? this.typeOf(await this.told(this.connection.prepare(explained))) : type;
    if (reads === 'SELECT') return prepared;
    throw new UsageError(
      `query only reads: SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE, SHOW, or EXPLAIN of these; that is ${reads}`,
    );
  }

  private typeOf({ statementType }: Prepared): string {
    return String(this.duckdb.StatementType[statementType]);
  }

  /** What DuckDB says of a mistake is for whoever wrote the SQL; of a table that is not there, which ones there are. */
  private async told<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (e) {
      if (!(e instanceof Error)) throw e;
      const noTable = /^Catalog Error: Table with name .* does not exist!/.exec(e.message)?.[0];
      const place = /\n\nLINE .*$/s.exec(e.message)?.[0] ?? '';
      // one that looks for its columns itself is two to DuckDB
      if (e.message.includes('Cannot prepare multiple statements'))
        throw new UserError('query takes one statement; PIVOT names its columns: PIVOT calls ON operation IN (…)');
      if (noTable !== undefined)
        throw new UserError(`${noTable} There are ${TABLES.map(({ name }) => name).join(', ')}${place}`);
      const part = this.parts.find(({ folder }) => e.message.includes(`${folder}/`));
      if (part === undefined) throw new UserError(e.message);
      // the place is one in a statement of ours
      const message = e.message
        .slice(0, e.message.length - place.length)
        .replaceAll(`${part.folder}/`, `${part.shown}/`);
      throw new UserError(`${message}; remove that file, and clrscope export writes it anew`);
    }
  }
}
