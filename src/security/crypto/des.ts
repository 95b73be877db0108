/** DES of one block (FIPS 46-3), for the responses of NTLM version 1 alone: browsers do not have it. Bits count from 1. */

const INITIAL = order(
  '58 50 42 34 26 18 10 2 60 52 44 36 28 20 12 4 62 54 46 38 30 22 14 6 64 56 48 40 32 24 16 8',
  '57 49 41 33 25 17 9 1 59 51 43 35 27 19 11 3 61 53 45 37 29 21 13 5 63 55 47 39 31 23 15 7',
);
const FINAL = INITIAL.map((_, i) => INITIAL.indexOf(i + 1) + 1);
const EXPANSION = order(
  '32 1 2 3 4 5 4 5 6 7 8 9 8 9 10 11 12 13 12 13 14 15 16 17',
  '16 17 18 19 20 21 20 21 22 23 24 25 24 25 26 27 28 29 28 29 30 31 32 1',
);
const PERMUTATION = order('16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25');
const KEY_LEFT = order('57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36');
const KEY_RIGHT = order('63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4');
const KEY_CHOICE = order(
  '14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2',
  '41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32',
);
const SHIFTS = order('1 1 2 2 2 2 2 2 1 2 2 2 2 2 2 1');

/** Each box: four rows of sixteen hex digits. */
const BOXES = [
  'e4d12fb83a6c5907 0f74e2d1a6cb9538 41e8d62bfc973a50 fc8249175b3ea06d',
  'f18e6b34972dc05a 3d47f28ec01a69b5 0e7ba4d158c6932f d8a13f42b67c05e9',
  'a09e63f51dc7b428 d709346a285ecbf1 d6498f30b12c5ae7 1ad069874fe3b52c',
  '7de3069a1285bc4f d8b56f03472c1ae9 a690cb7df13e5284 3f06a1d8945bc72e',
  '2c417ab6853fd0e9 eb2c47d150fa3986 421bad78f9c5630e b8c71e2d6f09a453',
  'c1af92680d34e75b af427c9561de0b38 9ef528c3704a1db6 432c95fabe17608d',
  '4b2ef08d3c975a61 d0b7491ae35c2f86 14bdc37eaf680592 6bd814a7950fe23c',
  'd2846fb1a93e50c7 1fd8a374c56b0e92 7b419ce206adf358 21e74a8dfc90356b',
].map((rows) => Array.from(rows.replaceAll(' ', ''), (digit) => Number.parseInt(digit, 16)));

/** Encrypts 8 bytes under 8 bytes of key, of which the lowest bits are parity. */
export function desBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const keyBits = bitsOf(key);
  let c = pick(keyBits, KEY_LEFT);
  let d = pick(keyBits, KEY_RIGHT);
  const text = pick(bitsOf(block), INITIAL);
  let left = text.slice(0, 32);
  let right = text.slice(32);
  for (const shift of SHIFTS) {
    c = [...c.slice(shift), ...c.slice(0, shift)];
    d = [...d.slice(shift), ...d.slice(0, shift)];
    const roundKey = pick([...c, ...d], KEY_CHOICE);
    const mixed = pick(right, EXPANSION).map((bit, i) => bit ^ roundKey[i]);
    const boxed = BOXES.flatMap((box, i) => {
      const [b0, b1, b2, b3, b4, b5] = mixed.slice(6 * i, 6 * i + 6);
      const value = box[(b0 << 5) | (b5 << 4) | (b1 << 3) | (b2 << 2) | (b3 << 1) | b4];
      return [value >> 3, (value >> 2) & 1, (value >> 1) & 1, value & 1];
    });
    const next = pick(boxed, PERMUTATION).map((bit, i) => bit ^ left[i]);
    left = right;
    right = next;
  }
  const out = pick([...right, ...left], FINAL);
  return Uint8Array.from({ length: 8 }, (_, i) => out.slice(8 * i, 8 * i + 8).reduce((byte, bit) => byte * 2 + bit, 0));
}

function order(...lines: readonly string[]): number[] {
  return lines.join(' ').split(' ').map(Number);
}

function pick(bits: readonly number[], places: readonly number[]): number[] {
  return places.map((place) => bits[place - 1]);
}

function bitsOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1));
}
