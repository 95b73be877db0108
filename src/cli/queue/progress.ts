/** What is left of a queue, on one line. */
import { isatty } from 'node:tty';
import type { Queue } from './bullmq.js';

/** How many jobs there are, by what became of them. */
export interface Counts {
  /** Since the queue began. */
  readonly done: number;
  readonly running: number;
  /** Those too that wait for their next try. */
  readonly waiting: number;
  readonly aside: number;
}

/** Asks the server. */
export async function countsOf(queue: Queue): Promise<Counts> {
  const [counts, { meta }] = await Promise.all([
    queue.getJobCounts('wait', 'active', 'delayed', 'failed'),
    queue.getMetrics('completed'),
  ]);
  const { wait, active, delayed, failed } = counts;
  return { done: Number(meta.count) || 0, running: active, waiting: wait + delayed, aside: failed };
}

/** Whether there is nothing more to do. */
export function isEmpty({ running, waiting }: Counts): boolean {
  return running + waiting === 0;
}

/** As text. */
export function countsText({ done, running, waiting, aside }: Counts): string {
  const n = (count: number): string => count.toLocaleString('en-US');
  return `${n(done)} done, ${n(running)} under way, ${n(waiting)} waiting, ${n(aside)} set aside`;
}

/** Milliseconds between two lines where they stay. */
const KEPT = 10_000;
const CLEAR = '\r\u001b[K';

/**
 * Shows on one line of standard error how far all is. A terminal's stays the last one, below all that is said meanwhile, and
 * is no longer than the terminal is wide; elsewhere there is a new one now and then.
 */
export class ProgressLine {
  private readonly began = performance.now();
  private readonly write = process.stderr.write;
  private first: number | null = null;
  private shown = '';
  private kept = Number.NEGATIVE_INFINITY;

  constructor() {
    // messages of the processes of a worker come this way too
    if (isatty(2)) process.stderr.write = this.above;
  }

  show(counts: Counts): void {
    const { done, running, waiting } = counts;
    this.first ??= done;
    const left = leftText(this.began, done - this.first, running + waiting);
    const text = `${countsText(counts)}${left}`;
    if (isatty(2)) {
      this.shown = text.slice(0, (process.stderr.columns || 80) - 1);
      this.put(CLEAR + this.shown);
    } else if (performance.now() - this.kept > KEPT) {
      this.kept = performance.now();
      this.put(`${text}\n`);
    }
  }

  /** Takes the line away. */
  stop(): void {
    process.stderr.write = this.write;
    if (this.shown !== '') this.put(CLEAR);
  }

  private readonly above = (...args: unknown[]): boolean => {
    this.put(CLEAR);
    const isTaken: boolean = Reflect.apply(this.write, process.stderr, args);
    this.put(this.shown);
    return isTaken;
  };

  private put(text: string): void {
    this.write.call(process.stderr, text);
  }
}

/** When all is done if it goes on as it went. */
function leftText(began: number, done: number, left: number): string {
  if (done === 0 || left === 0) return '';
  const minutes = ((performance.now() - began) / 60_000 / done) * left;
  if (minutes < 1) return ', less than a minute left';
  return minutes < 120 ? `, ${minutes.toFixed(0)} min left` : `, ${(minutes / 60).toFixed(0)} h left`;
}
