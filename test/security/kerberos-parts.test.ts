/** What Kerberos' encrypted parts say, and AP-REPs without end, as whoever holds the session's key can make them. */
import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';
import { KerberosContext } from '../../src/security/kerberos/kerberos.js';
import { readKerberos } from '../../src/security/kerberos/messages.js';
import { readAuthenticator } from '../../src/security/kerberos/parts.js';
import { isNote, openedPart, readToken } from '../../src/security/mechanism.js';
import { concat } from '../bytes.js';
import { nodes, partitionFaults } from './tree.js';

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

/**
 * As impacket 0.13 writes it: with a forwarded ticket (RFC 4121 section 4.1.1), ciphers shortened; but the sequence number
 * 0x80000000 in four bytes, as a negative one.
 */
const AUTHENTICATOR = Buffer.from(
  `6282011430820110a003020105a10a1b084c41422e54455354a2123010a003020101a10930071b05616c696365a38199308196a0050203008003
   a1818c04818910000000000000000000000000000000000000003f10000001006d00766b3069a003020105a103020116a24c304a61483046a003
   020105a10a1b084c41422e54455354a21d301ba003020102a11430121b066b72627467741b084c41422e54455354a3143012a003020112a10302
   0102a2060404a1a2a3a4a30f300da003020112a2060404b1b2b3b4a40502030f423fa511180f32303236303232383233353935395aa62b3029a0
   03020112a122042077777777777777777777777777777777777777777777777777777777777777 77a706020480000000`.replace(
    /\s/g,
    '',
  ),
  'hex',
);

it('an authenticator: tickets that are forwarded, and an unsigned number that is written as a negative one', () => {
  const recording = new Recording(true);
  const c = new Cursor(fileSource('authenticator', AUTHENTICATOR), recording);
  const found = c.frame(field('auth', ''), AUTHENTICATOR.length, readAuthenticator);
  const { roots, notes } = recording.finish();
  const values = (name: string) =>
    Array.from(nodes(roots)).flatMap(({ field, value }) => (field.name === `kerberos.${name}` ? [value] : []));
  expect(found).toMatchObject({ client: { realm: 'LAB.TEST', name: 'alice' }, gssFlags: 0x103f });
  expect(values('seq_number')).toEqual([0x80000000]);
  expect(values('msg_type')).toEqual([22]);
  expect(values('tickets')).toEqual([1]);
  expect(values('SNameString')).toEqual(['krbtgt', 'LAB.TEST']);
  expect(values('cipher').map((b) => Buffer.from(b as Uint8Array).toString('hex'))).toEqual(['a1a2a3a4', 'b1b2b3b4']);
  expect([notes, partitionFaults(recording)]).toEqual([[], []]);
});

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
