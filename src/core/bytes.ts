/** Small things that are done with bytes everywhere, and bytes of text. */

/** All of them, one behind the other. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return joined(parts);
}

/** The same of a list, as long as it may be: a call has no room for some ten thousand arguments. */
export function joined(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** Zeros. */
export function zeros(n: number): Uint8Array {
  return new Uint8Array(n);
}

/** 16 bits. */
export function word(value: number, littleEndian: boolean): Uint8Array {
  return littleEndian ? Uint8Array.of(value, value >>> 8) : Uint8Array.of(value >>> 8, value);
}

/** 32 bits. */
export function dword(value: number, littleEndian: boolean): Uint8Array {
  const bytes = Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
  return littleEndian ? bytes : bytes.reverse();
}

/** Whether `a` and the bytes of `b` from `at` on are the same. */
export function equals(a: Uint8Array, b: Uint8Array, at = 0): boolean {
  if (at + a.length > b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[at + i]) return false;
  return true;
}

/** Whether two runs of bytes are the same, to their ends. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && equals(a, b);
}

/** Below zero, zero or above, by the first byte that differs; what goes on is above what ends. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return a.length - b.length;
}

/** Where `wanted` stands in `b` from `from` on; -1 where it does not. */
export function find(b: Uint8Array, wanted: Uint8Array, from = 0): number {
  if (wanted.length === 0) return Math.min(from, b.length);
  for (let at = b.indexOf(wanted[0], from); at >= 0; at = b.indexOf(wanted[0], at + 1))
    if (equals(wanted, b, at)) return at;
  return -1;
}

/** A view of them, for numbers. */
export function viewOf(b: Uint8Array): DataView {
  return new DataView(b.buffer, b.byteOffset, b.length);
}

const DIGITS = new Map(Array.from('0123456789abcdefABCDEF', (c, i) => [c.charCodeAt(0), i < 16 ? i : i - 6]));

/** The bytes of hex digits in pairs, up to the first that are none. */
export function fromHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS.get(digits.charCodeAt(2 * i));
    const low = DIGITS.get(digits.charCodeAt(2 * i + 1));
    if (high === undefined || low === undefined) return bytes.subarray(0, i);
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

/** A GUID's bytes, its first three parts in this byte order. */
export function guidBytes(text: string, littleEndian: boolean): Uint8Array {
  const b = fromHex(text.replaceAll('-', ''));
  if (!littleEndian) return b;
  b.subarray(0, 4).reverse();
  b.subarray(4, 6).reverse();
  b.subarray(6, 8).reverse();
  return b;
}

/** Text whose characters are bytes. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

/** Text as UTF-16, lone surrogates too. */
export function utf16Bytes(text: string, littleEndian = true): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return bytes;
}

const encoder = new TextEncoder();

/** Text as UTF-8. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Turns the bytes of each 16-bit word round, in place. An odd one at the end stays. */
export function swapWords(b: Uint8Array): Uint8Array {
  for (let i = 0; i + 1 < b.length; i += 2) {
    const first = b[i];
    b[i] = b[i + 1];
    b[i + 1] = first;
  }
  return b;
}
