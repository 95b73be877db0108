/** `clrscope fields`: name, type and label of every field, tab separated. */
import { knownFields } from './known.js';
import { ClosedPipe, Output } from './output.js';

/** Runs the command. */
export function fields(): void {
  const out = new Output();
  try {
    for (const { name, type, label } of knownFields().list()) out.write(`${name}\t${type}\t${label}\n`);
    out.flush();
  } catch (e) {
    if (!(e instanceof ClosedPipe)) throw e;
  }
}
