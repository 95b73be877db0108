/** Single ranges of addresses: what a reader asks for that jumps, and no other bytes. */
import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { accessTo } from '../../src/platform/node/http/access.js';
import { inTurn, listening, type Served, sendFile, type Turn } from '../web-server.js';

const PATIENCE = { silence: 300, pauses: [1, 1, 1], least: { bytes: 1, milliseconds: 60_000 } };
const TAG = '"one"';
const FILE = randomBytes(300_000);

const served: Served[] = [];
afterEach(async () => {
  for (const server of served.splice(0)) await server.close();
});

async function serve(answer: RequestListener): Promise<Served> {
  const server = await listening(answer);
  served.push(server);
  return server;
}

const serveInTurn = (...turns: Turn[]): Promise<Served> => serve(inTurn(FILE, TAG, turns));

describe('single ranges', () => {
  it('are all that is asked for, with GET alone', async () => {
    const { url, asked } = await serve((request, response) => sendFile(request, response, FILE, { tag: TAG }));
    const file = await accessTo(`${url}/x?signature`, PATIENCE);
    expect(file.size).toBe(FILE.length);
    expect(Buffer.from(await file.read(10, 20)).equals(FILE.subarray(10, 30))).toBe(true);
    expect(Buffer.from(await file.read(299_000, 5000)).equals(FILE.subarray(299_000))).toBe(true);
    expect(asked.map(({ method, range }) => `${method} ${range}`)).toEqual([
      'GET bytes=0-65535',
      'GET bytes=299000-299999',
    ]);
  });

  it('of several files come over one connection', async () => {
    const ports = new Set<number | undefined>();
    const { url, asked } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      sendFile(request, response, FILE, { tag: TAG });
    });
    for (const name of ['a', 'b', 'c']) await (await accessTo(`${url}/${name}`, PATIENCE)).read(299_000, 1000);
    expect([asked.length, ports.size]).toEqual([6, 1]);
  });

  it('are tried again where the connection breaks', async () => {
    const { url } = await serveInTurn({ tag: TAG, cut: 0 }, { tag: TAG }, { tag: TAG, cut: 200_000 });
    const file = await accessTo(url, PATIENCE);
    expect(Buffer.from(await file.read(199_000, 5000)).equals(FILE.subarray(199_000, 204_000))).toBe(true);
  });

  it('of nothing are nothing', async () => {
    const { url } = await serveInTurn({ file: new Uint8Array() });
    const { size, read } = await accessTo(url, PATIENCE);
    expect([size, await read(0, 100)]).toEqual([0, new Uint8Array()]);
  });

  it('of a server that knows none are the first bytes alone', async () => {
    const { url } = await serve((request, response) => sendFile(request, response, FILE, { ranges: false }));
    const file = await accessTo(url, PATIENCE);
    expect([file.size, Buffer.from(await file.read(0, 65_536)).equals(FILE.subarray(0, 65_536))]).toEqual([
      300_000,
      true,
    ]);
    await expect(file.read(65_536, 10)).rejects.toThrow('the server knows no ranges');
  });

  it('are of one state', async () => {
    const { url } = await serveInTurn({ tag: TAG }, { tag: '"two"' }, {});
    const file = await accessTo(url, PATIENCE);
    await expect(file.read(100_000, 10)).rejects.toThrow(/changed|knows no ranges/);
    await expect(file.read(100_000, 10)).rejects.toThrow(/ETag|knows no ranges/);
  });
});
