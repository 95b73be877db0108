/** `clrscope vectors FILE... -o DIR`: every stub, every message of remoting and every NRBF stream seen, as test vectors. */
import { basename } from 'node:path';
import { interfacesWith } from '../../dissectors/index.js';
import { coverage, coversJson } from '../analysis/vectors/cover.js';
import { LANGUAGES, literals } from '../analysis/vectors/literals.js';
import { type Vector, VectorSet } from '../analysis/vectors/vectors.js';
import type { Limits } from '../core/limits.js';
import { safe } from '../output/terminal.js';
import {
  jsonLine,
  jsonMembers,
  literalsOf,
  pretty,
  type VectorFiles,
  vectorFiles,
  withSights,
  written,
} from '../output/vector-files.js';
import type { Job } from './job.js';
import { type CommonOptions, UsageError } from './options.js';
import { OutFile } from './out-file.js';
import type { Output } from './output.js';
import { passOver } from './pass.js';
import { formatOf } from './printer.js';
import { runJob } from './run.js';
import { VectorsFolder } from './vectors-folder.js';

export interface VectorsOptions extends CommonOptions {
  o?: string;
  format: string;
  cover?: boolean;
  redact?: boolean;
}

/** How vectors are written. */
interface Format {
  /** What of a vector waits for the end of all captures. */
  readonly keep: (one: VectorFiles) => VectorFiles;
  /** Null for a folder, which is written at once: the bytes of a large capture need not stay. */
  readonly write: ((out: Output, all: readonly VectorFiles[]) => void) | null;
  /** It holds nothing but bytes. */
  readonly onlyBytes?: true;
}

const FORMATS: Readonly<Record<string, Format>> = {
  files: { keep: (one) => ({ ...one, files: {} }), write: null },
  jsonl: {
    keep: (one) => ({ ...one, files: {}, json: jsonMembers(one.files) }),
    write(out, all) {
      for (const one of all) out.write(jsonLine(one));
    },
  },
  ...Object.fromEntries(
    LANGUAGES.map((language): [string, Format] => [
      language,
      {
        keep: (one) => ({
          ...one,
          files: Object.fromEntries(Object.entries(one.files).filter(([, content]) => content instanceof Uint8Array)),
        }),
        write: (out, all) => {
          for (const piece of literals(language, all.flatMap(literalsOf))) out.write(piece);
        },
        onlyBytes: true,
      },
    ]),
  ),
};

/** Each vector has its values whole; a few bytes that ask for very many of them, as runs of nulls do, get fewer than elsewhere. */
function decodedLimits(limits: Limits): Limits {
  return { ...limits, output: limits.output / 64 };
}

/** Runs the command. */
export async function vectors(files: string[], options: VectorsOptions): Promise<void> {
  const { o: target } = options;
  const format = formatOf(FORMATS, options.format, 'vectors writes --format');
  if (format.write === null && target === undefined && options.cover !== true)
    throw new UsageError('vectors wants -o DIR, or --cover to print only what is covered');
  if (options.redact === true && format.onlyBytes === true)
    throw new UsageError('--redact leaves bytes out, and these formats hold nothing else: use files or jsonl');
  if (format.write === null && target === '-')
    throw new UsageError('-o - is standard output, and --format files is a folder: use another format, or -o DIR');
  let folder: VectorsFolder | null = null;
  let out: OutFile | null = null;
  const made = new Map<string, VectorFiles>();
  let masked = 0;
  const onNew = (vector: Vector): number => {
    const one = vectorFiles(
      { ...vector, documented: vector.documented && format.onlyBytes !== true },
      options.redact === true ? () => ++masked : null,
    );
    made.set(vector.name, format.keep(one));
    folder?.write(one.name, written(one.files));
    return made.get(vector.name)?.json?.length ?? 0;
  };
  let set = new VectorSet(onNew);
  await runJob(files, options, {
    begin(job) {
      set = new VectorSet(onNew, job.limits);
      const secret = job.secrets !== null;
      if (format.write !== null) out = new OutFile(target, { inputs: job.inputs, secret });
      else if (target !== undefined) folder = new VectorsFolder(target, secret);
    },
    async each(capture, job, progress) {
      const end = await passOver(capture, job, {
        progress,
        limits: decodedLimits(job.limits),
        call: (call) => set.add(call, basename(capture.name)),
      });
      // only now that a capture could be read, what the last run wrote may go
      folder?.begin();
      return end;
    },
    end(job) {
      for (const message of set.warnings()) job.note('vectors', { code: 'limit', message, offset: null, source: null });
      const all = set.list().map((seen) => withSights(made.get(seen.name) as VectorFiles, seen));
      if (options.cover === true) printCover(job, set);
      // where not one capture could be read, what the last run wrote stays
      if (folder?.begun) finish(folder, all, set);
      if (out === null) return;
      job.out.flush();
      format.write?.(out, all);
      out.close();
    },
  });
}

function finish(folder: VectorsFolder, all: readonly VectorFiles[], set: VectorSet): void {
  const manifests = new Map(all.map(({ name, manifest }) => [name, pretty(manifest)]));
  folder.end(manifests, pretty({ vectors: [...manifests.keys()], covers: coversJson(set.covers()) }));
}

function printCover(job: Job, set: VectorSet): void {
  for (const { title, covered, missing } of coverage(set.covers(), [...interfacesWith(job.interfaces).values()])) {
    job.out.write(`${title}: ${covered.length} covered, ${missing.length} missing\n`);
    for (const name of covered) job.out.write(`  + ${safe(name)}\n`);
    for (const name of missing) job.out.write(`  - ${safe(name)}\n`);
  }
}
