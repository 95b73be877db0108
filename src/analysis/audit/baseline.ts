/** Known findings: those of a baseline are kept apart from new ones. */
import { UserError } from '../../core/user-error.js';
import type { Finding } from './finding.js';
import type { Severity } from './found.js';
import { rankOf, SEVERITIES } from './found.js';
import type { AuditResult } from './run.js';

/** What a report is made of. */
export interface AuditReport {
  readonly result: AuditResult;
  /** Findings that no baseline knows, worst first. */
  readonly fresh: readonly Finding[];
  /** Findings that the baseline knows. */
  readonly known: readonly Finding[];
  /** Fingerprints of the baseline that were not found this time; empty without a baseline. */
  readonly absent: readonly string[];
  readonly hasBaseline: boolean;
  /** Of this program. */
  readonly version: string;
}

/** Fingerprints of known findings, each with how bad it was; null where the baseline does not say. */
export type Baseline = ReadonlyMap<string, Severity | null>;

/**
 * What is known, out of a baseline's JSON: an earlier `audit -T json`, or a list of fingerprints or of objects that
 * have one. Throws a UserError that says what is wrong.
 */
export function readBaseline(json: unknown): Baseline {
  const report = json as { findings?: unknown; known?: unknown };
  const lists = Array.isArray(json) ? [json] : [report?.findings, report?.known];
  const known = new Map<string, Severity | null>();
  let any = false;
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    any = true;
    for (const item of list) {
      const { fingerprint, severity, covers } = (
        typeof item === 'string' ? { fingerprint: item } : (item ?? {})
      ) as Item;
      if (typeof fingerprint !== 'string' || fingerprint === '') throw new UserError('a finding without a fingerprint');
      known.set(fingerprint, SEVERITIES.find((s) => s === severity) ?? null);
      if (Array.isArray(covers)) lists.push(covers);
    }
  }
  if (!any) throw new UserError('neither a report of audit -T json nor a list of fingerprints');
  return known;
}

interface Item {
  readonly fingerprint?: unknown;
  readonly severity?: unknown;
  readonly covers?: unknown;
}

/**
 * Sorts findings into new and known ones. A finding is known by its fingerprint, or by one that it had when every
 * client made a finding of its own; one that became worse than the baseline says is new.
 */
export function reportOf(result: AuditResult, baseline: Baseline | null, version: string): AuditReport {
  const absent = new Set(baseline?.keys());
  const fresh: Finding[] = [];
  const known: Finding[] = [];
  for (const finding of result.findings) (isKnown(finding, baseline, absent) ? known : fresh).push(finding);
  return { result, fresh, known, absent: [...absent], hasBaseline: baseline !== null, version };
}

/** Whether a baseline knows a finding; what it knows it by is taken off `absent`. */
function isKnown(finding: Finding, baseline: Baseline | null, absent: Set<string>): boolean {
  if (baseline === null || baseline.size === 0) return false;
  let found = false;
  let worst: number = SEVERITIES.length;
  const look = (fingerprint: string): void => {
    const severity = baseline.get(fingerprint);
    if (severity === undefined) return;
    absent.delete(fingerprint);
    found = true;
    worst = Math.min(worst, severity === null ? 0 : rankOf(severity));
  };
  look(finding.fingerprint);
  for (const former of finding.formerFingerprints()) look(former);
  for (const other of finding.covered) isKnown(other, baseline, absent);
  return found && worst <= rankOf(finding.severity);
}

/** Whether a new finding is at least that bad. */
export function failsOn(report: AuditReport, severity: Severity): boolean {
  return report.fresh.some((f) => rankOf(f.severity) <= rankOf(severity));
}
