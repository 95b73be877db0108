/** What remoting messages carry, from documents: a stream of the binary formatter, an envelope of SOAP, or bytes. */

import { wellFormed } from '../../../dissectors/nrbf/format/text.js';
import { utf8Bytes, zeros } from '../../core/bytes.js';
import { CONTENT } from '../documents/message-shapes.js';
import { checked } from '../documents/schema.js';
import { bytesAt, EncodeError, type Json, textAt } from '../error.js';
import { nrbfBytes } from '../nrbf.js';

/** Content, and how a message names its type where nothing else is said; null where it does not. */
export interface MessageContent {
  readonly bytes: Uint8Array;
  readonly type: string | null;
}

/** The content that a document has at `path`; none is empty. */
export function contentAt(json: Json | undefined, path: string): MessageContent {
  if (json == null) return { bytes: zeros(0), type: null };
  const o = checked(CONTENT, json, path);
  if (Object.keys(o).length !== 1) throw new EncodeError(path, 'one of nrbf, soap and hex is wanted');
  if (o.nrbf !== undefined) return binaryContent(o.nrbf as Json, `${path}.nrbf`);
  if (o.soap !== undefined)
    return { bytes: utf8Bytes(utf8At(o.soap, `${path}.soap`)), type: 'text/xml; charset="utf-8"' };
  return { bytes: bytesAt(o.hex, `${path}.hex`), type: null };
}

/** The content that the binary formatter makes of a document of NRBF. */
export function binaryContent(json: Json, path: string): MessageContent {
  return { bytes: nrbfBytes(json, path), type: 'application/octet-stream' };
}

/** The text at `path`, as UTF-8 can say it. */
export function utf8At(json: unknown, path: string): string {
  const text = textAt(json, path);
  if (!wellFormed(text)) throw new EncodeError(path, 'half of a surrogate pair, which UTF-8 cannot say');
  return text;
}

/** Chunks are as long together as what they cut. */
export function checkChunks(sizes: readonly number[], content: Uint8Array, path: string): void {
  const sum = sizes.reduce((n, size) => n + size, 0);
  if (sum !== content.length)
    throw new EncodeError(`${path}.chunks`, `${sum} bytes in all, where the content has ${content.length}`);
}

/** What is said by a list, or by a line, is not said by members of its own too. */
export function saidOnce(
  o: Readonly<Record<string, unknown>>,
  by: string,
  others: readonly string[],
  path: string,
): void {
  const twice = o[by] == null ? undefined : others.find((name) => o[name] !== undefined);
  if (twice !== undefined) throw new EncodeError(`${path}.${twice}`, `${by} says it already`);
}
