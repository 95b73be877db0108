/** Kerberos per-message tokens as scapy 2.8 and impacket 0.13 make them, with the keys 01 02 03 …; and ticket keys. */
import { describe, expect, it } from 'vitest';
import { concat, dword } from '../../src/core/bytes.js';
import { ctsEncrypt } from '../../src/security/crypto/aes-cts.js';
import { kdfSha2 } from '../../src/security/crypto/kdf.js';
import { AesKeys, deriveKey, stringToKey } from '../../src/security/kerberos/crypto.js';
import { openWithSecrets } from '../../src/security/kerberos/keys.js';
import { KerberosSession, parseRc4Token } from '../../src/security/kerberos/session.js';
import type { ProtectedPdu } from '../../src/security/types.js';

const unhex = (text: string) => Buffer.from(text, 'hex');
const hex = (b: Uint8Array | null) => (b === null ? null : Buffer.from(b).toString('hex'));

const HEADER = unhex('050000031000000068004c0001000000000000000000040a');
const TRAILER = unhex('1006000000000000');
const STUB = Buffer.from(Array.from({ length: 48 }, (_, i) => i));

const countedKey = (etype: number, length: number) => ({
  etype,
  value: Buffer.from(Array.from({ length }, (_, i) => i + 1)),
});

const session = (etype: number, length: number) =>
  new KerberosSession({ session: null, initiator: null, acceptor: countedKey(etype, length) });

function pdu(data: string, token: string, more: Partial<ProtectedPdu> = {}): ProtectedPdu {
  const stub = unhex(data);
  const stubEnd = HEADER.length + stub.length;
  const whole = Buffer.concat([HEADER, stub, TRAILER, unhex(token)]);
  return {
    direction: 'client',
    pdu: whole,
    stubStart: HEADER.length,
    stubEnd,
    trailerStart: stubEnd,
    authStart: stubEnd + 8,
    authEnd: whole.length,
    headerSign: true,
    level: 6,
    ...more,
  };
}

interface Vector {
  name: string;
  etype: number;
  bytes: number;
  data: string;
  token: string;
  stub: Buffer;
  how: string;
  level: number;
}

const WHOLE = 'header, stub and trailer';
const VECTORS: readonly Vector[] = [
  {
    name: 'AES256 sealed by a client with header signing (scapy)',
    etype: 18,
    bytes: 32,
    data: '5aae5da7a2f689f65a814fda90e1fee0760f871906440c5ea12c32b786c6437af91ef1aaec9885e03b0f26ecdfed0f74',
    token:
      '050406ff0010001c0000000001020304612def488acf791d33bbd32b419960f611701c1655bcabe411bece115f240d38e316689bf3d45b5bdc146ba4e4f5801544e21c174066b9e23fca9ccf',
    stub: STUB,
    how: WHOLE,
    level: 6,
  },
  {
    name: 'AES256 sealed by a server, 40 bytes and so EC 8 (scapy)',
    etype: 18,
    bytes: 32,
    data: 'a649837b6806761cf72eae24c9cb8dde065f0b6be98582a853701304dfc676c46c43fd78586fe72c',
    token:
      '050407ff0008001c00000000010203042eff29c496ea96ffa1cff2cc8047504dd76743f5a106ea04ff85df1f10d581cf1b4901a690ec0d13346f0f7ea95f95e99b68151f',
    stub: STUB.subarray(0, 40),
    how: WHOLE,
    level: 6,
  },
  {
    name: 'AES128 sealed, stub alone signed (scapy)',
    etype: 17,
    bytes: 16,
    data: '27a17709047c5086ee618814b0f59ff348014bb4c613da7c7bc26c3ccb1e04579850c471485dc38b88f580477ce401f4',
    token:
      '050406ff0010001c0000000001020304aade2e847bd8ab3c6ec049465d85aa3652490dbb68b79d7d7a73e85dfcd77ce3e16390daaa42e4fa4e4d0de1bfcd9c6c7d871a51130932c28aa3c155',
    stub: STUB,
    how: 'stub only',
    level: 6,
  },
  {
    name: 'AES256 sealed, stub alone signed (impacket)',
    etype: 18,
    bytes: 32,
    data: '74403bf96da7b2302009570193e33bfc34bcd7cc624c900f12ca769c8ba23f310e7b1ef2bb356096',
    token:
      '050406ff0008001c0000000000000005c76a1c5816856deeb115b8db6bc536b0648b30490ef35572aacc1ef8cd64fce802b1e45e2b91b18660932a913162ea118f137d82',
    stub: STUB.subarray(0, 40),
    how: 'stub only',
    level: 6,
  },
  {
    name: 'AES256 signed by a server (scapy)',
    etype: 18,
    bytes: 32,
    data: STUB.toString('hex'),
    token: '040405ffffffffff0000000001020304033a55f5ee263de583572195',
    stub: STUB,
    how: WHOLE,
    level: 5,
  },
  {
    name: 'AES256 signed, 41 bytes and so padded to 44 (impacket)',
    etype: 18,
    bytes: 32,
    data: `${STUB.subarray(0, 40).toString('hex')}61`,
    token: '040404ffffffffff00000000000000058c12cbc1ff03076e490b62da',
    stub: Buffer.concat([STUB.subarray(0, 40), Buffer.from('a')]),
    how: 'stub only',
    level: 5,
  },
  {
    name: 'RC4 sealed by a client with header signing (scapy)',
    etype: 23,
    bytes: 16,
    data: '1b1da0ba1efea031e0b9bade68c1d81745353684fff4f4e89e79120f689f5730dac7acc76ca4eb5976c4f24ea5301519',
    token: '602b06092a864886f712010202020111001000ffff72ce3a69f0442163c68a6b495428db0799e7dc70af6fab56',
    stub: STUB,
    how: WHOLE,
    level: 6,
  },
  {
    name: 'RC4 sealed by a server, stub alone signed (scapy)',
    etype: 23,
    bytes: 16,
    data: '1b1da0ba1efea031e0b9bade68c1d81745353684fff4f4e89e79120f689f5730dac7acc76ca4eb5976c4f24ea5301519',
    token: '602b06092a864886f712010202020111001000fffff34ea29e2ab586d5e0e8f5621f9497ce63cb94836b7ce426',
    stub: STUB,
    how: 'stub only',
    level: 6,
  },
  {
    name: 'RC4 for export, sealed (scapy)',
    etype: 24,
    bytes: 16,
    data: 'ee37365e8284cfb0e2a023178e723a21f05872c4a88cd7ef35a0752caa4c148b13f8267623e4ec1c9842504d339a7f37',
    token: '602b06092a864886f712010202020111001000ffffe1d541c17c29d9aa7ef9743b30d7bd19aded29cea385b20a',
    stub: STUB,
    how: WHOLE,
    level: 6,
  },
  {
    name: 'RC4 sealed (impacket)',
    etype: 23,
    bytes: 16,
    data: 'b6bcff82fa801dacb79a279b96156ddf0a59d33cea94c103b984e964bcdc98a79f314dd9e0a6e724',
    token: '602b06092a864886f712010202020111001000ffffd078370061c2f3c5e34db84577d2a84c3412d68a4632f8ee',
    stub: STUB.subarray(0, 40),
    how: 'stub only',
    level: 6,
  },
  {
    name: 'RC4 signed (impacket)',
    etype: 23,
    bytes: 16,
    data: STUB.subarray(0, 40).toString('hex'),
    token: '602306092a864886f71201020201011100ffffffffb8e330d0ea395cdb97a89bf8ad1a1603',
    stub: STUB.subarray(0, 40),
    how: 'stub only',
    level: 5,
  },
];

describe('tokens of RFC 4121 and RFC 4757', () => {
  it.each(VECTORS)('$name', ({ etype, bytes, data, token, stub, how, level }) => {
    const p = pdu(data, token, { level, headerSign: how === WHOLE });
    const result = session(etype, bytes).unprotect(p);
    expect([hex(result.stub), result.verified, result.how]).toEqual([hex(stub), true, how]);
  });

  it.each(VECTORS)('$name: one changed bit is found', ({ etype, bytes, data, token, level }) => {
    const p = pdu(data, token, { level, headerSign: false });
    p.pdu[p.stubStart + 3] ^= 4;
    expect(session(etype, bytes).unprotect(p)).toMatchObject({ verified: false, notes: [{ code: 'bad-signature' }] });
  });

  it.each(VECTORS)('$name: another key opens nothing', ({ etype, data, token, level, bytes }) => {
    const key = { ...countedKey(etype, bytes), value: Buffer.alloc(bytes, 9) };
    const other = new KerberosSession({ session: key, initiator: null, acceptor: null });
    expect(other.unprotect(pdu(data, token, { level })).verified).toBe(false);
  });

  it('finds the key by trial when the token names none', () => {
    const { data, token } = VECTORS[6];
    const keys = { session: countedKey(23, 16), initiator: { etype: 23, value: Buffer.alloc(16) }, acceptor: null };
    expect(new KerberosSession(keys).unprotect(pdu(data, token)).verified).toBe(true);
  });

  it('reads verifiers that are no tokens', () => {
    for (const token of ['', '00', '0504', '60', '6080', `60ff${'00'.repeat(20)}`, '01000000000000000000000000000000'])
      expect(session(18, 32).unprotect(pdu('00', token)).verified).toBe(false);
    expect(parseRc4Token(unhex('602b06092a864886f7120102020201'))).toBeNull();
  });

  it('opens tokens turned by RRC alone, as RFC 4121 section 4.2.5 has it', () => {
    // Data in place: RRC counts filler, header and checksum, 16 + 16 + 12.
    const { data, token, etype, bytes } = VECTORS[0];
    const strict = token.replace('0010001c', '0010002c');
    expect(session(etype, bytes).unprotect(pdu(data, strict)).verified).toBe(true);
  });

  it.each([
    [19, 16, 'sha256', 16],
    [20, 32, 'sha384', 24],
  ] as const)(
    'AES with SHA-2, etype %i: encrypt then MAC, header and trailer signed in their places',
    (etype, bytes, hash, mac) => {
      const key = countedKey(etype, bytes);
      const usage = 24;
      const token = unhex('050406ff0000001c0000000000000007');
      const copy = Uint8Array.from(token).fill(0, 4, 8);
      const ke = kdfSha2(hash, key.value, concat(dword(usage, false), Uint8Array.of(0xaa)), bytes);
      const cipher = ctsEncrypt(ke, concat(Buffer.alloc(16, 5), STUB, copy));
      const [confounder, data, rest] = [cipher.subarray(0, 16), cipher.subarray(16, 64), cipher.subarray(64)];
      const sum = new AesKeys(etype, key.value).integrity(usage, [confounder, HEADER, data, TRAILER, rest]);
      expect(sum).toHaveLength(mac);
      token[7] = 16 + mac;
      const auth = Buffer.concat([token, rest, sum, confounder]);
      const p = pdu(hex(data)!, auth.toString('hex'));
      const result = new KerberosSession({ session: key, initiator: null, acceptor: null }).unprotect(p);
      expect([hex(result.stub), result.verified]).toEqual([hex(STUB), true]);
    },
  );
});

describe('keys of tickets', () => {
  const server = { realm: 'LAB.TEST', name: 'host/srv.lab.test' };
  const account = (user: string, password: string) => ({ user, domain: null, password, ntHash: null });
  const ticketFor = (key: Uint8Array) => {
    const keys = new AesKeys(18, key);
    const plain = concat(Buffer.alloc(16, 1), Buffer.from('inside the ticket'));
    const ke = deriveKe(key);
    return { etype: 18, kvno: 1, cipherAt: 0, cipher: concat(ctsEncrypt(ke, plain), keys.integrity(2, [plain])) };
  };

  it.each([
    ['the principal', 'LAB.TESThostsrv.lab.test', 'whoever'],
    ['the account', 'LAB.TESTsvc-dcom', 'svc-dcom'],
    ['the computer', 'LAB.TESThostsrv.lab.test', 'SRV$'],
  ])("come from an account's password, salted by %s", (_what, salt, user) => {
    const data = ticketFor(stringToKey(18, 'Dienst-256', salt)!);
    const secrets = { accounts: [account('other', 'x'), account(user, 'Dienst-256')], keys: [] };
    expect(Buffer.from(openWithSecrets(secrets, data, server, 2)!).toString()).toBe('inside the ticket');
    expect(openWithSecrets({ accounts: [account(user, 'wrong')], keys: [] }, data, server, 2)).toBeNull();
  });
});

function deriveKe(key: Uint8Array): Uint8Array {
  return deriveKey(key, concat(dword(2, false), Uint8Array.of(0xaa)));
}
