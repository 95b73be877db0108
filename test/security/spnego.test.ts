/** SPNEGO around NTLM. */
import { describe, expect, it } from 'vitest';
import { Rc4 } from '../../src/security/crypto/rc4.js';
import { SpnegoContext } from '../../src/security/spnego/spnego.js';
import { der } from '../fields/wire.js';
import { messages, RANDOM_KEY, unhex } from './ntlm-support.js';

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
