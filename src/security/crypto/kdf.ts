/** Key derivation in counter mode with HMAC (NIST SP 800-108 section 4.1), as RFC 8009 section 3 and MS-SMB2 3.1.4.2 use it. */
import { type HashName, hmac } from '#platform';
import { dword } from '../../core/bytes.js';

const NO_CONTEXT: Uint8Array = new Uint8Array(0);

/** @param bytes length of the new key, at most that of a digest: one round makes it. */
export function kdfSha2(
  name: HashName,
  key: Uint8Array,
  label: Uint8Array,
  bytes: number,
  context = NO_CONTEXT,
): Uint8Array {
  const made = hmac(name, key, dword(1, false), label, Uint8Array.of(0), context, dword(bytes * 8, false));
  return made.subarray(0, bytes);
}
