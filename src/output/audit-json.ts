/** An audit's report as JSON: findings, what is known already, and the inventory. */
import type { AuditReport, Finding, Inventory, Rule, Severity } from '../analysis/audit/index.js';
import { SEVERITIES } from '../analysis/audit/index.js';
import { isoTime } from '../core/time.js';

/** How many findings there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts = Object.fromEntries(SEVERITIES.map((s) => [s, 0])) as Record<Severity, number>;
  for (const f of findings) counts[f.severity]++;
  return counts;
}

/** The report as plain JSON. */
export function auditToJson(report: AuditReport): Record<string, unknown> {
  const { result, fresh, known, absent, hasBaseline, version } = report;
  return {
    tool: 'clrscope audit',
    version,
    captures: result.captures,
    calls: result.calls,
    sealedCalls: result.sealed,
    summary: countBySeverity(fresh),
    findings: fresh.map(findingToJson),
    ...(hasBaseline ? { known: known.map(findingToJson), absent } : {}),
    inventory: inventoryToJson(result.inventory),
    dropped: Object.fromEntries(result.dropped),
  };
}

/** One finding as plain JSON. */
export function findingToJson(f: Finding): Record<string, unknown> {
  const { rule } = f;
  return {
    rule: rule.id,
    title: rule.title,
    severity: f.severity,
    confidence: f.confidence,
    count: f.count,
    fingerprint: f.fingerprint,
    peers: { client: f.client, server: f.server, ports: f.ports },
    operations: f.operations,
    object: f.object,
    evidence: f.evidence,
    key: f.key,
    places: f.places,
    bytes: f.bytes,
    communityIds: f.communityIds,
    first: isoTime(f.first),
    last: isoTime(f.last),
    why: rule.why,
    fix: rule.fix,
    references: rule.references,
    cwe: rule.cwe,
    attack: rule.attack,
  };
}

/** A rule as plain JSON, for `--list-rules` and `--explain`. */
export function ruleToJson({ id, title, severity, shows, why, fix, references, cwe, attack }: Rule): object {
  return { id, title, severity, shows, why, fix, references, cwe, attack };
}

const list = (set: ReadonlySet<string>): string[] => [...set];

/** The inventory as plain JSON. */
export function inventoryToJson(inventory: Inventory): Record<string, unknown> {
  return {
    servers: [...inventory.servers].map(([address, s]) => ({
      address,
      endpoints: list(s.endpoints),
      bindings: list(s.bindings),
      interfaces: list(s.interfaces),
      comVersions: list(s.comVersions),
      processIds: list(s.processIds),
      clients: list(s.clients),
    })),
    classes: [...inventory.classes].map(([clsid, c]) => ({
      clsid,
      servers: list(c.servers),
      clients: list(c.clients),
    })),
    types: [...inventory.types.values()].map((t) => ({
      name: t.name,
      assembly: t.assembly,
      version: t.version,
      strongName: t.strongName,
      kinds: [...t.kinds],
      hosts: list(t.servers),
      interfaces: list(t.interfaces),
      uris: list(t.uris),
    })),
    clrInstances: [...inventory.clrs].map(([guid, c]) => ({
      guid,
      servers: list(c.servers),
      domains: list(c.domains),
    })),
    uris: [...inventory.uris].map(([uri, hosts]) => ({ uri, hosts: list(hosts) })),
    accounts: [...inventory.accounts].map(([user, a]) => ({
      user,
      mechanisms: list(a.mechanisms),
      levels: list(a.levels),
      clients: list(a.clients),
      servers: list(a.servers),
    })),
    conversations: [...inventory.conversations.values()].map((c) => ({
      client: c.client,
      server: c.server,
      levels: Object.fromEntries(c.levels),
    })),
    complete: !inventory.full,
  };
}
