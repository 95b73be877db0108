/** `clrscope fields [WORD...]`: name, type and label of every field, tab separated or as JSON. */
import type { FieldEntry } from '../filter/index.js';
import { knownFields } from '../known-fields.js';
import { UsageError } from './options.js';
import { Output } from './output.js';
import { formatOf } from './printer.js';

export interface FieldsCommandOptions {
  T: string;
}

/** Runs the command; `words` select fields of which name or label contains one of them. */
export function fields(words: readonly string[], options: FieldsCommandOptions): void {
  const format = formatOf(FORMATS, options.T, 'fields prints -T');
  const wanted = words.map((word) => word.toLowerCase());
  const found = knownFields()
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
