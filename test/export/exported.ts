/** What an export left in its folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';

/** A row of a table. */
export type Row = Record<string, unknown>;

interface Manifest {
  readonly parts: readonly {
    readonly digest: string;
    readonly capture: string;
    readonly sources: readonly string[];
    readonly tables: Readonly<Record<string, { readonly rows: number; readonly bytes: number }>>;
  }[];
}

/** What is said of all parts. */
export const manifestOf = (out: string): Manifest => JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));

const parsers = { ...DEFAULT_PARSERS, timestampFromMicroseconds: (time: bigint) => time };

/** Rows of a file; times as microseconds. */
export async function parquet(path: string): Promise<Row[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path), parsers });
}

/** Every file below a folder with its bytes. */
export function filesOf(out: string): Record<string, string> {
  const paths = readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(out, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(out, path), 'base64')]));
}
