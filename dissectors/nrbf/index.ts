/**
 * NRBF, the format of .NET's BinaryFormatter and of remoting messages (MS-NRBF).
 */
export { canonicalRecords, encodeValues } from './canonical.js';
export {
  type CallText,
  describeCall,
  describeItem,
  describeNrbf,
  describeReturn,
  objRefText,
  type ReturnText,
} from './describe.js';
export type { MessageJson, NrbfJson } from './document-schema.js';
export { NRBF_FIELDS } from './fields.js';
export { arrayItems, type Typed, typedElements } from './graph.js';
export { type NrbfJsonOptions, nrbfToJson, rootValue } from './json.js';
export { type ExceptionMeaning, type Meaning, meaningOf } from './meaning.js';
export { type MessageParts, messageParts, type Part } from './message.js';
export {
  follow,
  type Item,
  isRecord,
  type NrbfRecord,
  type NrbfStream,
  recordAt,
  type ValueRecord,
} from './model.js';
export { explainObjRef, type ObjRefSummary, pointsTo, rootObjRef } from './objref.js';
export { readNrbf, startsAsNrbf } from './read.js';
export type { NrbfOptions } from './reader.js';
export type { RecordJson } from './records-json.js';
export type { Schema } from './schema.js';
export { shortType } from './short-type.js';
export type { ValueDocument } from './value-graph.js';
export { type JsonValue, MEMBER_ORDER, type ValueObject } from './values.js';
export { NrbfWriteError, writeNrbf } from './write.js';
