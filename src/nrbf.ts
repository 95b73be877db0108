/**
 * NRBF alone (MS-NRBF: .NET's BinaryFormatter and remoting messages), as `clrscope/nrbf`: decode, look into, print, and
 * encode. It needs nothing else of clrscope, and no capture.
 * @module clrscope/nrbf
 */
import {
  encodeNrbfDocument,
  type NrbfOptions,
  type NrbfStream,
  readNrbf,
  type WrittenDocument,
} from '../dissectors/nrbf/index.js';
import { Cursor } from './core/cursor.js';
import { type Limits, limitsWith } from './core/limits.js';
import type { Node } from './core/node.js';
import { Recording } from './core/recording.js';
import { fileSource } from './core/source.js';

export type { ArrayRecord, ObjectRecord, StringRecord } from '../dissectors/nrbf/format/model.js';
export {
  arrayMember,
  arrayTexts,
  asArray,
  asObject,
  member,
  numberMember,
  objectMember,
  recordText,
  textMember,
} from '../dissectors/nrbf/graph/graph.js';
export { type Visit, walk } from '../dissectors/nrbf/graph/walk.js';
export {
  arrayItems,
  describeCall,
  describeItem,
  describeNrbf as describe,
  describeReturn,
  type ExceptionMeaning,
  explainObjRef,
  follow,
  type Item,
  isRecord,
  type JsonValue,
  type Meaning,
  type MessageJson,
  type MessagePart,
  type MessageParts,
  meaningOf,
  messageParts,
  type NrbfJson,
  type NrbfJsonOptions,
  type NrbfRecord,
  type NrbfStream,
  NrbfWriteError,
  nrbfToJson as toJson,
  type ObjRefSummary,
  type RecordJson,
  recordAt,
  rootObjRef,
  type Schema,
  shortType,
  startsAsNrbf as startsAsStream,
  type Typed,
  typedElements,
  type ValueDocument,
  type ValueObject,
  type WrittenDocument,
} from '../dissectors/nrbf/index.js';

/** How a stream is to be decoded. */
export interface DecodeOptions extends NrbfOptions {
  /** Offset at which it begins; 0 by default. */
  readonly at?: number | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Takes the annotated tree, which is made for it. */
  readonly onTree?: ((roots: readonly Node[]) => void) | undefined;
}

/**
 * Decodes one stream. Never throws for bad bytes: what could be read is there, `warnings` say what was wrong and where,
 * and `complete` is false. Another stream may follow at `start + length`.
 */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): NrbfStream {
  const { at = 0, onTree } = options;
  const recording = new Recording(onTree !== undefined, limitsWith(options.limits));
  const stream = readNrbf(new Cursor(fileSource('NRBF', bytes.subarray(at), at), recording), options);
  recording.finish();
  onTree?.(recording.roots);
  return stream;
}

/**
 * The bytes of a document: of its `records` where it has them (`toJson` with `full`), the very ones that it was made of;
 * else of `root` or `call`, as .NET would write them.
 * @throws NrbfWriteError with the path of what cannot be written: what was left out or cut off where the document was
 *   made, what is no VALUE, and VALUEs that say something else than the records
 */
export function encode(document: WrittenDocument): Uint8Array {
  return encodeNrbfDocument(document);
}
