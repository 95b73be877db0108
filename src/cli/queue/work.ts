/** `clrscope work --queue URL`: does jobs of the queue as `export` does captures, in processes of its own. */
import { availableParallelism, hostname } from 'node:os';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { safe } from '../../core/safe-text.js';
import { ExportFolder } from '../export/folder.js';
import { fail, tell } from '../messages.js';
import { Exit, type WorkOptions } from '../options.js';
import { settingsOf } from '../settings.js';
import type { QueuedJob } from './bullmq.js';
import { type Connected, QUEUE, withQueue } from './connection.js';
import { type DoneJob, OPTIONS_VARIABLE } from './doing.js';
import { countsOf, isEmpty, ProgressLine } from './progress.js';
import { aboutOf, emptied, namedReason, queuedJob, reasonText } from './queue-job.js';

/** Milliseconds after which a job is given to another worker when the one that has it says nothing, and between two looks. */
const LOCK = 15_000;
const LOOK_FOR_LOST = 5_000;
/**
 * How often a job may lose its worker. A capture that ends the process that reads it is set aside after three tries like any
 * other; a whole worker is mostly ended by somebody, and then the capture is not to blame.
 */
const MOST_LOST = 10;
/** Milliseconds between two looks at how far all is. */
const LOOK = 1000;
/** Minutes of which BullMQ keeps how much was done. */
const METRICS = 60;

/** Runs the command. */
export async function work(options: WorkOptions): Promise<void> {
  try {
    // what is wrong with options is not wrong with captures
    const { secrets } = await settingsOf(options);
    process.exitCode = await withQueue(options.queue, 'work', (connected) =>
      new Working(connected, options, secrets !== null).run(),
    );
  } catch (e) {
    process.exitCode = fail(e);
  }
}

/** One run of the command. */
class Working {
  private code: number = Exit.done;
  private refusal = '';
  private interrupted = false;
  /** As many as the server said last. */
  private done = 0;
  /** Folders with parts that no manifest may name yet. */
  private readonly folders = new Set<string>();
  private line: ProgressLine | null = null;
  private end = (): void => {};

  constructor(
    private readonly connected: Connected,
    private readonly options: WorkOptions,
    private readonly secret: boolean,
  ) {}

  /** Does jobs until the user or the system ends it, or there are none. Returns the exit code. */
  async run(): Promise<number> {
    const { packages, redis, address } = this.connected;
    const { queue: _address, ...own } = this.options;
    const { CLRSCOPE_QUEUE: _password, ...env } = process.env;
    const file = fileURLToPath(new URL('./job-process.js', import.meta.url));
    const jobs = own.jobs ?? availableParallelism();
    const worker = new packages.Worker(QUEUE, file, {
      connection: redis,
      name: `${hostname()}:${process.pid}`,
      concurrency: jobs,
      lockDuration: LOCK,
      stalledInterval: LOOK_FOR_LOST,
      maxStalledCount: MOST_LOST,
      drainDelay: 5,
      metrics: { maxDataPoints: METRICS },
      workerForkOptions: {
        env: { ...env, [OPTIONS_VARIABLE]: JSON.stringify(own) },
        // job-process.ts says why so early
        execArgv: [...process.execArgv, '--require', file],
      },
    });
    worker.on('completed', (_job, returned) => this.completed(returned as DoneJob));
    worker.on('failed', (job, e) => this.failed(job, e));
    worker.on('error', (e) => this.refused(e));
    worker.on('stalled', (id) => void this.mend(id).catch(() => undefined));
    const ended = new Promise<void>((resolve) => {
      this.end = resolve;
    });
    process.on('SIGINT', this.interrupt);
    process.on('SIGTERM', this.terminate);
    if (isatty(2)) this.line = new ProgressLine();
    else if (own.quiet !== true) tell(`works for ${address}, ${jobs} ${jobs === 1 ? 'capture' : 'captures'} at a time`);
    const looking = setInterval(() => void this.look().catch((e: Error) => this.refused(e)), LOOK);
    await ended;
    clearInterval(looking);
    const isClosed = await Promise.race([worker.close().then(() => true), this.connected.gone().then(() => false)]);
    this.line?.stop();
    this.list();
    const code = this.interrupted ? Exit.interrupted : this.code;
    if (isClosed) return code;
    // what is under way is done anew by whoever asks for it when the server is back
    tell(`${address} does not answer: it cannot be told what was done`);
    return process.exit(code);
  }

  private completed({ o, damaged }: DoneJob): void {
    this.folders.add(o);
    if (damaged && this.code === Exit.done) this.code = Exit.damaged;
  }

  private failed(job: QueuedJob | undefined, { message }: Error): void {
    if (job === undefined) return;
    const { name, why } = namedReason(aboutOf(job.data), reasonText(message));
    if (job.finishedOn !== undefined) {
      this.code = Exit.usage;
      tell(`${name}: set aside after ${job.attemptsMade} ${job.attemptsMade === 1 ? 'try' : 'tries'}: ${why}`);
    } else if (this.options.quiet !== true) tell(`${name}: ${why}; it is tried again`);
  }

  /** Says once what the server refuses: its memory is full, it is a replica. What is wrong with the connection is told by that. */
  private refused({ name, message }: Error): void {
    const [code] = message.split(' ', 1);
    if (code === 'WRONGTYPE') void this.mendAll().catch(() => undefined);
    if (name !== 'ReplyError' || this.refusal === code) return;
    this.refusal = code;
    tell(`${this.connected.address}: ${safe(message)}`);
  }

  /** A job that is damaged BullMQ would hand out for ever: as an empty one it is set aside. */
  private async mend(id: string): Promise<void> {
    if ((await queuedJob(this.connected.queue, id)) === null) await emptied(this.connected, id);
  }

  /** BullMQ would forget those under whose name another kind of value is kept. */
  private async mendAll(): Promise<void> {
    for (const id of await this.connected.queue.getRanges(['active'], 0, -1)) await this.mend(id);
  }

  /** How far all is; manifests are written when there is time for it. */
  private async look(): Promise<void> {
    const counts = await countsOf(this.connected.queue);
    this.line?.show(counts);
    if (counts.done < this.done) {
      this.code = Exit.usage;
      tell(
        `${this.connected.address}: jobs are gone that were there; submit the captures again, what is done stays done`,
      );
    }
    this.done = counts.done;
    if (counts.waiting === 0) this.list();
    if (this.options.untilEmpty === true && isEmpty(counts)) this.end();
  }

  private list(): void {
    for (const path of this.folders) {
      new ExportFolder(path, this.secret).list();
      this.folders.delete(path);
    }
  }

  private readonly interrupt = (): void => {
    // who presses it twice does not want to wait
    if (this.interrupted) {
      this.line?.stop();
      process.exit(Exit.interrupted);
    }
    this.interrupted = true;
    tell('ends when what is under way is done; Ctrl-C once more leaves it to others');
    this.end();
  };

  private readonly terminate = (): void => this.end();
}
