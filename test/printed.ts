/** What commands that run in this process print: a file that calls this gets it anew for each of its tests. */
import { afterEach, beforeEach, vi } from 'vitest';
import { Output } from '../src/cli/output.js';

// what may steer a terminal; line feeds are ours, tabs stand between columns
export const RAW =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\ufff9-\ufffb\p{Default_Ignorable_Code_Point}]/u;

/** Standard output and standard error since the test began, or since `clear`. */
export interface Printed {
  readonly out: string;
  readonly err: string;
  clear(): void;
}

/** Catches both behind `Output.write` and `copy`, which have their part in what is printed; exit codes do not leak. */
export function catchPrinted(): Printed {
  let out: Buffer[] = [];
  let err = '';
  const clear = (): void => {
    out = [];
    err = '';
    process.exitCode = undefined;
  };
  beforeEach(() => {
    clear();
    vi.spyOn(Output.prototype as unknown as { all(bytes: Buffer): void }, 'all').mockImplementation(
      (bytes) => void out.push(Buffer.from(bytes)),
    );
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += text;
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  return {
    get out() {
      return Buffer.concat(out).toString();
    },
    get err() {
      return err;
    },
    clear,
  };
}
