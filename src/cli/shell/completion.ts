/** `clrscope completion SHELL`: the script that makes a shell complete; and `complete`, which that script asks. */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { safe } from '../../core/safe-text.js';
import { Output } from '../output.js';
import { ownInterfaces, ownSources } from '../own-interfaces.js';
import { formatOf } from '../printer.js';
import { candidatesFor } from './candidates.js';
import { SCRIPTS } from './scripts.js';

/** Prints a shell's script. */
export function completion(shell: string): void {
  const out = new Output();
  out.write(formatOf(SCRIPTS, shell, 'completion knows')(programWords()));
  out.flush();
}

/** Most candidates that a shell is told. */
const MOST = 5000;

/**
 * Prints what may stand instead of the last word, one a line, behind a tab what it is about; `:files` for names of files.
 * @param words those behind the program's name, up to the place
 */
export async function complete(words: string[], program: Command): Promise<void> {
  const { list, files } = candidatesFor(words, program, await named(words));
  const out = new Output();
  for (const { value, about } of list.slice(0, MOST)) out.write(`${safe(value)}\t${safe(about)}\n`);
  if (files) out.write(':files\n');
  out.flush();
}

/** Interfaces of IDL files that words name. Modules would have to be run, which is for the command itself alone. */
async function named(words: readonly string[]): ReturnType<typeof ownInterfaces> {
  const idl = words.flatMap((word, at) =>
    words[at - 1] === '--idl' && at < words.length - 1 && word !== '-' ? [word] : [],
  );
  try {
    return await ownInterfaces(ownSources({ idl }));
  } catch {
    // what is wrong with a file says the command, once it is run
    return [];
  }
}

/** How this very program is run, in words of a shell. */
function programWords(): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  return `${quoted(process.execPath)} ${quoted(fileURLToPath(new URL('main.js', import.meta.url)))}`;
}
