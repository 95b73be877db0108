/** `clrscope queue --queue URL`: what of a queue runs, waits, is done or was set aside. */
import { setTimeout as sleep } from 'node:timers/promises';
import { prettyJson } from '../../output/pretty-json.js';
import type { QueueJson } from '../../output/schemas/queue.js';
import { fail, tell } from '../messages.js';
import { Exit, type QueueOptions } from '../options.js';
import { Output } from '../output.js';
import { formatOf } from '../printer.js';
import type { JobState, Queue, QueuedJob } from './bullmq.js';
import { type Connected, withQueue } from './connection.js';
import { countsOf, countsText, isEmpty, ProgressLine } from './progress.js';
import { aboutOf, jobText, namedReason, queuedJob, reasonText } from './queue-job.js';

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
async function watch({ queue, address, gone }: Connected): Promise<void> {
  const stop = new AbortController();
  const line = new ProgressLine();
  process.once('SIGINT', () => {
    process.exitCode = Exit.interrupted;
    stop.abort();
    // what was asked of a server that is away waits until it is back
    void gone().then(() => {
      line.stop();
      tell(`${address} does not answer`);
      process.exit();
    });
  });
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
  const { queue, redis, address } = connected;
  const { done, running, waiting, aside } = await countsOf(queue);
  const workers = await queue.getWorkers();
  return {
    queue: address,
    // the server tells of all that it has
    workers: workers.filter(({ db = redis.options.db }) => Number(db) === redis.options.db).length,
    counts: { done, underWay: running, waiting, setAside: aside },
    underWay: await jobsIn(queue, 'active', most, (job) => ({
      ...aboutOf(job.data),
      tries: job.attemptsMade,
      worker: job.processedBy ?? null,
      since: timeOf(job.processedOn),
      progress: Number.isFinite(job.progress) ? Number(job.progress) : 0,
    })),
    setAside: await jobsIn(queue, 'failed', most, (job) => ({
      ...aboutOf(job.data),
      tries: job.attemptsMade,
      reason: reasonText(job.failedReason ?? ''),
      at: timeOf(job.finishedOn),
    })),
  };
}

/** What is said of a job of which what the server keeps cannot be read. */
const DAMAGED: QueuedJob = { data: null, progress: 0, attemptsMade: 0, opts: {}, failedReason: 'it cannot be read' };

/** What is told of jobs in a state, those that came last, by the names of their captures. */
async function jobsIn<T extends { readonly capture: string }>(
  queue: Queue,
  state: JobState,
  most: number,
  told: (job: QueuedJob) => T,
): Promise<T[]> {
  const ids = await queue.getRanges([state], 0, Number.isFinite(most) ? most - 1 : -1);
  const all: T[] = [];
  // of many jobs, more is kept by BullMQ than is told
  for (let at = 0; at < ids.length; at += PAGE) {
    const page = await Promise.all(ids.slice(at, at + PAGE).map((id) => queuedJob(queue, id)));
    for (const job of page) if (job !== undefined) all.push(told(job ?? DAMAGED));
  }
  return all.sort((a, b) => (a.capture < b.capture ? -1 : 1));
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
      ({ capture, progress, worker }) => `  ${progress} % of ${jobText(capture)}  (${jobText(worker ?? 'unknown')})`,
    ),
    ...rest(running - underWay.length),
  ];
  if (setAside.length > 0)
    lines.push(
      'set aside, and tried again when submitted again:',
      ...setAside.map((job) => {
        const { name, why } = namedReason(job, job.reason);
        return `  ${name}: ${why}`;
      }),
      ...rest(aside - setAside.length),
    );
  return `${lines.join('\n')}\n`;
}

function rest(count: number): string[] {
  return count > 0 ? [`  and ${count} more; -T json names all`] : [];
}
