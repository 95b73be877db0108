/** `clrscope encode DOC.json -o OUT`: from JSON to bytes. */
import { interfacesWith } from '../../dissectors/index.js';
import { safe } from '../core/safe-text.js';
import { encodeDocument } from '../encode/documents/document.js';
import { readJson } from './input.js';
import { OutFile } from './out-file.js';

export interface EncodeOptions {
  o: string;
}

/** Runs the command. */
export function encode(file: string, options: EncodeOptions): void {
  const out = new OutFile(options.o, { inputs: [file], secret: false });
  const name = file === '-' ? 'standard input' : safe(file);
  out.bytes(readJson(file, name, (json) => encodeDocument(json, interfacesWith())));
  out.close();
}
