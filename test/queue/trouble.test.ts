/** Workers that are killed, captures that kill, servers that go away: nothing is lost, and nothing is there twice. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clrscope, ROOT } from '../cli.js';
import { filesOf } from '../export/exported.js';
import { listening } from '../web-server.js';
import { captures } from './captures.js';
import { freePort, QueueServer, Running, run, SERVER, until } from './server.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-trouble-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Workers that are killed one after the other. */
const ROUNDS = 10;
/** Milliseconds that they may take on a busy machine. */
const ROUNDS_TIME = 400_000;
/** Captures that there are for all of them. */
const CAPTURES = 400;
/** Those that last until one worker was disturbed once. */
const FEW = 100;

/** An interface of somebody's own that ends the process that does jobs, as a capture might that brings out a defect. */
const DEADLY = `import { operation, u32 } from 'clrscope/interfaces';
if (process.send) process.kill(process.pid, 'SIGKILL');
export const IDeadly = { name: 'IDeadly', uuid: '5a3c4a7e-0c5d-4c5b-9d2e-1f0e7a9b3c12', version: '0.0', spec: 'an example', orpc: true,
  ops: { 3: operation('deadly', 'Read', { in: { count: u32 }, out: {} }) } };
`;

describe.skipIf(SERVER === undefined)('a queue in trouble', () => {
  let server: QueueServer;
  let all: string;
  let few: string;
  beforeAll(async () => {
    server = await QueueServer.start();
    all = captures(join(folder, 'all'), CAPTURES);
    few = captures(join(folder, 'few'), FEW);
  });
  afterAll(() => server.stop());
  let db = 0;
  /** Submits a folder of captures into a queue of its own. */
  const submitted = async (from: string, name: string): Promise<{ url: string; out: string }> => {
    const [url, out] = [server.url(db++), join(folder, name)];
    await run(['submit', '-q', from, '-o', out, '--queue', url]);
    return { url, out };
  };
  /** What one run exports of a folder of captures. */
  const exported = (from: string): Record<string, string> => {
    clrscope(['export', '-q', from, '-o', `${from}-alone`]);
    return filesOf(`${from}-alone`);
  };
  const partsIn = (out: string): number =>
    existsSync(join(out, 'parts')) ? readdirSync(join(out, 'parts')).length : 0;
  const doneIn = async (url: string): Promise<number> =>
    JSON.parse((await run(['queue', '--queue', url, '-T', 'json'])).out).counts.done;

  test(
    'whose workers are killed, round after round, comes to what one run exports',
    async () => {
      const { url, out } = await submitted(all, 'killed');
      const processes: number[] = [];
      let hit = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const worker = new Running(['work', '-q', '--queue', url, '--jobs', '2']);
        // every other one while its processes begin
        const before = partsIn(out);
        if (round % 2 === 0) await until(() => partsIn(out) > before, 'its processes have begun');
        await sleep((round * 467) % 400);
        const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(worker.process.pid)], { encoding: 'utf8' });
        processes.push(...children.stdout.split('\n').filter(Boolean).map(Number));
        hit += Number(server.ask('-n', String(db - 1), 'LLEN', 'bull:clrscope:active')) > 0 ? 1 : 0;
        worker.process.kill('SIGKILL');
        await worker.end();
      }
      // otherwise nothing was tried
      expect(hit).toBeGreaterThan(2);
      expect(await doneIn(url)).toBeLessThan(CAPTURES);
      const { code } = await run(['work', '-q', '--queue', url, '--until-empty']);
      expect(code).toBe(0);
      expect(filesOf(out)).toEqual(exported(all));
      expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
      // processes of a worker end with it; those that nobody waited for stay as names alone
      const states = spawnSync('ps', ['-o', 'pid=,stat=', '-p', processes.join()], { encoding: 'utf8' }).stdout;
      const left = states.split('\n').filter((line) => line !== '' && !/ Z/.test(line));
      expect(left).toEqual([]);
    },
    ROUNDS_TIME,
  );

  test.each([
    ['SIGTERM', 0],
    ['SIGINT', 130],
  ] as const)('whose worker gets %s ends what is under way, and no more', async (signal, expectedCode) => {
    const { url, out } = await submitted(few, signal);
    const worker = new Running(['work', '--queue', url, '--jobs', '2']);
    await until(() => existsSync(join(out, 'parts')) && readdirSync(join(out, 'parts')).length > 3, 'parts are there');
    worker.process.kill(signal);
    const { code, err } = await worker.end();
    expect(code).toBe(expectedCode);
    expect(err).not.toContain('defect');
    const parts = readdirSync(join(out, 'parts')).length;
    expect(parts).toBeLessThan(FEW);
    const { counts, underWay } = JSON.parse((await run(['queue', '--queue', url, '-T', 'json'])).out);
    expect(underWay).toEqual([]);
    expect(counts).toEqual({ done: parts, underWay: 0, waiting: FEW - parts, setAside: 0 });
    expect(JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).parts).toHaveLength(parts);
  });

  test('whose worker is killed amid a long copy leaves nothing of it', async () => {
    const web = await listening((_request, response) => {
      response.writeHead(200, { 'content-length': 1e6 });
      response.write(readFileSync(`${ROOT}samples/managed-object/capture.pcap`));
    });
    try {
      const [url, out] = [server.url(db++), join(folder, 'copied')];
      await run(['submit', '-q', `${web.url}/slow.pcap`, '-o', out, '--queue', url]);
      const worker = new Running(['work', '--queue', url, '--jobs', '1']);
      const left = (): string[] =>
        existsSync(out)
          ? readdirSync(out).filter((name) => name.startsWith('.') && existsSync(join(out, name, '0')))
          : [];
      await until(() => left().length > 0, 'it is copied');
      worker.process.kill('SIGKILL');
      await worker.end();
      await until(() => readdirSync(out).every((name) => !name.startsWith('.')), 'it is gone');
    } finally {
      await web.close();
    }
  });

  test('whose server is gone lets its workers go', async () => {
    const gone = await QueueServer.start();
    await run(['submit', '-q', few, '-o', join(folder, 'gone'), '--queue', gone.url()]);
    const worker = new Running(['work', '--queue', gone.url()]);
    await until(() => readdirSync(folder).includes('gone'), 'it works');
    await gone.stop();
    worker.process.kill('SIGTERM');
    const { code, err } = await worker.end();
    expect(err).toContain('does not answer: it cannot be told what was done');
    expect(code).toBe(0);
  });

  test('whose server is gone is not watched for ever', async () => {
    const gone = await QueueServer.start();
    await run(['submit', '-q', few, '-o', join(folder, 'unseen'), '--queue', gone.url()]);
    const watching = new Running(['queue', '--queue', gone.url(), '--watch']);
    await until(() => watching.err.includes(' waiting'), 'it is watched');
    await gone.stop();
    await until(() => watching.err.includes('trying again until it answers'), 'it is said');
    watching.process.kill('SIGINT');
    const { code, out, err } = await watching.end();
    expect(err).toContain('does not answer');
    expect([code, out]).toEqual([130, '']);
  });

  test('whose server is killed and comes back loses nothing', async () => {
    const { url, out } = await submitted(few, 'restarted');
    const worker = new Running(['work', '--queue', url, '--until-empty']);
    await until(() => existsSync(join(out, 'parts')) && readdirSync(join(out, 'parts')).length > 3, 'parts are there');
    await server.kill();
    await until(() => worker.err.includes('trying again until it answers'), 'it is said');
    await server.again();
    const { code, err } = await worker.end();
    expect(err).toContain('it is there again');
    expect(code).toBe(0);
    expect(filesOf(out)).toEqual(exported(few));
  });

  test('whose folders go and come back sets nothing aside', async () => {
    const { url, out } = await submitted(few, 'moved');
    const worker = new Running(['work', '--queue', url, '--until-empty']);
    await until(() => existsSync(join(out, 'parts')) && readdirSync(join(out, 'parts')).length > 3, 'parts are there');
    renameSync(few, `${few}-elsewhere`);
    // the worker writes into it meanwhile
    rmSync(out, { recursive: true, maxRetries: 20 });
    // three tries would be over
    await sleep(5000);
    renameSync(`${few}-elsewhere`, few);
    const { code, err } = await worker.end();
    expect(err).toContain(`${few}: nothing is there on `);
    expect(err).not.toContain('set aside');
    expect(code).toBe(0);
    await run(['submit', '-q', few, '-o', out, '--queue', url]);
    await run(['work', '-q', '--queue', url, '--until-empty']);
    expect(filesOf(out)).toEqual(exported(few));
  });

  test('that is emptied is told of', async () => {
    const { url, out } = await submitted(all, 'emptied');
    const worker = new Running(['work', '--queue', url, '--until-empty']);
    await until(() => existsSync(join(out, 'parts')) && readdirSync(join(out, 'parts')).length > 3, 'parts are there');
    await sleep(1500);
    server.ask('-n', String(db - 1), 'FLUSHDB');
    const { code, err } = await worker.end();
    expect(err).toContain('jobs are gone that were there; submit the captures again');
    expect(code).toBe(2);
  });

  test('with captures whose processes die sets them aside, and the worker goes on', async () => {
    const [url, out] = [server.url(db++), join(folder, 'deadly')];
    const deadly = join(folder, 'deadly.mjs');
    writeFileSync(deadly, DEADLY);
    await run([
      'submit',
      '-q',
      'samples/managed-object/capture.pcap',
      'samples/object-remoted/capture.pcap',
      '-o',
      out,
      '--queue',
      url,
    ]);
    const { code, err } = await run(['work', '--queue', url, '--dissector', deadly, '--until-empty']);
    expect(code).toBe(2);
    expect(err.match(/set aside after 3 tries: the process that read it was ended by SIGKILL/g)).toHaveLength(2);
    expect(JSON.parse((await run(['queue', '--queue', url, '-T', 'json'])).out).counts).toEqual({
      done: 0,
      underWay: 0,
      waiting: 0,
      setAside: 2,
    });
  });

  test('with jobs that nobody submitted does nothing of them that export would not', async () => {
    const url = server.url(db++);
    const queue = new Queue('clrscope', { connection: { host: '127.0.0.1', port: server.port, db: db - 1 } });
    const options = { format: 'parquet' };
    const long = 'long'.repeat(250_000);
    const good = { name: 'x', files: [`${ROOT}samples/managed-object/capture.pcap`], o: join(folder, 'odd'), options };
    await queue.addBulk(
      [
        { nonsense: '\u001b[31m' },
        { ...good, o: ROOT },
        { ...good, files: ['/etc/passwd'] },
        { ...good, files: [] },
        { ...good, options: { ...options, secrets: ['/etc/passwd'] } },
        { ...good, options: { format: '../../x' } },
        { ...good, o: 'relative' },
        { ...good, o: 'https://example.org/tables' },
        { ...good, o: '/\0' },
        { ...good, files: ['relative.pcap'] },
        { ...good, files: ['/dev/zero'] },
        { ...good, name: '\u001b[31m' },
        ...Array.from({ length: 15 }, () => ({})),
        { ...good, name: long, options: { format: '../../x' } },
        { ...good, options: { ...options, limit: [`${long}=3`] } },
      ].map((data) => ({ name: 'export', data })),
    );
    await queue.close();
    const before = readdirSync(ROOT);
    const { err } = await run(['work', '--queue', url, '--until-empty']);
    expect(err).toContain('it is no job that clrscope submit made');
    expect(err).toContain('was not written by clrscope export');
    expect(err).toContain('is not a capture');
    expect(err).toContain('/dev/zero: set aside after 1 try: it is no file');
    expect(err).not.toContain('\u001b');
    expect(Math.max(...err.split('\n').map((line) => line.length))).toBeLessThan(1000);
    expect(readdirSync(ROOT)).toEqual(before);
    expect(existsSync('https:')).toBe(false);
    expect(readdirSync(join(folder, 'odd', 'parts'))).toHaveLength(1);
    const { out } = await run(['queue', '--queue', url]);
    expect(out).toContain(': 1 done, 0 under way, 0 waiting, 28 set aside');
    expect(out).not.toContain('\u001b');
    expect(out).toMatch(/\n {2}(long)+lon…: export writes --format .*\n/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThan(1000);
    expect(out).toContain('  and 8 more; -T json names all\n');
    expect(JSON.parse((await run(['queue', '--queue', url, '-T', 'json'])).out).setAside).toHaveLength(28);
  });
});

describe.skipIf(SERVER === undefined)('a queue with a damaged job', () => {
  test('shows it with the others, sets it aside, and takes it anew', async () => {
    const server = await QueueServer.start();
    try {
      const [url, out] = [server.url(1), join(folder, 'damaged')];
      const names = ['managed-object', 'object-remoted', 'ccw-layouts', 'odd-bstr', 'remoting-tcp'];
      const files = names.map((name) => `samples/${name}/capture.pcap`);
      const submitted = async (): Promise<string> => (await run(['submit', ...files, '-o', out, '--queue', url])).err;
      await submitted();
      const key = (at: number): string =>
        `bull:clrscope:${server.ask('-n', '1', 'LINDEX', 'bull:clrscope:wait', String(at)).trim()}`;
      server.ask('-n', '1', 'HSET', key(0), 'data', '{broken');
      server.ask('-n', '1', 'HSET', key(1), 'opts', '{broken');
      server.ask('-n', '1', 'HSET', key(3), 'opts', 'null');
      const state = async () => JSON.parse((await run(['queue', '--queue', url, '-T', 'json'])).out);
      const other = server.ask('-n', '1', 'LINDEX', 'bull:clrscope:wait', '2').trim();
      server.ask('-n', '1', 'SET', key(2), 'no job at all');
      server.ask('-n', '1', 'LPUSH', 'bull:clrscope:active', other);
      expect((await state()).underWay).toMatchObject([{ capture: 'a damaged job', files: [] }]);
      server.ask('-n', '1', 'LPOP', 'bull:clrscope:active');
      const worker = new Running(['work', '--queue', url, '--until-empty']);
      await until(async () => (await state()).counts.done === 1, 'the other one is done');
      const { underWay } = await state();
      expect(underWay.filter((job: { capture: string }) => job.capture === 'a damaged job').length).toBeGreaterThan(1);
      // workers of other databases are not this queue's
      expect((await state()).workers).toBe(1);
      expect(JSON.parse((await run(['queue', '--queue', server.url(2), '-T', 'json'])).out).workers).toBe(0);
      const { code, err } = await worker.end();
      expect(code).toBe(2);
      expect(err.match(/set aside after 1 try: it is no job that clrscope submit made/g)).toHaveLength(4);
      expect((await state()).counts).toEqual({ done: 1, underWay: 0, waiting: 0, setAside: 4 });
      expect(await submitted()).toContain('5 captures wait');
      expect((await run(['work', '-q', '--queue', url, '--until-empty'])).code).toBe(0);
      expect(readdirSync(join(out, 'parts'))).toHaveLength(5);
      // one that waits is taken anew as well
      await submitted();
      server.ask('-n', '1', 'HSET', key(0), 'data', '{broken');
      server.ask('-n', '1', 'SET', key(1), 'no job at all');
      expect(await submitted()).toContain('3 of them did already');
    } finally {
      await server.stop();
    }
  });
});

test.skipIf(SERVER === undefined)(
  'a queue with something else in place of its lists is told of by workers',
  async () => {
    const server = await QueueServer.start();
    try {
      server.ask('SET', 'bull:clrscope:failed', 'no list at all');
      const worker = new Running(['work', '--queue', server.url(), '--until-empty']);
      await until(() => worker.err.includes('WRONGTYPE'), 'it is said');
      worker.process.kill('SIGTERM');
      expect((await worker.end()).err.match(/WRONGTYPE/g)).toHaveLength(1);
    } finally {
      await server.stop();
    }
  },
);

describe.skipIf(SERVER === undefined)('a queue behind TLS', () => {
  test('is spoken to where its certificate is trusted', async () => {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      ...names,
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    const port = String(await freePort());
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
    const server = await QueueServer.start(['--tls-port', port, ...files, '--tls-auth-clients', 'no'], 'secret');
    try {
      const url = `rediss://:secret@localhost:${port}`;
      const trusting = { NODE_EXTRA_CA_CERTS: certificate };
      const out = join(folder, 'tls');
      const capture = 'samples/managed-object/capture.pcap';
      expect((await run(['submit', capture, '-o', out, '--queue', url], trusting)).err).toContain(
        '1 capture waits at rediss://localhost',
      );
      expect((await run(['work', '-q', '--queue', url, '--until-empty'], trusting)).code).toBe(0);
      expect(readdirSync(join(out, 'parts'))).toHaveLength(1);
      const untrusted = await run(['queue', '--queue', url]);
      expect(untrusted.err).toContain('certificate; NODE_EXTRA_CA_CERTS names the file');
      expect(untrusted.code).toBe(2);
      const wrong = await run(['queue', '--queue', url.replace('secret', 'guess')], trusting);
      expect(wrong.err).toMatch(/WRONGPASS.*; the password stands in the address/);
      expect(wrong.err).not.toContain('guess');
    } finally {
      await server.stop();
    }
  });
});
