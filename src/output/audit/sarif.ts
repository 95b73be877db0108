/** An audit's report as SARIF 2.1.0 (OASIS), for code scanning dashboards. */
import type { AuditReport, AuditResult, Finding, Rule, Severity } from '../../analysis/audit/index.js';
import { Hosts } from '../../core/hosts.js';
import { isoTime } from '../../core/time.js';
import { clientsToJson } from './json.js';
import { alsoText, coversText, partialLines, peersText, someOf } from './words.js';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** SARIF knows three levels. */
const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** What dashboards sort security findings by, in the bands of CVSS. */
const SCORES: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '3.0',
  info: '0.0',
};

/** The report as one SARIF run. */
export function auditToSarif(report: AuditReport): Record<string, unknown> {
  const { result, fresh, known, hasBaseline, version } = report;
  const rules = result.rules;
  const index = new Map(rules.map((rule, i) => [rule.id, i]));
  const captures = new Map(result.captures.map((capture, i) => [capture, i]));
  const one = (finding: Finding, state: string): object => ({
    ...sarifResult(finding, index.get(finding.rule.id) ?? 0, captures),
    ...(hasBaseline ? { baselineState: state } : {}),
  });
  const cwes = [...new Set(rules.flatMap((rule) => rule.cwe))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'clrscope',
            version,
            semanticVersion: version,
            rules: rules.map((rule) => sarifRule(rule, cwes)),
            supportedTaxonomies: [{ name: 'CWE', index: 0 }],
          },
        },
        taxonomies: [
          {
            name: 'CWE',
            organization: 'MITRE',
            shortDescription: { text: 'The MITRE Common Weakness Enumeration' },
            informationUri: 'https://cwe.mitre.org/',
            isComprehensive: false,
            taxa: cwes.map((id) => ({
              id: id.replace('CWE-', ''),
              helpUri: `https://cwe.mitre.org/data/definitions/${id.replace('CWE-', '')}.html`,
            })),
          },
        ],
        invocations: [invocation(result)],
        artifacts: result.captures.map((capture) => ({ location: { uri: uriOf(capture) }, roles: ['analysisTarget'] })),
        results: [...fresh.map((finding) => one(finding, 'new')), ...known.map((finding) => one(finding, 'unchanged'))],
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
}

/** A run that does not speak of everything says so: one notification a reason. */
function invocation(result: AuditResult): object {
  const reasons = partialLines(result);
  if (reasons.length === 0) return { executionSuccessful: true };
  return {
    executionSuccessful: false,
    toolExecutionNotifications: reasons.map((text) => ({ level: 'warning', message: { text: `Partial: ${text}.` } })),
  };
}

function sarifRule(rule: Rule, cwes: readonly string[]): object {
  const see = [...rule.references, ...rule.attack.map((id) => `ATT&CK ${id}`)].join(', ');
  return {
    id: rule.id,
    name: pascal(rule.title),
    shortDescription: { text: rule.title },
    fullDescription: { text: `${rule.shows} ${rule.why}` },
    help: {
      text: `${rule.why}\n\n${rule.fix}\n\nSee ${see}.`,
      markdown: `**Why it matters.** ${rule.why}\n\n**What to do.** ${rule.fix}\n\nSee ${see}.`,
    },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    relationships: rule.cwe.map((id) => ({
      target: { id: id.replace('CWE-', ''), index: cwes.indexOf(id), toolComponent: { name: 'CWE', index: 0 } },
      kinds: ['superset'],
    })),
    properties: {
      tags: [
        'security',
        ...rule.cwe.map((id) => `external/cwe/${id.toLowerCase()}`),
        ...rule.attack.map((id) => `attack.${id.toLowerCase()}`),
      ],
      'security-severity': SCORES[rule.severity],
      severity: rule.severity,
    },
  };
}

/** What programs read is told by address. */
const BY_ADDRESS = { hosts: new Hosts() };

function sarifResult(f: Finding, ruleIndex: number, captures: ReadonlyMap<string, number>): object {
  return {
    ruleId: f.rule.id,
    ruleIndex,
    level: LEVELS[f.severity],
    message: { text: `${f.rule.title}: ${f.evidence} (${peersText(f, BY_ADDRESS, 3)})${and(f)}` },
    locations: f.places.map((place) => ({
      physicalLocation: {
        artifactLocation: { uri: uriOf(place.capture), index: captures.get(place.capture) ?? -1 },
        // the bytes are those of the evidence
        ...(place.capture === f.evidences[0].capture ? regionOf(f) : {}),
      },
      logicalLocations: f.operations.slice(0, 1).map((name) => ({ fullyQualifiedName: name, kind: 'function' })),
      message: {
        text: `frames ${someOf(place.frames.map(String), place.frames.length, place.frameCount, place.exact)}`,
      },
    })),
    partialFingerprints: { 'clrscopeFinding/v2': f.fingerprint },
    occurrenceCount: f.count,
    properties: {
      severity: f.severity,
      'security-severity': SCORES[f.severity],
      confidence: f.confidence,
      peers: { client: f.client, server: f.server, ports: f.ports },
      ...clientsToJson(f),
      evidences: f.evidences.map((e) => e.text),
      evidenceCount: f.evidenceTopics.count,
      covers: f.covered.map((c) => ({ rule: c.rule.id, evidence: c.evidence, fingerprint: c.fingerprint })),
      places: f.places,
      captureCount: f.captureCount,
      operations: f.operations,
      object: f.object,
      communityIds: f.communityIds,
      first: isoTime(f.first),
      last: isoTime(f.last),
    },
  };
}

/** What else the finding stands for. */
function and(f: Finding): string {
  const more = [alsoText(f, 3), coversText(f)].filter((text) => text !== '');
  return more.length === 0 ? '' : `. Also: ${more.join('; ')}`;
}

/** A region in the capture file; of bytes in several runs, the first. */
function regionOf({ bytes }: Finding): object {
  const run = bytes?.file[0];
  return run === undefined ? {} : { region: { byteOffset: run.offset, byteLength: run.length } };
}

/** A path as a relative or absolute URI reference. */
function uriOf(path: string): string {
  if (path === '-') return 'stdin';
  return path.split('/').map(encodeURIComponent).join('/');
}

/** `TheServerDeserializes…`: SARIF wants names of rules to look like identifiers. */
function pascal(title: string): string {
  return title
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}
