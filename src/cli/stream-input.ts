/** What is read as it comes, from its beginning to its end: not a file at hand. */
import { statSync } from 'node:fs';
import { isUrl } from '#platform';

/**
 * Whether an input is standard input, a pipe, a device or an address: it may keep one waiting, and what it gives may be
 * other bytes the next time.
 */
export function isStream(file: string): boolean {
  return file === '-' || isUrl(file) || statSync(file, { throwIfNoEntry: false })?.isFile() === false;
}
