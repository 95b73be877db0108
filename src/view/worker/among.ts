/** Which rows are shown. */

/**
 * Says of each row whether it is one of those that are shown.
 * @param rows null for all
 * @param length of all rows
 */
export function among(rows: Uint32Array | null, length: number): (at: number) => boolean {
  if (rows === null) return () => true;
  const shown = new Uint8Array(length);
  for (const at of rows) shown[at] = 1;
  return (at) => shown[at] === 1;
}
