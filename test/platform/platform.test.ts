/** Both machines have one interface, and do the same. */
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAddress } from '../../src/core/address.js';
import * as bytes from '../../src/core/bytes.js';
import type { ByteSource } from '../../src/platform/byte-source.js';
import * as node from '../../src/platform/node.js';
import type { HashName, Platform } from '../../src/platform/platform.js';
import { RandomAccessBytes } from '../../src/platform/random-access.js';
import * as web from '../../src/platform/web.js';
import * as crc from '../../src/security/crypto/crc32.js';
import { desBlock } from '../../src/security/crypto/des.js';

/** Names and types are held by the compiler. */
const PLATFORMS = [node satisfies Platform, web satisfies Platform];

const HASHES: readonly HashName[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const data = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: 'binary', maxLength: 100 });
const plain = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);

/** A property of what a function of both gives. */
function same<A extends unknown[]>(
  arbitrary: fc.Arbitrary<A>,
  of: (p: typeof node | typeof web, ...a: A) => unknown,
  numRuns = 100,
): void {
  fc.assert(
    fc.property(arbitrary, (a) => {
      expect(plain(of(web, ...a))).toEqual(plain(of(node, ...a)));
    }),
    { numRuns },
  );
}

describe('what Node does and what browsers do is the same', () => {
  it('has the same names', () => {
    const [a, b] = PLATFORMS.map((p) => Object.keys(p).sort());
    expect(b).toEqual(a);
  });

  it('text of bytes', () => {
    const run = fc.tuple(fc.uint8Array({ maxLength: 20_000 }), fc.nat(20), fc.nat(20));
    same(fc.tuple(data), (p, b) => [p.hexText(b), p.isUtf8(b), p.sha256(b)]);
    same(run, (p, b, first, less) => {
      const start = Math.min(first, b.length);
      const end = Math.max(start, b.length - less);
      return [p.latin1Text(b, start, end), p.utf8Text(b, start, end), p.utf16Units(b.subarray(0, b.length & ~1))];
    });
    // most random bytes are no UTF-8
    same(fc.tuple(text, fc.nat(3)), (p, t, less) => {
      const b = Buffer.from(t);
      const end = Math.max(0, b.length - less);
      return [p.utf8Text(b, 0, end), p.isUtf8(b.subarray(0, end))];
    });
    same(fc.tuple(fc.constant(Buffer.from('\ufefftext'))), (p, b) => p.utf8Text(b, 0, b.length));
  });

  it('bytes of text', () => {
    same(fc.tuple(text), (p, t) => {
      const into = new Uint8Array(3 * t.length + 5);
      return [p.writeUtf8(t, into, 5), ...into];
    });
  });

  it('digests', () => {
    same(fc.tuple(fc.constantFrom(...HASHES), data, data, data), (p, name, key, a, b) => [
      plain(p.hash(name, a, b)),
      plain(p.hmac(name, key, a, b)),
    ]);
    same(fc.tuple(fc.uint8Array({ maxLength: 100 }), data, data), (p, key, a, b) => {
      const mac = p.md5Mac(key);
      return [mac(a, b), mac(b), p.hmac('md5', key, a, b)].map(plain);
    });
    // RFC 2202 2, its second case
    const mac = node.md5Mac(Buffer.from('Jefe'))(Buffer.from('what do ya want '), Buffer.from('for nothing?'));
    expect(plain(mac)).toBe('750c783e6ab0b503eaa86e310a5db738');
    same(
      fc.tuple(
        fc.constantFrom(...HASHES),
        text,
        data,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 80 }),
      ),
      (p, ...a) => plain(p.pbkdf2(...a)),
      30,
    );
  });

  it('AES', () => {
    const block = fc.uint8Array({ minLength: 16, maxLength: 160 }).map((b) => b.subarray(0, b.length & ~15));
    const key = fc.constantFrom(16, 32).chain((n) => fc.uint8Array({ minLength: n, maxLength: n }));
    same(fc.tuple(fc.constantFrom('cbc' as const, 'ecb' as const), key, block), (p, ...a) => [
      plain(p.aesEncrypt(...a)),
      plain(p.aesDecrypt(...a)),
    ]);
  });

  it('AES that encrypts and signs in one: OpenSSL made it', () => {
    const ofLength = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    const key = fc.constantFrom(16, 32).chain(ofLength);
    const mode = fc.constantFrom('ccm' as const, 'gcm' as const);
    const around = fc.uint8Array({ minLength: 1, maxLength: 70 });
    fc.assert(
      fc.property(mode, key, ofLength(12), around, data, fc.nat(), (mode, key, twelve, around, text, flip) => {
        const nonce = mode === 'ccm' ? twelve.subarray(1) : twelve;
        const options = { authTagLength: 16 };
        const bits = (key.length * 8) as 128 | 256;
        const cipher =
          mode === 'ccm'
            ? createCipheriv(`aes-${bits}-ccm`, key, nonce, options)
            : createCipheriv(`aes-${bits}-gcm`, key, nonce, options);
        cipher.setAAD(around, { plaintextLength: text.length });
        const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
        const tag = cipher.getAuthTag();
        const changed = <T extends Uint8Array>(b: T): T => {
          const copy = Uint8Array.from(b) as T;
          copy[flip % copy.length] ^= 1;
          return copy;
        };
        for (const p of [node, web]) {
          expect(plain(p.aesOpen(mode, key, nonce, around, sealed, tag))).toBe(plain(text));
          expect(p.aesOpen(mode, key, nonce, around, sealed, changed(tag))).toBeNull();
          expect(p.aesOpen(mode, key, nonce, changed(around), sealed, tag)).toBeNull();
          if (text.length > 0) expect(p.aesOpen(mode, key, nonce, around, changed(sealed), tag)).toBeNull();
        }
      }),
    );
  });
});

/** What a source gives, and how it ends. */
async function drained(source: ByteSource) {
  const parts: Uint8Array[] = [];
  for (;;) {
    const into = new Uint8Array(1000);
    const n = await source.read(into, 0, into.length);
    if (n === 0) break;
    parts.push(into.subarray(0, n));
  }
  await source.close();
  return { length: Buffer.concat(parts).length, bytes: Buffer.concat(parts), failure: source.failure };
}

describe('gzip', () => {
  const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 9));
  const whole = gzipSync(content);
  const flipped = (at: number) => Buffer.from(whole).fill(whole[at] ^ 1, at, at + 1);

  /** A member of so many bytes. */
  const stored = (size: number): Buffer => gzipSync(Buffer.alloc(size - 23), { level: 0 });

  it.each<[string, Uint8Array]>([
    ['whole', whole],
    ['in two members', Buffer.concat([whole, whole])],
    ['in members of which one ends where a slice does', Buffer.concat([stored(65536), whole])],
    ['with zeros behind such a one', Buffer.concat([stored(65536), Buffer.alloc(10)])],
    ['with zeros behind it', Buffer.concat([whole, Buffer.alloc(100)])],
    ['empty', gzipSync('')],
    ['cut in its head', whole.subarray(0, 5)],
    ['cut', whole.subarray(0, 20_000)],
    ['cut in the sum', whole.subarray(0, -6)],
    ['with a wrong sum', flipped(whole.length - 7)],
    ['with text behind it', Buffer.concat([whole, Buffer.from('more')])],
  ])('%s', async (_name, packed) => {
    const source = () =>
      new RandomAccessBytes({ size: packed.length, read: async (at, n) => packed.subarray(at, at + n) });
    const wanted = await drained(node.decompressed('gzip', source()));
    const got = await drained(web.decompressed('gzip', source()));
    expect(got.failure).toBe(wanted.failure);
    // Node and pako hand out different parts of what stands in front of a mistake
    if (wanted.failure === null) expect(got.bytes.equals(wanted.bytes)).toBe(true);
    else expect(content.subarray(0, got.length).equals(got.bytes)).toBe(true);
  });
});

describe('inflate', () => {
  const content = Buffer.from('to and fro, '.repeat(1000));
  const [gzip, zlib] = [gzipSync(content), deflateSync(content)];

  it.each<['gzip' | 'deflate', string, Uint8Array, number, Uint8Array | string]>([
    ['gzip', 'whole', gzip, content.length, content],
    ['gzip', 'one byte more than wanted', gzip, content.length - 1, 'limit'],
    ['gzip', 'a bomb', gzipSync(new Uint8Array(1 << 26)), 1 << 20, 'limit'],
    ['gzip', 'in two members', Buffer.concat([gzip, gzip]), 1 << 20, Buffer.concat([content, content])],
    ['gzip', 'empty', gzipSync(''), 1, new Uint8Array()],
    ['gzip', 'cut', gzip.subarray(0, -9), 1 << 20, 'damaged'],
    ['gzip', 'nothing', new Uint8Array(), 1 << 20, 'damaged'],
    ['gzip', 'of zlib', zlib, 1 << 20, 'damaged'],
    ['deflate', 'of zlib', zlib, 1 << 20, content],
    ['deflate', 'without its head', deflateRawSync(content), 1 << 20, content],
    [
      'deflate',
      'with a wrong sum',
      Buffer.concat([zlib.subarray(0, -1), [~zlib[zlib.length - 1]]].map((b) => Uint8Array.from(b))),
      1 << 20,
      'damaged',
    ],
    ['deflate', 'of gzip', gzip, 1 << 20, 'damaged'],
  ])('%s, %s', (kind, _name, packed, most, wanted) => {
    for (const { inflate } of PLATFORMS) expect(plain(inflate(kind, packed, most))).toBe(plain(wanted));
  });
});

it('of a source that breaks off, that is what went wrong, and not what lacks for it', async () => {
  // a zstd frame (RFC 8878 3.1.1) with a raw block of three bytes, which is not the last
  const begun = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, 3 << 3, 0, 0, 1, 2, 3);
  const read = async (at: number): Promise<Uint8Array> => {
    if (at > 0) throw new Error('gone');
    return begun;
  };
  const { bytes, failure } = await drained(web.decompressed('zstd', new RandomAccessBytes({ size: 100, read })));
  expect([...bytes]).toEqual([1, 2, 3]);
  expect(failure).toBe('reading failed: gone');
});

it('what a server says instead of a file is no file', async () => {
  const server = createServer((_, response) => response.writeHead(404).end('not here')).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (const opened of [web.openNamed(url), web.readNamed(url)])
      await expect(opened).rejects.toThrow('the server answers 404 Not Found');
  } finally {
    server.close();
  }
});

describe('what Node has and the engine does itself', () => {
  it('DES', () => {
    const eight = fc.uint8Array({ minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(eight, eight, (key, block) => {
        const openssl = createCipheriv('des-ede3', Buffer.concat([key, key, key]), null).setAutoPadding(false);
        expect(plain(desBlock(key, block))).toBe(openssl.update(block).toString('hex'));
      }),
    );
  });

  it('CRC-32', () =>
    fc.assert(
      fc.property(data, (b) => {
        expect(crc.crc32(b)).toBe(crc32(b));
      }),
    ));

  it('addresses', () => {
    const part = fc.constantFrom(
      '0',
      '1',
      'f',
      '255',
      '256',
      'ffff',
      '12345',
      '::',
      ':',
      '.',
      '1.2.3.4',
      '%',
      'eth0',
      'g',
    );
    const made = fc.array(part, { maxLength: 18 }).map((parts) => parts.join(''));
    const near = fc.array(fc.constantFrom('1', 'ab', '0', ''), { minLength: 7, maxLength: 9 }).map((p) => p.join(':'));
    const known = fc.oneof(fc.ipV4(), fc.ipV6(), near, made);
    fc.assert(
      fc.property(known, (t) => {
        expect(isAddress(t), t).toBe(isIP(t) !== 0);
      }),
      { numRuns: 5000 },
    );
    for (const t of ['fe80::1%eth0', 'fe80::1%', '::ffff:1.2.3.4', '1.2.3.4::', '::1.2.3.256', '::', ':::', '01.2.3.4'])
      expect(isAddress(t), t).toBe(isIP(t) !== 0);
  });

  it('bytes', () => {
    fc.assert(
      fc.property(data, data, fc.nat(310), text, (a, b, from, t) => {
        const [x, y] = [Buffer.from(a), Buffer.from(b)];
        expect(Math.sign(bytes.compare(a, b))).toBe(Buffer.compare(x, y));
        const part = a.subarray(from, from + 3);
        expect(bytes.find(a, part, from >> 1)).toBe(x.indexOf(part, from >> 1));
        expect(bytes.find(a, b)).toBe(x.indexOf(y));
        expect(plain(bytes.concat(a, b))).toBe(Buffer.concat([x, y]).toString('hex'));
        expect(plain(bytes.fromHex(t))).toBe(Buffer.from(t, 'hex').toString('hex'));
        expect(plain(bytes.fromHex(x.toString('hex').toUpperCase()))).toBe(plain(a));
        expect(plain(bytes.latin1Bytes(t))).toBe(Buffer.from(t, 'latin1').toString('hex'));
        expect(plain(bytes.utf16Bytes(t))).toBe(Buffer.from(t, 'utf16le').toString('hex'));
        expect(plain(bytes.utf16Bytes(t, false))).toBe(Buffer.from(t, 'utf16le').swap16().toString('hex'));
        expect(plain(bytes.utf8Bytes(t))).toBe(Buffer.from(t).toString('hex'));
      }),
    );
  });
});
