/** The secrets file, keytabs, and that nothing of them is ever said. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSecrets, readSecrets, UnreadableSecrets } from '../../src/security/index.js';
import { parseKeytab } from '../../src/security/kerberos/keytab.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(content: string | Uint8Array): string {
  const path = join(folder, `s${count++}.json`);
  writeFileSync(path, content);
  return path;
}

const u16 = (n: number) => Buffer.from([n >> 8, n]);
const data = (b: string | Uint8Array) => Buffer.concat([u16(b.length), Buffer.from(b)]);
function entry(components: string[], realm: string, etype: number, key: Uint8Array, kvno32?: number): Buffer {
  const body = Buffer.concat([
    u16(components.length),
    data(realm),
    ...components.map(data),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 3]),
    u16(etype),
    data(key),
    ...(kvno32 === undefined ? [] : [Buffer.from([0, 0, kvno32 >> 8, kvno32])]),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}
const HEAD = Buffer.from([5, 2]);
const KEY = Buffer.alloc(32, 0xab);

describe('keytabs', () => {
  it('reads entries, holes and long key versions', () => {
    const hole = Buffer.from([0xff, 0xff, 0xff, 0xfc, 1, 2, 3, 4]);
    const bytes = Buffer.concat([
      HEAD,
      entry(['host', 'srv.lab'], 'LAB', 18, KEY),
      hole,
      entry(['svc'], 'LAB', 23, KEY.subarray(16), 300),
    ]);
    expect(parseKeytab(bytes)).toMatchObject([
      { principal: 'host/srv.lab@LAB', etype: 18, kvno: 3 },
      { principal: 'svc@LAB', etype: 23, kvno: 300 },
    ]);
  });

  it('says what is wrong with damaged ones, at any length', () => {
    const bytes = Buffer.concat([HEAD, entry(['host', 'srv.lab'], 'LAB', 18, KEY)]);
    for (let n = 0; n < bytes.length; n++) {
      const read = parseKeytab(bytes.subarray(0, n));
      if (n >= 6) expect(typeof read).toBe('string');
    }
    expect(parseKeytab(Buffer.from('0501'))).toMatch(/keytab/);
    expect(parseKeytab(Buffer.from([5, 1, 0]))).toMatch(/version 1/);
    expect(parseKeytab(Buffer.concat([HEAD, Buffer.from([0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff])]))).toMatch(/damaged/);
  });
});

describe('the secrets file', () => {
  it('takes accounts, keytabs beside it, and keys', async () => {
    writeFileSync(join(folder, 'a.keytab'), Buffer.concat([HEAD, entry(['host', 'srv'], 'LAB', 18, KEY)]));
    const path = file(
      JSON.stringify({
        accounts: [
          { user: 'alice', domain: 'LAB', password: 'p' },
          { user: 'bob', domain: '', ntHash: '00112233445566778899AABBCCDDEEFF' },
        ],
        keytabs: ['a.keytab'],
        keys: [{ principal: 'x@LAB', etype: 17, key: '00'.repeat(16) }],
      }),
    );
    const secrets = await loadSecrets(path);
    expect(secrets.accounts).toMatchObject([
      { user: 'alice', domain: 'LAB', password: 'p', ntHash: null },
      { user: 'bob', domain: null, password: null },
    ]);
    expect(secrets.keys.map((k) => [k.principal, k.etype])).toEqual([
      ['x@LAB', 17],
      ['host/srv@LAB', 18],
    ]);
  });

  it('takes keytabs as they are, and several files', async () => {
    const keytab = join(folder, 'alone.keytab');
    writeFileSync(keytab, Buffer.concat([HEAD, entry(['host'], 'LAB', 18, KEY)]));
    const accounts = file('{"accounts": [{"user": "a", "password": "p"}]}');
    expect((await loadSecrets(keytab)).keys.map((k) => k.principal)).toEqual(['host@LAB']);
    const both = await loadSecrets(accounts, keytab, keytab);
    expect([both.accounts.length, both.keys.length]).toEqual([1, 2]);
  });

  it('takes an empty one, with a byte order mark', async () => {
    expect(await loadSecrets(file('\ufeff{}'))).toEqual({ accounts: [], keys: [] });
  });

  it.each(['utf16le', 'utf16be', 'utf16le without a mark'])('takes what PowerShell writes: %s', async (encoding) => {
    const mark = encoding.endsWith('mark') ? '' : '\ufeff';
    const bytes = Buffer.from(`${mark}{"accounts": [{"user": "é", "password": "ü"}]}`, 'utf16le');
    const { accounts } = await loadSecrets(file(encoding === 'utf16be' ? bytes.swap16() : bytes));
    expect(accounts).toMatchObject([{ user: 'é', password: 'ü' }]);
  });

  const SECRET = 'S3cr3t-W0rd';
  it.each([
    ['not JSON', `{"accounts": [{"password": "${SECRET}" "user"}]}`, /not JSON \(line 1, column 42\)/],
    [
      'an unknown member',
      `{"acounts": [{"user": "a", "password": "${SECRET}"}]}`,
      /: there is no member "acounts" \(is it accounts\?\)/,
    ],
    [
      'one that is like none',
      `{"accounts": [], "x": "${SECRET}"}`,
      /there is no member "x"; there are accounts, keytabs, keys/,
    ],
    [
      'an unknown member of an account',
      `{"accounts": [{"user": "a", "password": "p"}, {"user": "a", "pasword": "${SECRET}"}]}`,
      /accounts\[1\]: there is no member "pasword" \(is it password\?\)/,
    ],
    [
      'an unknown member of a key',
      `{"keys": [{"etype": 18, "key": "${'ab'.repeat(32)}", "principle": "${SECRET}"}]}`,
      /keys\[0\]: there is no member "principle" \(is it principal\?\)/,
    ],
    [
      'a version that is text',
      `{"keys": [{"etype": 18, "kvno": "${SECRET}", "key": "${'ab'.repeat(32)}"}]}`,
      /keys\[0\]\.kvno: a number/,
    ],
    [
      'a keytab of another version',
      Buffer.concat([Buffer.from([5, 1]), entry(['host'], 'LAB', 18, KEY), Buffer.from(SECRET)]),
      /it is a keytab of version 1/,
    ],
    ['not JSON at all', SECRET, /not JSON/],
    ['a list', `["${SECRET}"]`, /object/],
    ['accounts that are no list', `{"accounts": "${SECRET}"}`, /accounts: a list/],
    ['an account without user', `{"accounts": [{"password": "${SECRET}"}]}`, /accounts\[0\].*user/],
    ['an account without password', '{"accounts": [{"user": "a"}]}', /password.*ntHash/],
    ['a hash that is none', `{"accounts": [{"user": "a", "ntHash": "${SECRET}"}]}`, /accounts\[0\]\.ntHash: 32 hex/],
    ['a number as password', '{"accounts": [{"user": "a", "password": 1}]}', /password: a text/],
    ['a key of another length', '{"keys": [{"etype": 18, "key": "abcd"}]}', /keys\[0\]\.key: 64 hex/],
    ['a key without etype', `{"keys": [{"key": "${SECRET}"}]}`, /keys\[0\]: "etype" is missing/],
    ['a keytab that is not there', '{"keytabs": ["none.keytab"]}', /none\.keytab: there is no such file/],
    ['a keytab that is none', '{"keytabs": ["s0.json"]}', /s0\.json: it is not a keytab/],
    ['a keytab that is no path', '{"keytabs": [{}]}', /keytabs\[0\]/],
  ])('names what is wrong, and no secret: %s', async (_name, content, message) => {
    file('{}');
    const failed = await loadSecrets(file(content)).then(
      () => null,
      (e: unknown) => e,
    );
    expect(failed).toBeInstanceOf(UnreadableSecrets);
    expect((failed as UnreadableSecrets).message).toMatch(message);
    expect(String((failed as UnreadableSecrets).stack)).not.toContain(SECRET);
  });

  it('names a file that is not there', async () =>
    expect(loadSecrets(join(folder, 'nowhere.json'))).rejects.toThrow(/nowhere\.json: there is no such file/));
});

describe('secrets that are no files', () => {
  const bytes = (document: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(document));

  it('are read like files, with the keytabs that are handed out for their names', async () => {
    const document = { accounts: [{ user: 'u', password: 'p' }], keytabs: ['a/b.keytab'] };
    const asked: string[] = [];
    const { accounts, keys } = await readSecrets({ name: 'typed', bytes: bytes(document) }, (name) => {
      asked.push(name);
      return { name, bytes: Buffer.concat([HEAD, entry(['host'], 'R', 18, KEY)]) };
    });
    expect(asked).toEqual(['a/b.keytab']);
    expect(accounts).toEqual([{ user: 'u', domain: null, password: 'p', ntHash: null }]);
    expect(keys.map(({ principal }) => principal)).toEqual(['host@R']);
  });

  it('that are wrong are told by the name that they were given', async () => {
    const none = (name: string) => ({ name, bytes: new Uint8Array() });
    await expect(readSecrets({ name: 'typed', bytes: bytes({ accounts: 1 }) }, none)).rejects.toThrow(
      'typed: accounts:',
    );
    const named = { name: 'typed', bytes: bytes({ keytabs: ['k'] }) };
    await expect(readSecrets(named, none)).rejects.toThrow('k: it is not a keytab');
  });
});
