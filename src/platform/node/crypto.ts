/** Digests and ciphers by OpenSSL. It is loaded when it is first asked for: many a run never does. */
import type * as Crypto from 'node:crypto';
import { createRequire } from 'node:module';
import type { AeadMode, HashName, Mac } from '../platform.js';

let loaded: typeof Crypto | undefined;

function crypto(): typeof Crypto {
  loaded ??= createRequire(import.meta.url)('node:crypto') as typeof Crypto;
  return loaded;
}

/** Up to this length parts are put together, for what hashes in one step: for them that takes half the time. */
const SHORT = 1 << 12;

export function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length <= SHORT) return crypto().hash(name, Buffer.concat(parts, length), 'buffer');
  const made = crypto().createHash(name);
  for (const part of parts) made.update(part);
  return made.digest();
}

export function sha256(bytes: Uint8Array): string {
  return crypto().hash('sha256', bytes);
}

export function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = crypto().createHmac(name, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Bytes of a block and of a digest of MD5 (RFC 1321 3). */
const BLOCK = 64;
const DIGEST = 16;

export function md5Mac(key: Uint8Array): Mac {
  // RFC 2104 2, each of its two digests in one step: they take half as long as what Node makes of a HMAC
  const { hash: hashOnce } = crypto();
  const short = key.length > BLOCK ? hash('md5', key) : key;
  const inner = Buffer.alloc(BLOCK, 0x36);
  const outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);
  for (let i = 0; i < short.length; i++) {
    inner[i] ^= short[i];
    outer[i] ^= short[i];
  }
  return (...parts) => {
    outer.write(hashOnce('md5', Buffer.concat([inner, ...parts]), 'binary'), BLOCK, 'binary');
    return Buffer.from(hashOnce('md5', outer, 'binary'), 'binary');
  };
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
