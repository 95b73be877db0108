/** Folders that commands write into. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../core/user-error.js';

/**
 * Makes a folder and those that it lies in, where they are not there. (What Node has for it tries for ever where a folder takes
 * none, as /proc does.) An exception of the operating system comes through.
 */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (e) {
    const code = systemCode(e);
    const parent = dirname(path);
    if (code === 'ENOENT' && statSync(parent, { throwIfNoEntry: false }) === undefined) {
      makeFolder(parent, mode);
      mkdirSync(path, { mode });
    } else if (code !== 'EEXIST' || !statSync(path).isDirectory()) throw e;
  }
}
