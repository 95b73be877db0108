/** Messages with their token in front, as pyspnego, MIT Kerberos and impacket wrap them (RFC 2743 2.3.3). */
import { describe, expect, it } from 'vitest';
import { createSecurityContext } from '../../src/security/index.js';
import { KerberosSession } from '../../src/security/kerberos/session.js';
import { splitWrap } from '../../src/security/kerberos/wrap.js';
import { fragmentOf } from '../../src/security/mechanism.js';
import type { SecurityContext, Unprotected } from '../../src/security/types.js';
import { type ForeignSession, foreignSecrets, foreignSession, SESSIONS } from '../nns/sessions.js';
import { hex, unhex } from './ntlm-support.js';

const secrets = await foreignSecrets();

function authenticated({ steps }: ForeignSession, known: boolean): SecurityContext {
  const context = createSecurityContext(9, 6, known ? secrets : null);
  for (const { from, bytes } of steps) expect(context.token(from, bytes.token)).toEqual([]);
  return context;
}

const said = ({ stub, decrypted, verified, notes }: Unprotected) => [hex(stub), decrypted, verified, notes];

describe.each(SESSIONS)('%s', (name, sealed, user) => {
  const session = foreignSession(name);

  it('opens and checks', () => {
    const context = authenticated(session, true);
    expect(context.info.user).toBe(user);
    for (const { from, bytes } of session.messages)
      expect(said(context.unwrap(from, bytes.wrapped))).toEqual([hex(bytes.clear), sealed ? true : null, true, []]);
  });

  it('without keys gives what is not sealed', () => {
    const context = authenticated(session, false);
    for (const { from, bytes } of session.messages)
      expect(said(context.unwrap(from, bytes.wrapped))).toEqual([
        sealed ? null : hex(bytes.clear),
        sealed ? false : null,
        null,
        [],
      ]);
  });

  it('says what was changed, and goes on', () => {
    const context = authenticated(session, true);
    for (const [i, { from, bytes }] of session.messages.entries()) {
      const wrapped = Buffer.from(bytes.wrapped);
      if (i === 2) wrapped[wrapped.length - 1] ^= 1;
      const done = context.unwrap(from, wrapped);
      expect([i, done.verified, done.notes.map((n) => n.code)]).toEqual(
        i === 2 ? [i, false, ['bad-signature']] : [i, true, []],
      );
    }
  });

  it('does not trip over messages that are cut', () => {
    const { from, bytes } = session.messages[0];
    for (const n of [0, 1, 12, 15, 16, 17, 31, 40]) {
      const done = authenticated(session, true).unwrap(from, bytes.wrapped.subarray(0, n));
      expect([n, done.verified]).not.toEqual([n, true]);
      authenticated(session, false).unwrap(from, bytes.wrapped.subarray(0, n));
    }
  });
});

describe('Kerberos', () => {
  // Windows rotates by 28, so that the data stands in its place (RFC 4121 4.2.5)
  it.each(['kerberos-aes256-sealed', 'kerberos-aes256-signed'])('%s, rotated', (name) => {
    const session = foreignSession(name);
    const context = authenticated(session, true);
    for (const { from, bytes } of session.messages) {
      const { wrapped } = bytes;
      const body = wrapped.subarray(16);
      const turn = 28 % body.length;
      const rotated = Buffer.concat([wrapped.subarray(0, 16), body.subarray(-turn), body.subarray(0, -turn)]);
      rotated.writeUInt16BE(28, 6);
      expect(said(context.unwrap(from, rotated))).toEqual([
        hex(bytes.clear),
        name.endsWith('sealed') ? true : null,
        true,
        [],
      ]);
    }
  });

  it('RC4 (impacket, with the key 01 02 03 …): the token, and data with one byte more', () => {
    const session = new KerberosSession({
      session: { etype: 23, value: Buffer.from(Array.from({ length: 16 }, (_, i) => i + 1)) },
      initiator: null,
      acceptor: null,
    });
    for (const [text, wrapped] of [
      [
        '.NET\x01\0 the first one, of odd length!!',
        '605106092a864886f712010202020111001000ffff4a91366ba136e637dcf9b6bbc220fa8c3884275be9de1105337fd4a4ad59f38030e3cbb59d2cb8871ba88d552e22c243021680514a009229630f9143326a',
      ],
      ['a', '602d06092a864886f712010202020111001000ffff80799070b3d12cdb261411308f246f86e109f11bb5a0477dde3b'],
    ]) {
      const parts = splitWrap(unhex(wrapped), 23);
      expect(parts?.sealed).toBe(true);
      if (parts === null) continue;
      const done = session.unprotect(fragmentOf('client', parts));
      expect([done.stub && Buffer.from(done.stub).toString('latin1'), done.verified]).toEqual([`${text}\x01`, true]);
    }
  });
});
