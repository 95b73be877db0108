/** Response times in bounded memory: exact while they are few, then counted in buckets 2 % apart. */

import type { Call } from '../../../dissectors/call.js';
import type { Time } from '../../core/context.js';
import { elapsed } from '../../core/time.js';

/** Times kept as they are. */
const EXACT = 256;
/** Buckets for each doubling. */
const PER_OCTAVE = 32;
/** The least time that a bucket stands for, in seconds. */
const SMALLEST = 1e-9;
/** Captures tell time in microseconds: below that pictures show nothing. */
const LEAST_SHOWN = 1e-6;

/**
 * Seconds from request to answer; null where one is missing, or the time of one. Negative where the capture has the
 * answer earlier, which a warning of the call says.
 */
export function durationOf({ request, response }: Call): number | null {
  if (request === null || response === null) return null;
  const took = elapsed(request.time, response.time);
  return Number.isNaN(took) ? null : took;
}

/** When a call began, as far as it was captured. */
export function timeOf({ request, response }: Call): Time {
  return (request ?? response)?.time ?? { sec: 0, nsec: 0 };
}

/** Collects durations in seconds. */
export class Durations {
  count = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  private exact: number[] | null = [];
  private readonly buckets = new Map<number, number>();

  add(seconds: number): void {
    this.count++;
    this.min = Math.min(this.min, seconds);
    this.max = Math.max(this.max, seconds);
    if (this.exact === null) this.put(seconds);
    else if (this.exact.push(seconds) > EXACT) {
      for (const s of this.exact) this.put(s);
      this.exact = null;
    }
  }

  /** The least time that a share `q` of all does not exceed (nearest rank); null without any. */
  quantile(q: number): number | null {
    if (this.count === 0) return null;
    const rank = Math.max(1, Math.ceil(q * this.count));
    if (this.exact !== null) return [...this.exact].sort((a, b) => a - b)[rank - 1];
    let seen = 0;
    for (const index of [...this.buckets.keys()].sort((a, b) => a - b)) {
      seen += this.buckets.get(index) ?? 0;
      if (seen >= rank) return Math.min(this.max, Math.max(this.min, middleOf(index)));
    }
    return this.max;
  }

  /** The middle; between the two middle ones while the times are exact and their count is even. */
  median(): number | null {
    if (this.exact === null || this.count % 2 === 1) return this.quantile(0.5);
    if (this.count === 0) return null;
    const sorted = [...this.exact].sort((a, b) => a - b);
    return (sorted[this.count / 2 - 1] + sorted[this.count / 2]) / 2;
  }

  /** How many times fall into each of `columns` steps of equal ratio from `from` to `to`. */
  histogram(from: number, to: number, columns: number): number[] {
    const counts: number[] = Array(columns).fill(0);
    const low = Math.log(Math.max(from, LEAST_SHOWN));
    const width = Math.max(1e-9, Math.log(Math.max(to, LEAST_SHOWN)) - low);
    const put = (seconds: number, n: number): void => {
      const at = Math.floor(((Math.log(Math.max(seconds, LEAST_SHOWN)) - low) / width) * columns);
      counts[Math.min(columns - 1, Math.max(0, at))] += n;
    };
    if (this.exact !== null) for (const s of this.exact) put(s, 1);
    else for (const [index, n] of this.buckets) put(middleOf(index), n);
    return counts;
  }

  private put(seconds: number): void {
    const index = Math.round(Math.log2(Math.max(seconds, SMALLEST) / SMALLEST) * PER_OCTAVE);
    this.buckets.set(index, (this.buckets.get(index) ?? 0) + 1);
  }
}

function middleOf(index: number): number {
  return SMALLEST * 2 ** (index / PER_OCTAVE);
}
