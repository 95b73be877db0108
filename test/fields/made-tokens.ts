/** Made captures of authentication tokens: NTLM, SPNEGO, Kerberos and Netlogon in auth trailers. */
import { createHmac } from 'node:crypto';
import { Rc4 } from '../../src/security/crypto/rc4.js';
import { concat, pcapFile } from '../bytes.js';
import {
  ackBody,
  ascii,
  bindBody,
  connection,
  der,
  hex,
  le16,
  le32,
  type MadeCapture,
  made,
  OBJECT_EXPORTER,
  pdu,
  requestBody,
  responseBody,
} from './wire.js';

const [NTLM, SPNEGO, KERBEROS, NETLOGON] = [10, 9, 16, 68];
const INTEGRITY = 5;
const PRIVACY = 6;
const utf16 = (text: string): Uint8Array => Buffer.from(text, 'utf16le');

/** bind, bind_ack and what else is said, each with the token of its trailer. */
const bound = (type: number, level: number, client: Uint8Array, server: Uint8Array): [0 | 1, Uint8Array][] => [
  [0, pdu(11, 1, bindBody(OBJECT_EXPORTER), { type, level, token: client })],
  [1, pdu(12, 1, ackBody(), { type, level, token: server })],
];

/** ServerAlive and its answer, with verifiers. */
const alive = (type: number, level: number, client: Uint8Array, server: Uint8Array): [0 | 1, Uint8Array][] => [
  [0, pdu(0, 2, requestBody(3, new Uint8Array(0)), { type, level, token: client })],
  [1, pdu(2, 2, responseBody(le32(0)), { type, level, token: server })],
];

/** Payload descriptors and payloads of an NTLM message (MS-NLMP 2.2.1); payloads begin at `start`. */
function payloads(start: number, ...parts: readonly Uint8Array[]): { places: Uint8Array[]; data: Uint8Array } {
  let at = start;
  const places = parts.map((part) => {
    const place = concat(le16(part.length), le16(part.length), le32(at));
    at += part.length;
    return place;
  });
  return { places, data: concat(...parts) };
}

/** Without extended session security: UNICODE, REQUEST_TARGET, SIGN, NTLM, TARGET_INFO, VERSION. */
const NTLM_FLAGS = le32(0x02800215);
const NTLM_VERSION = hex('0a00 5d4a 000000 0f');
const av = (id: number, value: Uint8Array): Uint8Array => concat(le16(id), le16(value.length), value);
const TIME = hex('00a0ac1283a475da01').slice(1);

/** Every AvId of MS-NLMP 2.2.2.1, then one that it does not know. */
const avPairs = (): Uint8Array =>
  concat(
    av(1, utf16('SRV')),
    av(2, utf16('DOM')),
    av(3, utf16('srv.dom.test')),
    av(4, utf16('dom.test')),
    av(5, utf16('forest.test')),
    av(6, le32(2)),
    av(7, TIME),
    av(8, concat(le32(48), le32(0), le32(1), le32(0x2000), new Uint8Array(32).fill(0x5a))),
    av(9, utf16('RPCSS/srv.dom.test')),
    av(10, new Uint8Array(16).fill(0xcb)),
    av(11, hex('010203040506')),
    av(0, new Uint8Array(0)),
  );

const negotiate = (): Uint8Array => {
  const { places, data } = payloads(40, ascii('DOM'), ascii('PC'));
  return concat(ascii('NTLMSSP\0'), le32(1), le32(0x02803215), ...places, NTLM_VERSION, data);
};

const challenge = (): Uint8Array => {
  const { places, data } = payloads(56, utf16('SRV'), avPairs());
  const fixed = [places[0], NTLM_FLAGS, hex('0123456789abcdef'), new Uint8Array(8), places[1], NTLM_VERSION];
  return concat(ascii('NTLMSSP\0'), le32(2), ...fixed, data);
};

const authenticate = (): Uint8Array => {
  const client = concat([1, 1], new Uint8Array(6), TIME, hex('a1a2a3a4a5a6a7a8'), new Uint8Array(4));
  const response = concat(new Uint8Array(16).fill(0x77), client, avPairs(), new Uint8Array(4));
  const parts = [
    new Uint8Array(24),
    response,
    utf16('DOM'),
    utf16('nadja'),
    utf16('PC'),
    new Uint8Array(16).fill(0x5e),
  ];
  const { places, data } = payloads(88, ...parts);
  return concat(ascii('NTLMSSP\0'), le32(3), ...places, NTLM_FLAGS, NTLM_VERSION, new Uint8Array(16).fill(0x31), data);
};

const ntlm = made('ntlm', () =>
  connection(50_200, [
    ...bound(NTLM, INTEGRITY, negotiate(), challenge()),
    [0, pdu(16, 1, new Uint8Array(4), { type: NTLM, level: INTEGRITY, token: authenticate() })],
    // MS-NLMP 2.2.2.9.1: version, random pad, checksum, sequence number
    ...alive(NTLM, INTEGRITY, hex('01000000 11223344 a1b2c3d4 00000000'), hex('01000000 55667788 b1c2d3e4 01000000')),
  ]),
);

const oid = (digits: string): Uint8Array => der(6, hex(digits));
const SPNEGO_OID = oid('2b0601050502');
const NTLM_OID = oid('2b06010401823702020a');
const KERBEROS_OID = oid('2a864886f712010202');
const int = (n: number): Uint8Array => der(2, n < 0x80 ? [n] : [n >> 24, n >> 16, n >> 8, n].map((b) => b & 255));
const octets = (bytes: Uint8Array): Uint8Array => der(4, bytes);
const general = (text: string): Uint8Array => der(0x1b, ascii(text));
const at = (text: string): Uint8Array => der(0x18, ascii(text));
const member = (n: number, ...parts: Uint8Array[]): Uint8Array => der(0xa0 | n, ...parts);

/** NegTokenInit2 (MS-SPNG 2.2.1) with everything in it; the answer chooses NTLM. */
const spnego = made('spnego', () => {
  const hints = der(
    0x30,
    member(0, general('not_defined_in_RFC4178@please_ignore')),
    member(1, octets(hex('0a1e0002'))),
  );
  const init = der(
    0x30,
    member(0, der(0x30, NTLM_OID, KERBEROS_OID)),
    member(1, der(3, [1, 0x62])),
    member(2, octets(negotiate())),
    member(3, hints),
    member(4, octets(hex('01000000 a1a2a3a4a5a6a7a8 00000000'))),
  );
  const answer = der(0x30, member(0, der(0x0a, [1])), member(1, NTLM_OID), member(2, octets(challenge())));
  return connection(50_201, bound(SPNEGO, INTEGRITY, der(0x60, SPNEGO_OID, member(0, init)), der(0xa1, answer)));
});

const principal = (type: number, ...parts: string[]): Uint8Array =>
  der(0x30, member(0, int(type)), member(1, der(0x30, ...parts.map(general))));

/** RC4-HMAC (RFC 4757 section 5). */
function sealRc4(key: Uint8Array, usage: number, plain: Uint8Array): Uint8Array {
  const mac = (k: Uint8Array, b: Uint8Array): Uint8Array => createHmac('md5', k).update(b).digest();
  const one = mac(key, le32(usage));
  const text = concat(new Uint8Array(8).fill(0xc0), plain);
  const checksum = mac(one, text);
  return concat(checksum, new Rc4(mac(one, checksum)).crypt(text));
}

export const SERVICE_KEY = hex('00112233445566778899aabbccddeeff');
const SESSION_KEY = hex('f0e1d2c3b4a5968778695a4b3c2d1e0f');
/** Of the server that grants tickets: nobody here has it. */
const GRANTING_KEY = hex('a0b1c2d3e4f5061728394a5b6c7d8e9f');
const SUBKEY = hex('0f1e2d3c4b5a69788796a5b4c3d2e1f0');
const encrypted = (key: Uint8Array, usage: number, plain: Uint8Array): Uint8Array =>
  der(0x30, member(0, int(23)), member(1, int(3)), member(2, octets(sealRc4(key, usage, plain))));

const encryptionKey = (key: Uint8Array): Uint8Array => der(0x30, member(0, int(23)), member(1, octets(key)));
/** A checksum that is none of GSS-API's, and the one of RFC 4121 4.1.1: no bindings; mutual, DCE style. */
const PLAIN_CHECKSUM = der(0x30, member(0, int(7)), member(1, octets(new Uint8Array(16).fill(0xcc))));
const GSS_CHECKSUM = der(
  0x30,
  member(0, int(0x8003)),
  member(1, octets(concat(le32(16), new Uint8Array(16), le32(0x1002)))),
);

/** Ticket (RFC 4120 5.3). */
const sealedTicket = (key: Uint8Array, ticketPart: Uint8Array, ...server: string[]): Uint8Array =>
  der(
    0x61,
    der(
      0x30,
      member(0, int(5)),
      member(1, general('DOM.TEST')),
      member(2, principal(2, ...server)),
      member(3, encrypted(key, 2, ticketPart)),
    ),
  );

/** EncKrbCredPart (RFC 4120 5.8.1), with all that it may have. */
const credPart = (): Uint8Array => {
  const addressed = (type: number, bytes: Uint8Array): Uint8Array =>
    der(0x30, member(0, int(type)), member(1, octets(bytes)));
  const address = addressed(2, Uint8Array.of(10, 20, 0, 10));
  const addresses = [
    addressed(24, hex('20010db8000000000000000000000010')),
    addressed(20, ascii('NADJA          \x20')),
  ];
  const info = der(
    0x30,
    member(0, encryptionKey(SESSION_KEY)),
    member(1, general('DOM.TEST')),
    member(2, principal(1, 'nadja')),
    member(3, der(3, [0, 0x60, 0xa1, 0, 0])),
    member(4, at('20260101000000Z')),
    member(5, at('20260101000001Z')),
    member(6, at('20260101100000Z')),
    member(7, at('20260108000000Z')),
    member(8, general('DOM.TEST')),
    member(9, principal(2, 'krbtgt', 'DOM.TEST')),
    member(10, der(0x30, address, ...addresses)),
  );
  const times = [member(1, int(99)), member(2, at('20260101000002Z')), member(3, int(654_321))];
  return der(0x7d, der(0x30, member(0, der(0x30, info)), ...times, member(4, address), member(5, address)));
};

/** EncryptedData that is not encrypted (RFC 4120 5.8.1: etype 0). */
const clear = (plain: Uint8Array): Uint8Array => der(0x30, member(0, int(0)), member(2, octets(plain)));

/**
 * The same with a ticket that is forwarded: a KRB-CRED (RFC 4120 5.8.1).
 * @param part EncryptedData with what goes with the ticket
 */
const delegated = (part: Uint8Array): Uint8Array => {
  const cred = der(
    0x76,
    der(
      0x30,
      member(0, int(5)),
      member(1, int(22)),
      member(2, der(0x30, sealedTicket(GRANTING_KEY, ascii('TGT'), 'krbtgt', 'DOM.TEST'))),
      member(3, part),
    ),
  );
  const checksum = concat(le32(16), new Uint8Array(16), le32(0x1003), le16(1), le16(cred.length), cred);
  return der(0x30, member(0, int(0x8003)), member(1, octets(checksum)));
};

/** AP-REQ (RFC 4120 5.5.1) whose authenticator has a subkey and authorization data. */
function apReq(checksum: Uint8Array): Uint8Array {
  const key = encryptionKey(SESSION_KEY);
  const ticketPart = der(
    0x63,
    der(
      0x30,
      member(0, der(3, [0, 0x40, 0x81, 0, 0])),
      member(1, key),
      member(2, general('DOM.TEST')),
      member(3, principal(1, 'nadja')),
      member(4, der(0x30, member(0, int(1)), member(1, octets(new Uint8Array(0))))),
      member(5, at('20260101000000Z')),
      member(7, at('20260101100000Z')),
    ),
  );
  const ticket = sealedTicket(SERVICE_KEY, ticketPart, 'RPCSS', 'srv.dom.test');
  const authenticator = der(
    0x62,
    der(
      0x30,
      member(0, int(5)),
      member(1, general('DOM.TEST')),
      member(2, principal(1, 'nadja')),
      member(3, checksum),
      member(4, int(123_456)),
      member(5, at('20260101000001Z')),
      member(6, encryptionKey(SUBKEY)),
      member(7, int(77)),
      member(8, der(0x30, der(0x30, member(0, int(141)), member(1, octets(hex('a1a2a3a4')))))),
    ),
  );
  return der(
    0x6e,
    der(
      0x30,
      member(0, int(5)),
      member(1, int(14)),
      member(2, der(3, [0, 0x20, 0, 0, 0])),
      member(3, ticket),
      member(4, encrypted(SESSION_KEY, 11, authenticator)),
    ),
  );
}

/** AP-REP (RFC 4120 5.5.2). */
const apRep = (): Uint8Array => {
  const clock = [member(0, at('20260101000001Z')), member(1, int(123_456))];
  const part = der(0x7b, der(0x30, ...clock, member(2, encryptionKey(SUBKEY)), member(3, int(78))));
  return der(0x6f, der(0x30, member(0, int(5)), member(1, int(15)), member(2, encrypted(SESSION_KEY, 12, part))));
};

/** KERB-TGT-REQUEST (draft-swift-win2k-krb-user2user), in its GSS-API frame. */
const tgtRequest = (): Uint8Array =>
  der(
    0x60,
    oid('2a864886f71201020203'),
    [4, 0],
    der(
      0x30,
      member(0, int(5)),
      member(1, int(16)),
      member(2, principal(2, 'RPCSS', 'srv.dom.test')),
      member(3, general('DOM.TEST')),
    ),
  );

/** KRB-ERROR (RFC 4120 5.9.1): the clocks differ too much. */
const krbError = (): Uint8Array =>
  der(
    0x7e,
    der(
      0x30,
      member(0, int(5)),
      member(1, int(30)),
      member(2, at('20260101000001Z')),
      member(3, int(1234)),
      member(4, at('20260101001001Z')),
      member(5, int(56_789)),
      member(6, int(37)),
      member(7, general('DOM.TEST')),
      member(8, principal(1, 'nadja')),
      member(9, general('DOM.TEST')),
      member(10, principal(2, 'RPCSS', 'srv.dom.test')),
      member(11, general('Clock skew too great')),
      member(12, octets(der(0x30, member(1, int(3)), member(2, octets(hex('330100c000000000 01000000')))))),
    ),
  );

const framed = (token: readonly number[], message: Uint8Array): Uint8Array => der(0x60, KERBEROS_OID, token, message);

/** The port of whoever forwards a ticket whose key is not encrypted by itself. */
export const FORWARDING = 50_209;

const kerberos: MadeCapture = {
  name: 'kerberos',
  bytes: () =>
    pcapFile([
      ...connection(50_202, bound(KERBEROS, PRIVACY, apReq(PLAIN_CHECKSUM), krbError())),
      ...connection(50_208, bound(KERBEROS, PRIVACY, apReq(delegated(encrypted(SUBKEY, 14, ascii('keys')))), apRep())),
      ...connection(FORWARDING, bound(KERBEROS, PRIVACY, apReq(delegated(clear(credPart()))), apRep())),
      // RFC 4757 section 7: MIC and Wrap tokens
      ...connection(50_203, [
        ...bound(KERBEROS, PRIVACY, apReq(GSS_CHECKSUM), apRep()),
        ...alive(
          KERBEROS,
          INTEGRITY,
          framed([1, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff], hex('a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8')),
          framed([1, 1, 0x11, 0, 0xff, 0xff, 0xff, 0xff], hex('a2a2a3a4a5a6a7a8 b2b2b3b4b5b6b7b8')),
        ),
      ]),
      // RFC 4121 section 4.2.6: a MIC, and a Wrap token that is sealed
      ...connection(50_207, [
        ...bound(KERBEROS, PRIVACY, apReq(GSS_CHECKSUM), apRep()),
        ...alive(
          KERBEROS,
          PRIVACY,
          hex(`0504 06 ff 0010 001c 0000000000000001 ${'a1'.repeat(60)}`),
          hex(`0504 07 ff 0010 001c 0000000000000002 ${'b1'.repeat(60)}`),
        ),
        ...alive(
          KERBEROS,
          INTEGRITY,
          hex('0404 04 ffffffffff 0000000000000003 a1a2a3a4a5a6a7a8b1b2b3b4'),
          hex('0404 05 ffffffffff 0000000000000004 a1a2a3a4a5a6a7a8b1b2b3b4'),
        ),
      ]),
      ...connection(50_204, [
        ...bound(KERBEROS, PRIVACY, apReq(GSS_CHECKSUM), apRep()),
        ...alive(
          KERBEROS,
          PRIVACY,
          framed([2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff], hex('a1a2a3a4a5a6a7a8 b1b2b3b4b5b6b7b8 c1c2c3c4c5c6c7c8')),
          framed([2, 1, 0x11, 0, 0x10, 0, 0xff, 0xff], hex('a2a2a3a4a5a6a7a8 b2b2b3b4b5b6b7b8 c2c2c3c4c5c6c7c8')),
        ),
      ]),
    ]),
  secrets: { accounts: [], keys: [{ principal: 'RPCSS/srv.dom.test@DOM.TEST', etype: 23, kvno: 3, key: SERVICE_KEY }] },
};

const userToUser = made('user-to-user', () => connection(50_206, bound(KERBEROS, PRIVACY, tgtRequest(), krbError())));

/** NL_AUTH_MESSAGE with all five names, and both kinds of signature (MS-NRPC 2.2.1.3). */
const netlogon = made('netlogon', () => {
  const label = (...parts: string[]): Uint8Array =>
    concat(...parts.map((part) => concat([part.length], ascii(part))), [0]);
  const names = [ascii('DOM\0'), ascii('PC\0'), label('dom', 'test'), label('pc', 'dom', 'test'), label('PC')];
  const message = concat(le32(0), le32(0x1f), ...names);
  const signature = (sign: number, seal: number, digest: string, more: string): Uint8Array =>
    concat(le16(sign), le16(seal), le16(0xffff), le16(0), hex('a1a2a3a4a5a6a7a8'), hex(digest), hex(more));
  return connection(50_205, [
    ...bound(NETLOGON, PRIVACY, message, concat(le32(1), le32(0))),
    ...alive(
      NETLOGON,
      PRIVACY,
      signature(0x77, 0x7a, 'd1d2d3d4d5d6d7d8', 'e1e2e3e4e5e6e7e8'),
      signature(0x13, 0x1a, 'd1d2d3d4d5d6d7d8', `e1e2e3e4e5e6e7e8 ${'00'.repeat(24)}`),
    ),
  ]);
});

export const TOKENS: readonly MadeCapture[] = [ntlm, spnego, kerberos, userToUser, netlogon];
