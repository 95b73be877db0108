/**
 * A process of `work` (BullMQ starts and keeps it): does one job after the other, as `export` does a capture. What a capture
 * does to it, it does not do to the worker, which meanwhile tells the server that the job is under way.
 */
import { safe } from '../../core/safe-text.js';
import { exportCapture, type Target, targetOf } from '../export/export.js';
import type { Job } from '../job.js';
import { captureFailure, tell } from '../messages.js';
import type { WorkOptions } from '../options.js';
import { Output } from '../output.js';
import { settingsOf } from '../settings.js';
import { type QueueJob, readJob } from './queue-job.js';

/** Where a worker tells its processes its own options: those of `work`, as JSON. */
export const OPTIONS_VARIABLE = 'CLRSCOPE_WORK';
/** Milliseconds between two times that progress is told. */
const TOLD = 1000;

/** A job as BullMQ hands it over. */
interface GivenJob {
  readonly data: unknown;
  updateProgress(progress: number): Promise<void>;
}

/** What a worker is told of a job that was done. */
export interface DoneJob {
  /** The folder in which the part is. */
  readonly o: string;
  /** Whether the capture is cut or damaged. */
  readonly damaged: boolean;
}

/**
 * Does a job.
 * @throws Error with what is wrong, for people
 */
export async function doJob(given: GivenJob): Promise<DoneJob> {
  const job = readJob(given.data);
  const { name, files, o } = job;
  try {
    const { context, target } = await settingFor(job);
    let told = 0;
    const end = await exportCapture({ name, files }, target, { ...context, inputs: files }, (read, total) => {
      if (performance.now() - told < TOLD || total === 0) return;
      told = performance.now();
      // the worker may be gone
      given.updateProgress(Math.floor((100 * read) / total)).catch(() => undefined);
    });
    const damage = end?.damage ?? null;
    if (damage !== null) tell(`${safe(damage.file ?? name)}: byte ${damage.offset}: ${safe(damage.message)}`);
    return { o, damaged: damage !== null };
  } catch (e) {
    throw new Error(captureFailure(name, e) ?? String(e));
  }
}

/** What jobs with the same options share. */
interface Setting {
  readonly key: string;
  readonly context: Omit<Job, 'inputs'>;
  readonly target: Target;
}

let last: Setting | null = null;

/** Files that options name are read for the first job of many. */
async function settingFor({ o, options }: QueueJob): Promise<Setting> {
  const key = JSON.stringify([o, options]);
  if (last?.key === key) return last;
  const own = JSON.parse(process.env[OPTIONS_VARIABLE] ?? '{}') as WorkOptions;
  const all = { ...own, ...options, o };
  const settings = await settingsOf(all);
  const context = {
    ...settings,
    out: new Output(),
    color: false,
    width: 120,
    interrupted: false,
    signal: new AbortController().signal,
    several: true,
    note(name: string, { message }: { readonly message: string }) {
      if (own.quiet !== true) tell(`${safe(name)}: ${safe(message)}`);
    },
  };
  last = { key, context, target: targetOf(all, settings) };
  return last;
}
