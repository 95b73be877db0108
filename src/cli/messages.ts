/** What is said on standard error, and of what went wrong. */
import { UnreadableInput } from '../capture/packet.js';
import { safe, safeLines } from '../core/safe-text.js';
import { reasonOf, systemCode, UserError } from '../core/user-error.js';
import { Exit } from './options.js';
import { ClosedPipe } from './output.js';

/** Prints what went wrong, for people. Returns the exit code. */
export function fail(e: unknown): number {
  if (e instanceof ClosedPipe) return Exit.done;
  tell(failureText(e));
  return Exit.usage;
}

/** What went wrong in words; what should not have happened with its stack. */
export function failureText(e: unknown): string {
  if (e instanceof UserError) return e.message;
  if (systemCode(e) !== null) return pathOf(e) + reasonOf(e);
  return `a defect, please report it: ${e instanceof Error ? e.stack : String(e)}`;
}

/** What the system was asked about, where that was a file and nobody said so yet. */
function pathOf(e: unknown): string {
  const { path } = e as { path?: unknown };
  return typeof path === 'string' ? `${path}: ` : '';
}

/** Says something on standard error. What comes out of captures, names and arguments is made safe here at the latest. */
export function tell(message: string): void {
  process.stderr.write(`clrscope: ${safeLines(message)}\n`);
}

/** What is said of a capture that broke off the pass over it; null where the mistake ends the whole run. */
export function captureFailure(file: string, e: unknown): string | null {
  if (e instanceof UnreadableInput) return e.message;
  if (e instanceof ClosedPipe || e instanceof UserError || systemCode(e) !== null) return null;
  return `${safe(file)}: ${failureText(e)}`;
}
