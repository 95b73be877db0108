/** Digests and ciphers by noble: those of WebCrypto cannot be waited for in the middle of a PDU, and know no MD5. */
import { cbc, ctr, ecb, gcm } from '@noble/ciphers/aes';
import { concatBytes, equalBytes } from '@noble/ciphers/utils';
import { hmac as nobleHmac } from '@noble/hashes/hmac';
import { md5, sha1 } from '@noble/hashes/legacy';
import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2';
import { sha256 as nobleSha256, sha384, sha512 } from '@noble/hashes/sha2';
import type { AeadMode, HashName, Mac } from '../platform.js';
import { hexText } from './text.js';

const HASHES = { md5, sha1, sha256: nobleSha256, sha384, sha512 };

export function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const made = HASHES[name].create();
  for (const part of parts) made.update(part);
  return made.digest();
}

export const sha256 = (bytes: Uint8Array): string => hexText(nobleSha256(bytes));

export function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = nobleHmac.create(HASHES[name], key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

export const md5Mac =
  (key: Uint8Array): Mac =>
  (...parts) =>
    hmac('md5', key, ...parts);

export function pbkdf2(
  name: HashName,
  password: string,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  return noblePbkdf2(HASHES[name], password, salt, { c: iterations, dkLen: length });
}

type Mode = 'cbc' | 'ecb';

function cipher(mode: Mode, key: Uint8Array) {
  const options = { disablePadding: true };
  return mode === 'cbc' ? cbc(key, new Uint8Array(16), options) : ecb(key, options);
}

export const aesEncrypt = (mode: Mode, key: Uint8Array, text: Uint8Array): Uint8Array =>
  cipher(mode, key).encrypt(text);
export const aesDecrypt = (mode: Mode, key: Uint8Array, text: Uint8Array): Uint8Array =>
  cipher(mode, key).decrypt(text);

export function aesOpen(
  mode: AeadMode,
  key: Uint8Array,
  nonce: Uint8Array,
  around: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Uint8Array | null {
  if (mode === 'ccm') return ccmOpen(key, nonce, around, text, tag);
  try {
    return gcm(key, nonce, around).decrypt(concatBytes(text, tag));
  } catch {
    // its way to say that the tag does not check
    return null;
  }
}

/** RFC 3610, of CTR and CBC: noble has no CCM. */
function ccmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  around: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Uint8Array | null {
  const counter = new Uint8Array(16);
  // bytes of the length, less one
  counter[0] = 14 - nonce.length;
  counter.set(nonce, 1);
  // the first block of the key stream is the tag's
  const clear = ctr(key, counter).decrypt(concatBytes(tag, text));
  const plain = clear.subarray(16);

  // what is signed: the lengths, what is around, the clear text, each filled up to whole blocks
  const aroundAt = 18;
  const plainAt = (aroundAt + around.length + 15) & ~15;
  const signed = new Uint8Array((plainAt + plain.length + 15) & ~15);
  signed.set(counter);
  signed[0] |= 0x40 | (((tag.length - 2) / 2) << 3);
  const numbers = new DataView(signed.buffer);
  numbers.setUint32(12, plain.length);
  numbers.setUint16(16, around.length);
  signed.set(around, aroundAt);
  signed.set(plain, plainAt);
  const mac = aesEncrypt('cbc', key, signed).subarray(-16);
  return equalBytes(mac, clear.subarray(0, 16)) ? plain : null;
}
