/** Words that views have in common. */

/** `1 call`, `2 calls`. */
export function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
