/** An audit's report as JSON: findings, what is known already, and the inventory. */
import type { AuditReport, AuditResult, Finding, Inventory, Rule, Severity } from '../../analysis/audit/index.js';
import { KEPT, SEVERITIES } from '../../analysis/audit/index.js';
import { isoTime } from '../../core/time.js';
import type { AuditJson, FindingJson, InventoryJson } from '../schemas/audit.js';
import { partialLines } from './words.js';

/** How many findings there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts = Object.fromEntries(SEVERITIES.map((s) => [s, 0])) as Record<Severity, number>;
  for (const f of findings) counts[f.severity]++;
  return counts;
}

/** The report as plain JSON. */
export function auditToJson(report: AuditReport): AuditJson {
  const { result, fresh, known, absent, hasBaseline, version } = report;
  return result.hosts.named({
    tool: 'clrscope audit',
    version,
    captures: result.captures,
    partial: partialToJson(result),
    looked: result.looked,
    calls: result.looked.calls,
    sealedCalls: result.looked.sealed,
    summary: countBySeverity(fresh),
    findings: fresh.map(findingToJson),
    ...(hasBaseline ? { known: known.map(findingToJson), absent } : {}),
    inventory: inventoryToJson(result.inventory),
    dropped: Object.fromEntries(result.dropped),
  });
}

/** Why the report does not speak of everything; null where it does. */
function partialToJson(result: AuditResult): AuditJson['partial'] {
  const reasons = partialLines(result);
  return reasons.length === 0 ? null : { reasons, ...result.incomplete };
}

/** One finding as plain JSON. */
function findingToJson(f: Finding): FindingJson {
  const { rule } = f;
  return {
    rule: rule.id,
    title: rule.title,
    severity: f.severity,
    confidence: f.confidence,
    count: f.count,
    fingerprint: f.fingerprint,
    peers: { client: f.client, server: f.server, ports: f.ports },
    ...clientsToJson(f),
    operations: f.operations,
    object: f.object,
    objects: f.objects,
    objectCount: f.objectNames.count,
    evidence: f.evidence,
    evidences: f.evidences.map((e) => e.text),
    evidenceCount: f.evidenceTopics.count,
    key: f.key,
    places: f.places,
    captureCount: f.captureCount,
    bytes: f.bytes,
    communityIds: f.communityIds,
    first: isoTime(f.first),
    last: isoTime(f.last),
    why: rule.why,
    fix: rule.fix,
    references: rule.references,
    cwe: rule.cwe,
    attack: rule.attack,
    covers: f.covered.map(findingToJson),
  };
}

/** All clients of a finding, and how many there are: `clientsExact` is false where that is the least. */
export function clientsToJson({ clients }: Finding): Pick<FindingJson, 'clients' | 'clientCount' | 'clientsExact'> {
  return { clients: clients.first(KEPT.clients), clientCount: clients.count, clientsExact: clients.exact };
}

/** A rule as plain JSON, for `--list-rules` and `--explain`. */
export function ruleToJson({ id, title, severity, shows, why, fix, references, cwe, attack }: Rule): object {
  return { id, title, severity, shows, why, fix, references, cwe, attack };
}

/** An entry of the inventory, its sets as lists. */
type Listed<T> = { [K in keyof T]: T[K] extends Set<infer V> ? V[] : T[K] };

function listed<T extends object>(entry: T): Listed<T> {
  const members = Object.entries(entry).map(([name, value]) => [name, value instanceof Set ? [...value] : value]);
  return Object.fromEntries(members) as Listed<T>;
}

/** The inventory as plain JSON. */
function inventoryToJson(inventory: Inventory): InventoryJson {
  return {
    servers: [...inventory.servers].map(([address, server]) => ({ address, ...listed(server) })),
    classes: [...inventory.classes].map(([clsid, its]) => ({ clsid, ...listed(its) })),
    types: [...inventory.types.values()].map(listed),
    clrInstances: [...inventory.clrs].map(([guid, clr]) => ({ guid, ...listed(clr) })),
    uris: [...inventory.uris].map(([uri, hosts]) => ({ uri, hosts: [...hosts] })),
    accounts: [...inventory.accounts].map(([user, account]) => ({ user, ...listed(account) })),
    conversations: [...inventory.conversations.values()].map((c) => ({ ...c, levels: Object.fromEntries(c.levels) })),
    complete: !inventory.full && !inventory.cut,
  };
}
