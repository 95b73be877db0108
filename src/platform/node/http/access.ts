/** Single ranges of an address (RFC 9110 14): for a look at the beginning and the end of what is not read as a whole. */
import type { IncomingMessage } from 'node:http';
import type { RandomAccess } from '../../random-access.js';
import { type Asking, answerTo, bodyOf, PATIENCE, type Patience, persistently } from './answer.js';
import { NoAnswer } from './no-answer.js';
import { Pace } from './pace.js';
import { learnSize } from './sizes.js';
import { mustBeSame, type Part, partOf, sameVersion } from './version.js';

/** Bytes that the first question brings. */
const HEAD = 1 << 16;

/**
 * An address to be read from any place on. Signed links are for GET alone: nothing else is asked.
 * @throws NoAnswer here and when it is read: where there is nothing, and, but for the first 64 KiB, where the server
 *   knows no ranges
 */
export async function accessTo(address: string, patience: Patience = PATIENCE): Promise<RandomAccess> {
  const asking: Asking = { headers: {}, patience, signal: new AbortController().signal };
  const range = (from: number, to: number, more = {}): Promise<IncomingMessage> =>
    answerTo(address, { ...asking, headers: { range: `bytes=${from}-${to - 1}`, ...more } });
  const { version, head } = await persistently(async () => {
    const answer = await range(0, HEAD);
    if (answer.statusCode === 416) {
      // there is no first byte
      answer.destroy();
      return { version: { size: 0, tag: null, modified: null }, head: new Uint8Array() };
    }
    const part = partOf(answer, 0);
    return { version: part.version, head: await bytesOf(part, Math.min(HEAD, part.version.size ?? HEAD), asking) };
  }, asking);
  const { size } = version;
  if (size === null) throw new NoAnswer('the server does not tell how long it is', 'never');
  learnSize(address, size);
  const read = (offset: number, length: number): Promise<Uint8Array> => {
    const end = Math.min(offset + length, size);
    if (end <= head.length) return Promise.resolve(head.slice(offset, end));
    return persistently(async () => {
      const part = partOf(await range(offset, end, sameVersion(version)), offset);
      if (part.start !== offset || part.answer.statusCode !== 206) {
        part.answer.destroy();
        throw new NoAnswer('the server knows no ranges', 'never');
      }
      mustBeSame(version, part.version);
      return bytesOf(part, end - offset, asking);
    }, asking);
  };
  return { size, read };
}

/** The first bytes of an answer, so many of them. */
async function bytesOf({ answer }: Part, length: number, asking: Asking): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let n = 0;
  const pace = new Pace();
  for await (const chunk of bodyOf(answer, asking)) {
    pace.came(chunk.length, asking.patience);
    bytes.set(chunk.subarray(0, length - n), n);
    n += chunk.length;
    // a connection of which all was taken is used again
    if (n > length) return bytes;
  }
  if (n < length) throw new NoAnswer('the connection ended early', 'soon');
  return bytes;
}
