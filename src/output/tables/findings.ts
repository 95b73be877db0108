/** The table of findings: what `audit` says of the capture by itself. */
import type { Finding } from '../../analysis/audit/index.js';
import { KEPT } from '../../analysis/audit/index.js';
import { column, type Table } from './column.js';

/** A finding as rows are made of it. */
export interface FindingRow {
  readonly capture: string;
  readonly finding: Finding;
}

const object = ({ finding: { object: o } }: FindingRow) => o?.ipid ?? o?.oid ?? o?.oxid;

/** One row a finding, the worst first. */
export const FINDING_TABLE: Table<FindingRow> = {
  name: 'findings',
  about: 'a finding of the audit',
  columns: [
    column('capture', 'text', 'name of the file', (r) => r.capture),
    column('rule', 'text', 'the rule: clrscope audit --explain RULE', (r) => r.finding.rule.id),
    column('severity', 'text', 'critical, high, medium, low, info', (r) => r.finding.severity),
    column('title', 'text', 'what it is about', (r) => r.finding.rule.title),
    column('confidence', 'text', 'clear, decrypted, inferred', (r) => r.finding.confidence),
    column('client_address', 'text', 'the client that was seen first', (r) => r.finding.client),
    column('client_addresses', 'texts', 'all clients', (r) => r.finding.clients.first(KEPT.clients)),
    column('server_address', 'text', 'the server', (r) => r.finding.server),
    column('server_ports', 'texts', 'its ports', (r) => r.finding.ports.map(String)),
    column('object', 'text', 'IPID, OID or OXID', object),
    column('operations', 'texts', 'operations that show it', (r) => r.finding.operations),
    column('frames', 'frames', 'the first frames that show it', (r) => r.finding.places[0]?.frames ?? []),
    column('evidence', 'text', 'the most telling thing that was read', (r) => r.finding.evidence),
    column('sights', 'count', 'how often it was seen', (r) => r.finding.count),
    column('first_time', 'time', 'when it was seen first', (r) => r.finding.first),
    column('last_time', 'time', 'when it was seen last', (r) => r.finding.last),
    column('fingerprint', 'text', 'the same in the next capture of the same deployment', (r) => r.finding.fingerprint),
  ],
};
