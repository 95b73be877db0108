/** Which account of the secrets an NTLM authentication is tried with, and what is told where none fits. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Rc4 } from '../../src/security/crypto/rc4.js';
import { ntHash, ntowfV2 } from '../../src/security/ntlm/keys.js';
import { NtlmContext, nameFit } from '../../src/security/ntlm/ntlm.js';
import type { Account, Secrets } from '../../src/security/secrets.js';
import { account, messages, RANDOM_KEY, SERVER_CHALLENGE, sealed, unhex } from './ntlm-support.js';

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
