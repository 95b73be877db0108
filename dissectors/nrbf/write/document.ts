/** Documents as `nrbfToJson` makes them, to bytes: what they do not hold whole, or say in two ways, is refused. */

import { Cursor } from '../../../src/core/cursor.js';
import { Recording } from '../../../src/core/recording.js';
import { fileSource } from '../../../src/core/source.js';
import { nrbfToJson } from '../graph/json.js';
import type { RecordJson } from '../graph/records-json.js';
import { readNrbf } from '../read/read.js';
import { encodeValues } from './canonical.js';
import type { ValueDocument } from './value-graph.js';
import { NrbfWriteError, writeNrbf } from './write.js';

/** What is written: records, or VALUEs. What else a document says must not contradict them. */
export interface WrittenDocument extends ValueDocument {
  readonly records?: readonly RecordJson[] | undefined;
  readonly recordsLeft?: number | undefined;
  readonly warnings?: readonly { readonly code: string; readonly message: string }[] | undefined;
}

/** Warnings of a stream that was not read to its end. */
const CUT: readonly string[] = ['truncated', 'malformed', 'limit', 'bug', 'missing-layout', 'missing-message-end'];

/**
 * The bytes of a document: of its `records` where it has them, else of its VALUEs.
 * @throws NrbfWriteError with the path of what is wrong
 */
export function encodeNrbfDocument(document: WrittenDocument): Uint8Array {
  if (typeof document !== 'object' || document === null)
    throw new NrbfWriteError(`a document is wanted, an object with records, root or call, not ${said(document)}`);
  if ('byId' in document)
    throw new NrbfWriteError('a decoded stream is no document: toJson(stream, { full: true }) makes one of it');
  const { records, recordsLeft, warnings } = document;
  if (recordsLeft !== undefined && recordsLeft > 0)
    throw new NrbfWriteError(`${recordsLeft} records were left out: full makes the whole document`, 'recordsLeft');
  const cut = warnings?.findIndex(({ code }) => CUT.includes(code)) ?? -1;
  if (cut >= 0)
    throw new NrbfWriteError(
      `the stream was not read to its end (${warnings?.[cut].message}): leave warnings out to write what was read`,
      `warnings[${cut}]`,
    );
  if (records !== undefined) {
    const bytes = writeNrbf({ records });
    checkAgreement(document, bytes);
    return bytes;
  }
  if (document.root === undefined && document.call == null) throw new NrbfWriteError('records, root or call is wanted');
  return encodeValues(document);
}

/**
 * Holds the VALUEs of a document against the bytes that its records made.
 * @throws NrbfWriteError with the path of the first that says something else
 */
export function checkAgreement(document: ValueDocument, bytes: Uint8Array): void {
  const parts = ['root', 'call', 'headers', 'objects'] as const;
  if (parts.every((part) => document[part] === undefined)) return;
  const stream = readNrbf(new Cursor(fileSource('NRBF', bytes), new Recording(false)));
  // Bytes alone do not say these values.
  if (stream.warnings.some(({ code }) => code === 'missing-layout' || code === 'limit')) return;
  const against = (full: boolean): NrbfWriteError | null => {
    const made = nrbfToJson(stream, { full });
    for (const part of parts) {
      const wrong = document[part] === undefined ? null : difference(part, document[part], made[part]);
      if (wrong !== null) return wrong;
    }
    return null;
  };
  const wrong = against(true);
  if (wrong !== null && against(false) !== null) throw wrong;
}

/** Where what a document says is not what its records make; null where it is. */
function difference(path: string, given: unknown, made: unknown): NrbfWriteError | null {
  if (given === made) return null;
  if (typeof given !== 'object' || typeof made !== 'object' || given === null || made === null)
    return new NrbfWriteError(
      `${said(given)}, where the records have ${said(made)}: change both, or leave one out`,
      path,
    );
  const [ours, theirs] = [given, made] as Record<string, unknown>[];
  for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const inner = Array.isArray(given) ? `${path}[${name}]` : `${path}.${name}`;
    const wrong = name === 'readable' ? null : difference(inner, own(ours, name), own(theirs, name));
    if (wrong !== null) return wrong;
  }
  return null;
}

function own(of: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** Something out of a document in a few words. */
function said(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
