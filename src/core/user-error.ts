/** Mistakes and mishaps that are no defect: what was typed, a file that is not there, a disk that is full. */
import { systemErrorText } from '#platform';

/** Something that the user can mend. The message is complete: the program prints it and exits with 2. */
export class UserError extends Error {}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'the rights that you have do not suffice',
  EPERM: 'the rights that you have do not suffice',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file and no folder',
  EEXIST: 'there is a file of that name',
  ENOTEMPTY: 'the folder is not empty',
  ELOOP: 'it is a link, and links are not followed here',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'no space is left of what you may use of the disk',
  EFBIG: 'the file may not grow so large',
  EROFS: 'nothing can be written there',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
};

/** An error of the operating system, as Node throws it. */
interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly errno?: number;
}

/** The code of an error of the operating system, as `ENOSPC`; null for any other. */
export function systemCode(e: unknown): string | null {
  const { code, syscall } = e as SystemError;
  return typeof code === 'string' && typeof syscall === 'string' ? code : null;
}

/** Why the operating system refused: words without the path, which the caller has. Other errors: their message. */
export function reasonOf(e: unknown): string {
  const code = systemCode(e);
  if (code === null) return e instanceof Error ? e.message : String(e);
  return REASONS[code] ?? systemErrorText((e as SystemError).errno ?? 0) ?? code;
}
