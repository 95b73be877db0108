/** What was typed, before the commands' own parser sees it: which command is meant, wherever it stands. */
import { lstatSync } from 'node:fs';
import { isIt } from '../core/nearest.js';
import { UsageError } from './options.js';

/** An option as far as it matters here; commander's has these members. */
export interface OptionLike {
  readonly short?: string;
  readonly long?: string;
  /** Whether a value must follow. */
  readonly required: boolean;
  /** The value of one whose value may be left out: then what follows it is none. */
  readonly presetArg?: unknown;
}

/**
 * The arguments with the command in front: options may stand before it.
 * @param typed arguments without the program's name
 * @param commands their names
 * @param options those of all commands
 * @throws UsageError where the first word is neither a command nor a file
 */
export function commandFirst(
  typed: readonly string[],
  commands: readonly string[],
  options: readonly OptionLike[],
): string[] {
  const argv = valuesAttached(typed.map(commentApart), options);
  const at = firstOperand(argv, options);
  const word = argv[at];
  if (word === undefined || word === '-') return [...argv];
  if (commands.includes(word)) {
    const about = word === 'help' ? argv[at + 1] : undefined;
    if (about !== undefined && !about.startsWith('-') && !commands.includes(about))
      throw noSuch('command', about, commands);
    return [word, ...argv.slice(0, at), ...argv.slice(at + 1)];
  }
  // behind an option that nobody knows it may be the value of that; the parser refuses the option
  if (/^--?[\w-]+$/.test(argv[at - 1] ?? '') && !options.some((o) => named(o, argv[at - 1]))) return [...argv];
  if (/^[A-Za-z][\w-]*$/.test(word) && !isThere(word)) throw noSuch('command and no file', word, commands);
  return [...argv];
}

/**
 * SQL that begins with a comment: no option has a blank in its name, or a line's end. The parser takes nothing for one
 * that begins with a blank.
 */
function commentApart(word: string): string {
  return /^--(?:\s|[^=\n]*\n)/.test(word) ? ` ${word}` : word;
}

function noSuch(what: string, word: string, commands: readonly string[]): UsageError {
  const near = isIt(word, commands);
  return new UsageError(`there is no ${what} ${JSON.stringify(word)}${near}; clrscope --help lists the commands`);
}

/** `--decrypted FILE` as `--decrypted=pdu FILE`: only what stands behind `=` is the value of such an option. */
function valuesAttached(argv: readonly string[], options: readonly OptionLike[]): readonly string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.map((word, at) => {
    const preset = at < end ? options.find((o) => o.presetArg !== undefined && o.long === word)?.presetArg : undefined;
    return preset === undefined ? word : `${word}=${preset}`;
  });
}

/** Index of the first argument that is neither an option nor an option's value; behind the last where there is none. */
export function firstOperand(argv: readonly string[], options: readonly OptionLike[]): number {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    if (word === '--') return argv.length;
    if (word === '-' || !word.startsWith('-')) return at;
    // `--color=never` and `-Yfilter` bring their value along
    if (options.some((o) => o.required && named(o, word))) at++;
  }
  return argv.length;
}

function named({ long, short }: OptionLike, word: string): boolean {
  return long === word || short === word;
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
