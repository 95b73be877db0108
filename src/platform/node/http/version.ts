/** Which state of a resource an answer belongs to, and which bytes of it it brings (RFC 9110 8.8, 14). */
import type { IncomingMessage } from 'node:http';
import { NoAnswer, refusal } from './no-answer.js';

/** What is known of a state; null for what is not. */
export interface Version {
  readonly size: number | null;
  /** A strong one: only its bytes have it. */
  readonly tag: string | null;
  readonly modified: string | null;
}

/** An answer with bytes: where they begin, and what they belong to. */
export interface Part {
  readonly answer: IncomingMessage;
  readonly start: number;
  readonly version: Version;
}

/**
 * What an answer brings.
 * @param wanted the first byte that was asked for; an answer without ranges begins at 0 all the same
 * @throws NoAnswer where it brings none, or others
 */
export function partOf(answer: IncomingMessage, wanted: number): Part {
  try {
    const { statusCode = 0, headers } = answer;
    if (statusCode !== 200 && statusCode !== 206) throw refusal(statusCode);
    const encoding = headers['content-encoding'] ?? 'identity';
    // what unpacks files unpacks that too
    if (!['identity', 'gzip', 'x-gzip', 'zstd'].includes(encoding))
      throw new NoAnswer('the server packs it in a way that nobody asked for (Content-Encoding)', 'never');
    const { etag, 'last-modified': modified = null } = headers;
    const tag = etag?.startsWith('"') === true ? etag : null;
    if (statusCode === 200)
      return { answer, start: 0, version: { size: count(headers['content-length']), tag, modified } };
    const [, first = '', size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
    const start = count(first);
    if (start !== wanted)
      throw new NoAnswer(
        `the server was asked for bytes from ${wanted} on, and sends ${start === null ? 'others' : `those from ${start} on`}`,
        'never',
      );
    return { answer, start, version: { size: count(size), tag, modified } };
  } catch (e) {
    answer.destroy();
    throw e;
  }
}

function count(text: string | undefined): number | null {
  const n = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
  return Number.isSafeInteger(n) ? n : null;
}

/** The header that asks for bytes of this state, and of no other. */
export function sameVersion({ tag, modified }: Version): Readonly<Record<string, string>> {
  const validator = tag ?? modified;
  return validator === null ? {} : { 'if-range': validator };
}

/**
 * Sees that what comes now belongs to what came before.
 * @throws NoAnswer where it does not, or nobody can tell
 */
export function mustBeSame(before: Version, now: Version): void {
  const isOther = (['size', 'tag', 'modified'] as const).some(
    (what) => before[what] !== null && now[what] !== null && before[what] !== now[what],
  );
  if (isOther) throw new NoAnswer('it changed while it was read: read it again from the beginning', 'never');
  const isTold = (['tag', 'modified'] as const).some((what) => before[what] !== null && now[what] !== null);
  if (!isTold)
    throw new NoAnswer(
      'whether the rest belongs to it nobody can tell: the server sends neither ETag nor Last-Modified',
      'never',
    );
}
