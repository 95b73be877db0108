/** `-o`: where a command writes to, without harm to what is there. `-` is standard output in every command. */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, statSync } from 'node:fs';
import { safe } from '../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../core/user-error.js';
import { UsageError } from './options.js';
import { Output } from './output.js';

/** What was read from, and whether what is written must stay with its owner. */
export interface OutFileOptions {
  /** Inputs, which are not written over. */
  readonly inputs: readonly string[];
  /** Written for the owner's eyes only: it may hold what secrets opened. */
  readonly secret: boolean;
  /** What messages call it: the option that named it. */
  readonly option?: '-o' | '-w';
}

/** The output of a command. What is there is looked at when it is made, and touched when something is written. */
export class OutFile extends Output {
  private own: number | null = null;

  /**
   * Refuses a target early, before anything is read: an input by whatever name, a folder, a link to a file.
   * @param target standard output where it is undefined, as for `-`
   */
  constructor(
    private readonly target: string = '-',
    private readonly options: OutFileOptions,
  ) {
    super(1, target === '-' ? 'standard output' : nameOf(target, options));
    if (!this.isPrinted) check(target, options);
  }

  /** Whether it goes to standard output. */
  get isPrinted(): boolean {
    return this.target === '-';
  }

  /** Writes what is left, and closes. A file is there from then on, even an empty one. */
  close(): void {
    this.flush();
    if (!this.isPrinted) closeSync(this.descriptor());
  }

  protected override descriptor(): number {
    if (this.isPrinted) return super.descriptor();
    this.own ??= open(this.target, this.options);
    return this.own;
  }
}

function nameOf(target: string, { option = '-o' }: OutFileOptions): string {
  return `${option} ${safe(target)}`;
}

function check(target: string, options: OutFileOptions): void {
  const name = nameOf(target, options);
  const link = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`${name}: it is a folder`);
  for (const input of options.inputs) {
    const read = input === '-' ? undefined : statSync(input, { throwIfNoEntry: false });
    if (read?.isFile() && found !== undefined && read.dev === found.dev && read.ino === found.ino)
      throw new UsageError(`${name}: that is ${safe(input)}, which is read; it is not written over`);
  }
  // /dev/stdout is a link too, and leads to a pipe or a terminal
  if (link && (found === undefined || found.isFile()))
    throw new UsageError(`${name}: it is a link; name the file that it leads to`);
}

function open(target: string, options: OutFileOptions): number {
  const { secret } = options;
  // it may have become something else since
  check(target, options);
  const isNode = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (isNode ? 0 : (constants.O_NOFOLLOW ?? 0));
  try {
    const fd = openSync(target, flags, secret ? 0o600 : 0o666);
    // one that was there before keeps its mode
    if (secret && fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
    return fd;
  } catch (e) {
    const reason = systemCode(e) === 'ENOENT' ? 'there is no folder of that name' : reasonOf(e);
    throw new UserError(`${nameOf(target, options)}: ${reason}`);
  }
}
