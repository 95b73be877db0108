/** Bytes as text, in the forms in which they are pasted elsewhere. */

/** Bytes a line of source text. */
const LINE = 12;

/** `53 00 76` */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** An array of C with so many elements. */
export function arrayOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE)
    lines.push(
      `  ${Array.from(bytes.subarray(at, at + LINE), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')}`,
    );
  return `const unsigned char bytes[${bytes.length}] = {\n${lines.join(',\n')}\n};\n`;
}
