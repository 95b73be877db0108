/** Numbers that are chosen so that they fall into one bucket of a table that hashes them in a way that everybody knows. */

/** The number that an odd one has to be multiplied with to give 1, in 32 bits. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 6; i++) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x;
}

/** Undoes `h ^ (h >>> by)`. */
function unshift(h: number, by: number): number {
  let x = h;
  for (let done = by; done < 32; done += by) x = h ^ (x >>> by);
  return x;
}

/** The key to which V8's ComputeUnseededHash gives `hash`: what a `Map` does with whole numbers. */
function keyOf(hash: number): number {
  let h = unshift(hash, 16);
  h = unshift(Math.imul(h, inverse(2057)), 4);
  h = unshift(Math.imul(h, inverse(5)), 12);
  return Math.imul(h + 1, inverse(32767));
}

/** `n` keys whose hashes have as many low bits in common as they can. */
export function collidingIds(n: number): number[] {
  const step = 2 ** Math.floor(32 - Math.log2(n));
  return Array.from({ length: n }, (_, i) => keyOf(i * step));
}

/** Addresses of both ends and both ports of a flow: all flows fall together where the words are multiplied and xored. */
export function collidingFlow(i: number): readonly [from: number, to: number, ports: number] {
  const from = 0x0a000000 + i;
  const to = 0x40000000 + (i >> 3);
  const ports = Math.imul(Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca77), inverse(0xc2b2ae3d));
  return [from, to, ports];
}
