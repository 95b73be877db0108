/** `clrscope encode DOC.json -o OUT`: from JSON to bytes. */
import { interfacesWith } from '../../dissectors/index.js';
import { safe } from '../core/safe-text.js';
import { encodeDocument } from '../encode/documents/document.js';
import { readJson } from './input.js';
import type { OwnOptions } from './options.js';
import { OutFile } from './out-file.js';
import { interfacesOf } from './own-interfaces.js';

export interface EncodeOptions extends OwnOptions {
  o: string;
}

/** Runs the command. */
export async function encode(file: string, options: EncodeOptions): Promise<void> {
  const interfaces = interfacesWith(await interfacesOf(options));
  const out = new OutFile(options.o, { inputs: [file], secret: false });
  const name = file === '-' ? 'standard input' : safe(file);
  out.bytes(readJson(file, name, (json) => encodeDocument(json, interfaces)));
  out.close();
}
