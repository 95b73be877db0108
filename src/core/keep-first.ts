/** Lists of the first distinct things that were met. */

/** Adds a value that is not there yet, where there is room for it. @param most values that the list may have: few */
export function keepFirst<T>(list: T[], value: T, most: number): void {
  if (list.length < most && !list.includes(value)) list.push(value);
}

/**
 * The list with such a value, which is no list itself. `concat` makes it as long as it has to be, where one that is pushed
 * or spread into has room for seventeen.
 */
export function withFirst<T>(list: readonly T[], value: T, most: number): readonly T[] {
  return list.length < most && !list.includes(value) ? list.concat(value) : list;
}
