/** Test vectors as files: bytes, the documents that make them again, decoded values, and manifests. */
import { sha256 } from '#platform';
import type { Call } from '../../dissectors/call.js';
import { operationText, type Side } from '../../dissectors/ndr/interface.js';
import { describeNrbf, nrbfToJson } from '../../dissectors/nrbf/index.js';
import { describeResult } from '../../dissectors/outcome.js';
import { coversJson } from '../analysis/vectors/cover.js';
import type { VectorLiteral } from '../analysis/vectors/literals.js';
import { redact } from '../analysis/vectors/redact.js';
import {
  type CallVector,
  type SeenVector,
  type StubPart,
  type Vector,
  VectorSet,
} from '../analysis/vectors/vectors.js';
import { hexText } from '../core/text.js';
import { stubDocument } from '../encode/documents/extract.js';
import { messageDocument } from '../encode/documents/extract-message.js';
import { nrbfRecords } from '../encode/values.js';
import { faultToJson, valueToJson } from './value.js';

/** Files of one vector, by name. */
type Files = Record<string, Uint8Array | object>;

/** A vector as it is written. */
export interface VectorFiles {
  readonly name: string;
  readonly manifest: object;
  readonly files: Files;
  /** For jsonl: the files as text, which takes much less room. */
  readonly json?: string;
  /** What it is, for a comment. */
  readonly comment: string;
}

/** What a vector holds. */
function filesOf(vector: Vector): Files {
  if (vector.kind === 'nrbf') {
    const { stream, bytes } = vector;
    if (!vector.documented) return { 'stream.nrbf': bytes };
    const records = nrbfRecords(stream, bytes) ?? { bytes: hexText(bytes) };
    const trailing = bytes.length - stream.length;
    const decoded = nrbfToJson(stream, { full: true, trailing });
    return { 'stream.nrbf': bytes, 'stream.json': { kind: 'nrbf', ...records }, 'decoded.json': decoded };
  }
  const { call } = vector;
  const files: Files = {};
  for (const side of ['request', 'response'] as const) {
    const part = side === 'request' ? vector.in : vector.out;
    if (part === null) continue;
    const name = side === 'request' ? 'in' : 'out';
    files[fileOf(name, part)] = part.bytes;
    if (vector.documented) files[`${name}.json`] = documentOf(call, side, part);
  }
  if (!vector.documented) return files;
  files['decoded.json'] = {
    interface: call.iface?.name ?? call.iid,
    operation: operationText(call),
    in: valueToJson(call.in, { full: true }),
    out: valueToJson(call.out, { full: true }),
    hresult: call.result === null ? null : describeResult(call.result, call),
    fault: faultToJson(call),
  };
  return files;
}

/** The file of a stub, or of a message. */
function fileOf(name: 'in' | 'out', { content }: StubPart): string {
  return `${name}.${content === null ? 'stub' : 'message'}`;
}

function documentOf(call: Call, side: Side, { bytes, content, littleEndian, layout }: StubPart): object {
  if (content !== null)
    return messageDocument(bytes, call.connection.transport === 'nrtp_http' ? 'nrtp_http' : 'nrtp_tcp');
  const { iface, iid, operation, opnum, syntax } = call;
  return stubDocument(bytes, { iface, iid, operation, opnum, side, syntax, littleEndian, layout });
}

/**
 * A vector's files; where secrets were masked, without bytes, digests and
 * documents to encode.
 * @param redacting masks, and numbers what it masked; null where nothing is to be masked
 */
export function vectorFiles(vector: Vector, redacting: (() => number) | null): VectorFiles {
  const files = filesOf(vector);
  const comment = vector.kind === 'nrbf' ? describeNrbf(vector.stream, 100) : callComment(vector);
  const whole = { name: vector.name, manifest: manifestHead(vector), files, comment };
  if (redacting === null) return whole;
  const masked = redact(files['decoded.json']);
  // what has no JSON cannot be masked, and stays away
  if (masked === null && vector.documented) return whole;
  // a digest of what is masked would let it be guessed
  const name = `${vector.name.slice(0, -12)}redacted-${redacting()}`;
  const { sha256: _digest, in: __, out: ___, nrbf: ____, description: _____, ...rest } = manifestHead(vector);
  const manifest = { ...rest, name, redacted: true };
  return { name, manifest, files: masked === null ? {} : { 'decoded.json': masked as object }, comment: 'redacted' };
}

function callComment({ call, in: asked, out }: CallVector): string {
  return (asked ?? out)?.content == null ? `${call.syntax} stub` : `message of ${call.connection.transport}`;
}

/** The vector with what was seen of it. */
export function withSights({ manifest, ...made }: VectorFiles, { covers, count, sources }: SeenVector): VectorFiles {
  const whole = { ...manifest, covers: coversJson(covers), seen: count, sources };
  return { ...made, manifest: whole, files: { 'manifest.json': whole, ...made.files } };
}

function manifestHead(vector: Vector): Record<string, unknown> {
  const { name, kind } = vector;
  if (vector.kind === 'nrbf') {
    const description = describeNrbf(vector.stream, 200);
    return { name, kind, description, length: vector.bytes.length, sha256: vector.sha256 };
  }
  const { call } = vector;
  return {
    ...{ name, kind },
    ...{ interface: call.iface?.name ?? null, iid: call.iid, operation: call.operation?.name ?? null },
    ...{ opnum: call.opnum, syntax: call.syntax, transport: call.connection.transport },
    in: partJson(vector, 'in'),
    out: partJson(vector, 'out'),
    fault: faultToJson(call),
    nrbf: vector.nrbf,
  };
}

function partJson(vector: CallVector, direction: 'in' | 'out'): object | null {
  const part = vector[direction];
  if (part === null) return null;
  const { bytes, content, sha256: digest } = part;
  const what = { direction, file: fileOf(direction, part), length: bytes.length, sha256: digest };
  if (content !== null) return { ...what, content: { length: content.length, sha256: sha256(content) } };
  return { ...what, drep: part.littleEndian ? '10000000' : '00000000' };
}

/** Files as they are written, JSON as text. */
export function written(files: Files): Record<string, string | Uint8Array> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, content instanceof Uint8Array ? content : pretty(content)]),
  );
}

/** Indented JSON with a line's end. */
export function pretty(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** Files as members of a JSON object, with the comma in front of each. */
export function jsonMembers(files: Files): string {
  const members = Object.entries(files).map(([file, content]) => {
    const value = JSON.stringify(content instanceof Uint8Array ? hexText(content) : content);
    return `,${JSON.stringify(file.replace('.json', ''))}:${value}`;
  });
  return members.join('');
}

/** One line for jsonl. */
export function jsonLine({ name, files, json = '' }: VectorFiles): string {
  return `{"name":${JSON.stringify(name)}${jsonMembers(files)}${json}}\n`;
}

/** What of it is bytes, for source text. */
export function literalsOf({ name, files, comment: what }: VectorFiles): VectorLiteral[] {
  return Object.entries(files).flatMap(([file, bytes]) => {
    if (!(bytes instanceof Uint8Array)) return [];
    const part = file.startsWith('in.') ? '_in' : file.startsWith('out.') ? '_out' : '';
    return [{ name: `${name}${part}`, comment: `${name} ${file}: ${what}, ${bytes.length} bytes`, bytes }];
  });
}

/** The vectors of one call, as `vectors --format jsonl` writes them: its stubs or messages, and the NRBF streams inside. */
export function callVectors(call: Call, capture: string): string {
  const made = new Map<string, VectorFiles>();
  const set = new VectorSet((vector) => {
    made.set(vector.name, vectorFiles(vector, null));
    return 0;
  });
  set.add(call, capture);
  return set
    .list()
    .map((seen) => jsonLine(withSights(made.get(seen.name) as VectorFiles, seen)))
    .join('');
}
