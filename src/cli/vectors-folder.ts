/**
 * The folder that `vectors -o DIR` writes: a folder a vector and an index. Whoever can write there too must not make it
 * delete or write anything else: links are refused, names are only those that it gives itself, and every file is a new one.
 */
import {
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { safe } from '../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../core/user-error.js';
import { makeFolder } from './make-folder.js';
import { UsageError } from './options.js';

/** Says whose folder it is, and which folders in it are vectors. */
const MARKER = '.clrscope-vectors';
const INDEX = 'index.json';

/** Names of vectors (analysis/vectors.ts): they end in a digest, or say that something is masked. */
const VECTOR = /^[A-Za-z0-9][A-Za-z0-9_.-]*-(?:[0-9a-f]{12}|redacted-\d+)$/;

/** Files that a vector's folder may hold. */
const FILES = new Set([
  ...[
    'in.stub',
    'out.stub',
    'in.message',
    'out.message',
    'in.json',
    'out.json',
    'decoded.json',
    'manifest.json',
    'stream.nrbf',
    'stream.json',
  ],
]);

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

/** A folder of vectors. All but the constructor throws `UserError`s of what the operating system refuses. */
export class VectorsFolder {
  /** Whether anything was changed. */
  begun = false;

  /**
   * Looks at the folder and changes nothing.
   * @param secret what is written is for its owner's eyes only
   * @throws UsageError where it is none of ours
   */
  constructor(
    private readonly folder: string,
    private readonly secret: boolean,
  ) {
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isFile()) throw new UsageError(`${this.name}: it is a file; vectors wants a folder`);
    const entries = this.try(() => readdirSync(folder, { withFileTypes: true }));
    const link = entries.find((entry) => entry.isSymbolicLink());
    if (link !== undefined)
      throw new UsageError(`${this.name}: there is a link in it, ${safe(link.name)}; vectors follows none`);
    const marker = entries.find((entry) => entry.name === MARKER);
    if (entries.length > 0 && !isOurs(marker))
      throw new UsageError(
        `${this.name}: it is not empty and was not written by clrscope vectors; take another folder`,
      );
  }

  private get name(): string {
    return `-o ${safe(this.folder)}`;
  }

  /** Makes the folder, or takes away what the last run wrote. Once; later calls do nothing. */
  begin(): void {
    if (this.begun) return;
    this.begun = true;
    this.try(() => {
      makeFolder(this.folder, this.secret ? 0o700 : 0o777);
      for (const name of this.listed()) this.remove(name);
      this.create(MARKER, '');
    });
  }

  /** Writes a vector's files into a folder of its own. */
  write(name: string, files: Readonly<Record<string, string | Uint8Array>>): void {
    this.begin();
    this.try(() => {
      // before the folder is there, so that what an interrupted run leaves is known as ours
      const fd = openSync(join(this.folder, MARKER), constants.O_WRONLY | constants.O_APPEND | NO_FOLLOW);
      writeFileSync(fd, `${name}\n`);
      closeSync(fd);
      this.makeFolder(name);
      for (const [file, content] of Object.entries(files)) this.create(join(name, file), content);
    });
  }

  /** Writes manifests, which are known at the end, and the index. */
  end(manifests: ReadonlyMap<string, string>, index: string): void {
    this.begin();
    this.try(() => {
      for (const [name, manifest] of manifests) this.create(join(name, 'manifest.json'), manifest);
      this.create(MARKER, [INDEX, ...manifests.keys(), ''].join('\n'));
      this.create(INDEX, index);
    });
  }

  /** Names in the marker that can be ours. */
  private listed(): string[] {
    const path = join(this.folder, MARKER);
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((name) => name === INDEX || VECTOR.test(name));
  }

  /** The index, or a vector's folder with the files that are ours; others stay, and their folder with them. */
  private remove(name: string): void {
    const path = join(this.folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) unlinkSync(path);
    if (!found?.isDirectory()) return;
    const entries = readdirSync(path, { withFileTypes: true });
    const ours = entries.filter((entry) => FILES.has(entry.name) && entry.isFile());
    for (const { name: file } of ours) unlinkSync(join(path, file));
    if (ours.length === entries.length) rmdirSync(path);
  }

  private makeFolder(name: string): void {
    const path = join(this.folder, name);
    try {
      mkdirSync(path, { mode: this.secret ? 0o700 : 0o777 });
    } catch (e) {
      if (systemCode(e) !== 'EEXIST' || !lstatSync(path).isDirectory()) throw e;
    }
  }

  /** Writes a new file: one that has the name, or a link, is taken away and not written through. */
  private create(name: string, content: string | Uint8Array): void {
    const path = join(this.folder, name);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) unlinkSync(path);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;
    const fd = openSync(path, flags, this.secret ? 0o600 : 0o666);
    try {
      if (this.secret) fchmodSync(fd, 0o600);
      writeFileSync(fd, content);
    } finally {
      closeSync(fd);
    }
  }

  private try<T>(act: () => T): T {
    try {
      return act();
    } catch (e) {
      throw systemCode(e) === null ? e : new UserError(`${this.name}: ${reasonOf(e)}`);
    }
  }
}

function isOurs(marker: Dirent | undefined): boolean {
  return marker?.isFile() === true;
}
