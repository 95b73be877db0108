/** What `clrscope view` hands out, and to whom: attacks on it, and ranges of captures. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { ROOT } from '../cli.js';
import { type Served, startView } from './served.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
const REMOTED = `${ROOT}samples/object-remoted/capture.pcap`;
const bytes = readFileSync(MANAGED);

let served: Served;
let port: number;
/** First part of the address, without slashes. */
let token: string;

beforeAll(async () => {
  served = await startView([MANAGED, REMOTED]);
  const { port: told, pathname } = new URL(served.address);
  [port, token] = [Number(told), pathname.split('/')[1]];
});
afterAll(() => void served.server.kill('SIGKILL'));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What comes back of a request that is sent as it stands, whatever a client library thinks of it. */
async function raw(request: string | Buffer): Promise<Answer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve());
    socket.on('error', (e: NodeJS.ErrnoException) =>
      e.code === 'ECONNRESET' || e.code === 'EPIPE' ? resolve() : reject(e),
    );
  });
  const all = Buffer.concat(chunks);
  const end = all.indexOf('\r\n\r\n');
  const [first, ...lines] = all.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: all.subarray(end + 4) };
}

/** A request of one's own path and headers. */
function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  const lines = Object.entries({ Host: `127.0.0.1:${port}`, Connection: 'close', ...headers }).map((h) => h.join(': '));
  return raw(Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'latin1'));
}

/** Asks below the token. */
const own = (name: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer> =>
  ask(`/${token}/${name}`, headers, method);

const PROTECTION = [
  'content-security-policy',
  'x-content-type-options',
  'referrer-policy',
  'cross-origin-resource-policy',
];

/** All of it was handed out; that many bytes compare slowly otherwise. */
function expectBody({ status, body }: Answer, wanted: Uint8Array): void {
  expect({ status, isWanted: body.equals(wanted) }).toEqual({ status: 200, isWanted: true });
}

/** Nothing was handed out. */
function expectNothing({ status, body }: Answer, statuses: readonly number[], what: string): void {
  expect(statuses, what).toContain(status);
  expect(body.length, what).toBe(0);
}

describe('what is handed out', () => {
  test('the page, with where its captures are; its script and style; nobody keeps them', async () => {
    const page = await own('');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-store');
    const html = page.body.toString();
    expect(html).toContain('<link rel="captures" href="captures.json">');
    const parts = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name);
    expect(parts.length).toBeGreaterThanOrEqual(2);
    for (const name of parts) expectBody(await own(name), readFileSync(`${ROOT}dist/view/${name}`));
  });

  it.each([
    ['gzip, deflate, br', true],
    ['br, GZIP;q=0.5', true],
    ['gzip;q=0, br', false],
    ['identity, gzip;q=0.000', false],
    ['xgzip', false],
    ['br', false],
  ])('script and style as they are taken: %s', async (accepted, isTaken) => {
    const html = (await own('')).body.toString();
    for (const [, name] of html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) {
      const { headers, body, ...answer } = await own(name, { 'Accept-Encoding': accepted });
      expect(headers['content-encoding']).toBe(isTaken ? 'gzip' : undefined);
      expect(headers['content-length']).toBe(`${body.length}`);
      const plain = isTaken ? gunzipSync(body) : body;
      expectBody({ ...answer, headers, body: plain }, readFileSync(`${ROOT}dist/view/${name}`));
      if (isTaken) expect(body.length).toBeLessThan(plain.length / 2);
    }
  });

  test('the captures: a list with names and no paths, and their bytes by number', async () => {
    const list = await own('captures.json');
    const told = JSON.parse(list.body.toString()) as { at: string }[];
    expect(told).toEqual([
      { name: 'managed-object/capture.pcap', size: bytes.length, at: expect.stringMatching(/^capture\/0\/[\w-]+$/) },
      {
        name: 'object-remoted/capture.pcap',
        size: readFileSync(REMOTED).length,
        at: expect.stringMatching(/^capture\/1\//),
      },
    ]);
    expectBody(await own(told[0].at), bytes);
    expectNothing(await own(told[0].at.replace('capture/0', 'capture/1')), [410], 'another file');
    expectNothing(await own(told[0].at.replace('capture/0', 'capture/2')), [404], 'no file');
    expectBody(await own('capture/0'), bytes);
    expectBody(await own('capture/1'), readFileSync(REMOTED));
  });

  test('HEAD says how long it is, and has no body', async () => {
    const { status, headers, body } = await own('capture/0', { Range: 'bytes=1-2' }, 'HEAD');
    expect({ status, length: headers['content-length'], body: body.length }).toEqual({
      status: 200,
      length: `${bytes.length}`,
      body: 0,
    });
  });

  test('under the name localhost too', async () => {
    expect((await own('', { Host: `localhost:${port}` })).status).toBe(200);
  });
});

describe('ranges of a capture', () => {
  const end = bytes.length;
  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=24-39', 24, 40],
    [`bytes=${end - 1}-`, end - 1, end],
    ['bytes=-5', end - 5, end],
    [`bytes=-${end * 2}`, 0, end],
    [`bytes=5-${'9'.repeat(30)}`, 5, end],
    ['BYTES=7-8', 7, 9],
  ])('%s', async (range, from, to) => {
    const { status, headers, body } = await own('capture/0', { Range: range });
    expect({ status, range: headers['content-range'] }).toEqual({
      status: 206,
      range: `bytes ${from}-${to - 1}/${end}`,
    });
    expect(headers['content-length']).toBe(`${to - from}`);
    expect(body.equals(bytes.subarray(from, to))).toBe(true);
  });

  it.each([`bytes=${end}-`, `bytes=${end}-${end + 5}`, 'bytes=-0', `bytes=${'9'.repeat(400)}-`])(
    '%s lies behind the end',
    async (range) => {
      const answer = await own('capture/0', { Range: range });
      expectNothing(answer, [416], range);
      expect(answer.headers['content-range']).toBe(`bytes */${end}`);
    },
  );

  const tricks = [
    'bytes=',
    'bytes=-',
    'bytes=5-2',
    'bytes=0-1,3-4',
    'bytes=1',
    'lines=0-1',
    'bytes=0x0-1',
    'bytes=--1',
    'bytes=+1-2',
    'bytes=1.5-2',
    `bytes=${'0-0,'.repeat(3000)}0-0`,
  ];
  it.each(tricks.map((range) => [range.slice(0, 30), range]))('%s is none: all of it', async (_, range) => {
    expectBody(await own('capture/0', { Range: range }), bytes);
  });

  test('a range of another state of the file is not had', async () => {
    expectBody(await own('capture/0', { Range: 'bytes=0-0', 'If-Range': '"x"' }), bytes);
  });
});

describe('who does not know the token', () => {
  const wrong = (): string[] => {
    const last = token.endsWith('0') ? '1' : '0';
    return [
      '',
      'undefined',
      '0'.repeat(32),
      token.slice(1),
      `${token}0`,
      token.slice(0, -1) + last,
      token.toUpperCase() === token ? 'x' : token.toUpperCase(),
      `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`,
      `.${token}`,
      `${token}%00`,
    ];
  };

  test('gets nothing', async () => {
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    for (const name of ['', 'index.html', 'captures.json', 'capture/0']) {
      expectNothing(await ask(`/${name}`), [404], name);
      for (const other of wrong()) expectNothing(await ask(`/${other}/${name}`), [404], `${other}/${name}`);
    }
    expectNothing(await ask(`/${token}`), [404], 'without the slash behind it');
  });

  test('has another one in each run', async () => {
    const { address, server } = await startView([MANAGED]);
    server.kill('SIGKILL');
    expect(new URL(address).pathname).not.toBe(`/${token}/`);
  });
});

describe('other pages of the browser', () => {
  test('by a name that leads here (DNS rebinding), or another port: get nothing', async () => {
    const hosts = [
      `evil.example:${port}`,
      'evil.example',
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
      `evil.example@127.0.0.1:${port}`,
      '',
    ];
    for (const host of hosts) expectNothing(await own('', { Host: host }), [400, 403], host);
    for (const more of [{ 'X-Forwarded-Host': `127.0.0.1:${port}` }, { Forwarded: `host=127.0.0.1:${port}` }])
      expectNothing(await own('', { Host: 'evil.example', ...more }), [403], 'forwarded');
    expectNothing(await raw(`GET /${token}/ HTTP/1.0\r\n\r\n`), [403], 'no Host');
    const absolute = `http://127.0.0.1:${port}/${token}/`;
    expectNothing(await ask(absolute, { Host: 'evil.example' }), [403], 'absolute');
  });

  test('of another origin get nothing', async () => {
    for (const origin of [
      'http://evil.example',
      'null',
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${port + 1}`,
      `http://localhost:${port}`,
      'file://',
      '',
    ])
      expectNothing(await own('captures.json', { Origin: origin }), [403], origin);
    expect((await own('captures.json', { Origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });

  test('cannot embed it, and no answer lets them', async () => {
    for (const answer of [
      await own(''),
      await own('capture/0'),
      await own('nothing'),
      await own('', { Host: 'evil.example' }),
    ]) {
      for (const name of PROTECTION) expect(answer.headers[name], name).toBeDefined();
      expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
      expect(answer.headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });
});

describe('what is asked for', () => {
  const paths = [
    ...[
      '..',
      '../',
      '../../package.json',
      'assets/..',
      'assets/../index.html',
      './index.html',
      '/index.html',
      'index.html/',
      'assets',
      'assets/',
      'INDEX.HTML',
    ],
    ...[
      '%2e%2e/%2e%2e/package.json',
      '..%2f..%2fpackage.json',
      '%2e%2e%5c..%5cpackage.json',
      '..\\..\\package.json',
      '....//package.json',
      '%252e%252e/package.json',
      '%c0%ae%c0%ae/package.json',
    ],
    ...[
      '/etc/passwd',
      '%2fetc%2fpasswd',
      'file:///etc/passwd',
      MANAGED,
      encodeURIComponent(MANAGED),
      '~root',
      'C:\\Windows\\win.ini',
    ],
    ...[
      'capture',
      'capture/',
      'capture/2',
      'capture/-1',
      'capture/00',
      'capture/0/',
      'capture/0/..',
      'capture/0/1',
      'capture/0/-1-0000000000000000',
      'capture/0/99999-0000000000000000',
      'index.html/1-0000000000000000',
      'capture/1/../0',
      'capture/0x0',
      'capture/1e0',
      'capture/%30',
      'capture/0%00',
      'capture/0.pcap',
      'capture/__proto__',
      '__proto__',
      'constructor',
      'toString',
    ],
    ...[
      '?',
      '?file=/etc/passwd',
      'index.html?x',
      'capture/0?path=/etc/passwd',
      'capture/0#',
      'index.html%00',
      'index.html\0',
      '\0',
      '\x7f',
      'ä',
      '%',
      '%zz',
      'a'.repeat(8000),
    ],
  ];

  test('is looked up and never opened', async () => {
    for (const path of paths) expectNothing(await own(path), [400, 404], JSON.stringify(path));
    for (const path of [
      '*',
      'index.html',
      `http://127.0.0.1:${port}/${token}/capture/0`,
      '//etc/passwd',
      `//${token}/`,
    ])
      expectNothing(await ask(path), [400, 404], path);
  });

  test('and only asked for: no other method does anything', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'NOTHING'])
      expectNothing(await own('captures.json', {}, method), [400, 405], method);
    expect((await own('', {}, 'POST')).headers.allow).toBe('GET, HEAD');
    expectNothing(await ask(`127.0.0.1:${port}`, {}, 'CONNECT'), [0, 400, 405], 'CONNECT');
    const upgrade = {
      Connection: 'Upgrade, close',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Version': '13',
    };
    expectNothing(await own('x', upgrade), [404], 'websocket');
  });

  test('with headers of any size, and with what is no HTTP: the program is still there', async () => {
    expectNothing(await own('', { Cookie: 'x'.repeat(1 << 20) }), [0, 431], 'a header');
    expectNothing(await ask(`/${'x'.repeat(1 << 20)}`), [0, 431], 'a path');
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`x-${i}`, 'y']));
    expectNothing(await own('', many), [0, 431], 'headers');
    for (const text of [
      '\0\0\0\0\r\n\r\n',
      'GET\r\n\r\n',
      `GET /${token}/ HTTP/9.9\r\n\r\n`,
      '\x16\x03\x01\x02\x00\x01\x00',
    ])
      expectNothing(await raw(text), [0, 400], JSON.stringify(text));
    expect((await own('captures.json')).status).toBe(200);
  });
});
