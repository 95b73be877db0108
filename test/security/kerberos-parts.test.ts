/** Attack: AP-REPs without end on one security context, as whoever holds the session's key can make them. */
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { KerberosContext } from '../../src/security/kerberos/kerberos.js';
import { readKerberos } from '../../src/security/kerberos/messages.js';
import { isNote, openedPart, readToken } from '../../src/security/mechanism.js';
import { concat } from '../bytes.js';

const KEY = { etype: 23, value: Buffer.alloc(16, 7) };
const MOST = 16;

const der = (tag: number, ...content: Uint8Array[]): Uint8Array => {
  const bytes = concat(...content);
  return concat([tag, 0x81, bytes.length], bytes);
};
const integer = (n: number): Uint8Array => der(2, Uint8Array.of(n));
const hmac = (key: Uint8Array, ...data: Uint8Array[]): Buffer =>
  createHmac('md5', key)
    .update(concat(...data))
    .digest();

/** RC4, as a test needs it. */
function rc4(key: Uint8Array, data: Uint8Array): Uint8Array {
  const s = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + s[i] + key[i % key.length]) & 255;
    [s[i], s[j]] = [s[j], s[i]];
  }
  let [i, j] = [0, 0];
  return data.map((byte) => {
    i = (i + 1) & 255;
    j = (j + s[i]) & 255;
    [s[i], s[j]] = [s[j], s[i]];
    return byte ^ s[(s[i] + s[j]) & 255];
  });
}

/** AP-REP (RFC 4120 5.5.2), sealed with RC4-HMAC (RFC 4757 3) for key usage 12. */
function apRep(n: number): Uint8Array {
  const time = der(0xa0, der(0x18, Buffer.from('20260102030405Z')));
  const part = der(0x7b, der(0x30, time, der(0xa1, integer(n))));
  const usage = hmac(KEY.value, Uint8Array.of(12, 0, 0, 0));
  const plain = concat(new Uint8Array(8), part);
  const checksum = hmac(usage, plain);
  const cipher = concat(checksum, rc4(hmac(usage, checksum), plain));
  const sealed = der(0x30, der(0xa0, integer(KEY.etype)), der(0xa2, der(4, cipher)));
  return der(0x6f, der(0x30, der(0xa0, integer(5)), der(0xa1, integer(15)), der(0xa2, sealed)));
}

it('keeps the last 16 opened parts', () => {
  const context = new KerberosContext(null);
  Object.assign(context, { keys: { session: KEY, initiator: null, acceptor: null } });
  const ciphers = Array.from({ length: 2 * MOST }, (_, n) => {
    const token = apRep(n);
    // sent twice: it is one part all the same
    for (let i = 0; i < 2; i++) expect(context.token('server', token)).toEqual([]);
    const message = readToken(token, (c) => readKerberos(c));
    if (isNote(message) || message.kind !== 'ap-rep') throw new Error('it is no AP-REP');
    expect(openedPart(context.opened, message.encrypted.cipher)).toBeDefined();
    return message.encrypted.cipher;
  });
  expect(ciphers.map((cipher) => openedPart(context.opened, cipher) !== undefined)).toEqual(
    ciphers.map((_, n) => n >= MOST),
  );
});
