/** `clrscope view` on the command line: what it takes and refuses, what it says, how it ends. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, expect, it, test } from 'vitest';
import { toldApart } from '../../src/cli/view.js';
import { asProcess, ROOT } from '../cli.js';
import { type Served, startView } from './served.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
const bytes = readFileSync(MANAGED);
const folder = mkdtempSync(join(tmpdir(), 'clrscope-view-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('Ctrl-C ends it at once, in the midst of an answer too', async () => {
  const large = join(folder, 'large.pcap');
  writeFileSync(large, Buffer.concat([bytes.subarray(0, 24), Buffer.alloc(64 << 20)]));
  const { address, server } = await startView([large]);
  const { body } = await fetch(`${address}capture/0`);
  await body!.getReader().read();
  const began = performance.now();
  server.kill('SIGINT');
  const code = await new Promise((resolve) => server.once('exit', resolve));
  expect(code).toBe(130);
  expect(performance.now() - began).toBeLessThan(5000);
});

test('is on the port that was asked for, and says where another program has it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port: taken } = other.address() as AddressInfo;
  const { code, out, err } = asProcess(['view', '--port', `${taken}`, MANAGED]);
  expect({ code, out, err }).toEqual({
    ...{ code: 2, out: '' },
    err: `clrscope: --port ${taken}: another program has it; without --port a free one is taken\n`,
  });
  await new Promise((resolve) => other.close(resolve));
  const { address, server } = await startView(['--port', `${taken}`, MANAGED]);
  server.kill('SIGKILL');
  expect(new URL(address).port).toBe(`${taken}`);
});

it.each([
  [['--port', '0', MANAGED], '--port takes a number from 1 to 65535, not "0"'],
  [['--port', '70000', MANAGED], '--port takes a number from 1 to 65535, not "70000"'],
  [['--port', 'http', MANAGED], '--port takes a number from 1 to 65535, not "http"'],
  [['-'], 'name a file instead of -'],
  [['nowhere.pcap'], 'nowhere.pcap: there is no such file or folder'],
  [['/dev/zero'], '/dev/zero: the page reads a capture more than once'],
  [[`${ROOT}LICENSE`], 'LICENSE: '],
])('%j is refused', (args, message) => {
  const { code, out, err } = asProcess(['view', ...args]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
});

test('a folder is its captures; names are as short as tells them apart', async () => {
  const [a, b] = [join(folder, 'some/a'), join(folder, 'some/b')];
  for (const path of [a, b]) {
    mkdirSync(path, { recursive: true });
    copyFileSync(MANAGED, join(path, 'one.pcap'));
    writeFileSync(join(path, 'notes.txt'), 'no capture');
  }
  copyFileSync(MANAGED, join(b, 'two\u202e\x1b.pcap'));
  const { address, server } = await startView([join(folder, 'some'), join(a, 'one.pcap')]);
  const list = (await (await fetch(`${address}captures.json`)).json()) as { name: string }[];
  server.kill('SIGKILL');
  expect(list.map(({ name }) => name)).toEqual(['a/one.pcap', 'b/one.pcap', 'two\\u202e\\u001b.pcap']);
  const paths = ['/x/1/c.pcap', '/y/1/c.pcap', '/c.pcap', '/x/1/d.pcap'];
  const same = toldApart(paths.map((path) => ({ name: path, files: [path] })));
  expect(same.map(({ name }) => name)).toEqual(['x/1/c.pcap', 'y/1/c.pcap', '/c.pcap', 'd.pcap']);
});

test('without a capture, the page asks for one', async () => {
  const { address, server } = await startView([]);
  const list = await (await fetch(`${address}captures.json`)).json();
  server.kill('SIGKILL');
  expect(list).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('--open has the browser open it, and says where there is none', async () => {
  const bin = join(folder, 'bin');
  const opened = join(folder, 'opened');
  mkdirSync(bin);
  const open = async (path: string, isDone: (served: Served) => boolean): Promise<Served> => {
    const started = await startView(['--open', MANAGED], { ...process.env, PATH: path });
    while (!isDone(started)) await new Promise((resolve) => setTimeout(resolve, 20));
    started.server.kill('SIGKILL');
    return started;
  };
  const without = await open(bin, ({ messages }) => messages().endsWith('\n'));
  expect(without.messages()).toBe(
    'clrscope: no browser could be opened (xdg-open: it is not installed); open the address above in one\n',
  );
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`);
  chmodSync(join(bin, 'xdg-open'), 0o755);
  const { address, messages } = await open(bin + delimiter + process.env.PATH, () => existsSync(opened));
  expect(readFileSync(opened, 'utf8')).toBe(`${address}\n`);
  expect(messages()).toBe('');
});
