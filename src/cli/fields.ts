/** `clrscope fields [WORD...]`: name, type and label of every field, tab separated or as JSON. */
import { knownFields } from './known.js';
import { UsageError } from './options.js';
import { Output } from './output.js';

export interface FieldsCommandOptions {
  T: string;
}

/** Runs the command; `words` select fields of which name or label contains one of them. */
export function fields(words: readonly string[], options: FieldsCommandOptions): void {
  if (options.T !== 'text' && options.T !== 'json')
    throw new UsageError(`fields prints -T text or json, not ${JSON.stringify(options.T)}`);
  const wanted = words.map((word) => word.toLowerCase());
  const found = knownFields()
    .list()
    .filter(
      ({ name, label }) => words.length === 0 || wanted.some((w) => `${name}\n${label}`.toLowerCase().includes(w)),
    );
  if (found.length === 0) throw new UsageError(`no field has ${words.join(' or ')} in its name or its label`);
  const out = new Output();
  if (options.T === 'json')
    out.write(
      `${JSON.stringify(
        found.map(({ name, type, label, of }) => ({ name, type, label, of })),
        null,
        1,
      )}\n`,
    );
  else for (const { name, type, label } of found) out.write(`${name}\t${type}\t${label}\n`);
  out.flush();
}
