/** A document's bytes as text, and where in them each character of it stands. */
import { isUtf8, latin1Text, utf8Text } from '#platform';
import type { Cursor } from '../../src/core/cursor.js';
import { utf16Text } from '../../src/core/text.js';

export interface XmlText {
  readonly text: string;
  /** Offset in the source of the UTF-16 unit `unit`; cheap for one near that which was asked for last. */
  readonly byteOf: (unit: number) => number;
}

/**
 * The rest of the cursor's region as text: UTF-8, UTF-16 where it begins with the mark for that. What is no UTF-8 is
 * taken for Latin-1, byte by byte, so that nothing is lost.
 */
export function documentText(c: Cursor): XmlText {
  const { bytes, pos, end } = c;
  const mark = pos + 2 > end ? 0 : bytes[pos] * 256 + bytes[pos + 1];
  if (mark === 0xfffe || mark === 0xfeff) {
    const start = pos + 2;
    const text = utf16Text(bytes.subarray(start, end - ((end - start) % 2)), mark === 0xfffe);
    return { text, byteOf: (unit) => start + 2 * unit };
  }
  const start = mark === 0xefbb && bytes[pos + 2] === 0xbf ? pos + 3 : pos;
  const whole = wholeEnd(bytes, start, end);
  if (!isUtf8(bytes.subarray(start, whole))) {
    c.note('encoding', 'the document is no UTF-8: it is read as Latin-1', start);
    return { text: latin1Text(bytes, start, end), byteOf: (unit) => start + unit };
  }
  const text = utf8Text(bytes, start, whole);
  if (text.length === whole - start) return { text, byteOf: (unit) => start + unit };
  let at = start;
  let units = 0;
  const byteOf = (unit: number): number => {
    while (units < unit) {
      const lead = bytes[at];
      at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
      // a character of four bytes is a pair of units
      units += lead < 0xf0 ? 1 : 2;
    }
    while (units > unit) {
      at--;
      while ((bytes[at] & 0xc0) === 0x80) at--;
      units -= bytes[at] < 0xf0 ? 1 : 2;
    }
    return at;
  };
  return { text, byteOf };
}

/** Whether bytes begin as a document may: a mark of UTF-16, or `<` behind a mark of UTF-8 and blanks. */
export function startsAsXml(bytes: Uint8Array): boolean {
  const mark = bytes.length < 2 ? 0 : bytes[0] * 256 + bytes[1];
  if (mark === 0xfffe || mark === 0xfeff) return true;
  let at = mark === 0xefbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && (bytes[at] === 0x20 || (bytes[at] >= 9 && bytes[at] <= 13))) at++;
  return bytes[at] === 0x3c;
}

/** The end of UTF-8, or where its last character begins if that was cut off. */
function wholeEnd(bytes: Uint8Array, start: number, end: number): number {
  let lead = end - 1;
  while (lead > end - 4 && lead > start && (bytes[lead] & 0xc0) === 0x80) lead--;
  if (lead < start || bytes[lead] < 0xc0) return end;
  const length = bytes[lead] < 0xe0 ? 2 : bytes[lead] < 0xf0 ? 3 : 4;
  return lead + length > end ? lead : end;
}
