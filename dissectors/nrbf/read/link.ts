/**
 * What can be said only when a whole stream has been seen: do ids, references and libraries lead somewhere?
 */

import { idAt, isRecord, type ValueRecord } from '../format/model.js';
import { MessageFlag, RecordType } from '../format/types.js';
import { asArray } from '../graph/graph.js';
import { note, type Reader } from './reader.js';

/** Notes that say that something is lost, not just odd. */
export const DAMAGE: ReadonlySet<string> = new Set([
  'truncated',
  'malformed',
  'limit',
  'bug',
  'decimal-malformed',
  'missing-layout',
  'missing-message-end',
  'missing-root',
  'missing-call-array',
  'dangling-reference',
  'unknown-library',
  'duplicate-library',
]);

/** Flags that say that a call array follows. */
const IN_ARRAY =
  MessageFlag.ArgsIsArray |
  MessageFlag.ArgsInArray |
  MessageFlag.ContextInArray |
  MessageFlag.MethodSignatureInArray |
  MessageFlag.PropertiesInArray |
  MessageFlag.ReturnValueInArray |
  MessageFlag.ExceptionInArray |
  MessageFlag.GenericMethod;

/** Flags each of which promises an element of the call array. */
const ELEMENTS = [
  MessageFlag.ArgsInArray,
  MessageFlag.GenericMethod,
  MessageFlag.MethodSignatureInArray,
  MessageFlag.ReturnValueInArray,
  MessageFlag.ExceptionInArray,
  MessageFlag.ContextInArray,
  MessageFlag.PropertiesInArray,
];

/** All has been read: do references and ids lead somewhere? */
export function link(r: Reader): void {
  const { stream } = r;
  const { header, byId, message: m } = stream;
  if (!stream.ended) return;
  const { bytes } = stream.source;
  for (const offset of r.keep ? stream.records : r.references) {
    if (typeof offset !== 'number' || bytes[offset] !== RecordType.MemberReference) continue;
    const id = idAt(bytes, offset);
    if (!byId.has(id)) note(r, 'dangling-reference', `reference to object ${id}, which is not in the stream`, offset);
  }
  for (const use of r.libraryUses)
    if (!stream.libraries.has(use.id))
      note(r, 'unknown-library', `${use.what} is of library ${use.id}, which is not in the stream`, use.offset);
  const wantsArray = m === null || (m.flags & IN_ARRAY) !== 0;
  if (!wantsArray) return;
  stream.root = byId.get(header.rootId) ?? null;
  if (m !== null) {
    if (!isRecord(stream.root) || stream.root.type < 7) stream.root = r.callArray;
    const array = asArray(stream.root);
    const promised = ELEMENTS.filter((flag) => (m.flags & flag) !== 0).length;
    if (array === null)
      note(r, 'missing-call-array', 'the message flags promise a call array, and there is none', m.offset + 1);
    else if (array.count < promised)
      note(
        r,
        'missing-call-array',
        `the message flags promise ${promised} elements of the call array, and it has ${array.count}`,
        m.offset + 1,
      );
  } else if (stream.root === null) {
    stream.root = firstObject(r);
    note(r, 'missing-root', `the header's root id ${header.rootId} names no object`, header.offset + 1);
  }
}

export function firstObject({ stream: { header, byId }, first }: Reader): ValueRecord | null {
  return byId.get(header.rootId) ?? (typeof first === 'number' ? byId.get(first) : first) ?? null;
}
