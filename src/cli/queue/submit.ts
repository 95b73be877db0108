/** `clrscope submit FILE... --queue URL -o DIR`: a job a capture, for the workers of the queue. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUrl } from '#platform';
import { safe } from '../../core/safe-text.js';
import { tableFormat } from '../export/export.js';
import { ExportFolder } from '../export/folder.js';
import { expandInputs } from '../folders.js';
import { groupsOf } from '../groups.js';
import { fail, tell } from '../messages.js';
import { Exit, type SubmitOptions, UsageError } from '../options.js';
import { settingsOf } from '../settings.js';
import { isStream } from '../stream-input.js';
import type { Queue } from './bullmq.js';
import { type Connected, withQueue } from './connection.js';
import { emptied, jobId, type QueueJob, queuedJob } from './queue-job.js';

/** Jobs that are put in at a time. */
const AT_ONCE = 500;
/** Jobs that may wait: the server holds them in memory, some 10 MB for so many. */
const MOST_WAITING = 20_000;
/** Milliseconds between two looks at whether fewer wait. */
const LOOK = 1000;
/** How often a capture is tried, and milliseconds before the second time; twice as many before the third. */
const TRIES = 3;
const PAUSE = 1000;

/** Runs the command. */
export async function submit(files: string[], options: SubmitOptions): Promise<void> {
  try {
    process.exitCode = await submitAll([...(options.r ?? []), ...files], options);
  } catch (e) {
    process.exitCode = fail(e);
  }
}

async function submitAll(inputs: string[], options: SubmitOptions): Promise<number> {
  const say = (message: string): void => {
    if (options.quiet !== true) tell(message);
  };
  if (inputs.length === 0) throw new UsageError('no FILE was given; clrscope submit --help shows how it is used');
  if (inputs.includes('-')) throw new UsageError('-: standard input does not reach other machines; name files');
  const paths = await expandInputs(inputs, (path, reason) => say(`${safe(path)}: ${reason}; it is left out`));
  const files = paths.filter((path) => {
    const reason = whyNot(path);
    if (reason !== null) tell(`${safe(path)}: ${reason}; it is left out`);
    return reason === null;
  });
  const jobs = await jobsFor(files, options, say);
  await withQueue(options.queue, 'submit', async (connected) => {
    const { queue, address } = connected;
    let before = 0;
    for (let at = 0; at < jobs.length; at += AT_ONCE) {
      await room(queue, say);
      before += await put(connected, jobs.slice(at, at + AT_ONCE));
    }
    const more = before === 0 ? '' : `; ${before} of them did already`;
    say(`${jobs.length} ${jobs.length === 1 ? 'capture waits' : 'captures wait'} at ${address}${more}`);
  });
  return files.length === paths.length ? Exit.done : Exit.usage;
}

/** Why no worker could read it. */
function whyNot(path: string): string | null {
  // whether an address leads to something, the workers see
  if (isUrl(path)) return null;
  if (!existsSync(path)) return 'there is no such file';
  return isStream(path) ? 'a pipe or a device does not reach other machines' : null;
}

/** A job a capture. What is wrong with options is said now, and not by each worker. */
async function jobsFor(
  paths: readonly string[],
  { queue: _queue, r: _r, quiet: _quiet, o, group, ...options }: SubmitOptions,
  say: (message: string) => void,
): Promise<QueueJob[]> {
  await settingsOf(options);
  tableFormat(options.format);
  const folder = resolve(new ExportFolder(o, false).path);
  // what it is called has to tell on other machines which one it is
  const absolute = paths.map((path) => (isUrl(path) ? path : resolve(path)));
  const captures = await groupsOf(absolute, group ?? 'auto', say);
  return captures.map(({ name, files }) => ({ name, files: [...files], o: folder, options }));
}

/** Waits until fewer jobs do. */
async function room(queue: Queue, say: (message: string) => void): Promise<void> {
  for (let told = false; ; told = true) {
    const { wait } = await queue.getJobCounts('wait');
    if (wait < MOST_WAITING) return;
    if (!told) say(`${wait} jobs wait: more are put in once clrscope work has done some`);
    await sleep(LOOK);
  }
}

/** Puts jobs in, those too that were set aside before or are damaged. How many of them wait or are done now already. */
async function put(connected: Connected, jobs: readonly QueueJob[]): Promise<number> {
  const { queue } = connected;
  const known = await Promise.all(jobs.map((job) => queuedJob(queue, jobId(job))));
  await Promise.all(jobs.map((job, at) => (known[at] === null ? emptied(connected, jobId(job)) : undefined)));
  const isOver = known.map((job) => job === null || job?.finishedOn !== undefined);
  await Promise.all(jobs.map((job, at) => (isOver[at] ? queue.remove(jobId(job)) : undefined)));
  const fresh = jobs.filter((_, at) => known[at] === undefined || isOver[at]);
  await queue.addBulk(
    fresh.map((data) => ({
      name: 'export',
      data,
      opts: {
        jobId: jobId(data),
        attempts: TRIES,
        backoff: { type: 'exponential', delay: PAUSE },
        removeOnComplete: true,
        stackTraceLimit: 0,
      },
    })),
  );
  return jobs.length - fresh.length;
}
