/** Captures of other implementations, and what client and server logged while they were made. */
import { existsSync } from 'node:fs';
import { SHARED } from './cli.js';

/** With truth files: all of them where the shared folder is, else the ten in `samples/truth`. */
export const TRAFFIC = SHARED === null ? 'samples/truth' : '../shared/captures/traffic';

/** Of real networks: only in the shared folder, which a checkout alone does not have. */
export const REAL = '../shared/captures/real';

/** Whether a file of `TRAFFIC` is here. */
export function isHere(file: string): boolean {
  return existsSync(`${TRAFFIC}/${file}`);
}
