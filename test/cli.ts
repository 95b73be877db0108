/** Runs the built program as a process. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The project's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What lies beside the project, or null where it does not. */
export const SHARED = existsSync(`${ROOT}../shared/captures`) ? `${ROOT}../shared/` : null;

/** Exit code, standard output and standard error of `clrscope ARGS`. */
export function clrscope(
  args: readonly string[],
  input?: Uint8Array,
): { code: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, [`${ROOT}dist/bundle/cli/main.js`, ...args], {
    input,
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '', COLUMNS: '120' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}
