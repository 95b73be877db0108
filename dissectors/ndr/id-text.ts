/** Ids of 64 bits (OXID, OID, SETID) as text. */
import { latin1Text } from '#platform';
import { utf8Bytes } from '../../src/core/bytes.js';

const DIGITS = utf8Bytes('0123456789abcdef');
const ID = utf8Bytes('0x0123456789abcdef');

/** `0x` and 16 hex digits, made at once: very many are kept, and a text that was put together keeps its parts. */
export function idText(value: bigint): string {
  let low = Number(BigInt.asUintN(32, value));
  let high = Number(value >> 32n);
  for (let at = ID.length - 1; at >= 2; at--) {
    ID[at] = DIGITS[(at >= 10 ? low : high) & 15];
    if (at >= 10) low >>>= 4;
    else high >>>= 4;
  }
  return latin1Text(ID, 0, ID.length);
}
