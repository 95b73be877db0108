/** How many findings were seen when: buckets that widen as a capture grows, so that there are never many. */
import type { Time } from '../../core/context.js';
import { isTold } from '../../core/time.js';
import { rankOf, SEVERITIES, type Severity } from './found.js';

const MOST = 120;

export interface Bucket {
  /** Seconds since 1970. */
  readonly start: number;
  /** Counts in the order of SEVERITIES. */
  readonly counts: number[];
}

export class Timeline {
  /** Seconds that a bucket spans. */
  width = 0.001;
  private readonly buckets = new Map<number, number[]>();

  add(time: Time, severity: Severity): void {
    if (!isTold(time)) return;
    const at = time.sec + time.nsec / 1e9;
    const buckets = this.buckets.size;
    this.put(this.buckets, Math.floor(at / this.width), rankOf(severity), 1);
    if (this.buckets.size > buckets) while (this.span() > MOST) this.widen();
  }

  /** From the first to the last, empty ones too. */
  list(): Bucket[] {
    if (this.buckets.size === 0) return [];
    const [from, to] = this.ends();
    return Array.from({ length: to - from + 1 }, (_, i) => ({
      start: (from + i) * this.width,
      counts: this.buckets.get(from + i) ?? SEVERITIES.map(() => 0),
    }));
  }

  private put(into: Map<number, number[]>, index: number, rank: number, count: number): void {
    let counts = into.get(index);
    if (counts === undefined) {
      counts = SEVERITIES.map(() => 0);
      into.set(index, counts);
    }
    counts[rank] += count;
  }

  private ends(): [from: number, to: number] {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (const index of this.buckets.keys()) {
      from = Math.min(from, index);
      to = Math.max(to, index);
    }
    return [from, to];
  }

  private span(): number {
    const [from, to] = this.ends();
    return to - from + 1;
  }

  private widen(): void {
    // at least twice as wide, and at once as wide as it takes
    const factor = 2 ** Math.max(1, Math.ceil(Math.log2(this.span() / MOST)));
    const old = [...this.buckets];
    this.buckets.clear();
    this.width *= factor;
    for (const [index, counts] of old)
      counts.forEach((count, rank) => {
        if (count > 0) this.put(this.buckets, Math.floor(index / factor), rank, count);
      });
  }
}
