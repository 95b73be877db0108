/**
 * NRBF, the format of .NET's BinaryFormatter and of remoting messages (MS-NRBF).
 */
export { canonicalRecords, encodeValues, type ValueDocument } from './canonical.js';
export {
  type CallText,
  describeCall,
  describeItem,
  describeNrbf,
  describeReturn,
  objRefText,
  type ReturnText,
} from './describe.js';
export { NRBF_FIELDS } from './fields.js';
export { arrayItems, type Typed, typedElements } from './graph.js';
export {
  type CallJson,
  type JsonValue,
  MEMBER_ORDER,
  type NrbfDocument,
  type NrbfJsonOptions,
  nrbfToJson,
  rootValue,
  type ValueObject,
} from './json.js';
export { type ExceptionMeaning, type Meaning, meaningOf, shortType } from './meaning.js';
export { type MessageParts, messageParts, type Part } from './message.js';
export {
  follow,
  type Item,
  isRecord,
  lookUp,
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
export { NrbfWriteError, writeNrbf } from './write.js';
