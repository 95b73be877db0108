/**
 * Test vectors out of calls: every distinct pair of stubs or messages and every distinct NRBF stream once, with where it was
 * seen and what it covers. Names come from digests, so that the same traffic gives the same names.
 */

import { sha256 } from '#platform';
import type { Call, Half } from '../../../dissectors/call.js';
import { isBstr } from '../../../dissectors/dcom/bstr.js';
import { operationText } from '../../../dissectors/ndr/interface.js';
import type { NrbfStream } from '../../../dissectors/nrbf/index.js';
import { contentOf } from '../../../dissectors/remoting/content.js';
import { utf8Bytes } from '../../core/bytes.js';
import { DEFAULT_LIMITS, type Limits, leftOutNote } from '../../core/limits.js';
import { type Covers, coverOf, mergeCovers, noCovers, streamCovers } from './cover.js';

/** Where a vector was seen. */
export interface VectorSource {
  readonly capture: string;
  readonly request?: readonly number[];
  readonly response?: readonly number[];
}

/** One stub of a call, or one message of remoting. */
export interface StubPart {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** What a message carries; null for a stub. */
  readonly content: Uint8Array | null;
  readonly littleEndian: boolean;
  readonly layout: Half['layout'];
}

/** Sights of a vector that are listed; more are counted. */
const MAX_SOURCES = 100;

/** What is kept of a vector once it was handed out. */
export interface SeenVector {
  readonly name: string;
  readonly covers: Covers;
  readonly sources: VectorSource[];
  count: number;
}

interface Common {
  readonly name: string;
  /** Whether it is to have JSON beside its bytes: a few bytes can ask for very much of it. */
  readonly documented: boolean;
}

/** A call's stubs, or its messages. */
export interface CallVector extends Common {
  readonly kind: 'call';
  readonly call: Call;
  readonly in: StubPart | null;
  readonly out: StubPart | null;
  /** Names of the NRBF vectors inside. */
  readonly nrbf: readonly string[];
}

/** An NRBF stream, with the bytes behind its MessageEnd that the BSTR or message held too. */
export interface NrbfVector extends Common {
  readonly kind: 'nrbf';
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly stream: NrbfStream;
}

export type Vector = CallVector | NrbfVector;

/** Finds vectors; each is handed out once, at first sight, and then only its name and its sights are kept. */
export class VectorSet {
  private readonly byName = new Map<string, SeenVector>();
  private bytes = 0;
  /** Sights of vectors that found no room. */
  private readonly leftOut = { vectors: 0, vectorBytes: 0, vectorDocument: 0 };

  /** @param onNew called with each vector when it is seen first; returns how much it keeps of it beside its bytes, if anything */
  constructor(
    private readonly onNew: (vector: Vector) => number = () => 0,
    private readonly limits: Limits = DEFAULT_LIMITS,
  ) {}

  /** What was left out, in words. */
  warnings(): string[] {
    const names = ['vectors', 'vectorBytes', 'vectorDocument'] as const;
    return names
      .filter((name) => this.leftOut[name] > 0)
      .map((name) => leftOutNote(name, this.limits, this.leftOut[name]).message);
  }

  /** Takes a call of a capture that is called `capture`. */
  add(call: Call, capture: string): void {
    const request = part(call.request);
    // a fault of DCE/RPC has no stub, and one of remoting is a message like others
    const response = call.fault === null || call.response?.message != null ? part(call.response) : null;
    if (request === null && response === null) return;
    const source: VectorSource = {
      capture,
      request: call.request?.frames ?? [],
      response: call.response?.frames ?? [],
    };
    const streams = [...streamsOf(call.in), ...streamsOf(call.out)].flatMap((b) => this.addStream(b, source) ?? []);
    const iface = call.iface?.name ?? call.iid ?? 'unknown';
    const operation = operationText(call);
    const orderText = `${request?.littleEndian ?? ''},${response?.littleEndian ?? ''}`;
    const parts = [call.iid ?? '', call.opnum, call.syntax, orderText, request?.sha256, response?.sha256, call.fault];
    const name = `${safeName(iface)}.${safeName(operation)}-${sha256(utf8Bytes(JSON.stringify(parts))).slice(0, 12)}`;
    if (this.again(name, source)) return;
    if (!this.fits((request?.bytes.length ?? 0) + (response?.bytes.length ?? 0))) return;
    const covers = coverOf(call);
    for (const s of streams) mergeCovers(covers, s.covers);
    const nrbf = [...new Set(streams.map((s) => s.name))].sort();
    const documented = this.documented(Math.max(request?.bytes.length ?? 0, response?.bytes.length ?? 0));
    this.put({ kind: 'call', name, documented, call, in: request, out: response, nrbf }, covers, source);
  }

  /** All of them, by name. */
  list(): SeenVector[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** What all of them cover. */
  covers(): Covers {
    const all = noCovers();
    for (const v of this.byName.values()) mergeCovers(all, v.covers);
    return all;
  }

  private addStream({ bytes, nrbf: stream }: HeldStream, source: VectorSource): SeenVector | null {
    const digest = sha256(bytes);
    const name = `nrbf.${safeName(streamName(stream))}-${digest.slice(0, 12)}`;
    const known = this.byName.get(name);
    if (known !== undefined) {
      this.again(name, source);
      return known;
    }
    if (!this.fits(bytes.length)) return null;
    const documented = this.documented(bytes.length);
    return this.put({ kind: 'nrbf', name, documented, bytes, sha256: digest, stream }, streamCovers(stream), source);
  }

  /** Whether there is room for one more vector of so many bytes; then it is taken. */
  private fits(bytes: number): boolean {
    const { vectors, vectorBytes } = this.limits;
    const full = this.byName.size >= vectors ? 'vectors' : this.bytes + bytes > vectorBytes ? 'vectorBytes' : null;
    if (full === null) this.bytes += bytes;
    else this.leftOut[full]++;
    return full === null;
  }

  private documented(bytes: number): boolean {
    const isShort = bytes <= this.limits.vectorDocument;
    if (!isShort) this.leftOut.vectorDocument++;
    return isShort;
  }

  private again(name: string, source: VectorSource): boolean {
    const known = this.byName.get(name);
    if (known === undefined) return false;
    known.count++;
    if (known.sources.length < MAX_SOURCES) known.sources.push(source);
    return true;
  }

  private put(vector: Vector, covers: Covers, source: VectorSource): SeenVector {
    const seen: SeenVector = { name: vector.name, covers, sources: [source], count: 1 };
    this.byName.set(vector.name, seen);
    this.bytes += this.onNew(vector);
    return seen;
  }
}

/** A name out of a capture that may be a file's: letters, digits and dots, no dot in front, not long. */
export function safeName(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[._-]+|\.+$/g, '');
  return safe.slice(0, 60) || 'unnamed';
}

function part(half: Half | null): StubPart | null {
  if (half === null || half.stub === null) return null;
  const { stub, message, littleEndian, layout } = half;
  const bytes = message ?? stub;
  return { bytes, sha256: sha256(bytes), content: message === null ? null : stub, littleEndian, layout };
}

/** What a stream is called after: a message's kind, or its root's class. */
function streamName(stream: NrbfStream): string {
  const { message, root } = stream;
  if (message !== null) return message.type === 21 ? `call.${String(message.method?.value ?? '')}` : 'return';
  if (root === null) return 'null';
  if (root.type <= 5 && 'cls' in root) return root.cls.name.slice(root.cls.name.lastIndexOf('.') + 1);
  return root.type === 6 ? 'String' : 'array';
}

/** What holds a stream: a BSTR, or the content of a message. */
interface HeldStream {
  readonly bytes: Uint8Array;
  readonly nrbf: NrbfStream;
}

/** Streams anywhere in parameters. */
function streamsOf(params: Call['in']): HeldStream[] {
  const content = contentOf(params);
  if (content !== null) return content.nrbf === null ? [] : [content];
  const found: HeldStream[] = [];
  const todo: unknown[] = [params];
  for (let v = todo.pop(); todo.length > 0 || v !== undefined; v = todo.pop()) {
    if (typeof v !== 'object' || v === null || v instanceof Uint8Array) continue;
    if (isBstr(v)) {
      const { bytes, nrbf } = v;
      if (nrbf !== null) found.push({ bytes, nrbf });
      continue;
    }
    for (const inner of Object.values(v)) if (typeof inner === 'object' && inner !== null) todo.push(inner);
  }
  return found;
}
