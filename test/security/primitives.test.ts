/** What OpenSSL 3 has not, against the vectors of the documents that define it. */

import { describe, expect, it } from 'vitest';
import type { HashName } from '#platform';
import { ctsDecrypt, ctsEncrypt } from '../../src/security/crypto/aes-cts.js';
import { kdfSha2 } from '../../src/security/crypto/kdf.js';
import { md4 } from '../../src/security/crypto/md4.js';
import { nFold } from '../../src/security/crypto/nfold.js';
import { Rc4 } from '../../src/security/crypto/rc4.js';
import {
  AES128_SHA1,
  AES128_SHA256,
  AES256_SHA1,
  AES256_SHA384,
  AesKeys,
  decryptMessage,
  deriveKey,
  RC4_HMAC,
  stringToKey,
} from '../../src/security/kerberos/crypto.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const unhex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const hex = (b: Uint8Array | null) => (b === null ? null : Buffer.from(b).toString('hex'));

describe('MD4, RFC 1320 section A.5', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('%s', (text, digest) => expect(hex(md4(bytes(text)))).toBe(digest));

  it('pads over a block boundary', () => {
    // Lengths 55 and 56 are where the length no longer fits the last block: digests by OpenSSL's legacy provider.
    expect(hex(md4(bytes('x'.repeat(55))))).toBe('92f32bb82c95ad10e8f87ae58ab06807');
    expect(hex(md4(bytes('x'.repeat(56))))).toBe('374d5f08103b7092c83b4626ebceffab');
  });
});

describe('RC4, RFC 6229', () => {
  const stream = (key: string, offset: number) => {
    const rc4 = new Rc4(unhex(key));
    rc4.skip(offset);
    return hex(rc4.crypt(new Uint8Array(16)));
  };
  const KEY_40 = '0102030405';
  const KEY_56 = '01020304050607';
  const KEY_128 = '0102030405060708090a0b0c0d0e0f10';
  it.each([
    [KEY_40, 0, 'b2396305f03dc027ccc3524a0a1118a8'],
    [KEY_40, 16, '6982944f18fc82d589c403a47a0d0919'],
    [KEY_40, 240, '28cb1132c96ce286421dcaadb8b69eae'],
    [KEY_56, 0, '293f02d47f37c9b633f2af5285feb46b'],
    [KEY_128, 0, '9ac7cc9a609d1ef7b2932899cde41b97'],
    [KEY_128, 4096, 'a36a4c301ae8ac13610ccbc12256cacc'],
  ])('key %s at %i', (key, offset, expected) => expect(stream(key, offset)).toBe(expected));

  it('goes on where it stopped, in a copy too', () => {
    const rc4 = new Rc4(unhex(KEY_128));
    const whole = new Rc4(unhex(KEY_128)).crypt(new Uint8Array(1000));
    const first = rc4.crypt(new Uint8Array(300));
    const copy = rc4.clone();
    const out = new Uint8Array(710);
    rc4.apply(new Uint8Array(800), 50, 750, out, 10);
    expect(hex(first)).toBe(hex(whole.subarray(0, 300)));
    expect(hex(out.subarray(10))).toBe(hex(whole.subarray(300)));
    expect(hex(copy.crypt(new Uint8Array(700)))).toBe(hex(whole.subarray(300)));
  });
});

describe('n-fold, RFC 3961 section A.1', () => {
  it.each([
    ['012345', 64, 'be072631276b1955'],
    ['password', 56, '78a07b6caf85fa'],
    ['Rough Consensus, and Running Code', 64, 'bb6ed30870b7f0e0'],
    ['password', 168, '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
    ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 192, 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
    ['Q', 168, '518a54a215a8452a518a54a215a8452a518a54a215'],
    ['ba', 168, 'fb25d531ae8974499f52fd92ea9857c4ba24cf297e'],
    ['kerberos', 64, '6b65726265726f73'],
    ['kerberos', 128, '6b65726265726f737b9b5b2b93132b93'],
    ['kerberos', 168, '8372c236344e5f1550cd0747e15d62ca7a5a3bcea4'],
    ['kerberos', 256, '6b65726265726f737b9b5b2b93132b935c9bdcdad95c9899c4cae4dee6d6cae4'],
  ])('%s to %i bits', (text, bits, folded) => expect(hex(nFold(bytes(text), bits / 8))).toBe(folded));
});

describe('AES with cipher text stealing, RFC 3962 appendix B', () => {
  const key = bytes('chicken teriyaki');
  const text = "I would like the General Gau's Chicken, please, and wonton soup.";
  it.each([
    [17, 'c6353568f2bf8cb4d8a580362da7ff7f97'],
    [31, 'fc00783e0efdb2c1d445d4c8eff7ed2297687268d6ecccc0c07b25e25ecfe5'],
    [32, '39312523a78662d5be7fcbcc98ebf5a897687268d6ecccc0c07b25e25ecfe584'],
    [47, '97687268d6ecccc0c07b25e25ecfe584b3fffd940c16a18c1b5549d2f838029e39312523a78662d5be7fcbcc98ebf5'],
    [48, '97687268d6ecccc0c07b25e25ecfe5849dad8bbb96c4cdc03bc103e1a194bbd839312523a78662d5be7fcbcc98ebf5a8'],
    [
      64,
      '97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a84807efe836ee89a526730dbc2f7bc8409dad8bbb96c4cdc03bc103e1a194bbd8',
    ],
  ])('%i bytes', (length, cipher) => {
    const plain = bytes(text.slice(0, length));
    expect(hex(ctsEncrypt(key, plain))).toBe(cipher);
    expect(hex(ctsDecrypt(key, unhex(cipher)))).toBe(hex(plain));
  });

  it('leaves a single block without stealing', () => {
    const block = bytes('0123456789abcdef');
    expect(hex(ctsDecrypt(key, ctsEncrypt(key, block)))).toBe(hex(block));
  });
});

describe('string to key, RFC 3962 appendix B', () => {
  it.each([
    [AES128_SHA1, 1, 'password', '42263c6e89f4fc28b8df68ee09799f15'],
    [AES256_SHA1, 1, 'password', 'fe697b52bc0d3ce14432ba036a92e65bbb52280990a2fa27883998d72af30161'],
    [AES128_SHA1, 1200, 'password', '4c01cd46d632d01e6dbe230a01ed642a'],
    [AES256_SHA1, 1200, 'password', '55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a'],
  ])('etype %i, %i iterations', (etype, iterations, password, key) =>
    expect(hex(stringToKey(etype, password, 'ATHENA.MIT.EDUraeburn', iterations))).toBe(key),
  );

  it('of RC4-HMAC is the NT hash (RFC 4757 section 2)', () =>
    expect(hex(stringToKey(RC4_HMAC, 'foo', ''))).toBe('ac8e657f83df82beea5d43bdaf7800cc'));
});

describe('AES with SHA-2, RFC 8009 appendix A', () => {
  const salt = Buffer.concat([unhex('10df9dd783e5bc8acea1730e74355f61'), bytes('ATHENA.MIT.EDUraeburn')]);
  const BASE_128 = '3705d96080c17728a0e800eab6e0d23c';
  const BASE_256 = '6d404d37faf79f9df0d33568d320669800eb4836472ea8a026d16b7182460c52';

  it.each([
    [AES128_SHA256, '089bca48b105ea6ea77ca5d2f39dc5e7'],
    [AES256_SHA384, '45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467'],
  ])('string to key of etype %i', (etype, key) => expect(hex(stringToKey(etype, 'password', salt))).toBe(key));

  it.each<[HashName, string, string, number, string]>([
    ['sha256', BASE_128, '0000000299', 16, 'b31a018a48f54776f403e9a396325dc3'],
    ['sha256', BASE_128, '00000002aa', 16, '9b197dd1e8c5609d6e67c3e37c62c72e'],
    ['sha256', BASE_128, '0000000255', 16, '9fda0e56ab2d85e1569a688696c26a6c'],
    ['sha384', BASE_256, '0000000299', 24, 'ef5718be86cc84963d8bbb5031e9f5c4ba41f28faf69e73d'],
    ['sha384', BASE_256, '00000002aa', 32, '56ab22bee63d82d7bc5227f6773f8ea7a5eb1c825160c38312980c442e5c7e49'],
    ['sha384', BASE_256, '0000000255', 24, '69b16514e3cd8e56b82010d5c73012b622c4d00ffc23ed1f'],
  ])('key derivation %s %s %s', (hash, base, label, length, key) =>
    expect(hex(kdfSha2(hash, unhex(base), unhex(label), length))).toBe(key),
  );

  it.each([
    [AES128_SHA256, BASE_128, '', 'ef85fb890bb8472f4dab20394dca781dad877eda39d50c870c0d5a0a8e48c718'],
    [
      AES128_SHA256,
      BASE_128,
      '000102030405',
      '84d7f30754ed987bab0bf3506beb09cfb55402cef7e6877ce99e247e52d16ed4421dfdf8976c',
    ],
    [AES256_SHA384, BASE_256, '', '41f53fa5bfe7026d91faf9be959195a058707273a96a40f0a01960621ac612748b9bbfbe7eb4ce3c'],
    [
      AES256_SHA384,
      BASE_256,
      '000102030405',
      '4ed7b37c2bcac8f74f23c1cf07e62bc7b75fb3f637b9f559c7f664f69eab7b6092237526ea0d1f61cb20d69d10f2',
    ],
  ])('decrypts etype %i with %s to "%s"', (etype, key, plain, cipher) => {
    expect(hex(decryptMessage(etype, unhex(key), 2, unhex(cipher)))).toBe(plain);
    const changed = unhex(cipher);
    changed[3] ^= 1;
    expect(decryptMessage(etype, unhex(key), 2, changed)).toBeNull();
  });

  it.each([
    [AES128_SHA256, BASE_128, 'd78367186643d67b411cba9139fc1dee'],
    [AES256_SHA384, BASE_256, '45ee791567eefca37f4ac1e0222de80d43c3bfa06699672a'],
  ])('checksum of etype %i', (etype, key, sum) => {
    const data = unhex('000102030405060708090a0b0c0d0e0f1011121314');
    expect(hex(new AesKeys(etype, unhex(key)).checksum(2, [data]))).toBe(sum);
  });
});

describe('AES with SHA-1', () => {
  it('derives as DK of RFC 3961 does: the last step of string to key', () => {
    const raw = unhex('cdedb5281bb2f801565a1122b2563515');
    expect(hex(deriveKey(raw, bytes('kerberos')))).toBe('42263c6e89f4fc28b8df68ee09799f15');
  });
});
