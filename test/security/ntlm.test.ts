/** NTLM against the examples of MS-NLMP section 4.2, and what a session does when things go wrong. */
import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Rc4 } from '../../src/security/crypto/rc4.js';
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
import { NtlmContext, nameFit } from '../../src/security/ntlm/ntlm.js';
import { NtlmSession } from '../../src/security/ntlm/session.js';
import type { Account, Secrets } from '../../src/security/secrets.js';
import { SpnegoContext } from '../../src/security/spnego/spnego.js';
import type { Direction, ProtectedPdu } from '../../src/security/types.js';
import { der } from '../fields/wire.js';

const unhex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const hex = (b: Uint8Array | null | undefined) => (b ? Buffer.from(b).toString('hex') : b);
const utf16 = (text: string) => Buffer.from(text, 'utf16le');

/** 4.2.1, common values. */
const SERVER_CHALLENGE = unhex('0123456789abcdef');
const RANDOM_KEY = Buffer.alloc(16, 0x55);
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

/** A message sealed as in the examples, with nothing around it. */
const sealed = (data: Uint8Array, signature: Uint8Array, more: Partial<ProtectedPdu> = {}): ProtectedPdu => ({
  direction: 'client',
  pdu: Buffer.concat([data, signature]),
  stubStart: 0,
  stubEnd: data.length,
  trailerStart: data.length,
  authStart: data.length,
  authEnd: data.length + signature.length,
  headerSign: false,
  level: 6,
  ...more,
});

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
class OldSealer {
  private sequence = { client: 0, server: 0 };
  private readonly streams: Record<Direction, Rc4>;
  constructor(
    flags: number,
    key: Uint8Array,
    private readonly joint: boolean,
  ) {
    const client = new Rc4(sealKey(flags, key, 'client'));
    this.streams = { client, server: joint ? client : new Rc4(sealKey(flags, key, 'server')) };
  }
  seal(direction: Direction, stub: Buffer): ProtectedPdu {
    const counter = this.joint ? 'client' : direction;
    const rc4 = this.streams[direction];
    const data = rc4.crypt(stub);
    const trailer = Buffer.alloc(12);
    trailer.writeUInt32LE(crc32(stub), 4);
    trailer.writeUInt32LE(this.sequence[counter]++, 8);
    return sealed(data, Buffer.concat([unhex('01000000'), rc4.crypt(trailer)]), { direction });
  }
}

describe('sessions without extended session security', () => {
  const FLAGS = 0x60008233;
  const stubs = Array.from({ length: 6 }, (_, i) => Buffer.alloc(40 + 8 * i, i + 1));
  it.each([
    [true, 'one stream for both directions'],
    [false, 'one for each'],
  ])('joint %s: %s', (joint) => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, joint);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    for (const [i, stub] of stubs.entries()) {
      const result = session.unprotect(sealer.seal(i % 2 ? 'server' : 'client', stub));
      expect([hex(result.stub), result.verified]).toEqual([hex(stub), true]);
    }
  });

  it.each([true, false])('finds the place behind a loss of which nobody knew (joint: %s)', (joint) => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, joint);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const all = stubs.map((stub, i) => sealer.seal(i % 2 ? 'server' : 'client', stub));
    for (const i of [0, 1, 4, 5]) expect([i, session.unprotect(all[i]).verified]).toEqual([i, true]);
  });

  it('is not led astray by a loss that was in another context', () => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, false);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    session.lost('client', 400, 1);
    expect(session.unprotect(sealer.seal('client', stubs[0])).verified).toBe(true);
    expect(session.unprotect(sealer.seal('client', stubs[1])).verified).toBe(true);
  });

  it('goes on behind a fragment whose length was known', () => {
    const sealer = new OldSealer(FLAGS, RANDOM_KEY, false);
    const session = new NtlmSession(FLAGS, RANDOM_KEY);
    const [first, second, third] = stubs.map((stub) => sealer.seal('client', stub));
    expect(session.unprotect(first).verified).toBe(true);
    session.lost('client', second.stubEnd, 1);
    expect(session.unprotect(third).verified).toBe(true);
  });
});

describe('names of accounts', () => {
  const account = (user: string, domain: string | null): Account => ({ user, domain, password: '', ntHash: null });
  it.each([
    ['alice', 'LAB', 'ALICE', 'lab', 2],
    ['alice', 'lab.test', 'alice', 'LAB', 2],
    ['alice@lab.test', null, 'alice', 'LAB', 2],
    ['LAB\\alice', null, 'alice@lab.test', '', 2],
    ['alice', null, 'alice', 'LAB', 1],
    ['alice', 'LAB', 'alice', '', 1],
    ['alice', 'LAB', 'alice', 'OTHER', 0],
    ['alice', 'LAB', 'bob', 'LAB', 0],
  ])('%s of %s for %s of %s', (user, domain, sentUser, sentDomain, fit) =>
    expect(nameFit(account(user, domain), sentUser, sentDomain)).toBe(fit),
  );
});

/** The three messages of 4.2.4, as this test writes them. */
function messages(user: string, domain: string, nt: Uint8Array, sessionKey: Uint8Array, flags: number) {
  const header = (type: number) => Buffer.concat([Buffer.from('NTLMSSP\0', 'latin1'), u32(type)]);
  const negotiate = Buffer.concat([header(1), u32(flags), Buffer.alloc(16)]);
  const challenge = Buffer.concat([
    header(2),
    Buffer.alloc(8),
    u32(flags),
    SERVER_CHALLENGE,
    Buffer.alloc(8),
    Buffer.alloc(8),
  ]);
  const parts = [
    user === '' ? Buffer.alloc(1) : Buffer.alloc(0),
    nt,
    utf16(domain),
    utf16(user),
    utf16('PC'),
    sessionKey,
  ];
  let at = 64;
  const descriptors = parts.map((part) => {
    const d = Buffer.alloc(8);
    d.writeUInt16LE(part.length, 0);
    d.writeUInt16LE(part.length, 2);
    d.writeUInt32LE(at, 4);
    at += part.length;
    return d;
  });
  const authenticate = Buffer.concat([header(3), ...descriptors, u32(flags), ...parts]);
  return { negotiate, challenge, authenticate };
}

function u32(value: number): Buffer {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(value >>> 0);
  return b;
}

const account = (user: string, domain: string | null, password: string): Account => ({
  user,
  domain,
  password,
  ntHash: null,
});

describe('finding the account', () => {
  const FLAGS = 0xe28a8233;
  const TEMP = unhex('01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000000000000');
  /** An NTLMv2 response with MsvAvFlags. */
  const response = (flags: number) =>
    Buffer.concat([Buffer.alloc(16), TEMP.subarray(0, 28), unhex(`060004000${flags}000000`), Buffer.alloc(8)]);
  const proof = (password: string) => {
    const hmac = (key: Uint8Array, ...p: Uint8Array[]) =>
      p.reduce((h, part) => h.update(part), createHmac('md5', key)).digest();
    return hmac(ntowfV2(ntHash(password), 'alice', 'LAB'), SERVER_CHALLENGE, TEMP);
  };
  const authenticate = (accounts: Account[] | null, password = 'right') => {
    const secrets: Secrets | null = accounts === null ? null : { accounts, keys: [] };
    const context = new NtlmContext(secrets);
    const m = messages('alice', 'LAB', Buffer.concat([proof(password), TEMP]), Buffer.alloc(16, 7), FLAGS);
    context.token('client', m.negotiate);
    context.token('server', m.challenge);
    return { context, notes: context.token('client', m.authenticate) };
  };

  it('takes the one of several that made the response', () => {
    const { context, notes } = authenticate([account('bob', 'LAB', 'x'), account('ALICE', null, 'right')]);
    expect([context.info.keyed, context.info.user, context.info.version, notes]).toEqual([
      true,
      'LAB\\alice',
      'NTLMv2',
      [],
    ]);
  });

  it('takes an NT hash', () => {
    const byHash: Account = { user: 'alice', domain: 'LAB', password: null, ntHash: ntHash('right') };
    expect(authenticate([byHash]).context.info.keyed).toBe(true);
  });

  it('warns when another name has the password', () => {
    const { context, notes } = authenticate([account('bob', 'LAB', 'right')]);
    expect(context.info.keyed).toBe(true);
    expect(notes.map((n) => n.code)).toEqual(['secrets-name-mismatch']);
  });

  it('says once that a password is wrong, and opens nothing', () => {
    const { context, notes } = authenticate([account('alice', 'LAB', 'wr0ng-secret')]);
    expect(notes.map((n) => n.code)).toEqual(['secrets-do-not-fit']);
    expect(JSON.stringify([notes, context.info])).not.toMatch(/wr0ng|right/);
    const p = sealed(Buffer.alloc(16), Buffer.alloc(16));
    expect(context.unprotect(p)).toMatchObject({ stub: null, decrypted: false, verified: null, notes: [] });
    expect(context.unprotect({ ...p, level: 5 })).toMatchObject({ decrypted: null, verified: null });
  });

  it('says who it was without secrets', () => {
    const { context, notes } = authenticate(null);
    expect(notes).toEqual([]);
    expect(context.info).toMatchObject({
      user: 'LAB\\alice',
      workstation: 'PC',
      keyBits: 128,
      noKey: 'no secrets were given',
    });
  });

  it('knows the key of an anonymous session', () => {
    const context = new NtlmContext(null);
    const key = new Rc4(Buffer.alloc(16)).crypt(RANDOM_KEY);
    const m = messages('', '', Buffer.alloc(0), Buffer.from(key), 0xe2088233);
    context.token('client', m.negotiate);
    context.token('server', m.challenge);
    expect(context.token('client', m.authenticate)).toEqual([]);
    expect(context.info).toMatchObject({ anonymous: true, user: null, keyed: true });
  });

  it.each([
    ['none without an NTLMv2 response', new Uint8Array(24), false],
    ['none without MsvAvFlags', Buffer.concat([Buffer.alloc(16), TEMP]), false],
    ['none that its flags leave out', response(4), false],
    ['one that its flags announce', response(6), true],
  ])('tells of the MIC of an AUTHENTICATE message: %s', (_, nt, mic) => {
    const context = new NtlmContext(null);
    const m = messages('alice', 'LAB', nt, Buffer.alloc(16), FLAGS);
    context.token('client', m.negotiate);
    expect(context.info.mic).toBeNull();
    context.token('client', m.authenticate);
    expect(context.info.mic).toBe(mic);
  });

  it('says that the challenge was not seen', () => {
    const context = new NtlmContext({ accounts: [account('alice', 'LAB', 'right')], keys: [] });
    const m = messages('alice', 'LAB', Buffer.concat([proof('right'), TEMP]), Buffer.alloc(16), FLAGS);
    context.token('client', m.authenticate);
    expect(context.info.noKey).toMatch(/challenge/);
  });

  it('begins again with a second NEGOTIATE', () => {
    const { context } = authenticate([account('alice', 'LAB', 'right')]);
    context.token('client', messages('x', 'y', Buffer.alloc(0), Buffer.alloc(0), FLAGS).negotiate);
    expect(context.info.keyed).toBe(false);
    expect(context.unprotect(sealed(Buffer.alloc(16), Buffer.alloc(16))).stub).toBeNull();
  });
});

describe('SPNEGO around it', () => {
  const NTLM_OID = der(6, unhex('2b06010401823702020a'));
  const member = (n: number, ...parts: Uint8Array[]): Uint8Array => der(0xa0 | n, ...parts);
  const octets = (n: number, bytes: Uint8Array): Uint8Array => member(n, der(4, bytes));
  const resp = (...members: Uint8Array[]): Uint8Array => der(0xa1, der(0x30, ...members));
  /** The notes on an AUTHENTICATE message of an anonymous session, whose key everybody knows. */
  const notesOn = (mic: (authenticate: Uint8Array) => Uint8Array) => {
    const context = new SpnegoContext(null);
    const key = new Rc4(Buffer.alloc(16)).crypt(RANDOM_KEY);
    const m = messages('', '', Buffer.alloc(0), Buffer.from(key), 0xe2088233);
    const init = der(0xa0, der(0x30, member(0, der(0x30, NTLM_OID)), octets(2, m.negotiate)));
    context.token('client', init);
    context.token('server', resp(member(1, NTLM_OID), octets(2, m.challenge)));
    const notes = context.token('client', resp(octets(2, m.authenticate), octets(3, mic(m.authenticate))));
    expect(context.info.keyed).toBe(true);
    return { codes: notes.map((n) => n.code), verified: context.info.mechListVerified };
  };

  it('a mechListMIC that does not sign the list is told', () => {
    expect(notesOn(() => new Uint8Array(16))).toEqual({ codes: ['bad-mechlist-mic'], verified: false });
  });

  it("an old Windows' token in the MIC's place is none", () => {
    expect(notesOn((token) => token)).toEqual({ codes: [], verified: null });
  });
});
