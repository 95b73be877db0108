/** `clrscope vectors FILE... -o DIR`: every stub and every NRBF stream seen, as test vectors. */
import { basename } from 'node:path';
import { ASSOCIATION, type Call } from '../../dissectors/dcerpc/connection.js';
import type { Side } from '../../dissectors/dcerpc/interface.js';
import { operationText } from '../../dissectors/dcerpc/interface.js';
import { describeResult } from '../../dissectors/dcerpc/outcome.js';
import type { Pdu } from '../../dissectors/dcerpc/session.js';
import { statusName } from '../../dissectors/dcom/hresult.js';
import { dcerpc, INTERFACES } from '../../dissectors/index.js';
import { describeNrbf, nrbfToJson } from '../../dissectors/nrbf/index.js';
import { type ByteOrders, type CallVector, type Seen, type Vector, VectorSet } from '../analysis/vectors.js';
import { coverage, coversJson } from '../analysis/vectors-cover.js';
import { LANGUAGES, type Language, type Literal, literals } from '../analysis/vectors-literals.js';
import { redact } from '../analysis/vectors-redact.js';
import { StateStore } from '../core/context.js';
import { hexText } from '../core/text.js';
import { stubDocument } from '../encode/extract.js';
import { nrbfRecords } from '../encode/values.js';
import { safe } from '../output/terminal.js';
import { valueToJson } from '../output/value.js';
import { type CommonOptions, UsageError } from './options.js';
import { checkOutFile, openOutFile } from './out-file.js';
import { type Job, runJob } from './run.js';
import { scanCalls } from './scan-calls.js';
import { VectorsFolder } from './vectors-folder.js';

export interface VectorsOptions extends CommonOptions {
  o?: string;
  format: string;
  cover?: boolean;
  redact?: boolean;
}

/** Files of one vector, by name. */
type Files = Record<string, Uint8Array | object>;

/** Runs the command. */
export async function vectors(files: string[], options: VectorsOptions): Promise<void> {
  const { format } = options;
  const target = options.o;
  if (!['files', 'jsonl', ...LANGUAGES].includes(format))
    throw new UsageError(`--format takes files, jsonl, ${LANGUAGES.join(', ')}, not ${JSON.stringify(format)}`);
  if (format === 'files' && target === undefined && options.cover !== true)
    throw new UsageError('vectors wants -o DIR, or --cover to print only what is covered');
  if (options.redact === true && LANGUAGES.includes(format as Language))
    throw new UsageError('--redact leaves bytes out, and these formats hold nothing else: use files or jsonl');
  if (format === 'files' && target === '-')
    throw new UsageError('-o - is standard output, and --format files is a folder: use another format, or -o DIR');
  let folder: VectorsFolder | null = null;
  const made = new Map<string, Made>();
  let capture = new StateStore();
  let masked = 0;
  const onNew = (vector: Vector): void => {
    const one = makeVector(vector, capture, options.redact === true ? () => ++masked : null);
    // folders are written at once: the bytes of a large capture need not stay
    made.set(vector.name, kept(one, format));
    folder?.write(one.name, written(one.files));
  };
  let set = new VectorSet(onNew);
  await runJob(files, options, {
    begin(job) {
      set = new VectorSet(onNew, job.limits);
      if (format !== 'files') checkOutFile(target ?? '-', job.inputs);
      else if (target !== undefined) folder = new VectorsFolder(target, job.secrets !== null);
    },
    async each(file, job, onProgress) {
      const orders = new WeakMap<Call, ByteOrders>();
      const protocol = dcerpc(job);
      const start = (store: StateStore) => {
        capture = store;
        return protocol.start(store);
      };
      const onPdu = ({ call, header, completes }: Pdu): void => {
        if (call !== null && header !== null && (completes === 'request' || completes === 'response'))
          orders.set(call, { ...orders.get(call), [completes]: header.littleEndian });
      };
      const onCall = (call: Call): void => set.add(call, basename(file), orders.get(call) ?? {});
      const end = await scanCalls(file, job, onCall, { onProgress, onPdu }, { ...protocol, start });
      // only now that a capture could be read, what the last run wrote may go
      folder?.begin();
      return end;
    },
    end(job) {
      for (const message of set.warnings()) job.note('vectors', { code: 'limit', message, offset: null, source: null });
      const all = set.list().map((seen) => finished(made.get(seen.name) as Made, seen));
      if (options.cover === true) printCover(job, set);
      if (format === 'files') {
        // where not one capture could be read, what the last run wrote stays
        if (folder?.begun) finish(folder, all, set);
        return;
      }
      job.out.flush();
      const out = openOutFile(target ?? '-', { inputs: job.inputs, secret: job.secrets !== null });
      if (format === 'jsonl') for (const v of all) out.write(jsonLine(v));
      else out.write(literals(format as Language, all.flatMap(literalsOf)));
      out.close();
    },
  });
}

/** A vector as it is written. */
interface Made {
  readonly name: string;
  readonly manifest: object;
  readonly files: Files;
  /** For jsonl: the files as text, which takes much less room. */
  readonly json?: string;
  /** What it is, for a comment. */
  readonly comment: string;
}

/** What of a vector waits for the end of all captures. Folders are written at once. */
function kept(one: Made, format: string): Made {
  if (format === 'files') return { ...one, files: {} };
  if (format === 'jsonl') return { ...one, files: {}, json: jsonOf(one.files) };
  const bytes = Object.entries(one.files).filter(([, content]) => content instanceof Uint8Array);
  return { ...one, files: Object.fromEntries(bytes) };
}

/** What a vector holds, made while the state of its capture is there. */
function filesOf(vector: Vector, capture: StateStore): Files {
  if (vector.kind === 'nrbf') {
    const { stream, bytes } = vector;
    if (!vector.documented) return { 'stream.nrbf': bytes };
    const records = nrbfRecords(stream, bytes) ?? { bytes: hexText(bytes) };
    const trailing = bytes.length - stream.length;
    const decoded = bounded(bytes.length, (full) => nrbfToJson(stream, { full, trailing }));
    return { 'stream.nrbf': bytes, 'stream.json': { kind: 'nrbf', ...records }, 'decoded.json': decoded };
  }
  const { call } = vector;
  const files: Files = {};
  for (const side of ['request', 'response'] as const) {
    const part = side === 'request' ? vector.in : vector.out;
    if (part === null) continue;
    const name = side === 'request' ? 'in' : 'out';
    files[`${name}.stub`] = part.bytes;
    if (vector.documented) files[`${name}.json`] = documentOf(call, side, part.bytes, part.littleEndian, capture);
  }
  if (!vector.documented) return files;
  files['decoded.json'] = {
    interface: call.iface?.name ?? call.iid,
    operation: operationText(call),
    in: bounded(vector.in?.bytes.length ?? 0, (full) => valueToJson(call.in, { full })),
    out: bounded(vector.out?.bytes.length ?? 0, (full) => valueToJson(call.out, { full })),
    hresult: call.result === null ? null : describeResult(call.result, call),
    fault: faultOf(call),
  };
  return files;
}

/** Characters of decoded values that a vector may have, beside as many for each of its bytes as are usual. */
const DECODED = 1 << 20;
const DECODED_PER_BYTE = 256;

/** Whole values, unless a few bytes ask for a great many of them, as runs of nulls do: then shortened ones. */
function bounded<T>(length: number, make: (full: boolean) => T): T {
  const whole = make(true);
  return JSON.stringify(whole)?.length > DECODED + DECODED_PER_BYTE * length ? make(false) : whole;
}

function documentOf(call: Call, side: Side, bytes: Uint8Array, littleEndian: boolean, capture: StateStore): object {
  const { connection, iface, iid, operation, opnum, syntax } = call;
  const server = connection.ends[connection.client === 0 ? 1 : 0].address;
  const { orpc64 } = connection.state.get(ASSOCIATION);
  return stubDocument(bytes, {
    ...{ iface, iid, operation, opnum, side, syntax, littleEndian, orpc64, server, capture },
  });
}

function faultOf(call: Call): object | null {
  return call.fault === null
    ? null
    : { status: `0x${call.fault.toString(16).padStart(8, '0')}`, name: statusName(call.fault) };
}

/** A vector; where secrets were masked, without bytes, digests and documents to encode. */
function makeVector(vector: Vector, capture: StateStore, redacting: (() => number) | null): Made {
  const files = filesOf(vector, capture);
  const comment = vector.kind === 'nrbf' ? describeNrbf(vector.stream, 100) : `${vector.call.syntax} stub`;
  const whole = { name: vector.name, manifest: manifestHead(vector), files, comment };
  if (redacting === null) return whole;
  const masked = redact(files['decoded.json']);
  // what has no JSON cannot be masked, and stays away
  if (masked === null && vector.documented) return whole;
  // a digest of what is masked would let it be guessed
  const name = `${vector.name.slice(0, -12)}redacted-${redacting()}`;
  const { sha256: _, in: __, out: ___, nrbf: ____, description: _____, ...rest } = manifestHead(vector);
  const manifest = { ...rest, name, redacted: true };
  return { name, manifest, files: masked === null ? {} : { 'decoded.json': masked as object }, comment: 'redacted' };
}

/** The vector with what was seen of it. */
function finished({ manifest, ...made }: Made, { covers, count, sources }: Seen): Made {
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
    fault: faultOf(call),
    nrbf: vector.nrbf,
  };
}

function partJson(vector: CallVector, direction: 'in' | 'out'): object | null {
  const part = vector[direction];
  if (part === null) return null;
  const drep = part.littleEndian ? '10000000' : '00000000';
  return { direction, file: `${direction}.stub`, length: part.bytes.length, sha256: part.sha256, drep };
}

/** Files as they are written, JSON as text. */
function written(files: Files): Record<string, string | Uint8Array> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, content instanceof Uint8Array ? content : pretty(content)]),
  );
}

function finish(folder: VectorsFolder, all: readonly Made[], set: VectorSet): void {
  const manifests = new Map(all.map(({ name, manifest }) => [name, pretty(manifest)]));
  folder.end(manifests, pretty({ vectors: [...manifests.keys()], covers: coversJson(set.covers()) }));
}

function pretty(value: object): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** Files as members of a JSON object, with the comma in front of each. */
function jsonOf(files: Files): string {
  const members = Object.entries(files).map(([file, content]) => {
    const value = JSON.stringify(content instanceof Uint8Array ? hexText(content) : content);
    return `,${JSON.stringify(file.replace('.json', ''))}:${value}`;
  });
  return members.join('');
}

function jsonLine({ name, files, json = '' }: Made): string {
  return `{"name":${JSON.stringify(name)}${jsonOf(files)}${json}}\n`;
}

function literalsOf({ name, files, comment: what }: Made): Literal[] {
  return Object.entries(files).flatMap(([file, bytes]) => {
    if (!(bytes instanceof Uint8Array)) return [];
    const part = file === 'in.stub' ? '_in' : file === 'out.stub' ? '_out' : '';
    return [{ name: `${name}${part}`, comment: `${name} ${file}: ${what}, ${bytes.length} bytes`, bytes }];
  });
}

function printCover(job: Job, set: VectorSet): void {
  for (const { title, covered, missing } of coverage(set.covers(), INTERFACES)) {
    job.out.write(`${title}: ${covered.length} covered, ${missing.length} missing\n`);
    for (const name of covered) job.out.write(`  + ${safe(name)}\n`);
    for (const name of missing) job.out.write(`  - ${safe(name)}\n`);
  }
}
