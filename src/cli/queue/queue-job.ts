/**
 * A job of the queue: a capture, where its part goes, and the options on which its rows depend. It carries names, neither
 * content nor secrets (but links that are signed). Whoever does a job takes it for what came from the network.
 */
import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { isUrl, shownName } from '#platform';
import { safe } from '../../core/safe-text.js';
import { cut } from '../../core/text.js';
import { UserError } from '../../core/user-error.js';
import type { QueueJson } from '../../output/schemas/queue.js';
import type { Queue, QueuedJob, Redis } from './bullmq.js';

const TEXTS = v.array(v.string());
const isPath = (path: string): boolean => isAbsolute(path) && !path.includes('\0');
const PATH = v.pipe(v.string(), v.check(isPath));
const INPUT = v.pipe(
  v.string(),
  v.check((file) => isPath(file) || isUrl(file)),
);

/** Its shape (valibot). */
export const QUEUE_JOB = v.strictObject({
  /** What the capture is called. */
  name: v.string(),
  /** Paths, from the root on, or addresses. */
  files: v.pipe(v.array(INPUT), v.minLength(1)),
  /** The folder of tables. */
  o: PATH,
  options: v.strictObject({
    format: v.string(),
    full: v.exactOptional(v.boolean()),
    port: v.exactOptional(TEXTS),
    decodeAs: v.exactOptional(TEXTS),
    limit: v.exactOptional(TEXTS),
  }),
});

/** A job of the queue. */
export type QueueJob = v.InferOutput<typeof QUEUE_JOB>;

/** @throws UserError where it is none */
export function readJob(data: unknown): QueueJob {
  const { success, output } = v.safeParse(QUEUE_JOB, data);
  if (!success) throw new UserError('it is no job that clrscope submit made');
  return output;
}

/** What a job is called on the server: the same job has the same name, and is there once. */
export function jobId(job: QueueJob): string {
  return `capture-${createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 32)}`;
}

/** A job by its name on the server: null where what is kept of it is damaged, or no job; undefined where it is gone. */
export async function queuedJob(queue: Queue, id: string): Promise<QueuedJob | null | undefined> {
  try {
    return await queue.getJob(id);
  } catch (e) {
    // no JSON, or null; another kind of value than a job is kept as
    const isNone = e instanceof SyntaxError || e instanceof TypeError;
    if (isNone || (e instanceof Error && e.message.startsWith('WRONGTYPE'))) return null;
    throw e;
  }
}

/** Makes an empty job of what is kept under a name: of a damaged one BullMQ can make nothing. */
export async function emptied({ queue, redis }: { queue: Queue; redis: Redis }, id: string): Promise<void> {
  await redis.del(queue.toKey(id));
  await redis.hset(queue.toKey(id), { data: '{}', opts: '{}' });
}

/** Characters that are shown of a text: whoever can reach the server puts any number there. */
const SHOWN = 400;

/** A text of a job in a line for people. */
export const jobText = (text: string): string => safe(cut(text, SHOWN));

/** What a job is about; null is data that cannot be read. */
export function aboutOf(data: unknown): Pick<QueueJson['setAside'][number], 'capture' | 'files' | 'folder'> {
  const { success, output } = v.safeParse(QUEUE_JOB, data);
  if (success) return { capture: output.name, files: output.files.map(shownName), folder: output.o };
  return { capture: data === null ? 'a damaged job' : 'a job of somebody else', files: [], folder: null };
}

/** Why a job failed, for people. */
export function reasonText(reason: string): string {
  const [, code, signal] = /^Unexpected exit code: (\S+) signal: (\S+)$/.exec(reason) ?? [];
  if (code === undefined) return reason;
  return signal === 'null'
    ? `the process that read it ended with exit code ${code}`
    : `the process that read it was ended by ${signal}; the machine may be short of memory`;
}

/**
 * Of what a reason speaks, and what it says of it, each cut for people: reasons mostly begin with the name of the capture,
 * or of one of its files.
 */
export function namedReason(
  { capture, files }: Pick<QueueJson['setAside'][number], 'capture' | 'files'>,
  reason: string,
): { name: string; why: string } {
  const name = [capture, ...files].find((file) => reason.startsWith(`${safe(file)}: `));
  const why = name === undefined ? reason : reason.slice(`${safe(name)}: `.length);
  return { name: jobText(name ?? capture), why: jobText(why) };
}
