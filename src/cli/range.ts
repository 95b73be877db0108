/** Ranges of bytes that a request asks for (RFC 9110 14.1). */

/**
 * One range of a file; null for all of it: where none was asked for, and where several were or what stands there is no
 * range, as RFC 9110 14.2 allows. `none` where it begins behind the end.
 * @param header `Range` of the request
 * @param size bytes of the file
 * @returns where it begins, and where it ends (exclusive)
 */
export function requestedRange(header: string | undefined, size: number): readonly [number, number] | null | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') return last === '0' || size === 0 ? 'none' : [Math.max(0, size - Number(last)), size];
  const [from, to] = [Number(first), last === '' ? size : Math.min(Number(last) + 1, size)];
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'none' : [from, to];
}
