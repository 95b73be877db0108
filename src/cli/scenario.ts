/** `clrscope scenario [NAME]`: ready scenarios, as documents for `encode`. */
import { isIt } from '../core/nearest.js';
import { SCENARIOS } from '../encode/scenarios/scenarios.js';
import { foldTo } from '../output/line-width.js';
import { UsageError } from './options.js';
import { Output } from './output.js';
import { screenOf } from './run.js';

/** Prints one, or what there are. */
export function scenario(name: string | undefined): void {
  const out = new Output();
  if (name === undefined) {
    const width = Math.max(...SCENARIOS.map((s) => s.name.length));
    const { room } = screenOf({ color: 'auto' });
    const lines = SCENARIOS.flatMap((s) => foldTo(`${s.name.padEnd(width)}  ${s.title}`, room));
    out.write(`${lines.join('\n')}\n`);
  } else {
    const found = SCENARIOS.find((s) => s.name === name);
    if (found === undefined) {
      const near = isIt(
        name,
        SCENARIOS.map((s) => s.name),
      );
      throw new UsageError(`there is no scenario ${JSON.stringify(name)}${near}; clrscope scenario lists them`);
    }
    out.write(`${JSON.stringify(found.document(), null, 1)}\n`);
  }
  out.flush();
}
