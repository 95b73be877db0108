/** `clrscope encode DOC.json -o OUT`: from JSON to bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { INTERFACES } from '../../dissectors/index.js';
import { encodeDocument } from '../encode/document.js';
import { EncodeError } from '../encode/error.js';
import { Exit, UsageError } from './options.js';
import { fail } from './run.js';

export interface EncodeOptions {
  o: string;
}

/** Runs the command. */
export function encode(file: string, options: EncodeOptions): void {
  try {
    const bytes = encodeDocument(documentOf(file), new Map(INTERFACES.map((i) => [i.uuid, i])));
    writeFileSync(options.o === '-' ? 1 : options.o, bytes);
    process.exitCode = Exit.done;
  } catch (e) {
    const known = e instanceof EncodeError || (e as NodeJS.ErrnoException).code !== undefined;
    process.exitCode = fail(known ? new UsageError(`${file}: ${(e as Error).message}`) : e);
  }
}

function documentOf(file: string): unknown {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (e) {
    throw new UsageError(`${file} is no JSON: ${(e as Error).message}`);
  }
}
