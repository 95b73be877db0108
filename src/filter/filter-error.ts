/** What a user sees of a mistake in a filter: the filter, and a caret under the place. */

import { safe } from '../core/safe-text.js';
import { UserError } from '../core/user-error.js';

/** A filter that cannot be compiled. `message` is complete and of several lines. */
export class FilterError extends UserError {
  override readonly name = 'FilterError';

  /**
   * @param reason one sentence, without the filter's text
   * @param filter the whole filter
   * @param position offset of the mistake in it
   * @param length how many characters are wrong
   */
  constructor(
    readonly reason: string,
    readonly filter: string,
    readonly position: number,
    readonly length = 1,
  ) {
    super(`${reason}\n${pointed(filter, position, length)}`);
  }
}

/** How much of a long filter is shown on either side of the mistake. */
const AROUND = 60;

function pointed(filter: string, position: number, length: number): string {
  const from = position > AROUND ? position - AROUND : 0;
  const to = Math.min(filter.length, position + Math.max(length, AROUND));
  // what is written out is longer than it was, and the caret moves with it
  const before = safe(filter.slice(from, position));
  const wrong = safe(filter.slice(position, Math.min(to, position + Math.max(1, length))));
  const behind = safe(filter.slice(Math.min(to, position + Math.max(1, length)), to));
  return `    ${before}${wrong}${behind}\n    ${' '.repeat(before.length)}^${'~'.repeat(Math.max(0, wrong.length - 1))}`;
}
