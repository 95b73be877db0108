/**
 * Encryption types of Kerberos: AES with SHA-1 (RFC 3961 section 5.3, RFC 3962), AES with SHA-2 (RFC 8009), RC4
 * (RFC 4757). Only what reads: keys, decryption, checksums.
 */
import { type HashName, hmac, pbkdf2 } from '#platform';
import { concat, dword, equals, latin1Bytes, utf8Bytes } from '../../core/bytes.js';
import { aesBlock, ctsDecrypt } from '../crypto/aes-cts.js';
import { kdfSha2 } from '../crypto/kdf.js';
import { nFold } from '../crypto/nfold.js';
import { Rc4 } from '../crypto/rc4.js';
import { hmacMd5, ntHash } from '../ntlm/keys.js';

export const AES128_SHA1 = 17;
export const AES256_SHA1 = 18;
export const AES128_SHA256 = 19;
export const AES256_SHA384 = 20;
export const RC4_HMAC = 23;
export const RC4_HMAC_EXP = 24;

/** What an AES encryption type is made of. */
interface AesType {
  readonly keyBytes: number;
  readonly hash: HashName;
  /** Bytes of a checksum, and of the keys Ki and Kc. */
  readonly macBytes: number;
  readonly macKeyBytes: number;
  readonly iterations: number;
  readonly name: string;
}

const AES: Readonly<Record<number, AesType>> = {
  [AES128_SHA1]: { keyBytes: 16, hash: 'sha1', macBytes: 12, macKeyBytes: 16, iterations: 4096, name: '' },
  [AES256_SHA1]: { keyBytes: 32, hash: 'sha1', macBytes: 12, macKeyBytes: 32, iterations: 4096, name: '' },
  [AES128_SHA256]: {
    keyBytes: 16,
    hash: 'sha256',
    macBytes: 16,
    macKeyBytes: 16,
    iterations: 32768,
    name: 'aes128-cts-hmac-sha256-128',
  },
  [AES256_SHA384]: {
    keyBytes: 32,
    hash: 'sha384',
    macBytes: 24,
    macKeyBytes: 24,
    iterations: 32768,
    name: 'aes256-cts-hmac-sha384-192',
  },
};

/** Bits of a key of this type; 0 where the type is not supported. */
export function keyBits(etype: number): number {
  if (etype === RC4_HMAC_EXP) return 56;
  return etype === RC4_HMAC ? 128 : (AES[etype]?.keyBytes ?? 0) * 8;
}

/** Bytes of an AES type's checksum; 0 for others. */
export const macBytesOf = (etype: number): number => AES[etype]?.macBytes ?? 0;

export const isAes = (etype: number): boolean => AES[etype] !== undefined;

/** DK of RFC 3961 section 5.1 for AES. */
export function deriveKey(base: Uint8Array, constant: Uint8Array): Uint8Array {
  let block = nFold(constant, 16);
  let key: Uint8Array = new Uint8Array(0);
  while (key.length < base.length) {
    block = aesBlock(base, block);
    key = concat(key, block);
  }
  return key.subarray(0, base.length);
}

/** The keys of one usage. */
export class AesKeys {
  readonly macBytes: number;
  /** Whether the checksum is made over the cipher text (RFC 8009) and not over the clear text. */
  readonly encryptThenMac: boolean;
  private readonly type: AesType;
  private readonly made = new Map<number, Uint8Array>();

  constructor(
    etype: number,
    private readonly base: Uint8Array,
  ) {
    this.type = AES[etype];
    this.macBytes = this.type.macBytes;
    this.encryptThenMac = this.type.hash !== 'sha1';
  }

  private key(usage: number, kind: 0xaa | 0x55 | 0x99): Uint8Array {
    const name = usage * 256 + kind;
    let key = this.made.get(name);
    if (key === undefined) {
      const label = concat(dword(usage, false), Uint8Array.of(kind));
      const { keyBytes, macKeyBytes, hash } = this.type;
      if (!this.encryptThenMac) key = deriveKey(this.base, label);
      else key = kdfSha2(hash, this.base, label, kind === 0xaa ? keyBytes : macKeyBytes);
      this.made.set(name, key);
    }
    return key;
  }

  /** Decrypts without a check: the confounder comes first. */
  decrypt(usage: number, cipher: Uint8Array): Uint8Array {
    return ctsDecrypt(this.key(usage, 0xaa), cipher);
  }

  /** The checksum that goes with encryption (Ki). */
  integrity(usage: number, parts: readonly Uint8Array[]): Uint8Array {
    return this.mac(this.key(usage, 0x55), this.encryptThenMac ? [ZERO_BLOCK, ...parts] : parts);
  }

  /** The checksum of what is not encrypted (Kc). */
  checksum(usage: number, parts: readonly Uint8Array[]): Uint8Array {
    return this.mac(this.key(usage, 0x99), parts);
  }

  private mac(key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
    return hmac(this.type.hash, key, ...parts).subarray(0, this.macBytes);
  }
}

const ZERO_BLOCK = new Uint8Array(16);

/** Decrypts and checks an EncryptedData; null where the key is not the one. */
export function decryptMessage(etype: number, key: Uint8Array, usage: number, cipher: Uint8Array): Uint8Array | null {
  if (etype === RC4_HMAC || etype === RC4_HMAC_EXP) return decryptRc4(etype, key, usage, cipher);
  const type = AES[etype];
  if (type === undefined || key.length !== type.keyBytes) return null;
  const end = cipher.length - type.macBytes;
  if (end < 16) return null;
  const keys = new AesKeys(etype, key);
  const body = cipher.subarray(0, end);
  if (keys.encryptThenMac) {
    if (!equals(keys.integrity(usage, [body]), cipher, end)) return null;
    return keys.decrypt(usage, body).subarray(16);
  }
  const plain = keys.decrypt(usage, body);
  return equals(keys.integrity(usage, [plain]), cipher, end) ? plain.subarray(16) : null;
}

/** The first key of RC4-HMAC for a usage (RFC 4757 section 4), which differs for the export type. */
export function rc4UsageKey(
  etype: number,
  key: Uint8Array,
  usage: Uint8Array,
): { mac: Uint8Array; cipher: Uint8Array } {
  if (etype !== RC4_HMAC_EXP) {
    const one = hmacMd5(key, usage);
    return { mac: one, cipher: one };
  }
  const mac = hmacMd5(key, latin1Bytes('fortybits\0'), usage);
  const cipher = Uint8Array.from(mac).fill(0xab, 7);
  return { mac, cipher };
}

/** Key usages that Windows numbers otherwise (RFC 4757 section 3). */
const RC4_USAGES: Readonly<Record<number, number>> = { 3: 8, 9: 8, 23: 13 };

function decryptRc4(etype: number, key: Uint8Array, usage: number, cipher: Uint8Array): Uint8Array | null {
  if (key.length !== 16 || cipher.length < 24) return null;
  const keys = rc4UsageKey(etype, key, dword(RC4_USAGES[usage] ?? usage, true));
  const checksum = cipher.subarray(0, 16);
  const plain = new Rc4(hmacMd5(keys.cipher, checksum)).crypt(cipher.subarray(16));
  return equals(hmacMd5(keys.mac, plain), checksum) ? plain.subarray(8) : null;
}

/** The key that a password makes (RFC 3962 section 4, RFC 8009 section 4, RFC 4757 section 2). */
export function stringToKey(
  etype: number,
  password: string,
  salt: string | Uint8Array,
  iterations = AES[etype]?.iterations ?? 1,
): Uint8Array | null {
  if (etype === RC4_HMAC || etype === RC4_HMAC_EXP) return ntHash(password);
  const type = AES[etype];
  if (type === undefined) return null;
  const label = latin1Bytes('kerberos');
  const prefix = type.name === '' ? new Uint8Array(0) : latin1Bytes(`${type.name}\0`);
  const salted = concat(prefix, typeof salt === 'string' ? utf8Bytes(salt) : salt);
  const raw = pbkdf2(type.hash, password, salted, iterations, type.keyBytes);
  return type.name === '' ? deriveKey(raw, label) : kdfSha2(type.hash, raw, label, type.keyBytes);
}
