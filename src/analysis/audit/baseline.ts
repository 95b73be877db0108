/** Known findings: those of a baseline are kept apart from new ones. */
import { UserError } from '../../core/user-error.js';
import type { Finding, Severity } from './finding.js';
import { rankOf } from './finding.js';
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

/**
 * Fingerprints out of a baseline's JSON: an earlier `audit -T json`, or a list of fingerprints or of objects that
 * have one. Throws a UserError that says what is wrong.
 */
export function readBaseline(json: unknown): Set<string> {
  const report = json as { findings?: unknown; known?: unknown };
  const lists = Array.isArray(json) ? [json] : [report?.findings, report?.known];
  const fingerprints = new Set<string>();
  let any = false;
  for (const list of lists) {
    if (!Array.isArray(list)) continue;
    any = true;
    for (const item of list) {
      const fingerprint: unknown = typeof item === 'string' ? item : (item as { fingerprint?: unknown })?.fingerprint;
      if (typeof fingerprint !== 'string' || fingerprint === '') throw new UserError('a finding without a fingerprint');
      fingerprints.add(fingerprint);
    }
  }
  if (!any) throw new UserError('neither a report of audit -T json nor a list of fingerprints');
  return fingerprints;
}

/** Sorts findings into new and known ones. */
export function reportOf(result: AuditResult, baseline: ReadonlySet<string> | null, version: string): AuditReport {
  const isKnown = (f: Finding): boolean => baseline?.has(f.fingerprint) === true;
  const found = new Set(result.findings.map((f) => f.fingerprint));
  return {
    result,
    fresh: result.findings.filter((f) => !isKnown(f)),
    known: result.findings.filter(isKnown),
    absent: [...(baseline ?? [])].filter((fingerprint) => !found.has(fingerprint)),
    hasBaseline: baseline !== null,
    version,
  };
}

/** Whether a new finding is at least that bad. */
export function failsOn(report: AuditReport, severity: Severity): boolean {
  return report.fresh.some((f) => rankOf(f.severity) <= rankOf(severity));
}
