/** What tests of `query` share. */
import { existsSync } from 'node:fs';
import { expect } from 'vitest';
import { clrscope, ROOT } from '../cli.js';

/** Whether the optional package is there that `query` needs: tests of it skip visibly where it is not. */
export const DUCKDB = existsSync(`${ROOT}node_modules/@duckdb/node-api/package.json`);

export type Row = Record<string, unknown>;

/** Rows of a query. */
export function rows(sql: string, ...files: string[]): Row[] {
  const { code, out, err } = clrscope(['query', sql, ...files, '-T', 'json', '-q']);
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out);
}
