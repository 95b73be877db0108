/** What one looks for, as bytes. */

/** How it is written. */
export type Kind = 'text' | 'bytes';

/** Its spellings as bytes: text as UTF-8 and as UTF-16LE, which .NET and COM send; null where hex is none. */
export function patternsOf(kind: Kind, written: string): Uint8Array[] | null {
  if (kind === 'bytes') {
    const digits = written.replace(/0x|[\s:,.-]/gi, '');
    if (digits === '' || !/^([0-9a-f]{2})+$/i.test(digits)) return null;
    return [Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))];
  }
  if (written === '') return null;
  const wide = new Uint8Array(written.length * 2);
  const view = new DataView(wide.buffer);
  for (let i = 0; i < written.length; i++) view.setUint16(2 * i, written.charCodeAt(i), true);
  return [new TextEncoder().encode(written), wide];
}
