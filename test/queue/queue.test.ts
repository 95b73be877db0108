/** `submit`, `work` and `queue` with a real server: what many machines export is what one does. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUEUE_JSON } from '../../src/output/schemas/queue.js';
import { clrscope, MAIN, ROOT } from '../cli.js';
import { filesOf } from '../export/exported.js';
import { listening, sendFile } from '../web-server.js';
import { captureLater, captures } from './captures.js';
import { freePort, QueueServer, Running, run, SERVER, until } from './server.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-queue-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = `${ROOT}samples/managed-object/capture.pcap`;
/** One that can be linked to: it lies on the same disk. */
const CAPTURE_COPY = join(folder, 'copy.pcap');
writeFileSync(CAPTURE_COPY, captureLater(0));

test('where BullMQ is not installed, it says what to install', () => {
  const away = join(folder, 'away');
  mkdirSync(join(away, 'dist'), { recursive: true });
  cpSync(`${ROOT}dist/bundle`, join(away, 'dist/bundle'), { recursive: true });
  copyFileSync(`${ROOT}package.json`, join(away, 'package.json'));
  const main = join(away, 'dist/bundle/cli/main.js');
  const { status, stderr } = spawnSync(process.execPath, [main, 'queue', '--queue', 'redis://127.0.0.1'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('clrscope: queue needs bullmq and ioredis: npm i -g bullmq ioredis\n');
  expect(status).toBe(2);
});

describe('an address of a queue', () => {
  test.each([
    ['http://127.0.0.1', '--queue takes redis://[USER:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS'],
    ['redis://:hidden@127.0.0.1/name', '--queue takes redis://'],
    ['redis://', '--queue takes redis://'],
    ['redis://:hidden@127.0.0.1/1?db=2', '--queue takes redis://'],
    ['redis://:hidden%@127.0.0.1', '--queue: a % in a user or password is written %25'],
  ])('%s is none', (address, message) => {
    const { code, err } = clrscope(['queue', '--queue', address]);
    expect(err).toContain(message);
    expect(err).not.toContain('hidden');
    expect(code).toBe(2);
  });

  test('at which nobody listens is told without its password', async () => {
    const port = await freePort();
    const { code, err } = clrscope([
      'submit',
      CAPTURE,
      '-o',
      join(folder, 'x'),
      '--queue',
      `redis://:hidden@127.0.0.1:${port}`,
    ]);
    expect(err).toContain(`--queue redis://127.0.0.1:${port}: connection refused; is a Redis or Valkey server running`);
    expect(err).not.toContain('hidden');
    expect(code).toBe(2);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test('is needed, and may stand in the environment', async () => {
    expect(clrscope(['queue']).err).toMatch(
      /required option '--queue <URL>' .*\n\(or CLRSCOPE_QUEUE in the environment\)\n/,
    );
    const port = await freePort();
    const { err } = await run(['queue'], { CLRSCOPE_QUEUE: `redis://127.0.0.1:${port}` });
    expect(err).toContain(`127.0.0.1:${port}: connection refused`);
  });
});

describe.skipIf(SERVER === undefined)('a queue', () => {
  let server: QueueServer;
  beforeAll(async () => {
    server = await QueueServer.start([], 'p@ss:word');
  });
  afterAll(() => server.stop());
  let db = 0;
  /** The address of a queue that nobody used yet. */
  const fresh = (): string => server.url(db++);

  test('takes addresses, and shows nothing of what signs them', async () => {
    const url = fresh();
    const web = await listening((request, response) =>
      sendFile(request, response, readFileSync(CAPTURE), { tag: '"one"' }),
    );
    try {
      const link = `${web.url}/capture.pcap?X-Amz-Signature=hidden`;
      const [alone, many] = [join(folder, 'link-alone'), join(folder, 'link-many')];
      const said = [await run(['export', link, '-o', alone]), await run(['submit', link, '-o', many, '--queue', url])];
      said.push(await run(['queue', '-T', 'json', '--queue', url]));
      said.push(await run(['work', '--queue', url, '--jobs', '1', '--until-empty']));
      expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(filesOf(many)).toEqual(filesOf(alone));
      expect(JSON.stringify([said, filesOf(many)])).not.toContain('hidden');
      expect(readFileSync(join(many, 'manifest.json'), 'utf8')).toContain(`"${web.url}/capture.pcap"`);
    } finally {
      await web.close();
    }
  });

  test('gives two workers what one run exports, byte for byte, and the same again nothing to do', async () => {
    const url = fresh();
    const all = captures(join(folder, 'all'), 24);
    const [alone, many] = [join(folder, 'alone'), join(folder, 'many')];
    clrscope(['export', '-q', all, '-o', alone]);
    const submitted = await run(['submit', all, '-o', many, '--queue', url]);
    expect(submitted.err).toBe(`clrscope: 24 captures wait at redis://127.0.0.1:${server.port}/${db - 1}\n`);
    expect(submitted.code).toBe(0);
    // a job tells which capture it is, from wherever it was put in
    const again = await run(['submit', relative(ROOT, all), '-o', many, '--queue', url]);
    expect(again.err).toContain('; 24 of them did already\n');
    expect((await run(['queue', '--queue', url])).out).toContain(
      ': 0 done, 0 under way, 24 waiting, 0 set aside; 0 workers\n',
    );
    const workers = [1, 2].map(() => run(['work', '--queue', url, '--jobs', '1', '--until-empty']));
    for (const { code, out } of await Promise.all(workers)) expect([code, out]).toEqual([0, '']);
    expect(filesOf(many)).toEqual(filesOf(alone));
    expect((await run(['queue', '--queue', url])).out).toContain(
      ': 24 done, 0 under way, 0 waiting, 0 set aside; 0 workers\n',
    );
    // a part that is there is not written again
    const part = join(many, 'manifest.json');
    const table = join(many, 'calls', `${JSON.parse(readFileSync(part, 'utf8')).parts[0].digest}.parquet`);
    const before = statSync(table).mtimeMs;
    await run(['submit', '-q', all, '-o', many, '--queue', url]);
    await run(['work', '-q', '--queue', url, '--until-empty']);
    expect(statSync(table).mtimeMs).toBe(before);
    expect((await run(['queue', '--queue', url])).out).toContain(': 48 done,');
  });

  test('has a job a group, and takes relative paths and options along', async () => {
    const url = fresh();
    const ring = join(folder, 'ring');
    mkdirSync(ring);
    for (const [i, at] of [4, 8, 12].entries())
      writeFileSync(join(ring, `cap_0000${i + 1}_2026112600000${i}.pcap`), captureLater(at));
    const [alone, many] = [join(folder, 'ring-alone'), join(folder, 'ring-many')];
    const options = [
      '--group',
      'all',
      '--format',
      'ndjson',
      '--full',
      '--decode-as',
      '7=IManagedObject',
      '--limit',
      'open-calls=1K',
    ];
    const { err } = clrscope(['export', ring, ...options, '-o', alone]);
    expect(err).toContain('3 files are read as one');
    const submitted = await run(['submit', relative(ROOT, ring), ...options, '-o', many, '--queue', url]);
    expect(submitted.err).toContain('3 files are read as one');
    expect(submitted.err).toContain('1 capture waits');
    await run(['work', '-q', '--queue', url, '--until-empty']);
    expect(filesOf(many)).toEqual(filesOf(alone));
    // run by one machine afterwards, there is nothing to do
    expect(clrscope(['export', '-q', ring, ...options, '-o', many]).err).toBe('');
    expect(filesOf(many)).toEqual(filesOf(alone));
  });

  test('says what is wrong before anything waits', async () => {
    const url = fresh();
    const say = async (...args: string[]) => {
      const { code, err } = await run(['submit', ...args, '--queue', url]);
      expect(code).toBe(2);
      return err;
    };
    const out = join(folder, 'wrong');
    expect(await say('-o', out)).toContain('no FILE was given');
    expect(await say('-', '-o', out)).toContain('standard input does not reach other machines');
    expect(await say(CAPTURE, '-o', out, '--format', 'xml')).toContain('parquet, ndjson or csv');
    expect(await say(CAPTURE, '-o', out, '--port', 'x')).toContain('--port takes');
    expect(await say(CAPTURE, '-o', ROOT)).toContain('was not written by clrscope export');
    expect(await say(CAPTURE, '-o', CAPTURE)).toContain('it is a file');
    expect(await say(CAPTURE, '-o', '-')).toContain('export wants a folder');
    expect(await say('/dev/zero', '-o', out)).toContain('/dev/zero: a pipe or a device does not reach other machines');
    expect((await run(['queue', '--queue', url])).out).toContain(' 0 waiting,');
    // one that is missing does not keep the others away
    expect(await say(CAPTURE, join(folder, 'nowhere.pcap'), '-o', out)).toMatch(
      /nowhere.pcap: there is no such file.*\n.*1 capture waits/,
    );
  });

  test('that is not there, or takes nothing, is told', async () => {
    const unknown = await run(['queue', '--queue', server.url(99)]);
    expect(unknown.err).toContain('/99: ERR DB index is out of range; the number of the database');
    const url = fresh();
    server.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    expect((await run(['queue', '--queue', url])).err).toMatch(
      /^clrscope: [^\n]*Eviction policy is allkeys-lru[^\n]*\n$/,
    );
    server.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    server.ask('CONFIG', 'SET', 'maxmemory', '1');
    const { err, code } = await run(['submit', CAPTURE, '-o', join(folder, 'none'), '--queue', url]);
    const worker = new Running(['work', '--queue', url]);
    await until(() => worker.err.includes('OOM command not allowed'), 'it is said');
    worker.process.kill('SIGTERM');
    await worker.end();
    server.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(err).toMatch(/^clrscope: redis:[^\n]*: OOM command not allowed[^\n]*\n$/);
    expect(code).toBe(2);
  });

  test('carries neither secrets nor content, and workers open what is sealed', async () => {
    const url = fresh();
    const sealed = `${ROOT}samples/ntlm-sealed/capture.pcap`;
    const secrets = `${ROOT}samples/ntlm-sealed/secrets.json`;
    const [alone, many] = [join(folder, 'sealed-alone'), join(folder, 'sealed-many')];
    clrscope(['export', '-q', sealed, '--secrets', secrets, '-o', alone]);
    await run(['submit', '-q', sealed, '-o', many, '--queue', url]);
    const kept = server.ask(
      '-n',
      String(db - 1),
      'EVAL',
      "local r = {} for _, k in ipairs(redis.call('KEYS', '*')) do r[#r + 1] = k if redis.call('TYPE', k).ok == 'hash' then for _, v in ipairs(redis.call('HGETALL', k)) do r[#r + 1] = v end end end return r",
      '0',
    );
    expect(kept).toContain('ntlm-sealed/capture.pcap');
    for (const { password } of JSON.parse(readFileSync(secrets, 'utf8')).accounts) expect(kept).not.toContain(password);
    expect(kept).not.toContain('secrets.json');
    expect(kept.length).toBeLessThan(2000);
    const { err } = await run(['work', '--queue', url, '--secrets', secrets, '--until-empty']);
    expect(err).not.toContain('no secrets were given');
    expect(filesOf(many)).toEqual(filesOf(alone));
    // as of export: nobody else reads what was sealed
    expect(statSync(many).mode & 0o077).toBe(0);
  });

  test('tells as JSON what is under way and what was set aside', async () => {
    const url = fresh();
    const bad = join(folder, 'bad\u001b[31m.pcap');
    writeFileSync(bad, 'nothing of a capture');
    await run(['submit', '-q', bad, CAPTURE, '-o', join(folder, 'mixed'), '--queue', url]);
    const worked = await run(['work', '--queue', url, '--until-empty']);
    expect(worked.code).toBe(2);
    expect(worked.err).toContain('set aside after 3 tries: ');
    expect(worked.err.split('it is tried again')).toHaveLength(3);
    const { out } = await run(['queue', '--queue', url, '-T', 'json']);
    const state = v.parse(QUEUE_JSON, JSON.parse(out));
    expect(state.counts).toEqual({ done: 1, underWay: 0, waiting: 0, setAside: 1 });
    expect(state.setAside).toMatchObject([{ capture: bad, files: [bad], folder: join(folder, 'mixed'), tries: 3 }]);
    expect(state.setAside[0].reason).toContain('is not a capture');
    const text = (await run(['queue', '--queue', url])).out;
    expect(text).toContain('set aside, and tried again when submitted again:\n');
    expect(text).toContain('is not a capture');
    expect(text + worked.err).not.toContain('\u001b');
    // it was mended, and is submitted once more
    writeFileSync(bad, captureLater(3));
    expect((await run(['submit', bad, '-o', join(folder, 'mixed'), '--queue', url])).err).toContain('1 capture waits');
    expect((await run(['work', '--queue', url, '--until-empty'])).code).toBe(0);
    expect((await run(['queue', '--queue', url])).out).toContain(': 2 done, 0 under way, 0 waiting, 0 set aside');
  });

  test('is told of below what is said, no longer than the terminal is wide', async () => {
    const url = fresh();
    const bad = join(folder, 'bad.pcap');
    writeFileSync(bad, 'nothing of a capture');
    await run(['submit', '-q', bad, '-o', join(folder, 'told'), '--queue', url]);
    const command = `stty cols 40; exec ${process.execPath} ${MAIN} work --until-empty --queue '${url}'`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
    const [first, ...said] = stdout.split('clrscope: ');
    expect(said).toHaveLength(3);
    for (const before of [first, ...said.slice(0, -1)]) expect(before.endsWith('\r\u001b[K')).toBe(true);
    for (const message of said) expect(message).toMatch(/is not a capture.*\r\n/);
    const shown = stdout.split('\r').filter((text) => /\d+ done/.test(text));
    expect(shown.length).toBeGreaterThan(1);
    for (const line of shown) expect(line.replace('\u001b[K', '').trim().length).toBeLessThan(40);
  });

  test('is watched until it is empty', async () => {
    const url = fresh();
    await run(['submit', '-q', captures(join(folder, 'watched'), 8), '-o', join(folder, 'seen'), '--queue', url]);
    const watching = new Running(['queue', '--queue', url, '--watch']);
    const { code } = await run(['work', '-q', '--queue', url, '--until-empty']);
    expect(code).toBe(0);
    const { code: watched, err, out } = await watching.end();
    expect(watched).toBe(0);
    expect(err).toMatch(/ done, .* waiting, 0 set aside/);
    expect(out).toContain(': 8 done, 0 under way, 0 waiting, 0 set aside');
  });

  test('keeps those waiting who submit more than it should hold', async () => {
    const url = fresh();
    const many = join(folder, 'many-many');
    mkdirSync(many);
    for (let i = 0; i < 20_300; i++) linkSync(CAPTURE_COPY, join(many, `${i}.pcap`));
    const submitting = new Running(['submit', '--group', 'none', many, '-o', join(folder, 'full'), '--queue', url]);
    await until(() => submitting.err.includes('20000 jobs wait: more are put in'), 'it waits');
    expect((await run(['queue', '--queue', url])).out).toContain(' 20,000 waiting,');
    // as if they were done
    server.ask('-n', String(db - 1), 'LTRIM', 'bull:clrscope:wait', '0', '99');
    const { code, err } = await submitting.end();
    expect(err).toContain('20300 captures wait');
    expect(code).toBe(0);
    expect((await run(['queue', '--queue', url])).out).toContain(' 400 waiting,');
  });
});
