/** The folder of one run of `query`, for what it makes of captures. */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safe } from '../../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../../core/user-error.js';
import { isRunning, MACHINE } from '../machine.js';

const MADE_BY = /^clrscope-query-([0-9a-f]+)-(\d+)-/;

/** Where they are made. */
const ALL = tmpdir();
/** What people call that, and how they choose another place. */
export const OWN_FOLDERS = `${safe(ALL)} (TMPDIR names another folder)`;

/**
 * Makes it, and takes away those of the user's queries that were killed: they may hold what secrets opened.
 * @throws UserError where there can be none
 */
export function makeOwnFolder(): string {
  try {
    for (const name of readdirSync(ALL)) if (isLeft(name)) dropLeft(join(ALL, name));
    return mkdtempSync(join(ALL, `clrscope-query-${MACHINE}-${process.pid}-`));
  } catch (e) {
    throw systemCode(e) === null ? e : new UserError(`${OWN_FOLDERS}: ${reasonOf(e)}`);
  }
}

/** Whether it was left by a run that is gone: anybody may make folders of any name there. */
function isLeft(name: string): boolean {
  const made = MADE_BY.exec(name);
  if (made === null || made[1] !== MACHINE || isRunning(Number(made[2]))) return false;
  const found = lstatSync(join(ALL, name), { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.();
}

function dropLeft(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // another query may be at it; nobody waits for it
  }
}
