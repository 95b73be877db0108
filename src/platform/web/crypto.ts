/** Digests and ciphers by noble: those of WebCrypto cannot be waited for in the middle of a PDU, and know no MD5. */
import { cbc, ecb } from '@noble/ciphers/aes';
import { hmac as nobleHmac } from '@noble/hashes/hmac';
import { md5, sha1 } from '@noble/hashes/legacy';
import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2';
import { sha256 as nobleSha256, sha384 } from '@noble/hashes/sha2';
import type { HashName } from '../platform.js';
import { hexText } from './text.js';

const HASHES = { md5, sha1, sha256: nobleSha256, sha384 };

export function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const made = HASHES[name].create();
  for (const part of parts) made.update(part);
  return made.digest();
}

export const sha256 = (bytes: Uint8Array): string => hexText(nobleSha256(bytes));

export type MacKey = Uint8Array;

export const macKey = (key: Uint8Array): MacKey => key;

export function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = nobleHmac.create(HASHES[name], key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

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
