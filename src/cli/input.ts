/** Files that are read as a whole: documents, baselines, schemas, NRBF streams. */
import { readFileSync } from 'node:fs';
import { parseJson } from '../core/json-text.js';
import { reasonOf, UserError } from '../core/user-error.js';

/**
 * The bytes of a file, or of standard input for `-`.
 * @param what names the file, for the message
 */
export function readInput(file: string, what: string): Buffer {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (e) {
    throw new UserError(`${what}: ${reasonOf(e)}`);
  }
}

/**
 * What `read` makes of a file of JSON.
 * @param what names the file, for the message
 */
export function readJson<T>(file: string, what: string, read: (json: unknown) => T): T {
  const bytes = readInput(file, what);
  try {
    return read(parseJson(bytes));
  } catch (e) {
    throw e instanceof UserError ? new UserError(`${what}: ${e.message}`) : e;
  }
}
