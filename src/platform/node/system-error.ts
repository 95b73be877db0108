/** Words of the operating system. */
import { getSystemErrorMap } from 'node:util';

export function systemErrorText(errno: number): string | null {
  return getSystemErrorMap().get(errno)?.[1] ?? null;
}
