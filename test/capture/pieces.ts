/** A capture in pieces, as a ring of files holds it. */

/** Bytes of the header of a classic file, and of a record in it. */
const [FILE, RECORD] = [24, 16];

/** Classic little-endian captures of `count` packets each, the last of fewer, that one is made of. */
export function pieces(capture: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const head = capture.subarray(0, FILE);
  const files: Uint8Array[] = [];
  let [start, packets] = [FILE, 0];
  for (let at = FILE; at < capture.length; ) {
    at += RECORD + view.getUint32(at + 8, true);
    packets++;
    if (packets % count !== 0 && at < capture.length) continue;
    files.push(Uint8Array.from([...head, ...capture.subarray(start, at)]));
    start = at;
  }
  return files;
}
