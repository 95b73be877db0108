/** `clrscope encode DOC.json -o OUT`: from JSON to bytes. */
import { INTERFACES } from '../../dissectors/index.js';
import { parseJson } from '../core/json-text.js';
import { safe } from '../core/safe-text.js';
import { UserError } from '../core/user-error.js';
import { encodeDocument } from '../encode/document.js';
import { EncodeError } from '../encode/error.js';
import { readInput } from './input.js';
import { checkOutFile, openOutFile } from './out-file.js';

export interface EncodeOptions {
  o: string;
}

/** Runs the command. */
export function encode(file: string, options: EncodeOptions): void {
  const inputs = [file];
  checkOutFile(options.o, inputs);
  const bytes = encoded(file === '-' ? 'standard input' : safe(file), file);
  const out = openOutFile(options.o, { inputs, secret: false });
  out.bytes(bytes);
  out.close();
}

function encoded(name: string, file: string): Uint8Array {
  const document = parseJson(readInput(file, name), name);
  try {
    return encodeDocument(document, new Map(INTERFACES.map((i) => [i.uuid, i])));
  } catch (e) {
    throw e instanceof EncodeError ? new UserError(`${name}: ${e.message}`) : e;
  }
}
