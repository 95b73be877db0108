/**
 * From a password to the keys of a session (MS-NLMP 3.3 responses, 3.4.5 keys). Pure functions; names as there.
 */
import { hash, hmac } from '#platform';
import { concat, equals, latin1Bytes, utf16Bytes } from '../../core/bytes.js';
import { desBlock } from '../crypto/des.js';
import { md4 } from '../crypto/md4.js';
import { Rc4 } from '../crypto/rc4.js';
import {
  type AuthenticateMessage,
  EXTENDED_SECURITY,
  KEY_EXCHANGE,
  LM_KEY,
  NON_NT_SESSION_KEY,
  STRONG_56,
  STRONG_128,
} from './messages.js';

export const md5 = (...parts: readonly Uint8Array[]): Uint8Array => hash('md5', ...parts);
export const hmacMd5 = (key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array => hmac('md5', key, ...parts);

/** Simple upper case, one character for one, as Windows does it: the German sharp s stays. */
const upper = (text: string) =>
  Array.from(text, (ch) => (ch.toUpperCase().length === ch.length ? ch.toUpperCase() : ch)).join('');

/** DES of one block under 7 key bytes (appendix of 3.3.1). */
function des(key: Uint8Array, block: Uint8Array): Uint8Array {
  const spread = new Uint8Array(8);
  for (let i = 0; i < 8; i++) {
    const bits = ((i > 0 ? key[i - 1] : 0) << 8) | (i < 7 ? key[i] : 0);
    spread[i] = (bits >> i) & 0xfe;
  }
  return desBlock(spread, block);
}

/** DESL: three DES under the 16 bytes of a hash and 5 zeros. */
export function desl(hash: Uint8Array, block: Uint8Array): Uint8Array {
  const key = concat(hash, new Uint8Array(5));
  return concat(...[0, 7, 14].map((at) => des(key.subarray(at, at + 7), block)));
}

/** NTOWFv1. */
export function ntHash(password: string): Uint8Array {
  return md4(utf16Bytes(password));
}

/** LMOWFv1: what 14 upper-case characters of the OEM character set leave. */
export function lmHash(password: string): Uint8Array {
  const key = new Uint8Array(14);
  key.set(latin1Bytes(upper(password)).subarray(0, 14));
  const magic = latin1Bytes('KGS!@#$%');
  return concat(des(key.subarray(0, 7), magic), des(key.subarray(7), magic));
}

/** NTOWFv2. */
export function ntowfV2(hash: Uint8Array, user: string, domain: string): Uint8Array {
  return hmacMd5(hash, utf16Bytes(upper(user) + domain));
}

/** What a response was made of. */
export interface Exchange {
  readonly auth: AuthenticateMessage;
  /** Negotiated flags: those of the AUTHENTICATE message. */
  readonly flags: number;
  readonly serverChallenge: Uint8Array;
}

/** One password or hash, as far as NTLM needs it. */
export interface NtlmCredential {
  readonly ntHash: Uint8Array;
  /** Null where only the NT hash is known. */
  readonly lmHash: Uint8Array | null;
}

export type NtlmVersion = 'NTLMv1' | 'NTLMv1-ESS' | 'NTLMv2';

/** Which response it is: version 2 is longer than 24 bytes, and extended security shows by the client's challenge. */
export function versionOf({ auth, flags }: Pick<Exchange, 'auth' | 'flags'>): NtlmVersion | null {
  if (auth.ntResponse.length > 24) return 'NTLMv2';
  if (auth.ntResponse.length !== 24) return null;
  return flags & EXTENDED_SECURITY ? 'NTLMv1-ESS' : 'NTLMv1';
}

/** The KeyExchangeKey, or null where the credential did not make this response. */
export function keyExchangeKey(x: Exchange, credential: NtlmCredential): Uint8Array | null {
  const { auth, serverChallenge } = x;
  const version = versionOf(x);
  if (version === 'NTLMv2') {
    const key = ntowfV2(credential.ntHash, auth.user, auth.domain);
    const proof = hmacMd5(key, serverChallenge, auth.ntResponse.subarray(16));
    return equals(proof, auth.ntResponse) ? hmacMd5(key, proof) : null;
  }
  if (version === null) return null;
  const clientChallenge = auth.lmResponse.subarray(0, 8);
  const challenge = version === 'NTLMv1-ESS' ? md5(serverChallenge, clientChallenge).subarray(0, 8) : serverChallenge;
  if (!equals(desl(credential.ntHash, challenge), auth.ntResponse)) return null;
  return kxKeyV1(x, credential, md4(credential.ntHash));
}

/** KXKEY for version 1 (3.4.5.1). */
export function kxKeyV1(x: Exchange, credential: NtlmCredential, sessionBaseKey: Uint8Array): Uint8Array | null {
  const { auth, flags, serverChallenge } = x;
  if (flags & EXTENDED_SECURITY) return hmacMd5(sessionBaseKey, serverChallenge, auth.lmResponse.subarray(0, 8));
  if ((flags & (LM_KEY | NON_NT_SESSION_KEY)) === 0) return sessionBaseKey;
  const { lmHash: lm } = credential;
  if (lm === null) return null;
  if (flags & LM_KEY) {
    const block = auth.lmResponse.subarray(0, 8);
    const tail = concat(lm.subarray(7, 8), new Uint8Array(6).fill(0xbd));
    return concat(des(lm.subarray(0, 7), block), des(tail, block));
  }
  return concat(lm.subarray(0, 8), new Uint8Array(8));
}

/** ExportedSessionKey: what the client chose and sent under the KeyExchangeKey, or that key itself. */
export function exportedSessionKey(x: Pick<Exchange, 'auth' | 'flags'>, keyExchangeKey: Uint8Array): Uint8Array {
  if ((x.flags & KEY_EXCHANGE) === 0 || x.auth.sessionKey.length !== 16) return keyExchangeKey;
  return new Rc4(keyExchangeKey).crypt(x.auth.sessionKey);
}

/** Bits of the sealing key (3.4.5.3). */
export function sealingBits(flags: number): 128 | 56 | 40 {
  if ((flags & EXTENDED_SECURITY) === 0 && (flags & LM_KEY) === 0) return 128;
  if (flags & EXTENDED_SECURITY && flags & STRONG_128) return 128;
  return flags & STRONG_56 ? 56 : 40;
}

const MAGIC = {
  client: { sign: 'client-to-server signing', seal: 'client-to-server sealing' },
  server: { sign: 'server-to-client signing', seal: 'server-to-client sealing' },
} as const;

/** SIGNKEY (3.4.5.2); null without extended session security, which has none. */
export function signKey(flags: number, exported: Uint8Array, direction: 'client' | 'server'): Uint8Array | null {
  if ((flags & EXTENDED_SECURITY) === 0) return null;
  return md5(exported, latin1Bytes(`session key to ${MAGIC[direction].sign} key magic constant\0`));
}

/** SEALKEY (3.4.5.3). */
export function sealKey(flags: number, exported: Uint8Array, direction: 'client' | 'server'): Uint8Array {
  const bits = sealingBits(flags);
  const strong = exported.subarray(0, bits / 8);
  if (flags & EXTENDED_SECURITY)
    return md5(strong, latin1Bytes(`session key to ${MAGIC[direction].seal} key magic constant\0`));
  if (bits === 128) return exported;
  return concat(strong, bits === 56 ? Uint8Array.of(0xa0) : Uint8Array.of(0xe5, 0x38, 0xb0));
}

/** The MIC of the three messages (3.1.5.1.2); `authenticate` with its MIC field zeroed. */
export function messageMic(
  exported: Uint8Array,
  negotiate: Uint8Array,
  challenge: Uint8Array,
  authenticate: Uint8Array,
): Uint8Array {
  return hmacMd5(exported, negotiate, challenge, authenticate);
}
