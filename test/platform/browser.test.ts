/**
 * The engine in a browser: it is bundled for one, and says of captures what it says in Node. The browser is Debian's
 * Chromium; without it that part is skipped.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lz4Frame } from '../bytes.js';
import { ROOT, SHARED } from '../cli.js';
import { dissect } from './dissect.js';
import { serve } from './serve.js';

const CHROMIUM = '/usr/bin/chromium';

/** Chunks for browsers: package.json leads `#platform` where it leads bundlers. */
async function bundle(input: string[]) {
  const build = await rolldown({
    input,
    cwd: ROOT,
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format: 'es' });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

test('every file of the engine bundles for browsers, and nothing of Node is left outside', async () => {
  const rooms = ['core', 'capture', 'streams', 'engine', 'filter', 'security', 'analysis', 'output', 'encode'];
  const files = ['dissectors', ...rooms.map((room) => `src/${room}`)].flatMap((room) =>
    readdirSync(ROOT + room, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `./${room}/${file}`),
  );
  const chunks = await bundle(files);
  const own = new Set(chunks.map((chunk) => chunk.fileName));
  const outside = chunks
    .flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports])
    .filter((name) => !own.has(name));
  expect(outside).toEqual([]);
});

test('NRBF alone needs no package', async () => {
  const [chunk] = await bundle(['./dissectors/nrbf/index.ts']);
  expect(Object.keys(chunk.modules).filter((module) => module.includes('node_modules'))).toEqual([]);
});

const NTLM = `${ROOT}samples/ntlm-sealed/capture.pcap`;
const NTLM_SECRETS = `${ROOT}samples/ntlm-sealed/secrets.json`;
const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
// URLs have no `..`
const TRAFFIC = `${resolve(SHARED ?? '')}/captures/traffic/`;

describe.skipIf(!existsSync(CHROMIUM))('in Chromium, the same as in Node', () => {
  let server: Server;
  let url: string;
  let browser: Browser;
  let page: Page;
  /** What the server has. */
  const files = new Map<string, Uint8Array | string>([
    [
      '/',
      '<!doctype html><script type="module">import { dissect } from "/dissect.js"; window.dissect = dissect;</script>',
    ],
  ]);
  const has = (path: string): void => {
    if (!files.has(path)) files.set(path, readFileSync(path));
  };

  beforeAll(async () => {
    for (const chunk of await bundle(['./test/platform/dissect.ts'])) files.set(`/${chunk.fileName}`, chunk.code);
    ({ server, url } = await serve(files));
    const { chromium } = await import('playwright-core');
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction('window.dissect !== undefined');
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  const inPage = (input: string, secrets?: string): Promise<string> =>
    page.evaluate(`(async () => window.dissect(${input}, ${JSON.stringify(secrets)}))()`);

  test('by its URL, in ranges', async () => {
    has(MANAGED);
    expect(await inPage(JSON.stringify(MANAGED))).toBe(await dissect(MANAGED));
  });

  test('by its URL, from a server without ranges', async () => {
    has(MANAGED);
    expect(await inPage(JSON.stringify(`/plain${MANAGED}`))).toBe(await dissect(MANAGED));
  });

  test('as bytes, as a Blob, as the URL of a file that the user chose, and as a stream', async () => {
    has(MANAGED);
    const wanted = await dissect(MANAGED);
    const bytes = `new Uint8Array(await (await fetch(${JSON.stringify(MANAGED)})).arrayBuffer())`;
    const forms = [
      bytes,
      `new Blob([${bytes}])`,
      `URL.createObjectURL(new Blob([${bytes}]))`,
      `new Blob([${bytes}]).stream()`,
    ];
    for (const form of forms) expect(await inPage(form), form).toBe(wanted);
  });

  test('sealed by NTLM', async () => {
    for (const path of [NTLM, NTLM_SECRETS]) has(path);
    const wanted = await dissect(NTLM, NTLM_SECRETS);
    expect(wanted).toContain('"decrypted":true');
    expect(await inPage(JSON.stringify(NTLM), NTLM_SECRETS)).toBe(wanted);
  });

  test.skipIf(SHARED === null).each(['krb5-privacy', 'spnego-krb5-privacy', 'ntlmv1-privacy'])(
    'sealed: %s',
    async (name) => {
      for (const end of ['.pcap', '.secrets.json', '.keytab'])
        if (existsSync(TRAFFIC + name + end)) has(TRAFFIC + name + end);
      const [capture, secrets] = [`${TRAFFIC}${name}.pcap`, `${TRAFFIC}${name}.secrets.json`];
      const wanted = await dissect(capture, secrets);
      expect(wanted).toContain('"decrypted":true');
      expect(await inPage(JSON.stringify(capture), secrets)).toBe(wanted);
    },
  );

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['gzip', gzipSync],
    [
      'LZ4',
      (b) =>
        lz4Frame(
          [
            { packed: b.subarray(0, 9000), isRaw: true },
            { packed: b.subarray(9000), isRaw: true },
          ],
          b,
        ),
    ],
  ])('compressed by %s, whole and cut', async (_, pack) => {
    const packed = pack(readFileSync(MANAGED));
    for (const bytes of [packed, packed.subarray(0, packed.length / 2)]) {
      files.set('/packed', bytes);
      expect(await inPage('"/packed"')).toBe(await dissect(bytes));
    }
  });

  test('what is no capture, or not there', async () => {
    files.set('/empty', '');
    files.set('/text', 'hello, world');
    const bytes = (text: string) => dissect(Buffer.from(text)).then((m) => m.replace('bytes', ''));
    expect((await inPage('"/text"')).replace('/text', '')).toBe(await bytes('hello, world'));
    expect((await inPage('"/empty"')).replace('/empty', '')).toBe(await bytes(''));
    expect(await inPage('"/nowhere"')).toBe('/nowhere: the server answers 404 Not Found');
  });
});
