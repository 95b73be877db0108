/** The way back: messages of .NET remoting over TCP to bytes (MS-NRTP 2.2.3.3). */
import { concat, dword, word } from '../../src/core/bytes.js';
import { CHUNKED, PREAMBLE } from './frame.js';
import { type NrtpHeader, nrtpHeaderBytes, Token } from './headers.js';

/** A message without its content. */
export interface NrtpHeading {
  readonly operation: number;
  readonly headers: readonly NrtpHeader[];
  /** Sizes of its chunks, without the 0 that ends them, together as long as the content; null where it is in one piece. */
  readonly chunks: readonly number[] | null;
}

const DELIMITER = [0x0d, 0x0a];

/** Writes a message: what `readNrtp` read becomes the same bytes again. */
export function writeNrtp({ operation, headers, chunks }: NrtpHeading, content: Uint8Array): Uint8Array {
  const head = concat(PREAMBLE, word(operation, true), word(chunks === null ? 0 : CHUNKED, true));
  const list = concat(...headers.map(nrtpHeaderBytes), word(Token.end, true));
  if (chunks === null) return concat(head, dword(content.length, true), list, content);
  const parts = [head, list];
  let at = 0;
  for (const size of [...chunks, 0]) {
    parts.push(dword(size, true), content.subarray(at, at + size), Uint8Array.from(DELIMITER));
    at += size;
  }
  return concat(...parts);
}
