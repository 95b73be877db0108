/** Files that are read as a whole: documents, baselines, schemas, NRBF streams. */
import { readFileSync } from 'node:fs';
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
