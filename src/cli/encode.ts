/** `clrscope encode DOC.json -o OUT`: from JSON to bytes. */
import { INTERFACES } from '../../dissectors/index.js';
import { parseJson } from '../core/json-text.js';
import { safe } from '../core/safe-text.js';
import { UserError } from '../core/user-error.js';
import { encodeDocument } from '../encode/documents/document.js';
import { EncodeError } from '../encode/error.js';
import { readInput } from './input.js';
import { OutFile } from './out-file.js';

export interface EncodeOptions {
  o: string;
}

/** Runs the command. */
export function encode(file: string, options: EncodeOptions): void {
  const out = new OutFile(options.o, { inputs: [file], secret: false });
  out.bytes(encoded(file === '-' ? 'standard input' : safe(file), file));
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
