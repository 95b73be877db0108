/** `clrscope export FILE... -o DIR`: captures as tables, a part a capture. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isUrl, shownName } from '#platform';
import { openInput } from '../../capture/input.js';
import { UnreadableInput } from '../../capture/open.js';
import { limitMessage } from '../../core/limits.js';
import { reasonOf, UserError } from '../../core/user-error.js';
import { countOf } from '../../output/objects-words.js';
import { rowsOf } from '../../output/tables/rows.js';
import { TABLES } from '../../output/tables/tables.js';
import { PATIENCE } from '../../platform/node/http/answer.js';
import { Pace } from '../../platform/node/http/pace.js';
import { Allowance } from '../allowance.js';
import { parametersOf } from '../call-parameters.js';
import type { CaptureFiles, Job, Read, Work } from '../job.js';
import type { ExportOptions } from '../options.js';
import { passOver } from '../pass.js';
import { formatOf } from '../printer.js';
import { runJob } from '../run.js';
import { isStream } from '../stream-input.js';
import { version } from '../version.js';
import { digestOf } from './digest.js';
import { ExportFolder } from './folder.js';
import { CSV, NDJSON } from './lines.js';
import { PARQUET } from './parquet/parquet.js';
import { PartWriter } from './part.js';
import type { PartEntry } from './part-entry.js';
import type { Sink, TableFormat } from './table-file.js';

const FORMATS: Readonly<Record<string, TableFormat>> = { parquet: PARQUET, ndjson: NDJSON, csv: CSV };

/** Runs the command. */
export async function exportTables(files: string[], options: ExportOptions): Promise<void> {
  const isNew = !existsSync(options.o);
  await runJob(files, options, exporting(options), { command: 'export', options });
  // where nothing could be read, nothing is left
  if (isNew && existsSync(options.o) && readdirSync(options.o).length === 0) rmdirSync(options.o);
}

/** What it does with each capture. */
export function exporting(options: ExportOptions): Work {
  tableFormat(options.format);
  let target: ExportTarget | null = null;
  let before = new Map<string, PartEntry>();
  return {
    begin(job) {
      target = exportTarget(options, job);
      before = new Map(target.folder.entries().map((part) => [part.digest, part]));
    },
    each: (capture, job, onProgress) => exportCapture(capture, target!, job, onProgress),
    failed() {
      target?.folder.dropOwn();
      target?.folder.list();
    },
    end(job) {
      const { folder } = target!;
      folder.dropOwn();
      const parts = folder.list();
      const written = parts.filter((part) => JSON.stringify(part) !== JSON.stringify(before.get(part.digest))).length;
      const calls = parts.reduce((n, { tables }) => n + (tables.calls?.rows ?? 0), 0);
      const message = `${countOf(parts.length, 'part')} with ${countOf(calls, 'call')}, ${written} of them written now`;
      const say = (code: string, message: string) => job.note(options.o, { code, message, offset: null, source: null });
      say('exported', message);
      const [again, ...others] = inSeveral(parts);
      if (again === undefined) return;
      const files = others.length === 0 ? again : `${again} and ${others.length} more`;
      say('in-several', `${files} changed since an earlier part, or were grouped otherwise: rows of them count twice`);
    },
  };
}

/** Files that are in several parts. */
function inSeveral(parts: readonly PartEntry[]): string[] {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { sources } of parts)
    for (const source of sources) if (source !== '-') (seen.has(source) ? again : seen).add(source);
  return [...again];
}

/**
 * How tables are written.
 * @throws UsageError where there is no such format
 */
export function tableFormat(name: string): TableFormat {
  return formatOf(FORMATS, name, 'export writes --format');
}

/** Where and how captures are written. */
export interface ExportTarget {
  readonly folder: ExportFolder;
  readonly format: TableFormat;
  /** Digest of the options on which rows depend. */
  readonly options: string;
  readonly mayChange: boolean;
}

/** Makes the folder ready. */
export function exportTarget(options: Omit<ExportOptions, 'color'>, job: Pick<Job, 'secrets' | 'own'>): ExportTarget {
  const folder = new ExportFolder(options.o, job.secrets !== null, options.called);
  // a new one is begun with the first part: there may be none
  if (existsSync(options.o)) folder.begin();
  return {
    folder,
    format: tableFormat(options.format),
    options: optionsDigest(options, job),
    mayChange: options.mayChange === true,
  };
}

/** Writes a capture's part; nothing where it is there, and says the same of it. */
export async function exportCapture(
  capture: CaptureFiles,
  target: ExportTarget,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<Read | null> {
  const sources = capture.files.map((file) => (file === '-' ? file : isUrl(file) ? shownName(file) : resolve(file)));
  if (!capture.files.some(isStream)) return exportFiles(capture, sources, target, job, progress);
  // what comes through a pipe or a network is read twice: for its digest, and for its rows
  const temporary = target.folder.temporary();
  try {
    const copies = await kept(capture.files, target.folder, temporary, job, progress);
    return job.interrupted ? null : await exportFiles({ ...capture, copies }, sources, target, job, progress);
  } finally {
    target.folder.drop(temporary);
  }
}

/** Bytes that are copied at a time. */
const COPIED = 1 << 20;

/** Copies of what files give, standard input too, in a temporary folder: whole ones, or what is copied is unreadable. */
async function kept(
  files: readonly string[],
  folder: ExportFolder,
  temporary: string,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<string[]> {
  const copies: string[] = [];
  for (const [at, file] of files.entries()) {
    const copy = folder.create(temporary, String(at));
    try {
      await fill(copy, folder.free(), file, job, progress);
    } finally {
      copy.close();
    }
    copies.push(join(folder.path, temporary, String(at)));
  }
  return copies;
}

/**
 * Copies all bytes of a file: as many as it told, or as the limit allows.
 * @param room bytes that there are for it
 */
async function fill(
  copy: Sink,
  room: number,
  file: string,
  { signal, limits }: Job,
  progress?: (read: number, total: number) => void,
): Promise<void> {
  const unreadable = (e: unknown): never => {
    throw new UnreadableInput(shownName(file), reasonOf(e), null);
  };
  const { source, total } = await openInput(file, signal).catch(unreadable);
  try {
    // others write there too, and whoever tells a length may tell any
    if (total > room)
      unreadable(new UserError(`it has ${total} bytes, and ${room} are free where tables are written, for its copy`));
    const bytes = new Uint8Array(COPIED);
    // a pipe may be what is captured now
    const pace = isUrl(file) ? new Pace() : null;
    for (let n = await source.read(bytes, 0, COPIED); n > 0; n = await source.read(bytes, 0, COPIED)) {
      try {
        pace?.came(n, PATIENCE);
      } catch (e) {
        unreadable(e);
      }
      if (total === 0 && source.taken > limits.copiedBytes)
        unreadable(new UserError(limitMessage('copiedBytes', limits)));
      copy.write(bytes.subarray(0, n));
      progress?.(source.taken, total);
    }
    if (source.failure !== null) unreadable(source.failure);
  } finally {
    await source.close();
  }
}

async function exportFiles(
  capture: CaptureFiles,
  sources: readonly string[],
  { folder, format, options, mayChange }: ExportTarget,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<Read> {
  const { name } = capture;
  const { digest, bytes, assertUnchanged } = await digestOf(capture.copies ?? capture.files, job.signal);
  const called = name.slice(name.lastIndexOf('/') + 1);
  const known = folder.entry(digest);
  const isCurrent = known?.version === version() && known.options === options && known.ending === format.ending;
  const all = [...new Set([...(known?.sources ?? []), ...sources])].sort();
  // of names for the same bytes the first one counts, whoever comes first
  if (known !== null && isCurrent && known.capture <= called) {
    if (all.length > known.sources.length) folder.remember({ ...known, sources: all });
    return known;
  }
  const part = new PartWriter(folder, format, digest);
  try {
    const { limits } = job;
    const allowance = new Allowance(name, job);
    const parameters = parametersOf(allowance, job);
    const rows = rowsOf(
      { capture: called, digest, bytes, version: version(), limits, parameters, allowance },
      part.add,
    );
    const end = await passOver(capture, job, { ...rows, progress });
    if (job.interrupted) part.abandon();
    else {
      if (!mayChange) assertUnchanged();
      rows.done(end);
      const { damage, packets, notLookedInto } = end;
      part.commit({ capture: called, sources: all, version: version(), options, damage, packets, notLookedInto });
    }
    return end;
  } catch (e) {
    part.abandon();
    throw e;
  }
}

/**
 * A digest of what rows depend on beside the capture and the program, which columns they have among it, the same on all
 * machines. Of secrets it tells when
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
  const columns = TABLES.map((table) => [table.name, table.columns.map(({ name, type }) => [name, type])]);
  const all = [columns, full, port, decodeAs, limit, opened, sources];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
