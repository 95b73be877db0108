/** What a user sees of a mistake in a filter: the filter, and a caret under the place. */

/** A filter that cannot be compiled. `message` is complete and of several lines. */
export class FilterError extends Error {
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
  // control characters would move the caret away from its place
  const line = filter.slice(from, to).replace(/\p{Cc}/gu, ' ');
  const tail = '~'.repeat(Math.max(0, Math.min(length, to - position) - 1));
  return `    ${line}\n    ${' '.repeat(position - from)}^${tail}`;
}
