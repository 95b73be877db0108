/** `clrscope export FILE... -o DIR`: captures as tables, a part a capture. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UnreadableInput } from '../../capture/open.js';
import { reasonOf, UserError } from '../../core/user-error.js';
import { rowsOf } from '../../output/tables/rows.js';
import { Allowance } from '../allowance.js';
import { parametersOf } from '../call-parameters.js';
import type { CaptureFiles, Job, Read, Work } from '../job.js';
import type { ExportOptions } from '../options.js';
import { passOver } from '../pass.js';
import { formatOf } from '../printer.js';
import { runJob } from '../run.js';
import { version } from '../version.js';
import { digestOf } from './digest.js';
import { ExportFolder } from './folder.js';
import { CSV, NDJSON } from './lines.js';
import { PARQUET } from './parquet.js';
import { PartWriter } from './part.js';
import type { PartEntry } from './part-entry.js';
import type { TableFormat } from './table-file.js';

const FORMATS: Readonly<Record<string, TableFormat>> = { parquet: PARQUET, ndjson: NDJSON, csv: CSV };

/** Runs the command. */
export function exportTables(files: string[], options: ExportOptions): Promise<void> {
  return runJob(files, options, exporting(options), { command: 'export', options });
}

/** What it does with each capture. */
export function exporting(options: ExportOptions): Work {
  tableFormat(options.format);
  let target: Target;
  let before = new Map<string, PartEntry>();
  return {
    begin(job) {
      target = targetOf(options, job);
      before = new Map(target.folder.entries().map((part) => [part.digest, part]));
    },
    each: (capture, job, onProgress) => exportCapture(capture, target, job, onProgress),
    end(job) {
      target.folder.dropOwn();
      const parts = target.folder.list();
      const written = parts.filter((part) => JSON.stringify(part) !== JSON.stringify(before.get(part.digest))).length;
      const calls = parts.reduce((n, { tables }) => n + (tables.calls?.rows ?? 0), 0);
      const message = `${parts.length} parts with ${calls} calls, ${written} of them written now`;
      job.note(options.o, { code: 'exported', message, offset: null, source: null });
    },
  };
}

/**
 * How tables are written.
 * @throws UsageError where there is no such format
 */
export function tableFormat(name: string): TableFormat {
  return formatOf(FORMATS, name, 'export writes --format');
}

/** Where and how captures are written. */
export interface Target {
  readonly folder: ExportFolder;
  readonly format: TableFormat;
  /** Digest of the options on which rows depend. */
  readonly options: string;
}

/** Makes the folder ready. */
export function targetOf(options: Omit<ExportOptions, 'color'>, job: Pick<Job, 'secrets' | 'own'>): Target {
  const folder = new ExportFolder(options.o, job.secrets !== null);
  folder.begin();
  return { folder, format: tableFormat(options.format), options: optionsDigest(options, job) };
}

/** Writes a capture's part; nothing where it is there, and says the same of it. */
export async function exportCapture(
  capture: CaptureFiles,
  target: Target,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<Read | null> {
  const sources = capture.files.map((file) => (file === '-' ? file : resolve(file)));
  if (capture.files.every((file) => statSync(file, { throwIfNoEntry: false })?.isFile() !== false && file !== '-'))
    return exportFiles(capture, sources, target, job, progress);
  // what comes through a pipe is read twice: for its digest, and for its rows
  const temporary = target.folder.temporary();
  try {
    const files = await kept(capture.files, target.folder, temporary, job.signal);
    return job.interrupted ? null : await exportFiles({ ...capture, files }, sources, target, job, progress);
  } finally {
    target.folder.drop(temporary);
  }
}

/** Copies of what files give, standard input too, in a temporary folder. */
async function kept(
  files: readonly string[],
  folder: ExportFolder,
  temporary: string,
  signal: AbortSignal,
): Promise<string[]> {
  const copies: string[] = [];
  for (const [at, file] of files.entries()) {
    const copy = folder.create(temporary, String(at));
    const write = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of chunks) copy.write(chunk);
    };
    try {
      await pipeline(file === '-' ? process.stdin : createReadStream(file), write, { signal });
    } catch (e) {
      // what is wrong with the copy is not wrong with the file
      if (e instanceof UserError) throw e;
      if (!signal.aborted) throw new UnreadableInput(file, reasonOf(e), null);
    } finally {
      copy.close();
    }
    copies.push(join(folder.path, temporary, String(at)));
  }
  return copies;
}

async function exportFiles(
  { name, files }: CaptureFiles,
  sources: readonly string[],
  { folder, format, options }: Target,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<Read> {
  const { digest, bytes, assertUnchanged } = await digestOf(files, job.signal);
  const capture = name.slice(name.lastIndexOf('/') + 1);
  const known = folder.entry(digest);
  const isCurrent = known?.version === version() && known.options === options && known.ending === format.ending;
  const all = [...new Set([...(known?.sources ?? []), ...sources])].sort();
  // of names for the same bytes the first one counts, whoever comes first
  if (known !== null && isCurrent && known.capture <= capture) {
    if (all.length > known.sources.length) folder.remember({ ...known, sources: all });
    return known;
  }
  const part = new PartWriter(folder, format, digest);
  try {
    const { limits } = job;
    const allowance = new Allowance(name, job);
    const parameters = parametersOf(allowance, job);
    const rows = rowsOf({ capture, digest, bytes, version: version(), limits, parameters, allowance }, part.add);
    const end = await passOver({ name, files }, job, { ...rows, progress });
    if (job.interrupted) part.abandon();
    else {
      assertUnchanged();
      rows.done(end);
      const { damage, packets, notLookedInto } = end;
      part.commit({ capture, sources: all, version: version(), options, damage, packets, notLookedInto });
    }
    return end;
  } catch (e) {
    part.abandon();
    throw e;
  }
}

/**
 * A digest of what rows depend on beside the capture and the program, the same on all machines. Of secrets it tells when
 * they changed, but for one time in 4,096, and too little to guess them by.
 */
function optionsDigest(
  { full, port, decodeAs, limit, secrets }: Omit<ExportOptions, 'color'>,
  { own }: Pick<Job, 'own'>,
): string {
  const opened = secrets?.map((file) => {
    const bytes = readFileSync(file);
    return [bytes.length, createHash('sha256').update(bytes).digest('hex').slice(0, 3)];
  });
  const sources = [own.idl, own.registry, own.dissectors.map((file) => readFileSync(file, 'utf8'))];
  const all = [full, port, decodeAs, limit, opened, sources];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
