/**
 * clrscope as a library: captures to frames, PDUs and calls, and what is made of them. What is exported here keeps its
 * names; everything else may change. `clrscope/nrbf` and `clrscope/interfaces` stand beside it.
 * @module clrscope
 */
export type { Call } from '../dissectors/call.js';
export type { PlainRpc } from '../dissectors/dcerpc/plain/pdu.js';
export { type Describer, describer, INTERFACES, type PlainPdu, plainCall } from '../dissectors/index.js';
export type { OperationSpec, RpcInterface, RpcOperation } from '../dissectors/ndr/interface.js';
export { operation } from '../dissectors/ndr/interface.js';
export * as ndr from '../dissectors/ndr/types.js';
export type { NrbfJson } from '../dissectors/nrbf/index.js';
export * as nrbf from '../dissectors/nrbf/index.js';
export { hasFailed, type Outcome, outcome } from '../dissectors/outcome.js';
export type { Pdu } from '../dissectors/pdu.js';
export { channelOf } from '../dissectors/rpch/rpch.js';
export { Audit, type AuditReport, RULES, reportOf } from './analysis/audit/index.js';
export type { CallFrames } from './analysis/objects/model.js';
export { plainUri } from './analysis/objects/remoting.js';
export type { RemotingReport } from './analysis/objects/remoting-report.js';
export type { ApartmentReport, ObjectReport, ObjectsReport, PointerReport } from './analysis/objects/report.js';
export { objectsReport } from './analysis/objects/report.js';
export { ObjectTable } from './analysis/objects/table.js';
export type { Listeners } from './analysis/pass.js';
export { Refusals } from './analysis/refusals.js';
export { durationOf } from './analysis/stats/durations.js';
export { Stats, type StatsReport } from './analysis/stats/stats.js';
export { safeName } from './analysis/vectors/vectors.js';
export { type CaptureEnd, type CaptureInput, UnreadableInput } from './capture/open.js';
export { PcapngWriter } from './capture/pcapng/write.js';
export { rolesOf } from './core/connection.js';
export type { Connection, Endpoint, Time } from './core/context.js';
export { Cursor } from './core/cursor.js';
export type { Frame } from './core/frame.js';
export { Hosts } from './core/hosts.js';
export { DEFAULT_LIMITS, type Limits } from './core/limits.js';
export type { Field, Node, Note } from './core/node.js';
export { Recording } from './core/recording.js';
export { safe } from './core/safe-text.js';
export { type DataSource, fileSource, locate, type Piece, type Range } from './core/source.js';
export { elapsed, isoTime } from './core/time.js';
export { UserError } from './core/user-error.js';
export { EncodeError } from './encode/error.js';
export { SCENARIOS } from './encode/scenarios/scenarios.js';
export {
  type Expected,
  expectedAt,
  type FieldEntry,
  FieldTable,
  type Filter,
  FilterError,
  type FilterWord,
  FUNCTIONS,
  filterFor,
  wordsOf,
} from './filter/index.js';
export { knownFields } from './known-fields.js';
export {
  calls,
  encode,
  filter,
  frames,
  type LibraryOptions,
  listen,
  type PlainListeners,
  pdus,
  readCalls,
  readPdus,
  readValues,
} from './library.js';
export { auditToJson } from './output/audit/json.js';
export { callToJson } from './output/calls/json.js';
export { type CallText, callText, describeCallText, lineOf } from './output/calls/text.js';
export type { AuditJson, FindingJson, InventoryJson } from './output/schemas/audit.js';
export type { BstrJson, CallJson, ManagedJson, ParamJson } from './output/schemas/call.js';
export type { NodeJson, PduJson } from './output/schemas/pdu.js';
export { type StatsJson, statsToJson } from './output/stats/json.js';
export { pduToJson } from './output/tree/pdu-json.js';
export { type PduLine, pduLine, pduSummary } from './output/tree/summary.js';
export { renderTree } from './output/tree/tree.js';
export { callVectors } from './output/vector-files.js';
export { loadSecrets, type NamedBytes, readSecrets, type Secrets, UnreadableSecrets } from './security/index.js';
