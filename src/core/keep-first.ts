/** Lists of the first distinct things that were met. */

/**
 * The list with a value, which is no list itself, where that is not there yet and there is room for it. `concat` makes it as
 * long as it has to be, where one that is pushed or spread into has room for seventeen.
 * @param most values that the list may have: few
 */
export function withFirst<T>(list: readonly T[], value: T, most: number): readonly T[] {
  return list.length < most && !list.includes(value) ? list.concat(value) : list;
}
