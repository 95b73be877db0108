/** What parts are named by. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/**
 * SHA-256 in hex, and bytes in all: of a file, or of the digests of several.
 * @param signal ends it early, with an exception; one of the operating system comes through too
 */
export async function digestOf(
  files: readonly string[],
  signal: AbortSignal,
): Promise<{ digest: string; bytes: number }> {
  const all = createHash('sha256');
  let bytes = 0;
  let digest = '';
  for (const file of files) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal }) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    digest = hash.digest('hex');
    all.update(digest);
  }
  return { digest: files.length === 1 ? digest : all.digest('hex'), bytes };
}
