/** What is passed over is said: messages of SMB about files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pcapFile } from '../bytes.js';
import { clrscope } from '../cli.js';
import type { Said } from './golden.js';
import {
  BIND,
  captureOf,
  concat,
  nbss,
  openPipe,
  outcomeOf,
  read,
  smb2,
  transceiveRequest,
  treeConnect,
  write,
  writeRequest,
} from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = Buffer.from('text of a file');
/** A disk is connected to, and a file there opened, written and read: seven messages. */
const FILE: readonly Said[] = [...treeConnect(1), ...openPipe('a file', 1), write(2, TEXT), ...read(3, TEXT)];

const run = (said: readonly Said[], ...args: string[]) => {
  const file = join(folder, 'files.pcap');
  writeFileSync(file, pcapFile(captureOf(said)));
  return clrscope([...args, file]);
};

test.each(['WRITE', 'FSCTL_PIPE_TRANSCEIVE'])(
  'a %s on the tree of a disk is not, where the file id is a pipe’s',
  async (by) => {
    const onDisk =
      by === 'WRITE'
        ? smb2(9, writeRequest(BIND), { id: 6, tree: 2 })
        : smb2(11, transceiveRequest(BIND), { id: 6, tree: 2 });
    const { lines } = await outcomeOf(
      captureOf([
        ...treeConnect(2, { tree: 1 }),
        ...treeConnect(1, { tree: 2 }),
        ...openPipe('srvsvc', 5),
        [0, nbss(onDisk)],
      ]),
    );
    expect(lines.at(-1)).toBe('DCERPC Bind  srvsvc');
  },
);

test('stats have their number', () => {
  const { code, out, err } = run(FILE, 'stats', '-T', 'json');
  expect([code, JSON.parse(out).passedOver]).toEqual([0, 7]);
  expect(err).toContain('none of them DCE/RPC that begins in it');
  expect(run(FILE, 'stats').out).toContain('\n7 messages of SMB about files: passed over\n');
  expect(run([...treeConnect(2), ...openPipe('srvsvc', 1)], 'stats').out).not.toContain('passed over');
});

test('where there is nothing to show, they are named', () => {
  const { code, out, err } = run(FILE, 'calls');
  expect([code, out]).toEqual([0, '']);
  expect(err).toContain('7 messages of SMB about files: passed over, for pipes alone are looked into\n');
  // the tree is shown
  const { out: shown, err: nothing } = run(FILE, 'read');
  expect([shown.trim().split('\n').length, nothing]).toEqual([2, '']);
});

test('messages that are too long to be looked into are said, where they may be about pipes', () => {
  const long = new Uint8Array(80_000);
  const sealed = nbss(concat([0xfd, 0x53, 0x4d, 0x42], long));
  const said: readonly Said[] = [...treeConnect(2), [0, sealed], [0, nbss(smb2(9, writeRequest(long), { id: 3 }))]];
  const inSegments = said.flatMap(([from, bytes]) =>
    Array.from(
      { length: Math.ceil(bytes.length / 1400) },
      (_, i): Said => [from, bytes.slice(i * 1400, (i + 1) * 1400)],
    ),
  );
  expect(run(inSegments, 'read').err).toContain(
    ': 2 messages of SMB longer than 72 KB, encrypted, compressed, of SMB 1 or in a pipe: passed over, calls in them are not seen\n',
  );
  // the same of a file is about nothing else
  expect(run([...treeConnect(1), ...inSegments.slice(-58)], 'read').err).not.toContain('longer');
});
