/** Text files that people and Windows write. */

/** The text of a file: UTF-8 with or without a byte order mark, or UTF-16 as PowerShell and regedit write it. */
export function textOfFile(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isBig = first === 0xfe && second === 0xff;
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  if (isBig) return new TextDecoder('utf-16be').decode(bytes.subarray(0, bytes.length & ~1));
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-8').decode(bytes);
}
