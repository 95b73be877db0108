/**
 * Encryption of SMB 3 (MS-SMB2 3.1.4.2, 3.1.4.3): keys from the session key of the security context, and messages
 * behind a TRANSFORM_HEADER (2.2.41). Pure functions: which dialect, cipher and messages, their reader says.
 */
import { type AeadMode, aesOpen, hash } from '#platform';
import { latin1Bytes } from '../core/bytes.js';
import { kdfSha2 } from './crypto/kdf.js';

/** What a CipherId of SMB2_ENCRYPTION_CAPABILITIES (2.2.3.1.2) stands for. */
interface Cipher {
  readonly mode: AeadMode;
  readonly keyBytes: 16 | 32;
  /** Bytes of the header's Nonce that are used. */
  readonly nonceBytes: 11 | 12;
}

const CIPHERS: ReadonlyMap<number, Cipher> = new Map([
  [1, { mode: 'ccm', keyBytes: 16, nonceBytes: 11 }],
  [2, { mode: 'gcm', keyBytes: 16, nonceBytes: 12 }],
  [3, { mode: 'ccm', keyBytes: 32, nonceBytes: 11 }],
  [4, { mode: 'gcm', keyBytes: 32, nonceBytes: 12 }],
]);

/** The cipher of dialects 3.0 and 3.0.2, which do not negotiate it: AES-128-CCM. */
export const SMB30_CIPHER = 1;

const SMB311 = 0x311;

/** Length of a TRANSFORM_HEADER. */
export const TRANSFORM_LENGTH = 52;

/** What the keys of a session are made of. */
export interface Smb3Secret {
  /** DialectRevision: 0x300, 0x302, 0x311. */
  readonly dialect: number;
  /** CipherId: 1 AES-128-CCM, 2 AES-128-GCM, 3 AES-256-CCM, 4 AES-256-GCM. */
  readonly cipher: number;
  /** The whole key of the security context that session setup made. */
  readonly sessionKey: Uint8Array;
  /** Dialect 3.1.1: `nextPreauthHash` over negotiation and session setup, its last answer left out. */
  readonly preauthHash: Uint8Array;
}

/** Keys by who encrypts with them. */
export interface Smb3Keys {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

/** The hash before the first message. */
export const PREAUTH_START: Uint8Array = new Uint8Array(64);

/** PreauthIntegrityHashValue behind one more message (3.1.4.4.1, SHA-512), which begins with its SMB2 header. */
export function nextPreauthHash(before: Uint8Array, message: Uint8Array): Uint8Array {
  return hash('sha512', before, message);
}

/** EncryptionKey and DecryptionKey of a session (3.1.4.2, 3.2.5.3.1, 3.3.5.5.3); null for a cipher that is unknown. */
export function smb3Keys({ dialect, cipher, sessionKey, preauthHash }: Smb3Secret): Smb3Keys | null {
  const kind = CIPHERS.get(cipher);
  if (kind === undefined) return null;
  // Session.SessionKey has 16 bytes, filled up with zeros; ciphers of 256 bits take Session.FullSessionKey
  const key = new Uint8Array(kind.keyBytes === 16 ? 16 : sessionKey.length);
  key.set(sessionKey.subarray(0, key.length));
  const derived = (label: string, context: Uint8Array) =>
    kdfSha2('sha256', key, latin1Bytes(`${label}\0`), kind.keyBytes, context);
  if (dialect >= SMB311)
    return { client: derived('SMBC2SCipherKey', preauthHash), server: derived('SMBS2CCipherKey', preauthHash) };
  return {
    client: derived('SMB2AESCCM', latin1Bytes('ServerIn \0')),
    server: derived('SMB2AESCCM', latin1Bytes('ServerOut\0')),
  };
}

/**
 * Opens what stands behind a TRANSFORM_HEADER (3.1.4.3): Signature is the tag, everything behind it is signed too.
 * @param header its 52 bytes
 * @returns the message; null where the key is not the one, or it was changed
 */
export function smb3Decrypt(
  key: Uint8Array,
  cipher: number,
  header: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  const kind = CIPHERS.get(cipher);
  if (kind === undefined || key.length !== kind.keyBytes || header.length !== TRANSFORM_LENGTH) return null;
  const nonce = header.subarray(20, 20 + kind.nonceBytes);
  return aesOpen(kind.mode, key, nonce, header.subarray(20), sealed, header.subarray(4, 20));
}
