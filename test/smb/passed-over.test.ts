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
/** A file of a disk is opened, written and read: five messages behind those of the tree. */
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
  expect([code, JSON.parse(out).passedOver]).toEqual([0, 5]);
  expect(err).toContain('with 2 PDUs, and no call among them: 2 SMB2');
  expect(run(FILE, 'stats').out).toContain('\n5 messages of SMB about files: passed over\n');
  expect(run(FILE.slice(0, 2), 'stats').out).not.toContain('passed over');
});

test('where there is nothing to show, they are named', () => {
  const { code, out, err } = run(FILE, 'calls');
  expect([code, out]).toEqual([0, '']);
  expect(err).toContain('5 messages of SMB about files: passed over, for pipes alone are looked into\n');
  expect(run(FILE, 'read').err).toBe('');
});
