/** `-o`: where a command writes to, without harm to what is there. */
import { closeSync, constants, fchmodSync, fstatSync, lstatSync, openSync, statSync } from 'node:fs';
import { safe } from '../core/safe-text.js';
import { reasonOf, UserError } from '../core/user-error.js';
import { UsageError } from './options.js';
import { Output } from './output.js';

/** What was read from, and whether what is written must stay with its owner. */
export interface OutFileOptions {
  /** Inputs, which are not written over. */
  readonly inputs: readonly string[];
  /** Written for the owner's eyes only: it may hold what secrets opened. */
  readonly secret: boolean;
}

/**
 * Refuses a target early, before anything is read: an input by whatever name, a folder, a link to a file.
 * @param target `-` for standard output
 */
export function checkOutFile(target: string, inputs: readonly string[]): void {
  if (target === '-') return;
  const link = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw new UsageError(`-o ${safe(target)}: it is a folder`);
  for (const input of inputs) {
    const read = input === '-' ? undefined : statSync(input, { throwIfNoEntry: false });
    if (read?.isFile() && found !== undefined && read.dev === found.dev && read.ino === found.ino)
      throw new UsageError(`-o ${safe(target)}: that is ${safe(input)}, which is read; it is not written over`);
  }
  // /dev/stdout is a link too, and leads to a pipe or a terminal
  if (link && (found === undefined || found.isFile()))
    throw new UsageError(`-o ${safe(target)}: it is a link; name the file that it leads to`);
}

/** Opens the target, `-` for standard output; an `OutFile` is to be closed. */
export function openOutFile(target: string, { inputs, secret }: OutFileOptions): OutFile {
  checkOutFile(target, inputs);
  const name = `-o ${safe(target)}`;
  if (target === '-') return new OutFile(1, 'standard output', false);
  const isNode = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (isNode ? 0 : (constants.O_NOFOLLOW ?? 0));
  try {
    const fd = openSync(target, flags, secret ? 0o600 : 0o666);
    // one that was there before keeps its mode
    if (secret && fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
    return new OutFile(fd, name, true);
  } catch (e) {
    throw new UserError(`${name}: ${reasonOf(e)}`);
  }
}

/** Where the output goes. */
export class OutFile extends Output {
  constructor(
    private readonly own: number,
    name: string,
    private readonly closes: boolean,
  ) {
    super(own, name);
  }

  /** Writes what is left, and closes. */
  close(): void {
    this.flush();
    if (this.closes) closeSync(this.own);
  }
}
