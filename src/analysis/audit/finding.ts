/**
 * What an audit finds. Same findings (rule, peers, key) are one finding with a count; what is kept of each is bounded,
 * so a capture of any length gives a report of bounded size.
 */
import { createHash } from 'node:crypto';
import type { Time } from '../../core/context.js';
import { before } from '../../core/time.js';
import type { Rule } from './rule.js';

/** Worst first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** 0 is the worst. */
export function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** What a finding rests on: bytes read in the clear, bytes that were decrypted, or a conclusion. */
export type Confidence = 'clear' | 'decrypted' | 'inferred';

/** Where the bytes lie that show a finding. */
export interface ByteRange {
  /** Name of the source that `offset` counts in, as in `read -T json`. */
  readonly source: string;
  readonly offset: number;
  readonly length: number;
  /** The runs of the capture file that hold or gave them. */
  readonly file: readonly { readonly frame: number; readonly offset: number; readonly length: number }[];
}

/** The object that a finding is about. */
export interface FoundObject {
  readonly ipid?: string;
  readonly oid?: string;
  readonly oxid?: string;
}

/** What a rule tells about one sight. */
export interface Found {
  /** Tells this finding from others of the rule between the same peers. */
  readonly key: string;
  /** What was read, in a line. Secrets are masked by the rule. */
  readonly evidence: string;
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
  readonly confidence?: Confidence;
  readonly object?: FoundObject;
  readonly bytes?: ByteRange | null;
  /** Which half of a call shows it; both without. */
  readonly side?: 'request' | 'response';
}

/** One sight with where it was. */
export interface Sight extends Found {
  readonly rule: Rule;
  readonly confidence: Confidence;
  readonly capture: string;
  readonly frames: readonly number[];
  readonly time: Time;
  readonly client: string;
  readonly server: string;
  readonly serverPort: number;
  /** `IRemoteDispatch.RemoteDispatchAutoDone`, null for a finding about no call. */
  readonly operation: string | null;
  readonly communityId: string;
}

/** Frames of one capture. */
export interface Place {
  readonly capture: string;
  readonly frames: number[];
}

export interface Finding {
  readonly rule: Rule;
  severity: Severity;
  confidence: Confidence;
  /** Stable over captures: what a baseline knows it by. */
  readonly fingerprint: string;
  readonly client: string;
  readonly server: string;
  readonly ports: number[];
  readonly key: string;
  /** Of the first sight. */
  readonly evidence: string;
  readonly object: FoundObject | null;
  readonly bytes: ByteRange | null;
  readonly operations: string[];
  readonly communityIds: string[];
  readonly places: Place[];
  first: Time;
  last: Time;
  count: number;
}

/** What is kept of one finding. */
export const KEPT = { frames: 24, captures: 24, communityIds: 8, operations: 8, ports: 8 } as const;

/** Identity of a finding: the same in the next capture of the same deployment. */
export function fingerprintOf(rule: string, client: string, server: string, key: string): string {
  return createHash('sha256').update([rule, client, server, key].join('\0')).digest('hex').slice(0, 32);
}

function keep<T>(list: T[], value: T, most: number): void {
  if (list.length < most && !list.includes(value)) list.push(value);
}

/** Folds sights to findings. */
export class FindingList {
  private readonly byId = new Map<string, Finding>();
  /** Sights that found no room, by rule. */
  readonly dropped = new Map<string, number>();

  /** @param most findings that there is room for */
  constructor(private readonly most: number) {}

  add(sight: Sight): void {
    const { rule, client, server, key, time } = sight;
    const fingerprint = fingerprintOf(rule.id, client, server, key);
    const known = this.byId.get(fingerprint);
    const severity = sight.severity ?? rule.severity;
    if (known === undefined && this.byId.size >= this.most) {
      this.dropped.set(rule.id, (this.dropped.get(rule.id) ?? 0) + 1);
      return;
    }
    const finding: Finding = known ?? {
      rule,
      severity,
      confidence: sight.confidence,
      fingerprint,
      client,
      server,
      ports: [],
      key,
      evidence: sight.evidence.length > 400 ? `${sight.evidence.slice(0, 399)}…` : sight.evidence,
      object: sight.object ?? null,
      bytes: sight.bytes ?? null,
      operations: [],
      communityIds: [],
      places: [],
      first: time,
      last: time,
      count: 0,
    };
    if (known === undefined) this.byId.set(fingerprint, finding);
    finding.count++;
    // captures may come in any order
    if (before(time, finding.first)) finding.first = time;
    if (before(finding.last, time)) finding.last = time;
    if (rankOf(severity) < rankOf(finding.severity)) finding.severity = severity;
    // a finding is as sure as its surest sight
    if (SURENESS[sight.confidence] < SURENESS[finding.confidence]) finding.confidence = sight.confidence;
    keep(finding.ports, sight.serverPort, KEPT.ports);
    keep(finding.communityIds, sight.communityId, KEPT.communityIds);
    if (sight.operation !== null) keep(finding.operations, sight.operation, KEPT.operations);
    this.place(finding, sight);
  }

  private place(finding: Finding, sight: Sight): void {
    let place = finding.places.find((p) => p.capture === sight.capture);
    if (place === undefined) {
      if (finding.places.length >= KEPT.captures) return;
      place = { capture: sight.capture, frames: [] };
      finding.places.push(place);
    }
    for (const frame of sight.frames) keep(place.frames, frame, KEPT.frames);
  }

  /** Worst first; then by rule, in the order of first sights. */
  sorted(): Finding[] {
    return [...this.byId.values()].sort(
      (a, b) => rankOf(a.severity) - rankOf(b.severity) || (a.rule.id < b.rule.id ? -1 : a.rule.id > b.rule.id ? 1 : 0),
    );
  }
}

const SURENESS: Readonly<Record<Confidence, number>> = { clear: 0, decrypted: 0, inferred: 1 };
