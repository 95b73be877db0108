/** `clrscope fields [WORD...]`: name, type and label of every field, tab separated or as JSON. */
import type { FieldEntry } from '../filter/index.js';
import { knownFields } from '../known-fields.js';
import { type OwnOptions, UsageError } from './options.js';
import { Output } from './output.js';
import { interfacesOf } from './own-interfaces.js';
import { formatOf } from './printer.js';

export interface FieldsCommandOptions extends OwnOptions {
  T: string;
}

/** Runs the command; `words` select fields of which name or label contains one of them. */
export async function fields(words: readonly string[], options: FieldsCommandOptions): Promise<void> {
  const format = formatOf(FORMATS, options.T, 'fields prints -T');
  const wanted = words.map((word) => word.toLowerCase());
  const found = knownFields(await interfacesOf(options))
    .list()
    .filter(
      ({ name, label }) => words.length === 0 || wanted.some((w) => `${name}\n${label}`.toLowerCase().includes(w)),
    );
  if (found.length === 0) throw new UsageError(`no field has ${words.join(' or ')} in its name or its label`);
  const out = new Output();
  out.write(format(found));
  out.flush();
}

const FORMATS: Readonly<Record<string, (fields: readonly FieldEntry[]) => string>> = {
  text: (found) => found.map(({ name, type, label }) => `${name}\t${type}\t${label}\n`).join(''),
  json(found) {
    const list = found.map(({ name, type, label, of }) => ({ name, type, label, of }));
    return `${JSON.stringify(list, null, 1)}\n`;
  },
};
