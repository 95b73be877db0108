/** Lists of the first distinct things that were met. */

/**
 * The list with a value where that is not there yet and there is room for it.
 * @param most values that the list may have: few
 */
export function withFirst<T>(list: readonly T[], value: T, most: number): readonly T[] {
  return list.length < most && !list.includes(value) ? longer(list, value) : list;
}

/**
 * A list with one more at its end, as long as it has to be: one that is pushed or spread into has room for seventeen. The
 * loop is compiled where `concat` would be a call into the runtime.
 */
export function longer<T>(list: readonly T[], value: T): readonly T[] {
  const copy = new Array<T>(list.length + 1);
  for (let i = 0; i < list.length; i++) copy[i] = list[i];
  copy[list.length] = value;
  return copy;
}
