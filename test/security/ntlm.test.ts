/** NTLM against the examples of MS-NLMP section 4.2. */
import { describe, expect, it } from 'vitest';
import {
  desl,
  type Exchange,
  exportedSessionKey,
  keyExchangeKey,
  kxKeyV1,
  lmHash,
  type NtlmCredential,
  ntHash,
  ntowfV2,
  sealingBits,
  sealKey,
  signKey,
} from '../../src/security/ntlm/keys.js';
import type { AuthenticateMessage } from '../../src/security/ntlm/messages.js';
import { NtlmSession } from '../../src/security/ntlm/session.js';
import { hex, RANDOM_KEY, SERVER_CHALLENGE, sealed, unhex, utf16 } from './ntlm-support.js';

const CREDENTIAL: NtlmCredential = { ntHash: ntHash('Password'), lmHash: lmHash('Password') };
const PLAINTEXT = utf16('Plaintext');

const exchange = (flags: number, nt: string, lm: string, sessionKey = ''): Exchange => {
  const auth: AuthenticateMessage = {
    kind: 'authenticate',
    flags,
    domain: 'Domain',
    user: 'User',
    workstation: 'COMPUTER',
    lmResponse: unhex(lm),
    ntResponse: unhex(nt),
    sessionKey: unhex(sessionKey),
    micAt: null,
    av: null,
  };
  return { auth, flags, serverChallenge: SERVER_CHALLENGE };
};

describe('NTLM version 1, MS-NLMP 4.2.2', () => {
  const FLAGS = 0xe2028233;
  const NT = '67c43011f30298a2ad35ece64f16331c44bdbed927841f94';
  const LM = '98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13';

  it('hashes passwords', () => {
    expect(hex(CREDENTIAL.ntHash)).toBe('a4f49c406510bdcab6824ee7c30fd852');
    expect(hex(CREDENTIAL.lmHash)).toBe('e52cac67419a9a224a3b108f3fa6cb6d');
  });

  it('makes the responses', () => {
    expect(hex(desl(CREDENTIAL.ntHash, SERVER_CHALLENGE))).toBe(NT);
    expect(hex(desl(CREDENTIAL.lmHash!, SERVER_CHALLENGE))).toBe(LM);
  });

  it.each([
    ['plain', 0, 'd87262b0cde4b1cb7499becccdf10784', '518822b1b3f350c8958682ecbb3e3cb7'],
    [
      'NTLMSSP_REQUEST_NON_NT_SESSION_KEY',
      0x400000,
      'e52cac67419a9a220000000000000000',
      '7452ca55c225a1ca04b48fae32cf56fc',
    ],
    ['NTLMSSP_NEGOTIATE_LM_KEY', 0x80, 'b09e379f7fbecb1eaf0afdcb0383c8a0', '4cd7bb57d697ef9b549f02b8f9b37864'],
  ])('key exchange, %s', (_name, extra, key, encrypted) => {
    const x = exchange((FLAGS | extra) >>> 0, NT, LM, encrypted);
    expect(hex(keyExchangeKey(x, CREDENTIAL))).toBe(key);
    expect(hex(exportedSessionKey(x, unhex(key)))).toBe(hex(RANDOM_KEY));
  });

  it('refuses another password', () =>
    expect(keyExchangeKey(exchange(FLAGS, NT, LM), { ntHash: ntHash('password'), lmHash: null })).toBeNull());

  it('opens the sealed message (4.2.2.4)', () => {
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const data = unhex('56fe04d861f9319af0d7238a2e3b4d457fb8');
    const result = session.unprotect(sealed(data, unhex('01000000 00000000 09dcd1df 2e459d36')));
    expect(hex(result.stub)).toBe(hex(PLAINTEXT));
    expect(result.verified).toBe(true);
  });
});

describe('NTLM version 1 with extended session security, MS-NLMP 4.2.3', () => {
  const FLAGS = 0x820a8233;
  const NT = '7537f803ae367128ca458204bde7caf81e97ed2683267232';
  const x = exchange(FLAGS, NT, `aaaaaaaaaaaaaaaa${'00'.repeat(16)}`);

  it('derives the keys', () => {
    const key = keyExchangeKey(x, CREDENTIAL)!;
    expect(hex(key)).toBe('eb93429a8bd952f8b89c55b87f475edc');
    expect(sealingBits(FLAGS)).toBe(56);
    expect(hex(sealKey(FLAGS, key, 'client'))).toBe('04dd7f014d8504d265a25cc86a3a7c06');
    expect(hex(signKey(FLAGS, key, 'client'))).toBe('60e799be5c72fc92922ae8ebe961fb8d');
  });

  it('opens the sealed message', () => {
    const session = new NtlmSession(FLAGS, keyExchangeKey(x, CREDENTIAL)!);
    const data = unhex('a02372f6530273f3aa1eb90190ce5200c99d');
    const result = session.unprotect(sealed(data, unhex('01000000 ff2aeb52f681793a 00000000')));
    expect([hex(result.stub), result.verified]).toEqual([hex(PLAINTEXT), true]);
  });
});

describe('NTLM version 2, MS-NLMP 4.2.4', () => {
  const FLAGS = 0xe28a8233;
  const TEMP =
    '01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000';
  const x = exchange(FLAGS, `68cd0ab851e51c96aabc927bebef6a1c${TEMP}`, '', 'c5dad2544fc9799094ce1ce90bc9d03e');

  it('derives the keys', () => {
    expect(hex(ntowfV2(CREDENTIAL.ntHash, 'User', 'Domain'))).toBe('0c868a403bfd7a93a3001ef22ef02e3f');
    const key = keyExchangeKey(x, CREDENTIAL)!;
    expect(hex(key)).toBe('8de40ccadbc14a82f15cb0ad0de95ca3');
    expect(hex(exportedSessionKey(x, key))).toBe(hex(RANDOM_KEY));
    expect(hex(sealKey(FLAGS, RANDOM_KEY, 'client'))).toBe('59f600973cc4960a25480a7c196e4c58');
    expect(hex(signKey(FLAGS, RANDOM_KEY, 'client'))).toBe('4788dc861b4782f35d43fd98fe1a2d39');
  });

  it('opens the sealed message', () => {
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const data = unhex('54e50165bf1936dc996020c1811b0f06fb5f');
    const result = session.unprotect(sealed(data, unhex('01000000 7fb38ec5c55d4976 00000000')));
    expect([hex(result.stub), result.verified]).toEqual([hex(PLAINTEXT), true]);
  });
});

describe('sealing strengths, MS-NLMP 3.4.5.3', () => {
  const ESS = 0x80000;
  it.each([
    [ESS | 0x20000000, 128],
    [ESS | 0x80000000, 56],
    [ESS, 40],
    [0, 128],
    [0x80 | 0x80000000, 56],
    [0x80, 40],
  ])('flags %i', (flags, bits) => expect(sealingBits(flags >>> 0)).toBe(bits));

  it('weakens the key of the LAN Manager', () => {
    const key = unhex('000102030405060708090a0b0c0d0e0f');
    expect(hex(sealKey(0x80, key, 'client'))).toBe('0001020304e538b0');
    expect(hex(sealKey(0x80000080, key, 'server'))).toBe('00010203040506a0');
  });

  it('has no key of the LAN Manager without the password', () => {
    const credential = { ntHash: CREDENTIAL.ntHash, lmHash: null };
    expect(kxKeyV1(exchange(0x80, '00'.repeat(24), '00'.repeat(24)), credential, RANDOM_KEY)).toBeNull();
  });
});

/** Seals as 3.4.4.1 says, over one stream for each direction or over one for both. */
