/** Captures behind addresses: what commands say of them is what they say of files, and what is secret in an address stays so. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { pcapFile } from '../bytes.js';
import { Resident, ROOT, started } from '../cli.js';
import { listening, type Oddities, type Served, sendFile } from '../web-server.js';

const SAMPLE = readFileSync(`${ROOT}samples/managed-object/capture.pcap`);
const SECRET = 'Very-Secret';
const TAG = '"one"';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-http-'));
const resident = new Resident();
afterAll(() => {
  resident.end();
  rmSync(folder, { recursive: true });
});
for (const name of ['managed-object', 'remoting-tcp', 'ntlm-sealed'])
  writeFileSync(join(folder, `${name}.pcap`), readFileSync(`${ROOT}samples/${name}/capture.pcap`));
writeFileSync(join(folder, 'my managed.pcap.gz'), gzipSync(SAMPLE));
writeFileSync(join(folder, 'none.pcap'), '');

/** A file of a ring: packets from one second to another. */
function ringFile(from: number, to: number): Uint8Array {
  const packets = Array.from({ length: 2000 }, (_, at) => {
    const time = 1_700_000_000 + from + ((to - from) * at) / 2000;
    return { bytes: new Uint8Array(100), sec: Math.floor(time), fraction: Math.round((time % 1) * 1e6) };
  });
  return pcapFile(packets, { link: 1 });
}

mkdirSync(join(folder, 'rings'));
const RING = [0, 1, 2].map((at) => `rings/r_0000${at + 1}_202611261800${at}0.pcap`);
for (const [at, name] of RING.entries()) writeFileSync(join(folder, name), ringFile(at * 10, at * 10 + 9));

const served: Served[] = [];
afterEach(async () => {
  for (const server of served.splice(0)) await server.close();
});

/** Files of the folder by their paths. */
const files: RequestListener = (request, response) => {
  const path = join(folder, decodeURIComponent(new URL(request.url ?? '', 'http://host').pathname));
  if (existsSync(path)) sendFile(request, response, readFileSync(path), { tag: TAG });
  else response.writeHead(404).end();
};

async function serve(answer = files): Promise<Served> {
  const server = await listening(answer);
  served.push(server);
  return server;
}

/** An address with all that it may have to hide. */
function secretive(url: string, path: string): string {
  const address = new URL(`${url}/${encodeURI(path)}?X-Amz-Signature=${SECRET}#${SECRET}`);
  Object.assign(address, { username: SECRET, password: SECRET });
  return address.href;
}

async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { code, out, err } = await resident.runBeside(args);
  return { code, out, err };
}

describe('an address is read as a file is', () => {
  it.each([
    ['calls'],
    ['calls', '-T', 'json'],
    ['calls', '-T', 'zeek'],
    ['read', '-V'],
    ['read', '-Y', 'dcerpc', '-T', 'fields', '-e', 'frame.number'],
    ['objects', '-T', 'json'],
    ['audit', '-T', 'json'],
    ['stats'],
    ['follow', '--connection', '0'],
    ['vectors', '--cover'],
    ['vectors', '--format', 'jsonl'],
    ['read', '-w', '-'],
  ])('by %s %s %s', async (...args) => {
    const { url } = await serve();
    for (const name of [
      'managed-object.pcap',
      'remoting-tcp.pcap',
      'ntlm-sealed.pcap',
      'my managed.pcap.gz',
      'none.pcap',
    ]) {
      const wanted = await run(...args, join(folder, name));
      const got = await run(...args, secretive(url, name));
      expect([got.code, got.err.replaceAll(url, folder)]).toEqual([wanted.code, wanted.err]);
      expect(got.out.replaceAll(url, folder) === wanted.out, got.out.slice(0, 1000)).toBe(true);
      expect(got.out + got.err).not.toContain(SECRET);
    }
  });

  it('by all of them, several and one that is not there', async () => {
    const { url } = await serve();
    const names = ['managed-object.pcap', 'nowhere.pcap', 'remoting-tcp.pcap'];
    const wanted = await run('calls', ...names.map((name) => join(folder, name)));
    const got = await run('calls', ...names.map((name) => secretive(url, name)));
    expect(got.out.replaceAll(url, folder) === wanted.out).toBe(true);
    expect(got.code).toBe(2);
    expect(got.err).toContain(`clrscope: ${url}/nowhere.pcap: the server answers 404: there is nothing of that name\n`);
  });

  it('by several threads', async () => {
    const { url } = await serve();
    const names = [
      'managed-object.pcap',
      'remoting-tcp.pcap',
      'ntlm-sealed.pcap',
      'my managed.pcap.gz',
      'nowhere.pcap',
    ];
    for (const command of [['calls', '-T', 'json'], ['objects']]) {
      const wanted = await run(...command, ...names.map((name) => secretive(url, name)));
      const got = await run(...command, '--jobs', '3', ...names.map((name) => secretive(url, name)));
      expect(got.out === wanted.out).toBe(true);
      expect([got.code, got.err]).toEqual([wanted.code, wanted.err]);
      expect(got.out + got.err).not.toContain(SECRET);
    }
  });

  it('by the program, which ends when it is through', { timeout: 30_000 }, async () => {
    const { url } = await serve();
    const { code, out } = await started(['calls', '-T', 'ndjson', `${url}/managed-object.pcap`]).ended;
    expect(code).toBe(0);
    expect(out === (await run('calls', '-T', 'ndjson', join(folder, 'managed-object.pcap'))).out).toBe(true);
  });

  it('by -c, which leaves the rest', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 1 << 30 }).write(SAMPLE);
    });
    const { code, out } = await run('read', '-c', '8', '-T', 'fields', '-e', 'frame.number', `${url}/x`);
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 8]);
  });

  it('but is not read twice, as what is chosen with a later look must not be another', async () => {
    const { url } = await serve();
    const { code, err } = await run('calls', '-Y', 'dcerpc', '-w', '-', secretive(url, 'managed-object.pcap'));
    expect(code).toBe(2);
    expect(err).toMatch(/managed-object\.pcap can be read once only.*fetch it first/);
    expect(err).not.toContain(SECRET);
  });
});

/** All bytes of the files of a folder, by their names. */
function allOf(path: string): Record<string, Buffer> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  const paths = names.filter((name) => statSync(join(path, name)).isFile());
  return Object.fromEntries(paths.map((name) => [name, readFileSync(join(path, name))]));
}

describe('export', () => {
  it('makes the same part of an address as of a file, and hides what is secret', async () => {
    const { url } = await serve();
    const [of, as] = [join(folder, 'of-file'), join(folder, 'of-address')];
    await run('export', join(folder, 'my managed.pcap.gz'), '-o', of);
    const { code, err } = await run('export', secretive(url, 'my managed.pcap.gz'), '-o', as);
    expect(code).toBe(0);
    const [wanted, got] = [allOf(of), allOf(as)];
    const plain = (bytes: Buffer) => bytes.toString('latin1').replaceAll(folder, url);
    for (const name of Object.keys(wanted)) expect(plain(got[name]), name).toBe(plain(wanted[name]));
    expect(Object.keys(got)).toEqual(Object.keys(wanted));
    expect(JSON.parse(String(got['manifest.json'])).parts[0]).toMatchObject({
      capture: 'my managed.pcap.gz',
      sources: [`${url}/my managed.pcap.gz`],
    });
    for (const bytes of [err, ...Object.values(got)]) expect(bytes.includes(SECRET)).toBe(false);
    // a part that is there is not made again
    expect((await run('export', secretive(url, 'my managed.pcap.gz'), '-o', as)).err).toContain(
      '0 of them written now',
    );
  });

  it('makes no part of a transfer that breaks, nor of what is no capture, and names the address', async () => {
    let odd: Oddities = { tag: TAG, cut: 5000 };
    const { url } = await serve((request, response) => {
      const text = Buffer.from('no capture');
      sendFile(request, response, request.url?.startsWith('/text') ? text : SAMPLE, odd);
      odd = { tag: '"two"' };
    });
    const out = join(folder, 'broken');
    const { code, err } = await run('export', secretive(url, 'a.pcap'), '-o', out);
    expect(code).toBe(2);
    expect(err).toContain(`${url}/a.pcap: reading failed: it changed while it was read`);
    expect((await run('export', secretive(url, 'text'), '-o', out)).err).toContain(
      `clrscope: ${url}/text: it is not a`,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('copies nothing for which there is no room, whatever the server tells', async () => {
    let sent = 0;
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 9e15 });
      const more = (): void => {
        // a disk that fills is no test
        for (let goes = true; goes && sent < 1e8; sent += SAMPLE.length) goes = response.write(SAMPLE);
        if (sent >= 1e8) response.destroy();
      };
      response.on('drain', more);
      more();
    });
    const out = join(folder, 'no-room');
    const { code, err } = await run('export', secretive(url, 'endless.pcap'), '-o', out);
    expect(err).toMatch(/endless.pcap: it has 9000000000000000 bytes, and \d+ are free where tables are written/);
    expect(code).toBe(2);
    expect(sent).toBeLessThan(1e8);
    expect(existsSync(out)).toBe(false);
  });

  it('of a group has the names of its files', async () => {
    const { url } = await serve();
    const out = join(folder, 'grouped');
    const args = ['export', '--format', 'ndjson', '-o', out, ...RING.map((name) => secretive(url, name))];
    expect((await run(...args)).code).toBe(0);
    const [line] = readdirSync(join(out, 'captures')).map((name) => readFileSync(join(out, 'captures', name), 'utf8'));
    const { files: names } = JSON.parse(line) as { files: readonly string[] };
    expect(names.map((name) => `rings/${name}`)).toEqual(RING);
  });
});

describe('a transfer that breaks', () => {
  /** Of the second question on, the file is another. */
  const changing = async (file: Uint8Array, cut: number): Promise<string> => {
    let odd: Oddities = { tag: TAG, cut };
    const { url } = await serve((request, response) => {
      sendFile(request, response, file, odd);
      odd = { tag: '"two"' };
    });
    return url;
  };

  it('is damage behind what came', async () => {
    const url = await changing(SAMPLE, 5000);
    const { code, out, err } = await run('calls', '-T', 'ndjson', `${url}/a.pcap`);
    expect(code).toBe(3);
    expect(out).not.toBe('');
    expect(err).toMatch(
      /\/a\.pcap: byte \d+: reading failed: it changed while it was read: .*\(5000 of \d+ bytes came\)/,
    );
  });

  it('is that too where what came is packed', async () => {
    const url = await changing(gzipSync(SAMPLE), 3000);
    const { code, err } = await run('calls', `${url}/a.pcap.gz`);
    expect([code, err]).toEqual([3, expect.stringMatching(/byte \d+: reading failed: it changed while it was read/)]);
  });

  it('is none where it can be taken up', async () => {
    const cuts = [100, 5000, 9999];
    const { url } = await serve((request, response) =>
      sendFile(request, response, SAMPLE, { tag: TAG, cut: cuts.shift() }),
    );
    const got = await run('calls', '-T', 'ndjson', `${url}/managed-object.pcap`);
    expect(got).toEqual(await run('calls', '-T', 'ndjson', join(folder, 'managed-object.pcap')));
    expect(cuts).toEqual([]);
  });
});

describe('a group', () => {
  it('is found among addresses as among files, by a look at both ends', async () => {
    const { url, asked } = await serve();
    const wanted = await run('read', '-T', 'fields', '-e', 'frame.number', ...RING.map((name) => join(folder, name)));
    expect(wanted.err).toContain('3 files of one capture point are read as one');
    const got = await run('read', '-T', 'fields', '-e', 'frame.number', ...RING.map((name) => secretive(url, name)));
    expect(got.out === wanted.out).toBe(true);
    expect([got.code, got.err]).toEqual([wanted.code, wanted.err]);
    const looks = asked.filter(({ range }) => range !== '');
    expect(looks).toHaveLength(2 * RING.length);
    const bytes = looks.map(({ range }) => range.split(/[=-]/).slice(1).map(Number)).map(([from, to]) => to - from + 1);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(1 << 16);
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  it('is of one folder of one server', async () => {
    const [one, other] = [await serve(), await serve()];
    const { err } = await run('read', '-q', ...RING.map((name, at) => `${(at === 1 ? one : other).url}/${name}`));
    const { err: signed } = await run('read', `${one.url}/download?${RING[0]}`, `${one.url}/download?${RING[1]}`);
    expect(err + signed).not.toContain('read as one');
  });

  it('is what --group all says', async () => {
    const { url } = await serve();
    const { err } = await run('read', '--group', 'all', `${url}/${RING[1]}`, `${url}/managed-object.pcap`);
    expect(err).toContain('2 files are read as one: r_00002_20261126180010.pcap to managed-object.pcap');
  });
});

describe('commands that read no captures from addresses', () => {
  it.each([
    ['nrbf', 'captures alone are read from such, fetch it first (curl -fO)'],
    ['view', 'the page reads files of this machine; fetch it first (curl -fO)'],
    ['encode -o -', 'captures alone are read from such, fetch it first (curl -fO)'],
    ['calls x.pcap --names', 'captures alone are read from such, fetch it first (curl -fO)'],
    ['calls x.pcap --secrets', 'there is no such file or folder'],
  ])('%s: %s', async (words, message) => {
    const { code, err } = await run(...words.split(' '), secretive('http://127.0.0.1:1', 'x'));
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect(err).toContain('http://127.0.0.1:1/x: ');
    expect(err).not.toContain(SECRET);
  });
});

describe('Ctrl-C', { timeout: 60_000 }, () => {
  it.each<[string, RequestListener]>([
    ['a server that says nothing', () => {}],
    ['one that stops within', (_, response) => void response.writeHead(200, { 'content-length': 1e9 }).write(SAMPLE)],
    [
      'one that does not stop',
      (_, response) => {
        const packets = SAMPLE.subarray(24);
        response.write(SAMPLE.subarray(0, 24));
        const more = (): void => {
          while (!response.destroyed && response.write(packets));
        };
        response.on('drain', more);
        more();
      },
    ],
  ])('ends the waiting for %s at once', async (_, answer) => {
    const { url, asked } = await serve(answer);
    const threads = started(['calls', '-T', 'json', '--jobs', '2', `${url}/x.pcap`, `${url}/y.pcap`]);
    while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    threads.child.kill('SIGINT');
    const stopped = performance.now();
    expect(await threads.ended).toMatchObject({ code: 130, err: '' });
    expect(performance.now() - stopped).toBeLessThan(10_000);
    asked.length = 0;
    const { child, ended } = started(['audit', '-T', 'json', `${url}/x.pcap`]);
    while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const began = performance.now();
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(JSON.parse(out).partial).not.toBeNull();
  });
});
