/**
 * NRBF, the format of .NET's BinaryFormatter and of remoting messages (MS-NRBF).
 */

export { NRBF_FIELDS } from './format/fields.js';
export {
  follow,
  type Item,
  isRecord,
  type NrbfRecord,
  type NrbfStream,
  recordAt,
  type ValueRecord,
} from './format/model.js';
export { dateText, spanText } from './format/text.js';
export { arrayTypeName } from './format/types.js';
export {
  describeCall,
  describeItem,
  describeNrbf,
  describeReturn,
  type MessageText,
  objRefText,
  type ReturnText,
} from './graph/describe.js';
export type { MessageJson, NrbfJson } from './graph/document-schema.js';
export { arrayItems, type Typed, typedElements } from './graph/graph.js';
export { type NrbfJsonOptions, nrbfMessageToJson, nrbfToJson, rootValue } from './graph/json.js';
export { type ExceptionMeaning, type Meaning, meaningOf } from './graph/known-classes.js';
export { hasThrown, type MessagePart, type MessageParts, messageParts } from './graph/message.js';
export {
  explainObjRef,
  isGenerated,
  type ObjRefSummary,
  objRefSummary,
  objRefsIn,
  pointsTo,
  rootObjRef,
} from './graph/objref.js';
export type { RecordJson } from './graph/records-json.js';
export type { Schema } from './graph/schema.js';
export { shortType } from './graph/short-type.js';
export { type JsonValue, MEMBER_ORDER, type ValueObject } from './graph/values.js';
export { readNrbf, readOneNrbf, startsAsNrbf } from './read/read.js';
export type { NrbfOptions } from './read/reader.js';
export { canonicalRecords, encodeValues } from './write/canonical.js';
export { checkAgreement, encodeNrbfDocument, type WrittenDocument } from './write/document.js';
export type { ValueDocument } from './write/value-graph.js';
export { NrbfWriteError, writeNrbf } from './write/write.js';
