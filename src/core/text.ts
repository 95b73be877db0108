/** Bytes as text: hex, GUIDs, UTF-16; and text that is too long. */
import { hexText, latin1Text } from '#platform';
import { latin1Bytes, swapWords } from './bytes.js';

export { hexText };

const utf16le = new TextDecoder('utf-16le', { ignoreBOM: true });

/** The digits of a GUID are put in place here: one flat text comes of it instead of a chain of pieces. */
const GUID = latin1Bytes('00000000-0000-0000-0000-000000000000');
const GUID_PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const BIG = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const LITTLE = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const DIGITS = latin1Bytes('0123456789abcdef');

/** GUID text of the 16 bytes at `at`: lower case, no braces. */
export function guidText(b: Uint8Array, at: number, littleEndian = true): string {
  const order = littleEndian ? LITTLE : BIG;
  for (let i = 0; i < 16; i++) {
    const byte = b[at + order[i]];
    const place = GUID_PLACES[i];
    GUID[place] = DIGITS[byte >> 4];
    GUID[place + 1] = DIGITS[byte & 15];
  }
  return latin1Text(GUID, 0, GUID.length);
}

/** UTF-16 text of an even number of bytes; lone surrogates become U+FFFD. */
export function utf16Text(b: Uint8Array, littleEndian = true): string {
  return utf16le.decode(littleEndian ? b : swapWords(Uint8Array.from(b)));
}

/** Base64 of a few bytes, as a digest has. */
export function base64Text(b: Uint8Array): string {
  return btoa(latin1Text(b, 0, b.length));
}

/**
 * The text, or as much of it as `most` characters hold with `…` at the end: one, also where the text is cut behind one
 * of its own. A pair of surrogates stays whole.
 */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most - 1)).replace(/(…+|[\ud800-\udbff])$/u, '')}…`;
}
