/**
 * A process of `work` (BullMQ starts and keeps it): does one job after the other, as `export` does a capture. What a capture
 * does to it, it does not do to the worker, which meanwhile tells the server that the job is under way.
 */
import { existsSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUrl } from '#platform';
import { UnreadableInput } from '../../capture/packet.js';
import { safe } from '../../core/safe-text.js';
import { UserError } from '../../core/user-error.js';
import { type ExportTarget, exportCapture, exportTarget } from '../export/export.js';
import type { Job } from '../job.js';
import { captureFailure, failureText, tell } from '../messages.js';
import type { WorkOptions } from '../options.js';
import { Output } from '../output.js';
import { settingsOf } from '../settings.js';
import { isStream } from '../stream-input.js';
import { jobText, type QueueJob, readJob } from './queue-job.js';

/** Where a worker tells its processes its own options: those of `work`, as JSON. */
export const OPTIONS_VARIABLE = 'CLRSCOPE_WORK';
/** Milliseconds between two times that progress is told. */
const TOLD = 1000;
/**
 * Milliseconds after which a job is given back that failed on account of this machine: a disk that is full, a folder that is
 * not mounted. Twice as many each time, up to the most: the captures are for others, and not all set aside within seconds.
 */
const PAUSE = 1000;
const LONGEST_PAUSE = 16_000;

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
    assertReadable(files);
    const { context, target } = await settingFor(job);
    let told = 0;
    const end = await exportCapture({ name, files }, target, { ...context, inputs: files }, (read, total) => {
      if (performance.now() - told < TOLD || total === 0) return;
      told = performance.now();
      // the worker may be gone
      given.updateProgress(Math.floor((100 * read) / total)).catch(() => undefined);
    });
    pause = 0;
    const damage = end?.damage ?? null;
    if (damage !== null) tell(`${jobText(damage.file ?? name)}: byte ${damage.offset}: ${safe(damage.message)}`);
    return { o, damaged: damage !== null };
  } catch (e) {
    // the folder may have to be begun anew
    last = null;
    const failure = captureFailure(name, e);
    if (failure !== null) throw new Error(failure);
    pause = Math.min(LONGEST_PAUSE, 2 * pause || PAUSE);
    await sleep(pause);
    throw new Error(failureText(e));
  }
}

/** The last one, while one job after the other fails. */
let pause = 0;

/**
 * Looks at the files of a job.
 * @throws UnreadableInput where the fault is theirs, UserError where it is this machine's
 */
function assertReadable(files: readonly string[]): void {
  for (const file of files.filter((path) => !isUrl(path))) {
    if (isStream(file)) throw new UnreadableInput(file, 'it is no file', null);
    const folder = dirname(file);
    if (!existsSync(file) && isBare(folder)) throw new UserError(`${safe(folder)}: nothing is there on ${hostname()}`);
  }
}

/** Whether nothing is in a folder, as where something else should be mounted, or it is not there at all. */
function isBare(folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0;
}

/** What jobs with the same options share. */
interface Setting {
  readonly key: string;
  readonly context: Omit<Job, 'inputs'>;
  readonly target: ExportTarget;
}

let last: Setting | null = null;

// whose worker is ended, or gone, ends amid a job: a copy of many GB would stay in the folder until somebody else begins there
process.once('exit', () => last?.target.folder.dropOwn());

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
    room: Number.POSITIVE_INFINITY,
    interrupted: false,
    signal: new AbortController().signal,
    several: true,
    note(name: string, { message }: { readonly message: string }) {
      if (own.quiet !== true) tell(`${jobText(name)}: ${jobText(message)}`);
    },
  };
  last = { key, context, target: exportTarget(all, settings) };
  return last;
}
