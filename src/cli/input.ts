/** Files that are read as a whole: documents, baselines, schemas, NRBF streams. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { isUrl, shownName } from '#platform';
import { parseJson } from '../core/json-text.js';
import { safe } from '../core/safe-text.js';
import { reasonOf, UserError } from '../core/user-error.js';

/** Bytes that are read at a time, and at most: what has no end, as /dev/zero, must not fill the memory. */
const PIECE = 1 << 20;
const MOST = 1 << 28;

/**
 * The bytes of a file, or of standard input for `-`.
 * @param what names the file, for the message
 * @throws UserError where it cannot be read, is an address, or has more than 256 MB
 */
export function readInput(file: string, what: string): Buffer {
  if (isUrl(file))
    throw new UserError(
      `${safe(shownName(file))}: an address; captures alone are read from such, fetch it first (curl -fO)`,
    );
  try {
    const fd = file === '-' ? 0 : openSync(file, 'r');
    try {
      return fstatSync(fd).isFile() ? readFileSync(fd) : readPieces(fd, what);
    } finally {
      if (fd !== 0) closeSync(fd);
    }
  } catch (e) {
    throw e instanceof UserError ? e : new UserError(`${what}: ${reasonOf(e)}`);
  }
}

/** Reads what is no file to its end. */
function readPieces(fd: number, what: string): Buffer {
  const pieces: Buffer[] = [];
  for (let size = 0; ; ) {
    const piece = Buffer.allocUnsafe(PIECE);
    const n = readSync(fd, piece);
    if (n === 0) return Buffer.concat(pieces, size);
    size += n;
    if (size > MOST) throw new UserError(`${what}: it has no end, or more than 256 MB`);
    pieces.push(piece.subarray(0, n));
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
