/** What the worker tells of findings: a row each, all of one, and what the captures expose. Texts are as they are shown. */
import type { AuditJson, FindingJson, InventoryJson } from '../../index.js';
import type { Details } from '../worker/details.js';
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

/** Where the bytes of a finding are shown, as `Place` has it: the node of the tree is the one that holds them all. */
export interface BytesPlace {
  readonly pdu: number;
  readonly node: string | null;
  readonly bytes: string;
}

/** Where to look at a finding's bytes; null where they belong to no PDU. */
export async function placeOfBytes(
  bytes: NonNullable<FindingJson['bytes']>,
  rows: PduRows,
  details: Details,
): Promise<BytesPlace | null> {
  const last = bytes.file.at(-1);
  if (last === undefined) return null;
  for (const pdu of rows.ofFrame(last.frame)) {
    const detail = await details.pdu(pdu);
    const holds = detail?.sources.some(({ pieces }) =>
      pieces.some((p) => p.fileOffset <= last.offset && last.offset < p.fileOffset + p.length),
    );
    const source = detail?.json.sources.findIndex(({ name }) => name === bytes.source) ?? -1;
    if (detail === null || !holds || source < 0) continue;
    const [start, end] = [bytes.offset, bytes.offset + bytes.length];
    return { pdu, node: nodeAround(detail.json.tree, source, start, end), bytes: `${source}:${start}-${end}` };
  }
  return null;
}
