/** Calls of captures with the documents of their stubs, and what stands in those documents. */
import { existsSync, readdirSync } from 'node:fs';
import type { Call } from '../../dissectors/call.js';
import { INTERFACES, protocols } from '../../dissectors/index.js';
import type { Side } from '../../dissectors/ndr/interface.js';
import { CallList } from '../../src/analysis/calls.js';
import { type StubSight, stubDocument } from '../../src/encode/documents/extract.js';
import type { StubDocument } from '../../src/encode/stub.js';
import { scan } from '../../src/engine/scan.js';
import { loadSecrets, type Secrets } from '../../src/security/index.js';
import { SHARED } from '../cli.js';
import { REAL, TRAFFIC } from '../traffic.js';

export const KNOWN = new Map(INTERFACES.map((i) => [i.uuid, i]));
const isCapture = (f: string): boolean => /\.pcap(ng)?(\.gz)?$/.test(f);

/** Captures of `TRAFFIC` by name. */
export const captures = readdirSync(TRAFFIC).filter(isCapture).sort();

/** Captures of ../shared/captures/real by path: many interfaces in them are not known. */
export const real =
  SHARED === null
    ? []
    : readdirSync(REAL)
        .filter(isCapture)
        .sort()
        .map((f) => `${REAL}/${f}`);

/** One direction of a call, and its document. */
export interface SeenStub {
  readonly call: Call;
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly sight: StubSight;
  readonly document: StubDocument;
}

/** The secrets that lie beside a capture. */
export async function secretsOf(file: string): Promise<Secrets | null> {
  const path = file.replace(/\.pcap.*$/, '.secrets.json');
  return existsSync(path) ? loadSecrets(path) : null;
}

/** Every call of a capture, and every stub. */
export async function walkCapture(
  file: string,
  secrets: Secrets | null,
): Promise<{ calls: Call[]; stubs: SeenStub[]; damaged: boolean }> {
  const calls: Call[] = [];
  const stubs: SeenStub[] = [];
  const list = new CallList((call) => {
    calls.push(call);
    for (const side of ['request', 'response'] as const) {
      const half = call[side];
      if (half === null || half.stub === null || (side === 'response' && call.fault !== null)) continue;
      const { iface, iid, operation, opnum, syntax } = call;
      const { stub: bytes, littleEndian, layout } = half;
      const sight = { iface, iid, operation, opnum, side, syntax, littleEndian, layout };
      stubs.push({ call, side, bytes, sight, document: stubDocument(bytes, sight) });
    }
  });
  const end = await scan(file, protocols({ secrets }), { record: false }, { onPdu: (pdu) => list.add(pdu) });
  list.end();
  return { calls, stubs, damaged: end.damage !== null && end.damage !== undefined };
}

/** What JSON makes of it. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

/** Paths to every value in a document, with what stands there. */
export function leavesOf(
  value: unknown,
  path: (string | number)[] = [],
): { path: (string | number)[]; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, v]) => leavesOf(v, [...path, key]));
}

/** A document with another value at a path; what it has beside that path is shared. */
export function edited(
  document: unknown,
  path: readonly (string | number)[],
  edit: (value: unknown) => unknown,
): unknown {
  if (path.length === 0) return edit(document);
  const [key, ...rest] = path;
  const copy = (Array.isArray(document) ? [...document] : { ...(document as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = edited(copy[key], rest, edit);
  return copy;
}

/** The same with a value that is known. */
export function changed(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  return edited(document, path, () => value);
}
