/** What the worker tells of findings: a row each, all of one, and what the captures expose. Texts are as they are shown. */
import type { AuditJson, FindingJson, InventoryJson } from '../../index.js';
import type { Details, SourceBytes } from '../worker/details.js';
import { nodeAround } from '../worker/node-around.js';
import type { PduRows } from '../worker/pdu-rows.js';
import { shown } from '../worker/shown.js';

/** A finding in the list. */
export interface FindingRow
  extends Pick<FindingJson, 'fingerprint' | 'rule' | 'title' | 'severity' | 'confidence' | 'count' | 'evidence'> {
  /** `10.0.0.1 → 10.0.0.2:135`. */
  readonly where: string;
}

/** What was looked at, what of it could not be looked into, and why the report is partial. */
export type Looked = Pick<AuditJson, 'looked' | 'dropped'> & { readonly partial: readonly string[] };

/** Findings, worst first, and what was looked at for them. */
export function findingRows({ findings, looked, partial, dropped }: AuditJson): {
  readonly rows: readonly FindingRow[];
  readonly looked: Looked;
} {
  const rows = findings.map(({ fingerprint, rule, title, severity, confidence, count, evidence, ...f }) => ({
    ...{ fingerprint, rule, title, severity, confidence, count, evidence },
    where: whereText(f),
  }));
  return shown({ rows, looked: { looked, dropped, partial: partial?.reasons ?? [] } });
}

/** A finding by its fingerprint; null where there is none. */
export function findingOf({ findings }: AuditJson, fingerprint: string): FindingJson | null {
  const found = findings.find((f) => f.fingerprint === fingerprint);
  return found === undefined ? null : shown(found);
}

/** What the capture exposes. */
export function inventoryOf({ inventory }: AuditJson): InventoryJson {
  return shown(inventory);
}

function whereText({
  peers: { client, server, ports },
  clientCount,
  clientsExact,
}: Pick<FindingJson, 'peers' | 'clientCount' | 'clientsExact'>): string {
  const more = clientCount > 1 ? ` and ${clientsExact ? '' : 'at least '}${clientCount - 1} more` : '';
  return `${client}${more} → ${server}${ports.length === 0 ? '' : `:${ports.join(',')}`}`;
}

type Bytes = NonNullable<FindingJson['bytes']>;

/** Where the bytes of a finding are shown, as `Place` has it: the node of the tree is the one that holds them all. */
export interface BytesPlace {
  readonly pdu: number;
  readonly node: string | null;
  readonly bytes: string;
}

/** Where to look at a finding's bytes; null where they belong to no PDU. */
export async function placeOfBytes(bytes: Bytes, rows: PduRows, details: Details): Promise<BytesPlace | null> {
  const last = bytes.file.at(-1);
  if (last === undefined) return null;
  for (const pdu of rows.ofFrame(last.frame)) {
    const detail = await details.pdu(pdu);
    if (detail === null || !detail.sources.some((source) => holds(source, last.offset))) continue;
    const source = sourceOf(bytes, detail.sources);
    if (source === undefined) continue;
    const [start, end] = [bytes.offset, bytes.offset + bytes.length];
    return { pdu, node: nodeAround(detail.json.tree, source, start, end), bytes: `${source}:${start}-${end}` };
  }
  return null;
}

/** Whether a source has a byte of the capture file. */
function holds({ pieces }: SourceBytes, offset: number): boolean {
  return pieces.some((p) => p.fileOffset <= offset && offset < p.fileOffset + p.length);
}

/** The source that the bytes lie in: of several with its name the one that has them where they lie in the file. */
function sourceOf({ source, offset, file }: Bytes, sources: readonly SourceBytes[]): number | undefined {
  const named = sources.flatMap(({ name }, at) => (name === source ? [at] : []));
  const isThere = (at: number): boolean =>
    sources[at].pieces.some((p) => p.at <= offset && p.fileOffset + offset - p.at === file[0].offset);
  return named.find(isThere) ?? named[0];
}
