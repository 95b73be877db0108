/** Wrap tokens that stand alone, with the data in them (RFC 4121 section 4.2.4, RFC 4757 section 7.3): taken apart. */
import { concat } from '../../core/bytes.js';
import type { Wrapped } from '../types.js';
import { macBytesOf } from './crypto.js';
import { parseRc4Token, SEALED } from './session.js';

const HEADER = 16;
const CONFOUNDER = 16;

/**
 * Token and data as sessions take them: with AES what was rotated to the front counts to the token.
 * @param etype of the session's key; null where it is not known, and what is sealed cannot be told apart
 */
export function splitWrap(message: Uint8Array, etype: number | null): Wrapped | null {
  const old = parseRc4Token(message);
  if (old !== null) return old.wrap ? { ...cut(message, old.length), sealed: old.sealed } : null;
  if (message[0] !== 5 || message[1] !== 4 || message.length < HEADER) return null;
  const extra = (message[4] << 8) | message[5];
  if (message[2] & SEALED) {
    const length = HEADER + CONFOUNDER + extra + HEADER + (etype === null ? 0 : macBytesOf(etype));
    return message.length < length ? null : { ...cut(message, length), sealed: true };
  }
  // the data, then the checksum of so many bytes
  const end = message.length - HEADER - extra;
  if (end < 0) return null;
  const rotated = message.subarray(HEADER);
  const turn = ((message[6] << 8) | message[7]) % Math.max(1, rotated.length);
  const body = concat(rotated.subarray(turn), rotated.subarray(0, turn));
  return {
    token: concat(message.subarray(0, HEADER), body.subarray(end)),
    data: body.subarray(0, end),
    sealed: false,
  };
}

const cut = (message: Uint8Array, length: number): Pick<Wrapped, 'token' | 'data'> => ({
  token: message.subarray(0, length),
  data: message.subarray(length),
});
