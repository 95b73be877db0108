/**
 * clrscope as a library: captures to PDUs and calls, NRBF streams to values. What is exported here keeps its
 * names; everything else may change.
 */
import type { Call } from '../dissectors/dcerpc/connection.js';
import type { RpcInterface } from '../dissectors/dcerpc/interface.js';
import type { Pdu } from '../dissectors/dcerpc/session.js';
import { dcerpc } from '../dissectors/index.js';
import { CallList } from './analysis/calls.js';
import type { CaptureEnd } from './capture/open.js';
import { type Limits, limitsWith } from './core/limits.js';
import type { Note } from './core/node.js';
import { scan } from './engine/scan.js';
import type { Secrets } from './security/index.js';

export type { Call } from '../dissectors/dcerpc/connection.js';
export type { OperationSpec, RpcInterface, RpcOperation } from '../dissectors/dcerpc/interface.js';
export { operation } from '../dissectors/dcerpc/interface.js';
export type { Pdu } from '../dissectors/dcerpc/session.js';
export { INTERFACES } from '../dissectors/index.js';
export * as ndr from '../dissectors/ndr/types.js';
export * as nrbf from '../dissectors/nrbf/index.js';
export { type CaptureEnd, UnreadableInput } from './capture/open.js';
export { Cursor } from './core/cursor.js';
export { DEFAULT_LIMITS, type Limits } from './core/limits.js';
export type { Field, Node, Note } from './core/node.js';
export { Recording } from './core/recording.js';
export { type DataSource, fileSource, locate, type Range } from './core/source.js';
export { callToJson } from './output/call-json.js';
export { describeCallText } from './output/call-text.js';
export { pduToJson } from './output/pdu-json.js';
export { renderTree } from './output/tree.js';
export { loadSecrets, type Secrets } from './security/index.js';

/** How a capture is to be read. */
export interface LibraryOptions {
  /** What opens sealed traffic (`loadSecrets`). */
  readonly secrets?: Secrets;
  /** Interfaces beside those that are built in. */
  readonly interfaces?: readonly RpcInterface[];
  /** Make the annotated tree of every PDU (`pdu.recording.roots`). */
  readonly record?: boolean;
  /** Other bounds than `DEFAULT_LIMITS`; a `limit` note is given where one is met. */
  readonly limits?: Partial<Limits>;
  /** Something odd that belongs to no PDU: streams cut, limits met. */
  readonly onNote?: (note: Note) => void;
}

/**
 * Calls `onPdu` for every DCE/RPC PDU of a capture, in order; returning false ends the reading.
 * @param file path of a pcap or pcapng file, compressed or not, or `-` for standard input
 * @returns what the file held beside packets, and where it is damaged
 * @throws UnreadableInput where there is nothing to read
 */
export function readPdus(
  file: string,
  onPdu: (pdu: Pdu) => unknown,
  options: LibraryOptions = {},
): Promise<CaptureEnd> {
  const protocol = dcerpc(options);
  const { record = false, limits } = options;
  return scan(file, protocol, { record, limits }, { onPdu, onNote: options.onNote });
}

/**
 * Calls `onCall` for every remote call of a capture, in the order of the requests, with its number from 1 on.
 * @param file path of a pcap or pcapng file, compressed or not, or `-` for standard input
 * @throws UnreadableInput where there is nothing to read
 */
export async function readCalls(
  file: string,
  onCall: (call: Call, number: number) => void,
  options: LibraryOptions = {},
): Promise<CaptureEnd> {
  const list = new CallList(onCall, limitsWith(options.limits));
  const end = await readPdus(file, (pdu) => list.add(pdu), options);
  list.end();
  return end;
}
