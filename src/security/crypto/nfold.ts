/** n-fold (RFC 3961 section 5.1): stretches or folds a constant to `length` bytes. */
export function nFold(input: Uint8Array, length: number): Uint8Array {
  const bits = input.length * 8;
  const total = lcm(input.length, length);
  const out = new Uint8Array(length);
  // Copy number k is the input rotated right by 13 k bits; all copies, laid end to end and cut into pieces of
  // `length` bytes, are added with end-around carry. From the last byte to the first, so that a carry goes its way.
  let carry = 0;
  for (let i = total - 1; i >= 0; i--) {
    const copy = Math.floor(i / input.length);
    const from = (((i % input.length) * 8 - 13 * copy) % bits) + bits;
    carry += octet(input, from % bits) + out[i % length];
    out[i % length] = carry;
    carry >>>= 8;
  }
  for (let i = length - 1; carry > 0; i = (i + length - 1) % length) {
    carry += out[i];
    out[i] = carry;
    carry >>>= 8;
  }
  return out;
}

/** The 8 bits of `b` from bit `at` on, around its end. */
function octet(b: Uint8Array, at: number): number {
  const i = at >> 3;
  const pair = (b[i] << 8) | b[(i + 1) % b.length];
  return (pair >> (8 - (at & 7))) & 0xff;
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
