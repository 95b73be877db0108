/** Text by what JavaScript itself has. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export function hexText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return characters(bytes.subarray(start, end));
}

export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export function utf16Units(bytes: Uint8Array): string {
  return characters(Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => bytes[2 * i] | (bytes[2 * i + 1] << 8)));
}

export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  return encoder.encodeInto(text, into.subarray(at)).written;
}

/** Arguments that one call may have. */
const MOST = 8192;

function characters(units: Uint8Array | Uint16Array): string {
  if (units.length <= MOST) return fromCharCodes(units);
  let text = '';
  for (let at = 0; at < units.length; at += MOST) text += fromCharCodes(units.subarray(at, at + MOST));
  return text;
}

/** Engines take a typed array as it is here, and would go through an iterator where it is spread. */
const fromCharCodes = (units: Uint8Array | Uint16Array): string =>
  String.fromCharCode.apply(null, units as unknown as number[]);
