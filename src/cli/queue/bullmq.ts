/**
 * BullMQ and ioredis as `submit`, `work` and `queue` use them. Both are optional: who has one machine needs neither. So what
 * is used of them is declared here, and the program is built without them too.
 */
import { reasonOf, UserError } from '../../core/user-error.js';
import { importModule } from '../import-module.js';

/** What is used of the packages. */
export interface Packages {
  readonly Queue: new (name: string, options: { connection: Redis }) => Queue;
  readonly Worker: new (name: string, file: string, options: WorkerSettings) => QueueWorker;
  readonly Redis: new (options: RedisSettings) => Redis;
}

/** How to reach a server. */
export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: { readonly servername?: string } | undefined;
  readonly connectTimeout: number;
  readonly lazyConnect: true;
  readonly maxRetriesPerRequest: null;
  /** Milliseconds until the next trial; null to give up. */
  retryStrategy(times: number): number | null;
}

/** A connection to a server. */
export interface Redis {
  readonly options: { readonly db?: number };
  connect(): Promise<void>;
  select(db: number): Promise<unknown>;
  del(key: string): Promise<unknown>;
  hset(key: string, values: Readonly<Record<string, string>>): Promise<unknown>;
  disconnect(): void;
  on(event: 'error', listener: (e: Error) => void): void;
  on(event: 'ready', listener: () => void): void;
}

/** A job as the queue keeps it. All that is in it comes from the network. */
export interface QueuedJob {
  readonly id?: string;
  readonly data: unknown;
  readonly progress: unknown;
  readonly attemptsMade: number;
  readonly opts: { readonly attempts?: number };
  readonly failedReason?: string;
  readonly returnvalue?: unknown;
  /** Milliseconds since 1970. */
  readonly processedOn?: number;
  readonly finishedOn?: number;
  /** The worker that does it. */
  readonly processedBy?: string;
}

/** How a job is put in. */
export interface NewJob {
  readonly name: string;
  readonly data: object;
  readonly opts: {
    readonly jobId: string;
    readonly attempts: number;
    readonly backoff: { readonly type: 'exponential'; readonly delay: number };
    readonly removeOnComplete: true;
    readonly stackTraceLimit: number;
  };
}

/** States of jobs: those that wait for their next try are `delayed`. */
export type JobState = 'wait' | 'active' | 'delayed' | 'failed';

export interface Queue {
  addBulk(jobs: readonly NewJob[]): Promise<unknown>;
  getJob(id: string): Promise<QueuedJob | undefined>;
  /** Names of jobs, those that came last first. */
  getRanges(states: JobState[], from: number, to: number): Promise<string[]>;
  getJobCounts(...states: JobState[]): Promise<Readonly<Record<string, number>>>;
  getMetrics(of: 'completed'): Promise<{ readonly meta: { readonly count: number } }>;
  /** Workers of all queues of this name, with the number of the database where the server tells it. */
  getWorkers(): Promise<readonly { readonly db?: string }[]>;
  /** Takes a job away, whatever became of it, unless a worker has it. */
  remove(id: string): Promise<unknown>;
  /** What is kept under which name on the server. */
  toKey(id: string): string;
  on(event: 'error', listener: (e: Error) => void): void;
  close(): Promise<void>;
}

interface WorkerSettings {
  readonly connection: Redis;
  readonly name: string;
  readonly concurrency: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly drainDelay: number;
  readonly metrics: { readonly maxDataPoints: number };
  readonly workerForkOptions: { readonly env: NodeJS.ProcessEnv; readonly execArgv: readonly string[] };
}

export interface QueueWorker {
  on(event: 'completed', listener: (job: QueuedJob, returned: unknown) => void): void;
  on(event: 'failed', listener: (job: QueuedJob | undefined, e: Error) => void): void;
  on(event: 'error', listener: (e: Error) => void): void;
  /** Called with the name of a job whose worker said nothing for too long; it waits again. */
  on(event: 'stalled', listener: (id: string) => void): void;
  /** Ends once the jobs under way are done. */
  close(): Promise<void>;
}

/** @throws UserError where they are not there, or do not run here */
export async function loadPackages(command: string): Promise<Packages> {
  try {
    const { Queue, Worker } = (await importModule('bullmq')) as unknown as Packages;
    const { Redis } = (await importModule('ioredis')) as unknown as Packages;
    return { Queue, Worker, Redis };
  } catch (e) {
    const isMissing = e instanceof Error && /^Cannot find package '(bullmq|ioredis)'/.test(e.message);
    const reason = isMissing ? '' : `; they are there, and do not run: ${reasonOf(e)}`;
    throw new UserError(`${command} needs bullmq and ioredis: npm i -g bullmq ioredis${reason}`);
  }
}
