/** What a remoting message carries: a call or return, as one of the two formatters wrote it (MS-NRTP 2.2.1). */

import { concat } from '../../src/core/bytes.js';
import type { StateStore } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import type { DataSource, Range } from '../../src/core/source.js';
import { KIND, kindOf, type Tagged } from '../ndr/kinds.js';
import { type KeptNrbf, type NrbfStream, readKept, startsAsNrbf } from '../nrbf/index.js';

/** A message of the binary formatter. */
export interface NrbfContent extends Tagged<'nrbf'> {
  readonly bytes: Uint8Array;
  readonly nrbf: NrbfStream;
}

/** The content of a message, by its formatter. */
export type Content = NrbfContent;

class KeptContent implements NrbfContent {
  readonly [KIND] = 'nrbf';
  // not seen by loops over what a value holds
  readonly #kept: KeptNrbf;

  constructor(
    readonly bytes: Uint8Array,
    kept: KeptNrbf,
  ) {
    this.#kept = kept;
  }

  get nrbf(): NrbfStream {
    return this.#kept.stream;
  }
}

/** The value where it is the content of a message. */
export function contentOf(value: unknown): Content | null {
  return kindOf(value) === 'nrbf' ? (value as Content) : null;
}

/** Content as a source of its own: pieces of others joined. */
export function contentSource(parts: readonly Range[]): DataSource {
  const views = parts.map(({ source, start, end }) => source.bytes.subarray(start, end));
  return { kind: 'joined', name: 'Content', bytes: views.length === 1 ? views[0] : concat(...views), parts };
}

/**
 * Reads the content of a message, all of its source; null where no formatter that is known wrote it, and where nothing
 * is there.
 * @param contentType as the message, or the request that it answers, says it; what the bytes begin with decides
 * @param claimed the length that it should have
 */
export function readContent(c: Cursor, source: DataSource, claimed: number, capture: StateStore): Content | null {
  if (source.bytes.length === 0) return null;
  const inner = c.over(source, claimed);
  if (startsAsNrbf(source.bytes)) return new KeptContent(source.bytes, readKept(inner, capture));
  c.note(
    'content-unknown',
    'the content begins neither as a stream of the binary formatter nor as SOAP: it stays bytes',
    0,
  );
  return null;
}
