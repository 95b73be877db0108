/** `clrscope export FILE... -o DIR`: captures as tables, a part a capture. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UnreadableInput } from '../../capture/open.js';
import { reasonOf } from '../../core/user-error.js';
import { rowsOf } from '../../output/tables/rows.js';
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
  const format = formatOf(FORMATS, options.format, 'export writes --format');
  let folder: ExportFolder;
  let dependsOn = '';
  let before = new Map<string, PartEntry>();
  return {
    begin(job) {
      folder = new ExportFolder(options.o, job.secrets !== null);
      folder.begin();
      dependsOn = optionsDigest(options, job);
      before = new Map(folder.entries().map((part) => [part.digest, part]));
    },
    each: (capture, job, onProgress) => exportCapture(capture, folder, format, dependsOn, job, onProgress),
    end(job) {
      const parts = folder.list();
      const written = parts.filter((part) => JSON.stringify(part) !== JSON.stringify(before.get(part.digest))).length;
      const calls = parts.reduce((n, { tables }) => n + (tables.calls?.rows ?? 0), 0);
      const message = `${parts.length} parts with ${calls} calls, ${written} of them written now`;
      job.note(options.o, { code: 'exported', message, offset: null, source: null });
    },
  };
}

/** Writes a capture's part; nothing where it is there, and says the same of it. */
async function exportCapture(
  { name, files }: CaptureFiles,
  folder: ExportFolder,
  format: TableFormat,
  options: string,
  job: Job,
  progress?: (read: number, total: number) => void,
): Promise<Read | null> {
  const { digest, bytes } = await digestOf(files).catch((e) => {
    throw new UnreadableInput(name, reasonOf(e), null);
  });
  const capture = name.slice(name.lastIndexOf('/') + 1);
  const sources = files.map((file) => resolve(file));
  const known = folder.entry(digest);
  const isCurrent = known?.version === version() && known.options === options && known.ending === format.ending;
  // of names for the same bytes the first one counts, whoever comes first
  if (known !== null && isCurrent && known.capture <= capture) {
    const all = [...new Set([...known.sources, ...sources])].sort();
    if (all.length > known.sources.length) folder.remember({ ...known, sources: all });
    return known;
  }
  const part = new PartWriter(folder, format, digest);
  try {
    const parameters = parametersOf(name, job);
    const { limits } = job;
    const rows = rowsOf({ capture, digest, bytes, version: version(), limits, parameters }, part.add);
    const end = await passOver({ name, files }, job, { ...rows, progress });
    if (job.interrupted) {
      part.abandon();
      return end;
    }
    rows.done(end);
    const { damage, packets, notLookedInto } = end;
    const all = [...new Set([...(known?.sources ?? []), ...sources])].sort();
    part.commit({ capture, sources: all, version: version(), options, damage, packets, notLookedInto });
    return end;
  } catch (e) {
    part.abandon();
    throw e;
  }
}

/** A digest of what rows depend on beside the capture and the program. Of secrets it is not what they are. */
function optionsDigest({ full, port, decodeAs, limit, secrets }: ExportOptions, { own }: Job): string {
  const opened = secrets?.map((file) => {
    const { size, mtimeMs } = statSync(file);
    return [size, mtimeMs];
  });
  const sources = [own.idl, own.registry, own.dissectors.map((file) => readFileSync(file, 'utf8'))];
  const all = [full, port, decodeAs, limit, opened, sources];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
