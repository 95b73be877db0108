/** `clrscope queue --queue URL`: what of a queue runs, waits, is done or was set aside. */
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { shownName } from '#platform';
import { safe } from '../../core/safe-text.js';
import { prettyJson } from '../../output/pretty-json.js';
import type { QueueJson } from '../../output/schemas/queue.js';
import { fail } from '../messages.js';
import { Exit, type QueueOptions } from '../options.js';
import { Output } from '../output.js';
import { formatOf } from '../printer.js';
import type { JobState, QueuedJob } from './bullmq.js';
import { type Connected, withQueue } from './connection.js';
import { countsOf, countsText, isEmpty, ProgressLine } from './progress.js';
import { QUEUE_JOB, reasonText } from './queue-job.js';

/** Jobs that are asked for at a time. */
const PAGE = 1000;
/** Jobs of a kind that text names. */
const NAMED = 20;
/** Milliseconds between two looks of `--watch`. */
const LOOK = 1000;

/** How a queue is printed. */
interface Format {
  /** Jobs of a kind that are asked for: there may be more than one wants to wait for. */
  readonly most: number;
  print(out: Output, state: QueueJson): void;
}

const FORMATS: Readonly<Record<string, Format>> = {
  text: {
    most: NAMED,
    print(out, state) {
      out.write(stateText(state));
    },
  },
  json: {
    most: Number.POSITIVE_INFINITY,
    print(out, state) {
      for (const piece of prettyJson(state)) out.write(piece);
      out.write('\n');
    },
  },
};

/** Runs the command. */
export async function queue(options: QueueOptions): Promise<void> {
  try {
    const { most, print } = formatOf(FORMATS, options.T, 'queue prints -T');
    await withQueue(options.queue, 'queue', async (connected) => {
      if (options.watch === true) await watch(connected);
      const out = new Output();
      print(out, await stateOf(connected, most));
      out.flush();
    });
    process.exitCode ??= Exit.done;
  } catch (e) {
    process.exitCode = fail(e);
  }
}

/** Shows how far all is until there is nothing more to do, or the user has seen enough. */
async function watch({ queue }: Connected): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    process.exitCode = Exit.interrupted;
    stop.abort();
  });
  const line = new ProgressLine();
  try {
    for (let isOver = false; !isOver; ) {
      const counts = await countsOf(queue);
      line.show(counts);
      isOver = isEmpty(counts) || stop.signal.aborted;
      if (!isOver) await sleep(LOOK, undefined, stop).catch(() => undefined);
    }
  } finally {
    line.stop();
  }
}

/** Asks the server. */
async function stateOf(connected: Connected, most: number): Promise<QueueJson> {
  const { queue, address } = connected;
  const { done, running, waiting, aside } = await countsOf(queue);
  const active = await jobsIn(connected, 'active', most);
  const failed = await jobsIn(connected, 'failed', most);
  return {
    queue: address,
    workers: await queue.getWorkersCount(),
    counts: { done, underWay: running, waiting, setAside: aside },
    underWay: active.map((job) => ({
      ...aboutOf(job),
      worker: job.processedBy ?? null,
      since: timeOf(job.processedOn),
      progress: Number.isFinite(job.progress) ? Number(job.progress) : 0,
    })),
    setAside: failed.map((job) => ({
      ...aboutOf(job),
      reason: reasonText(job.failedReason ?? ''),
      at: timeOf(job.finishedOn),
    })),
  };
}

/** Jobs in a state, those that came last, by the names of their captures. */
async function jobsIn({ queue }: Connected, state: JobState, most: number): Promise<QueuedJob[]> {
  const all: QueuedJob[] = [];
  for (let at = 0, got = PAGE; got === PAGE && at < most; at += PAGE) {
    const page = await queue.getJobs([state], at, Math.min(at + PAGE, most) - 1);
    got = page.length;
    for (const job of page) if (job !== undefined) all.push(job);
  }
  const names = new Map(all.map((job) => [job, aboutOf(job).capture]));
  return all.sort((a, b) => ((names.get(a) ?? '') < (names.get(b) ?? '') ? -1 : 1));
}

function aboutOf({
  data,
  attemptsMade,
}: QueuedJob): Pick<QueueJson['setAside'][number], 'capture' | 'files' | 'folder' | 'tries'> {
  const { success, output } = v.safeParse(QUEUE_JOB, data);
  return success
    ? { capture: output.name, files: output.files.map(shownName), folder: output.o, tries: attemptsMade }
    : { capture: 'a job of somebody else', files: [], folder: null, tries: attemptsMade };
}

function timeOf(milliseconds: number | undefined): string | null {
  const time = new Date(milliseconds ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** For people: what to look at first stands last, where the eye is. */
function stateText({ queue, workers, counts, underWay, setAside }: QueueJson): string {
  const { done, underWay: running, waiting, setAside: aside } = counts;
  const lines = [
    `${queue}: ${countsText({ done, running, waiting, aside })}; ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    ...underWay.map(
      ({ capture, progress, worker }) => `  ${progress} % of ${safe(capture)}  (${safe(worker ?? 'unknown')})`,
    ),
    ...rest(running - underWay.length),
  ];
  if (setAside.length > 0)
    lines.push(
      'set aside, and tried again when submitted again:',
      ...setAside.map(({ capture, reason }) => `  ${safe(withName(capture, reason))}`),
      ...rest(aside - setAside.length),
    );
  return `${lines.join('\n')}\n`;
}

/** Reasons mostly begin with the capture's name. */
function withName(capture: string, reason: string): string {
  return reason.includes(capture) ? reason : `${capture}: ${reason}`;
}

function rest(count: number): string[] {
  return count > 0 ? [`  and ${count} more; -T json names all`] : [];
}
