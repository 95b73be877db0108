/** Digests and ciphers by OpenSSL. It is loaded when it is first asked for: many a run never does. */
import type * as Crypto from 'node:crypto';
import { createRequire } from 'node:module';
import type { AeadMode, HashName } from '../platform.js';

let loaded: typeof Crypto | undefined;

function crypto(): typeof Crypto {
  loaded ??= createRequire(import.meta.url)('node:crypto') as typeof Crypto;
  return loaded;
}

export function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const made = crypto().createHash(name);
  for (const part of parts) made.update(part);
  return made.digest();
}

export function sha256(bytes: Uint8Array): string {
  // Node 20.12 and newer hash in one step, at half the cost for short input
  const { createHash, hash: hashOnce } = crypto() as {
    hash?: (name: string, data: Uint8Array) => string;
  } & typeof Crypto;
  return hashOnce === undefined ? createHash('sha256').update(bytes).digest('hex') : hashOnce('sha256', bytes);
}

export type MacKey = Crypto.KeyObject;

export function macKey(key: Uint8Array): MacKey {
  return crypto().createSecretKey(key);
}

export function hmac(name: HashName, key: Uint8Array | MacKey, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = crypto().createHmac(name, key);
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
  return crypto().pbkdf2Sync(password, salt, iterations, length, name);
}

type Mode = 'cbc' | 'ecb';

const cipherName = (mode: Mode, key: Uint8Array) => `aes-${key.length * 8}-${mode}`;
const vector = (mode: Mode) => (mode === 'cbc' ? new Uint8Array(16) : null);

export function aesEncrypt(mode: Mode, key: Uint8Array, text: Uint8Array): Uint8Array {
  return crypto().createCipheriv(cipherName(mode, key), key, vector(mode)).setAutoPadding(false).update(text);
}

export function aesDecrypt(mode: Mode, key: Uint8Array, text: Uint8Array): Uint8Array {
  return crypto().createDecipheriv(cipherName(mode, key), key, vector(mode)).setAutoPadding(false).update(text);
}

export function aesOpen(
  mode: AeadMode,
  key: Uint8Array,
  nonce: Uint8Array,
  around: Uint8Array,
  text: Uint8Array,
  tag: Uint8Array,
): Uint8Array | null {
  const { createDecipheriv } = crypto();
  const bits = (key.length * 8) as 128 | 256;
  const options = { authTagLength: tag.length };
  const opener =
    mode === 'ccm'
      ? createDecipheriv(`aes-${bits}-ccm`, key, nonce, options)
      : createDecipheriv(`aes-${bits}-gcm`, key, nonce, options);
  opener.setAuthTag(tag).setAAD(around, { plaintextLength: text.length });
  try {
    const clear = opener.update(text);
    opener.final();
    return clear;
  } catch {
    // its way to say that the tag does not check
    return null;
  }
}
