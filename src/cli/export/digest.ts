/** What parts are named by. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { UnreadableInput } from '../../capture/packet.js';
import { reasonOf } from '../../core/user-error.js';

/** Bytes that are read at a time. */
const READ = 1 << 20;

/** Files by what is in them. */
export interface Digested {
  /** SHA-256 in hex: of a file, or of the digests of several. */
  readonly digest: string;
  /** Bytes in all. */
  readonly bytes: number;
  /** @throws UnreadableInput where a file is not what it was when the digest was begun: what was read since may be something else */
  assertUnchanged(): void;
}

/**
 * Reads files for their digest.
 * @param signal ends it early, with an exception
 * @throws UnreadableInput with the name of the file that cannot be read
 */
export async function digestOf(files: readonly string[], signal: AbortSignal): Promise<Digested> {
  const all = createHash('sha256');
  const buffers = [new Uint8Array(READ), new Uint8Array(READ)];
  let bytes = 0;
  let digest = '';
  const before: string[] = [];
  for (const file of files) {
    const hash = createHash('sha256');
    try {
      before.push(stateOf(file));
      const handle = await open(file);
      try {
        // the next are read while these are looked at
        let [at, next] = buffers;
        let reading = handle.read(at, 0, READ);
        for (let n = (await reading).bytesRead; n > 0; n = (await reading).bytesRead) {
          signal.throwIfAborted();
          reading = handle.read(next, 0, READ);
          hash.update(at.subarray(0, n));
          bytes += n;
          [at, next] = [next, at];
        }
      } finally {
        await handle.close();
      }
    } catch (e) {
      throw new UnreadableInput(file, reasonOf(e), null);
    }
    digest = hash.digest('hex');
    all.update(digest);
  }
  const assertUnchanged = (): void => {
    const changed = files.find((file, at) => stateOf(file) !== before[at]);
    if (changed === undefined) return;
    const reason = 'it changed while it was read, and nothing of it is written; export it once it is whole';
    throw new UnreadableInput(changed, reason, null);
  };
  return { digest: files.length === 1 ? digest : all.digest('hex'), bytes, assertUnchanged };
}

/** What changes with a file's content: which file it is, its size, and when it was written to; nothing of one that is gone. */
function stateOf(file: string): string {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : [found.dev, found.ino, found.size, found.mtimeNs].join();
}
