/** Bytes of addresses: whole whatever happens on the way, or said not to be. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { accessTo } from '../../src/platform/node/http/access.js';
import { openUrl } from '../../src/platform/node/http/transfer.js';
import { inTurn, listening, type Oddities, type Served, sendFile, type Turn } from '../web-server.js';

const PATIENCE = { silence: 300, pauses: [1, 1, 1], least: { bytes: 1, milliseconds: 60_000 } };
const TAG = '"one"';
const FILE = randomBytes(300_000);

const served: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of served.splice(0)) await server.close();
});

async function serve(answer: RequestListener): Promise<Served> {
  const server = await listening(answer);
  served.push(server);
  return server;
}

const serveInTurn = (...turns: Turn[]): Promise<Served> => serve(inTurn(FILE, TAG, turns));

/** A server that speaks for itself. */
async function serveRaw(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  served.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** All that comes of an address. */
async function read(url: string, patience = PATIENCE) {
  const { source, size } = await openUrl(url, undefined, patience);
  const bytes = await source;
  const into = Buffer.alloc(1 << 20);
  let n = 0;
  for (let got = await bytes.read(into, 0, into.length); got > 0; got = await bytes.read(into, n, into.length - n))
    n += got;
  await bytes.close();
  return { bytes: into.subarray(0, n), failure: bytes.failure, size };
}

describe('all bytes of an address', () => {
  it('come with one question, and are not asked for packed', async () => {
    let encodings: unknown;
    const { url, asked } = await serve((request, response) => {
      encodings = request.headers['accept-encoding'];
      sendFile(request, response, FILE);
    });
    const { bytes, ...rest } = await read(`${url}/a`);
    expect([bytes.equals(FILE), rest]).toEqual([true, { failure: null, size: FILE.length }]);
    expect(asked).toMatchObject([{ method: 'GET', path: '/a', range: '' }]);
    expect(encodings).toBe('identity');
  });

  it.each<[string, Oddities]>([
    ['an ETag', { tag: TAG }],
    ['Last-Modified', { modified: 'Thu, 26 Nov 2026 18:00:00 GMT' }],
    ['both, from a server without ranges', { tag: TAG, modified: 'Thu, 26 Nov 2026 18:00:00 GMT', ranges: false }],
  ])('are the same wherever the connection breaks: with %s', async (_, how) => {
    const cuts: number[] = [];
    const { url } = await serve((request, response) =>
      sendFile(request, response, FILE, { ...how, cut: cuts.shift() }),
    );
    const place = fc.integer({ min: 0, max: FILE.length });
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 6 }), async (places) => {
        cuts.splice(0, cuts.length, ...places);
        const { bytes, failure } = await read(url, { ...PATIENCE, pauses: Array<number>(10).fill(0) });
        expect(failure).toBeNull();
        expect(bytes.equals(FILE)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('that came are kept where the rest does not, and how many they are is said', async () => {
    const cut = { tag: TAG, cut: 1000 };
    const { url, asked } = await serveInTurn(cut, cut, cut, cut);
    const { bytes, failure } = await read(url);
    expect(bytes.equals(FILE.subarray(0, 1000))).toBe(true);
    expect(failure).toBe('reading failed: the connection broke (1000 of 300000 bytes came)');
    const again = { range: 'bytes=1000-', ifRange: TAG };
    expect(asked).toMatchObject([{ range: '', ifRange: '' }, again, again, again]);
  });

  it.each<[string, Oddities & { file?: Uint8Array }]>([
    ['by its ETag, with a range', { tag: '"two"' }],
    ['by its ETag, without ranges', { tag: '"two"', ranges: false }],
    ['by its time', { modified: 'Thu, 26 Nov 2026 19:00:00 GMT', ranges: false }],
    ['by its size', { tag: TAG, file: FILE.subarray(1) }],
  ])('are never mixed with those of another state, told %s', async (_, next) => {
    const first = { tag: TAG, modified: 'Thu, 26 Nov 2026 18:00:00 GMT', cut: 1000 };
    // a server that sends ranges of whatever is there
    const turns: (Oddities & { readonly file?: Uint8Array })[] = [first, next];
    const { url } = await serve((request, response) => {
      delete request.headers['if-range'];
      sendFile(request, response, turns[0]?.file ?? FILE, turns.shift());
    });
    const { bytes, failure } = await read(url);
    expect(bytes.equals(FILE.subarray(0, 1000))).toBe(true);
    expect(failure).toContain('it changed while it was read: read it again from the beginning (1000 of 300000');
  });

  it('are not taken up where nothing tells that they are the same, as a weak ETag does not', async () => {
    const { url } = await serveInTurn({ tag: 'W/"one"', cut: 1000 }, { tag: 'W/"one"' });
    expect((await read(url)).failure).toContain('the server sends neither ETag nor Last-Modified');
  });

  it('are those that were asked for, whatever Content-Range says', async () => {
    for (const range of ['bytes 7-299999/300000', 'bytes 1000-299999/*', 'bytes 999999999999999999999-1/5', 'x']) {
      let isFirst = true;
      const { url } = await serve((request, response) => {
        if (isFirst) sendFile(request, response, FILE, { tag: TAG, cut: 1000 });
        else response.writeHead(206, { etag: TAG, 'content-range': range }).end(FILE.subarray(1000));
        isFirst = false;
      });
      const { bytes, failure } = await read(url);
      // how long it is, the server need not say again
      expect(bytes.equals(range.endsWith('*') ? FILE : FILE.subarray(0, 1000)), range).toBe(true);
      if (!range.endsWith('*'))
        expect(failure).toMatch(/asked for bytes from 1000 on, and sends (others|those from 7)/);
    }
  });

  it('are no more than was told, and a length that is too great ends', async () => {
    let turn = 0;
    const { url } = await serve((request, response) => {
      if (turn++ === 0) sendFile(request, response, FILE, { tag: TAG, cut: 1000 });
      else response.writeHead(206, { etag: TAG, 'content-range': 'bytes 1000-299999/300000' }).end(FILE);
    });
    expect((await read(url)).failure).toContain('the server sends more than the 300000 bytes that it told');
    const short = await serve((request, response) => {
      if (request.headers.range !== undefined) sendFile(request, response, FILE, { tag: TAG });
      else response.writeHead(200, { 'content-length': 400_000, etag: TAG }).write(FILE, () => response.socket?.end());
    });
    const { bytes, failure } = await read(short.url);
    expect([bytes.length, failure]).toEqual([300_000, expect.stringContaining('(300000 of 400000 bytes came)')]);
  });

  it('of which nobody says how many there are end where the server ends them', async () => {
    const { url } = await serve((_, response) => {
      response.write(FILE.subarray(0, 1000), () => response.end(FILE.subarray(1000)));
    });
    const { bytes, ...rest } = await read(url);
    expect([bytes.equals(FILE), rest]).toEqual([true, { failure: null, size: null }]);
  });

  it('may be none', async () => {
    const { url } = await serveInTurn({ file: new Uint8Array() });
    expect(await read(url)).toMatchObject({ bytes: Buffer.alloc(0), failure: null, size: 0 });
  });

  it('are not fetched ahead of who reads them, and who has enough ends the connection', async () => {
    let sent = 0;
    const closed = { resolve: (): void => {} };
    const isClosed = new Promise<void>((resolve) => Object.assign(closed, { resolve }));
    const { url } = await serve((_, response) => {
      response.on('close', closed.resolve);
      const more = (): void => {
        while (!response.destroyed && response.write(FILE)) sent += FILE.length;
      };
      response.on('drain', more);
      more();
    });
    const bytes = await (await openUrl(url, undefined, PATIENCE)).source;
    await bytes.read(new Uint8Array(1000), 0, 1000);
    // longer than a silent server is waited for
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(sent).toBeLessThan(32 << 20);
    expect(await bytes.read(new Uint8Array(1000), 0, 1000)).toBe(1000);
    await bytes.close();
    await isClosed;
    expect(bytes.failure).toBeNull();
  });

  it('are not given up because the program itself was busy', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 2 }).write('1');
      setTimeout(() => response.end('2'), 30);
    });
    const bytes = await (await openUrl(url, undefined, { ...PATIENCE, pauses: [] })).source;
    const buffer = new Uint8Array(2);
    expect(await bytes.read(buffer, 0, 2)).toBe(1);
    const reading = bytes.read(buffer, 1, 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
    expect([await reading, bytes.failure]).toEqual([1, null]);
    await bytes.close();
  });

  it('are no longer waited for when nobody wants them', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200, { 'content-length': 10 }).write('1'));
    const bytes = await (await openUrl(url, undefined, { ...PATIENCE, silence: 60_000, pauses: [60_000] })).source;
    const buffer = new Uint8Array(10);
    await bytes.read(buffer, 0, 10);
    const waiting = bytes.read(buffer, 0, 10);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const began = performance.now();
    await bytes.close();
    expect([await waiting, bytes.failure]).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it('end at once when the signal comes, while they are waited for and before they begin', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/begun') response.writeHead(200, { 'content-length': 10 }).write('1');
    });
    const stop = new AbortController();
    const patience = { ...PATIENCE, silence: 60_000, pauses: [60_000] };
    const bytes = await (await openUrl(`${url}/begun`, stop.signal, patience)).source;
    const buffer = new Uint8Array(10);
    expect(await bytes.read(buffer, 0, 10)).toBe(1);
    const waiting = bytes.read(buffer, 0, 10);
    const opening = openUrl(`${url}/silent`, stop.signal, patience);
    setTimeout(() => stop.abort(), 50);
    await expect(opening).rejects.toThrow('interrupted');
    expect([await waiting, bytes.failure]).toEqual([0, null]);
    await expect(openUrl(`${url}/silent`, stop.signal, patience)).rejects.toThrow('interrupted');
    await bytes.close();
  });
});

describe('what does not come', () => {
  it.each([
    [401, 'the server answers 401: it wants a password'],
    [403, 'the server answers 403: it refuses that; a signed link may have expired'],
    [404, 'the server answers 404: there is nothing of that name'],
    [410, 'the server answers 410: there is nothing of that name any more'],
    [416, 'the server answers 416: where 200 was expected'],
    [204, 'the server answers 204: where 200 was expected'],
    [304, 'the server answers 304: where 200 was expected'],
  ])('is told: %d', async (status, message) => {
    const { url, asked } = await serve((_, response) => response.writeHead(status).end());
    await expect(read(url)).rejects.toThrow(message);
    expect(asked).toHaveLength(1);
  });

  it.each([429, 500, 503])('may come a little later: %d', async (status) => {
    let failures = 2;
    const { url } = await serve((request, response) => {
      if (failures-- > 0) response.writeHead(status).end();
      else sendFile(request, response, FILE);
    });
    expect((await read(url)).bytes.equals(FILE)).toBe(true);
    failures = 9;
    await expect(read(url)).rejects.toThrow(`the server answers ${status}`);
    expect(failures).toBe(5);
  });

  it('is told of a host that refuses, or is none', async () => {
    const { url, close } = await listening(() => {});
    await close();
    await expect(read(url)).rejects.toThrow('nobody listens there');
    await expect(read('http://there-is-no-such-host.invalid/')).rejects.toThrow(
      /no host of that name|what host that is/,
    );
    await expect(read('http://host:99999/?secret')).rejects.toThrow(/^it is no address$/);
  });

  it.each<[string, string, RegExp]>([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', /does not speak HTTP/],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1 << 17)}`, /does not speak HTTP/],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12', /does not speak HTTP/],
    ['another protocol', 'HTTP/1.1 101 Hm\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n', /the connection broke/],
    ['bytes packed by something else', 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx', /packs it/],
    ['no more than a beginning', 'HTTP/1.1 2', /nothing comes for 0.3 seconds/],
    ['nothing at all', '', /nothing comes for 0.3 seconds/],
  ])('is told where a server says %s', async (_, text, message) => {
    const url = await serveRaw((socket) => socket.write(text));
    await expect(read(url)).rejects.toThrow(message);
  });

  it('is told where a server is silent behind its first bytes, and asked for again', async () => {
    const { url, asked } = await serve((_, response) => {
      response.writeHead(200, { etag: TAG, 'content-length': 10 }).write('1');
    });
    const { bytes, failure } = await read(url);
    expect(bytes.toString()).toBe('1');
    expect(failure).toBe('reading failed: nothing comes for 0.3 seconds (1 of 10 bytes came)');
    expect(asked).toHaveLength(4);
  });
});

describe('bytes that come one now and then', () => {
  /** Answers with a byte every 20 milliseconds, a thousand times as long as anybody waits. */
  const drip =
    (head: Record<string, string | number>): RequestListener =>
    (request, response) => {
      response.writeHead(request.headers.range === undefined ? 200 : 206, head);
      const timer = setInterval(() => response.write('1'), 20);
      response.on('close', () => clearInterval(timer));
    };
  const patience = { ...PATIENCE, least: { bytes: 1000, milliseconds: 400 } };
  const SLOW = /^(reading failed: )?\d+ bytes came in 0.4 seconds, where 1000 are the least/;

  it('are given up where they are to come to an end, and not asked for again', async () => {
    const { url, asked } = await serve(drip({ 'content-length': 20_000 }));
    const { bytes, failure } = await read(url, patience);
    expect(failure).toMatch(SLOW);
    expect(bytes.length).toBeGreaterThan(5);
    expect(asked).toHaveLength(1);
    const looked = await serve(drip({ 'content-length': 20_000, 'content-range': 'bytes 0-19999/20000' }));
    await expect(accessTo(looked.url, patience)).rejects.toThrow(SLOW);
  });

  it('also where a connection brings no more than one', async () => {
    const { url } = await serve((request, response) => {
      const [, from = '0'] = /(\d+)/.exec(request.headers.range ?? '') ?? [];
      const range = { 'content-range': `bytes ${from}-19999/20000` };
      response.writeHead(from === '0' ? 200 : 206, { etag: TAG, 'content-length': 20_000 - Number(from), ...range });
      setTimeout(() => response.write('1', () => response.socket?.destroy()), 50);
    });
    const began = performance.now();
    expect((await read(url, patience)).failure).toMatch(SLOW);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('are taken where no length is told: they may be what is captured now', async () => {
    const { url } = await serve((_, response) => {
      const timer = setInterval(() => response.write('1'), 20);
      setTimeout(() => {
        clearInterval(timer);
        response.end();
      }, 1000);
    });
    const { bytes, failure } = await read(url, patience);
    expect(failure).toBeNull();
    expect(bytes.length).toBeGreaterThan(10);
  });
});

describe('an address that leads elsewhere', () => {
  const to = (location: string): RequestListener => {
    return (_, response) => response.writeHead(302, { location }).end('elsewhere');
  };

  it('is followed, with its password to the same server alone', async () => {
    const other = await serve((request, response) => sendFile(request, response, FILE));
    const { url, asked } = await serve((request, response) => {
      if (request.url === '/a') to('b?c')(request, response);
      else to(`${other.url}/d`)(request, response);
    });
    const address = new URL(`${url}/a`);
    Object.assign(address, { username: 'me', password: 'p%20w' });
    expect((await read(address.href)).bytes.equals(FILE)).toBe(true);
    const auth = `Basic ${Buffer.from('me:p w').toString('base64')}`;
    expect(asked).toMatchObject([
      { path: '/a', auth },
      { path: '/b?c', auth },
    ]);
    expect(other.asked).toMatchObject([{ path: '/d', auth: '' }]);
  });

  it.each([
    ['in a circle', '/secret', /^it leads elsewhere more than 5 times, perhaps in a circle$/],
    ['to a file', 'file:///etc/passwd', /^it leads to what is no address of the web$/],
    ['nowhere', 'http://:0:/secret', /^it leads to what is no address$/],
  ])('is not followed %s', async (_, location, message) => {
    const { url, asked } = await serve(to(location));
    await expect(read(url)).rejects.toThrow(message);
    expect(asked.length).toBeLessThan(7);
  });
});
