/**
 * The way from a stub to its document. The document must make the same bytes again, and `wire` may only say what
 * the values cannot: layout, referent ids, and bytes that mean nothing. Which bytes those are, the recorded tree
 * tells; a stub that needs more than that keeps its bytes and says why.
 */

import {
  chooseLayout,
  newReading,
  readStub,
  type StubFormat,
  type StubLayout,
} from '../../../dissectors/dcerpc/stub.js';
import { ORPCTHAT, ORPCTHIS } from '../../../dissectors/dcom/this-that.js';
import { operationName, type RpcInterface, type RpcOperation, type Side } from '../../../dissectors/ndr/interface.js';
import { MAX_COUNT, OFFSET, REFERENT_ID } from '../../../dissectors/ndr/read.js';
import type { NdrValue } from '../../../dissectors/ndr/types.js';
import { same } from '../../core/bytes.js';
import { StateStore } from '../../core/context.js';
import { Cursor } from '../../core/cursor.js';
import type { Node } from '../../core/node.js';
import { Recording } from '../../core/recording.js';
import type { DataSource } from '../../core/source.js';
import { hexText } from '../../core/text.js';
import type { JsonObject } from '../error.js';
import { paddingOf } from '../padding.js';
import {
  finished,
  type StubContent,
  type StubDocument,
  type StubParts,
  type StubWire,
  type WrittenStub,
  writeStub,
} from '../stub.js';
import { valueToDocument } from '../values.js';

/** What is known of a stub beside its bytes. */
export interface StubSight {
  readonly iface: RpcInterface | null;
  readonly iid: string | null;
  readonly operation: RpcOperation | null;
  /** Null for an answer without its request. */
  readonly opnum: number | null;
  readonly side: Side;
  readonly syntax: string;
  readonly littleEndian: boolean;
  /** How the stub was laid out where it was met; null where it was not read. */
  readonly layout: StubLayout | null;
}

/** Fields whose values no document holds, because receivers must ignore them. */
const RESERVED = new Set(['dcom.variant_rpc_res', 'dcom.variant_wres', 'dcom.decimal.wreserved']);

/** The document of a stub. */
export function stubDocument(bytes: Uint8Array, sight: StubSight): StubDocument {
  const { iface, iid, operation: op, opnum, side, littleEndian } = sight;
  const syntax = sight.syntax === 'NDR64' ? 'NDR64' : 'NDR';
  const name = { interface: iface?.name ?? null, iid, operation: operationName({ operation: op, opnum }), opnum, side };
  const opaque = (why: string): StubDocument => ({
    kind: 'stub',
    ...name,
    wire: { syntax, littleEndian },
    bytes: hexText(bytes),
    why,
  });
  if (iface === null || op === null || !op.decoded) return opaque('the operation is not known');
  if (sight.syntax !== syntax) return opaque(`the transfer syntax ${sight.syntax} is not known`);
  const reading = read(bytes, op, iface.orpc, sight);
  if (typeof reading === 'string') return opaque(reading);
  const { params, result, resultOnly, end, orpc } = reading;
  const members = side === 'request' ? op.request : op.response;
  const written = resultOnly ? [] : members.map((m) => [m.name, valueToDocument(m.type, params[m.name])] as const);
  const content: StubContent = {
    ...(orpc === null ? {} : { orpc }),
    params: Object.fromEntries(written),
    ...(result === null ? {} : { result: `0x${result.toString(16).padStart(8, '0')}` }),
  };
  const trailing = hexText(bytes.subarray(end));
  for (const layout of layouts(sight, reading)) {
    const wire: StubWire = {
      ...{ syntax, littleEndian, ...layout },
      ...(resultOnly ? { resultOnly } : {}),
      ...(reading.referents.length > 0 && !usual(reading.referents) ? { referents: reading.referents } : {}),
      ...(trailing === '' ? {} : { trailing }),
    };
    const more = settle(bytes, { content, iface, op, side, wire }, reading);
    if (more !== null) return { kind: 'stub', ...name, ...content, wire: { ...wire, ...more } } as StubDocument;
  }
  return opaque('its values do not say all of its bytes');
}

interface Reading {
  readonly params: Record<string, NdrValue>;
  readonly result: number | null;
  readonly resultOnly: boolean;
  readonly orpc: JsonObject | null;
  readonly orpc64: boolean;
  /** Where the parameters and the return value end. */
  readonly end: number;
  readonly roots: readonly Node[];
  readonly source: DataSource;
  readonly referents: readonly number[];
}

/** Reads the stub with its tree; says why where it cannot be read whole. */
function read(bytes: Uint8Array, op: RpcOperation, orpc: boolean, sight: StubSight): Reading | string {
  let why = 'it cannot be read';
  // padding in front of a verification trailer, which is no longer there, may stand at the end
  for (let cut = 0; cut < (sight.side === 'request' ? 4 : 1); cut++) {
    const tried = readCut(bytes.subarray(0, Math.max(0, bytes.length - cut)), op, orpc, sight);
    if (typeof tried !== 'string') return tried;
    if (cut === 0) why = tried;
  }
  return why;
}

function readCut(bytes: Uint8Array, op: RpcOperation, orpc: boolean, sight: StubSight): Reading | string {
  const { side, littleEndian, layout: met } = sight;
  const source: DataSource = { kind: 'captured', name: 'Stub', bytes, pieces: [] };
  const recording = new Recording(true);
  const c = new Cursor(source, recording);
  c.littleEndian = littleEndian;
  const into = newReading();
  const ndr64 = sight.syntax === 'NDR64';
  const format: StubFormat = {
    ...{ side, orpc, ndr64, orpc64: met?.orpc64 ?? null, ccw: met?.ccw ?? null },
    capture: new StateStore(),
  };
  let orpc64 = false;
  let end = bytes.length;
  const all = (): void => {
    const layout = chooseLayout(c, op, format);
    orpc64 = layout.orpc64;
    readStub(c, op, format, layout, into);
    end = c.pos;
  };
  c.frame(null, bytes.length, all);
  const bad = recording.notes.find((n) => n.source === 'Stub' && BAD.includes(n.code));
  if (bad !== undefined) return bad.message;
  recording.finish();
  const { params, result, header } = into;
  const resultOnly = op.response.length > 0 && side === 'response' && Object.keys(params).length === 0;
  const asJson = orpc ? (valueToDocument(side === 'request' ? ORPCTHIS : ORPCTHAT, header) as JsonObject) : null;
  const { roots } = recording;
  const referents = referentsOf(roots, source);
  return { params, result, resultOnly, orpc: asJson, orpc64, end, roots, source, referents };
}

/** Notes of readings that failed, or were not those of the whole stub. */
const BAD = ['truncated', 'malformed', 'limit', 'stub-trailing-bytes', 'bug', 'ccw-layout'];

/** Layouts that the bytes may have; what the values do not tell is found by trying. */
function layouts(sight: StubSight, reading: Reading): Partial<StubWire>[] {
  const orpc64 = sight.syntax === 'NDR64' && sight.iface?.orpc ? { orpc64: reading.orpc64 } : {};
  const list: Partial<StubWire>[] = [orpc64];
  if (!sight.littleEndian) list.push({ ...orpc64, oautLittleEndian: true });
  return reading.orpc === null || reading.orpc.extensions === null
    ? list
    : [...list, ...list.map((l) => ({ ...l, alignsFromHeader: true }))];
}

/** What `wire` must say beside so that the stub comes out; null where bytes that mean something differ. */
function settle(bytes: Uint8Array, parts: StubParts, reading: Reading): Pick<StubWire, 'padding' | 'cut'> | null {
  const { wire } = parts;
  const { end } = reading;
  let made: WrittenStub;
  try {
    made = writeStub(parts);
  } catch {
    return null;
  }
  const cut = made.bytes.length - end;
  if (cut < 0 || cut > 7) return null;
  const meaningless = meaninglessBytes(reading.roots, reading.source, wire);
  for (let at = 0; at < end; at++) if (made.bytes[at] !== bytes[at] && !meaningless[at]) return null;
  const padding = paddingOf(made.bytes, made.gaps, bytes.subarray(0, end));
  if (padding === null) return null;
  const more = { ...(padding.length === 0 ? {} : { padding }), ...(cut === 0 ? {} : { cut }) };
  return same(finished(made, { ...wire, ...more }, ''), bytes) ? more : null;
}

/**
 * Bytes of a stub that mean nothing, as its recorded tree says: padding, referent ids that are not null, reserved
 * fields, the room that a varying array claims, and the byte that fills up the last word of a BSTR. Those are the
 * bytes that `wire.padding` may set.
 */
function meaninglessBytes(roots: readonly Node[], source: DataSource, wire: StubWire): Uint8Array {
  const mask = new Uint8Array(source.bytes.length);
  const ordered = leavesOf(roots, source);
  let cBytes = 0;
  ordered.forEach((leaf, i) => {
    if (leaf.role === 'padding' || RESERVED.has(leaf.field.name) || isReferent(leaf))
      mask.fill(1, leaf.start, leaf.end);
    // room for more elements than a varying array has: all that its values depend on stands behind
    if (leaf.field === MAX_COUNT && ordered[i + 1]?.field === OFFSET) mask.fill(1, leaf.start, leaf.end);
    if (leaf.field.name === 'dcom.bstr.cbytes') cBytes = leaf.value as number;
    if (ordered[i - 1]?.field.name !== 'dcom.bstr.clsize' || cBytes % 2 === 0 || leaf.end - leaf.start !== cBytes + 1)
      return;
    const swapped = !wire.littleEndian && wire.oautLittleEndian !== true;
    mask[swapped ? leaf.end - 2 : leaf.end - 1] = 1;
  });
  return mask;
}

function isReferent(leaf: Node): boolean {
  return leaf.field.name.startsWith(REFERENT_ID.name) && Number(leaf.value) !== 0;
}

/** Leaves with bytes, in their order. */
function leavesOf(roots: readonly Node[], source: DataSource, skip: (node: Node) => boolean = () => false): Node[] {
  const leaves: Node[] = [];
  const todo = [...roots];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (skip(node)) continue;
    if (node.children.length > 0) for (const child of node.children) todo.push(child);
    else if (node.source === source && node.end > node.start) leaves.push(node);
  }
  return leaves.sort((a, b) => a.start - b.start);
}

/** Referent ids in their order, but for those inside OBJREFs and of pCCW, which belong to values. */
function referentsOf(roots: readonly Node[], source: DataSource): number[] {
  const skip = (node: Node): boolean =>
    (node.field.name === 'dcom.objref' && node.children.length > 0) ||
    node.children.some((child) => child.field.name === 'ioi.pccw');
  const ids = leavesOf(roots, source, skip)
    .filter(isReferent)
    .map((leaf) => Number(leaf.value));
  return ids.every(Number.isSafeInteger) ? ids : [];
}

/** Whether these are the ids that the writer makes by itself. */
function usual(ids: readonly number[]): boolean {
  return ids.every((id, i) => id === 0x20000 + 4 * i);
}
