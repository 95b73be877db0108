/** Whether the optional package is there that `query` needs: tests of it skip visibly where it is not. */
import { existsSync } from 'node:fs';
import { ROOT } from '../cli.js';

export const DUCKDB = existsSync(`${ROOT}node_modules/@duckdb/node-api/package.json`);
