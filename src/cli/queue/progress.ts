/** What is left of a queue, on one line. */
import type { SingleBar } from 'cli-progress';
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

/** Shows on one line of standard error how far all is: a terminal's changes, elsewhere there is a new one now and then. */
export class ProgressLine {
  private first: number | null = null;

  private constructor(private readonly bar: SingleBar) {}

  static async start(): Promise<ProgressLine> {
    const { default: progress } = await import('cli-progress');
    const bar = new progress.SingleBar({
      format: '{bar} {counts}, {eta_formatted} left',
      barsize: 20,
      stream: process.stderr,
      clearOnComplete: true,
      noTTYOutput: true,
      notTTYSchedule: 10_000,
      hideCursor: true,
      etaBuffer: 100,
    });
    bar.start(1, 0, { counts: countsText({ done: 0, running: 0, waiting: 0, aside: 0 }) });
    return new ProgressLine(bar);
  }

  show(counts: Counts): void {
    const { done, running, waiting } = counts;
    this.first ??= done;
    this.bar.setTotal(Math.max(1, done - this.first + running + waiting));
    this.bar.update(done - this.first, { counts: countsText(counts) });
  }

  stop(): void {
    this.bar.stop();
  }
}
