/** Text by Node's own calls into C++: they make flat strings at once, and need no Buffer made for them. */
import { Buffer, isUtf8 } from 'node:buffer';

const { hexSlice, latin1Slice, ucs2Slice, utf8Slice, utf8Write } = Buffer.prototype;

export { isUtf8 };

export function hexText(bytes: Uint8Array): string {
  return hexSlice.call(bytes, 0, bytes.length);
}

export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return latin1Slice.call(bytes, start, end);
}

export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  return utf8Slice.call(bytes, start, end);
}

export function utf16Units(bytes: Uint8Array): string {
  return ucs2Slice.call(bytes, 0, bytes.length);
}

export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  return utf8Write.call(into, text, at);
}
