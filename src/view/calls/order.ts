/** Orders of very many rows. */

/**
 * Rows in the order of their keys, those with the same key as they were, those without one (NaN) last.
 * @param isDown the largest key first
 */
export function inOrder(rows: Uint32Array, keyOf: (row: number) => number, isDown: boolean): Uint32Array {
  const keys = Float64Array.from(rows, isDown ? (row) => -keyOf(row) : keyOf);
  const sorted = keys.toSorted();
  // rank and place as one number: numbers are sorted without asking a function, ten times as fast
  const packed = keys.map((key, place) => rankIn(sorted, key) * keys.length + place).sort();
  return Uint32Array.from(packed, (both) => rows[both % keys.length]);
}

/** How many of the sorted numbers are smaller. */
function rankIn(sorted: Float64Array, key: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    // NaN stands behind all numbers
    if (sorted[middle] < key || (Number.isNaN(key) && !Number.isNaN(sorted[middle]))) from = middle + 1;
    else to = middle;
  }
  return from;
}
