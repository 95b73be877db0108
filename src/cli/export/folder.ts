/**
 * The folder that `export -o DIR` writes: a folder a table with a file a part, `parts` with what is known of each part, and
 * `manifest.json`, which is made of these. Several programs, on several machines, may write the same one: files come by
 * being renamed, and a part is there once its entry in `parts` is.
 */
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { threadId } from 'node:worker_threads';
import * as v from 'valibot';
import { isUrl, shownName } from '#platform';
import { safe } from '../../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../../core/user-error.js';
import { TABLES } from '../../output/tables/tables.js';
import { isRunning, MACHINE } from '../machine.js';
import { makeFolder } from '../make-folder.js';
import { UsageError } from '../options.js';
import { version } from '../version.js';
import { PART, type PartEntry } from './part-entry.js';
import { Sink } from './table-file.js';

const MANIFEST = 'manifest.json';
const PARTS = 'parts';
/** What a manifest begins with: whose it is, and the shape of all this. */
const HEAD = { tool: 'clrscope export', format: 1 } as const;
/** Milliseconds after which what another machine left unfinished is nobody's. */
const ABANDONED = 24 * 3600 * 1000;

/** Bytes that an entry in `parts` has at most: what is larger is none of ours. */
const MAX_ENTRY = 64 << 20;
/** How a manifest begins, and bytes in which it does. */
const BEGINNING = /^\s*\{\s*"tool"\s*:\s*"([^"]*)"\s*,\s*"format"\s*:\s*(\d{1,9})\s*[,}]/;
const MAX_BEGINNING = 256;

const NAME_OF_PART = /^[0-9a-f]{64}\.json$/;
const MADE_BY = /^\.part-(.*)-(\d+)-\d+-[0-9a-f]+$/;

/** A folder of tables. Its methods throw `UserError`s of what the operating system refuses. */
export class ExportFolder {
  private unfinished = 0;
  private isBegun = false;

  /**
   * Looks at the folder and changes nothing.
   * @param secret what is written is for its owner's eyes only
   * @param name what messages call it
   * @throws UsageError where there is something else
   */
  constructor(
    readonly path: string,
    private readonly secret: boolean,
    private readonly name = `-o ${safe(path)}`,
  ) {
    if (path === '-') throw new UsageError('-o -: tables are many files; export wants a folder');
    if (isUrl(path)) throw new UsageError(`-o ${safe(shownName(path))}: an address; export writes into a folder`);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isDirectory()) throw new UsageError(`${this.name}: it is a file; export wants a folder`);
    const names = this.namesIn();
    // another run may have begun it just now
    const isOurs = names.every((name) => MADE_BY.test(name)) || isExportFolder(path);
    if (!isOurs)
      throw new UsageError(`${this.name}: it is not empty and was not written by clrscope export; take another folder`);
  }

  /** Makes the folder with all that is in it, once, and takes away what runs that were killed left unfinished. */
  begin(): void {
    if (this.isBegun) return;
    this.isBegun = true;
    this.try(() => {
      const { path } = this;
      this.make('');
      // the first that is there: whoever looks meanwhile knows whose folder it is
      if (lstatSync(join(path, MANIFEST), { throwIfNoEntry: false }) === undefined)
        this.replace(MANIFEST, manifest([]));
      for (const name of [PARTS, ...TABLES.map((table) => table.name)]) this.make(name);
      for (const name of readdirSync(path)) if (isLeft(path, name)) this.drop(name);
    });
  }

  /** A new folder for what is not finished; its name in this one. */
  temporary(): string {
    const name = this.unfinishedName();
    this.try(() => {
      if (!this.isBegun) this.make('');
      this.drop(name);
      mkdirSync(join(this.path, name), { mode: 0o700 });
    });
    return name;
  }

  /** A new file in a temporary folder. */
  create(temporary: string, name: string): Sink {
    return this.try(() => {
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
      return new Sink(openSync(join(this.path, temporary, name), flags, this.secret ? 0o600 : 0o666), this.name);
    });
  }

  /** Bytes that are free on its disk; any number where that is not told. */
  free(): number {
    const { blocks, bavail, bsize } = this.try(() => statfsSync(this.path));
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  }

  /** Moves the tables' files from a temporary folder to where they belong; of a part there is one file a table. */
  place(temporary: string, digest: string, ending: string): void {
    this.begin();
    // whoever else may write there may have put some there since
    this.namesIn();
    const before = this.entry(digest)?.ending ?? ending;
    this.try(() => {
      for (const { name } of TABLES) {
        const folder = join(this.path, name);
        renameSync(join(this.path, temporary, name), join(folder, digest + ending));
        if (before !== ending) rmSync(join(folder, digest + before), { force: true });
      }
    });
  }

  /** Takes away what threads of this program left that were ended amid their work. */
  dropOwn(): void {
    const own = `.part-${MACHINE}-${process.pid}-`;
    this.try(() => {
      if (!existsSync(this.path)) return;
      for (const name of readdirSync(this.path)) if (name.startsWith(own)) this.drop(name);
    });
  }

  /** Takes away a temporary folder. */
  drop(temporary: string): void {
    rmSync(join(this.path, temporary), { recursive: true, force: true });
  }

  /** Writes down a part, which is there from now on. */
  remember(entry: PartEntry): void {
    this.try(() => this.replace(join(PARTS, `${entry.digest}.json`), `${JSON.stringify(entry)}\n`));
  }

  /** What is known of a part; null where it is not there with all its files. */
  entry(digest: string): PartEntry | null {
    const path = join(this.path, PARTS, `${digest}.json`);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isFile() !== true || found.size > MAX_ENTRY) return null;
    const { success, output } = v.safeParse(PART, parsed(readFileSync(path, 'utf8')));
    // its files are looked for by what it says
    if (!success || output.digest !== digest) return null;
    const isThere = ([table, { bytes }]: [string, { bytes: number }]): boolean => {
      const file = lstatSync(join(this.path, table, digest + output.ending), { throwIfNoEntry: false });
      return file?.isFile() === true && file.size === bytes;
    };
    return Object.entries(output.tables).every(isThere) ? output : null;
  }

  /** Whether a part that is there is for its owner's eyes only: it was made with secrets. Others in the folder may not be. */
  isSecret(digest: string): boolean {
    return this.try(() => (statSync(join(this.path, PARTS, `${digest}.json`)).mode & 0o077) === 0);
  }

  /**
   * All parts that are there, in the order of their digests.
   * @param onBroken called with the digests of those that were there once
   */
  entries(onBroken: (digest: string) => void = () => {}): PartEntry[] {
    return this.try(() => {
      const parts = join(this.path, PARTS);
      // another run may have begun the folder just now
      if (lstatSync(parts, { throwIfNoEntry: false }) === undefined) return [];
      const digests = readdirSync(parts).flatMap((name) => (NAME_OF_PART.test(name) ? name.slice(0, 64) : []));
      return digests.sort().flatMap((digest) => {
        const entry = this.entry(digest);
        if (entry === null) onBroken(digest);
        return entry ?? [];
      });
    });
  }

  /** Writes `manifest.json` anew, where there is a part. */
  list(): PartEntry[] {
    return this.try(() => {
      if (!existsSync(join(this.path, PARTS))) return [];
      for (;;) {
        const { mtimeNs } = statSync(join(this.path, PARTS), { bigint: true });
        const entries = this.entries();
        this.replace(MANIFEST, manifest(entries));
        // where another program wrote a part meanwhile, and its manifest, this one's must not be the last
        if (statSync(join(this.path, PARTS), { bigint: true }).mtimeNs === mtimeNs) return entries;
      }
    });
  }

  /**
   * What is in the folder.
   * @throws UsageError where a link is: it may lead anywhere
   */
  private namesIn(): string[] {
    const entries = this.try(() => readdirSync(this.path, { withFileTypes: true }));
    const link = entries.find((entry) => entry.isSymbolicLink());
    if (link !== undefined)
      throw new UsageError(`${this.name}: there is a link in it, ${safe(link.name)}; export follows none`);
    return entries.map(({ name }) => name);
  }

  private make(name: string): void {
    makeFolder(join(this.path, name), this.secret ? 0o700 : 0o777);
  }

  /** A file is the old one or the new one at any time. */
  private replace(name: string, text: string): void {
    const next = this.unfinishedName();
    try {
      writeFileSync(join(this.path, next), text, { mode: this.secret ? 0o600 : 0o666 });
      renameSync(join(this.path, next), join(this.path, name));
    } catch (e) {
      this.drop(next);
      throw e;
    }
  }

  /** By which others know whether whoever makes it is still there. */
  private unfinishedName(): string {
    return `.part-${MACHINE}-${process.pid}-${threadId}-${(this.unfinished++).toString(16)}`;
  }

  /** Where in the folder the system refused something, but for what is not finished. */
  private placeIn(e: unknown): string {
    // of what is moved, where to
    const { path, dest = path } = e as { path?: unknown; dest?: unknown };
    const place = typeof dest === 'string' ? relative(this.path, dest) : '';
    return place === '' || place.startsWith('.') ? '' : `${safe(place)}: `;
  }

  private try<T>(act: () => T): T {
    try {
      return act();
    } catch (e) {
      throw systemCode(e) === null ? e : new UserError(`${this.name}: ${this.placeIn(e)}${reasonOf(e)}`);
    }
  }
}

/** Whether a path is a folder that `export` wrote. */
export function isExportFolder(path: string): boolean {
  // a file has no manifest in it
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return false;
  const manifest = join(path, MANIFEST);
  if (lstatSync(manifest, { throwIfNoEntry: false })?.isFile() !== true) return false;
  // it may list any number of parts
  const [, tool, format] = BEGINNING.exec(beginningOf(manifest)) ?? [];
  return tool === HEAD.tool && Number(format) === HEAD.format;
}

function beginningOf(file: string): string {
  const opened = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(MAX_BEGINNING);
    return bytes.toString('latin1', 0, readSync(opened, bytes, 0, MAX_BEGINNING, 0));
  } finally {
    closeSync(opened);
  }
}

function manifest(parts: readonly PartEntry[]): string {
  const tables = TABLES.map(({ name }) => name);
  return `${JSON.stringify({ ...HEAD, version: version(), tables, parts }, null, 1)}\n`;
}

/** Whether what is not finished was left by a program that is gone. */
function isLeft(path: string, name: string): boolean {
  const made = MADE_BY.exec(name);
  if (made === null) return false;
  if (made[1] === MACHINE) return Number(made[2]) !== process.pid && !isRunning(Number(made[2]));
  return Date.now() - (statSync(join(path, name), { throwIfNoEntry: false })?.mtimeMs ?? 0) > ABANDONED;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
