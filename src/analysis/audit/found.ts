/** What rules find: how bad, how sure, where, and on which object. */
import type { Piece } from '../../core/source.js';

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

/** The range of a PDU of which these are the runs in the capture file. */
export function rangeOf(pieces: readonly Piece[]): ByteRange {
  const length = pieces.reduce((end, p) => Math.max(end, p.at + p.length), 0);
  return { source: 'PDU', offset: 0, length, file: runsOf(pieces) };
}

/** The first runs of a capture file that pieces tell of. */
export function runsOf(pieces: readonly Piece[]): ByteRange['file'] {
  const runs = pieces.filter((p) => p.fileOffset >= 0).slice(0, 8);
  return runs.map(({ frame, fileOffset, length }) => ({ frame, offset: fileOffset, length }));
}

/** The object that a finding is about. */
export interface FoundObject {
  readonly ipid?: string | undefined;
  readonly oid?: string | undefined;
  readonly oxid?: string | undefined;
}

/** What a rule tells about one sight. */
export interface Found {
  /** Names the cause: sights of the rule with the same key at the same server are one finding. */
  readonly key: string;
  /** Keys that told such sights apart before they were folded by cause: what old baselines know them by. */
  readonly formerKeys?: readonly string[] | undefined;
  /** What was read, in a line. Secrets are masked by the rule. */
  readonly evidence: string;
  /** Of sights that are as bad, the heaviest gives the finding its evidence; 0 without. */
  readonly weight?: number | undefined;
  /**
   * Of one topic the first evidence is kept, until a heavier one takes its place. Without, it is what `formerKeys`
   * say, or the evidence itself.
   */
  readonly topic?: string | undefined;
  /** Where it differs from the rule's. */
  readonly severity?: Severity | undefined;
  readonly confidence?: Confidence | undefined;
  readonly object?: FoundObject | undefined;
  /** Where it was read: asked for where the sight is kept, during the report. */
  readonly bytes?: (() => ByteRange | null) | undefined;
  /** Which half of a call shows it; both without. */
  readonly side?: 'request' | 'response';
  /** The finding of another rule at the same server that has the same cause: this one stands, and names it. */
  readonly covers?: { readonly rule: string; readonly key: string } | undefined;
}
