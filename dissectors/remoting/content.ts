/** What a remoting message carries: a call or return, as one of the two formatters wrote it (MS-NRTP 2.2.1 and 2.2.5). */

import { joined } from '../../src/core/bytes.js';
import type { StateStore } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { type Kept, readKept } from '../../src/core/kept.js';
import type { DataSource, Range } from '../../src/core/source.js';
import type { Side } from '../ndr/interface.js';
import { KIND, kindOf, type Tagged } from '../ndr/kinds.js';
import { type NrbfStream, readOneNrbf, startsAsNrbf } from '../nrbf/index.js';
import { readSoap, type SoapMessage, startsAsXml } from '../soap/index.js';

/** A message of the binary formatter. */
export interface NrbfContent extends Tagged<'nrbf'> {
  readonly bytes: Uint8Array;
  readonly nrbf: NrbfStream;
}

/** A message of the SOAP formatter. */
export interface SoapContent extends Tagged<'soap'> {
  readonly bytes: Uint8Array;
  readonly nrbf: null;
  readonly soap: SoapMessage;
}

/** The content of a message, by its formatter. */
export type Content = NrbfContent | SoapContent;

/** The value where it is the content of a message. */
export function contentOf(params: Readonly<Record<string, unknown>> | null): Content | null {
  for (const value of [params?.nrbf, params?.soap]) {
    const kind = kindOf(value);
    if (kind === 'nrbf' || kind === 'soap') return value as Content;
  }
  return null;
}

/** Content as a source of its own: pieces of another joined. Null where there are none. */
export function contentSource(parts: readonly Range[]): DataSource | null {
  if (parts.length === 0) return null;
  const views = parts.map(({ source, start, end }) => source.bytes.subarray(start, end));
  return { kind: 'joined', name: 'Content', bytes: views.length === 1 ? views[0] : joined(views), parts };
}

/**
 * Reads the content of a message, all of its source; null where no formatter that is known wrote it, and where nothing
 * is there. What the bytes begin with tells which, whatever the content type says.
 * @param claimed the length that it should have
 */
export function readContent(
  c: Cursor,
  source: DataSource,
  claimed: number,
  side: Side,
  capture: StateStore,
): Content | null {
  const { bytes } = source;
  if (bytes.length === 0) return null;
  const inner = c.over(source, claimed);
  if (startsAsNrbf(bytes)) return nrbfContent(bytes, readKept(inner, capture, readOneNrbf));
  if (startsAsXml(bytes)) {
    const expected = side === 'request' ? 'call' : 'return';
    return soapContent(
      bytes,
      readKept(inner, capture, (at) => readSoap(at, expected)),
    );
  }
  c.note(
    'content-unknown',
    'the content begins neither as a stream of the binary formatter nor as SOAP: it stays bytes',
  );
  return null;
}

// what is decoded stands behind a getter that loops over a value's members do not see: it is read again when it was let go

function nrbfContent(bytes: Uint8Array, kept: Kept<NrbfStream>): NrbfContent {
  const content = { [KIND]: 'nrbf', bytes } as const;
  return Object.defineProperty(content, 'nrbf', { get: () => kept.value }) as NrbfContent;
}

function soapContent(bytes: Uint8Array, kept: Kept<SoapMessage>): SoapContent {
  const content = { [KIND]: 'soap', bytes, nrbf: null } as const;
  return Object.defineProperty(content, 'soap', { get: () => kept.value }) as SoapContent;
}
