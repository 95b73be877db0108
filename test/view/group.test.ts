/** The files of a group are one capture in the page. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { RandomFile } from '../../src/view/worker/random-file.js';
import { pieces } from '../capture/pieces.js';
import { ROOT } from '../cli.js';
import { startView } from './served.js';
import { describePage, openPage } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
const files = pieces(new Uint8Array(readFileSync(MANAGED)), 25);
const folder = mkdtempSync(join(tmpdir(), 'clrscope-group-'));
const ring = join(folder, 'ring');
mkdirSync(ring);
for (const [at, bytes] of files.entries()) writeFileSync(join(ring, at === 0 ? 'r.pcap' : `r.pcap${at}`), bytes);
afterAll(() => rmSync(folder, { recursive: true }));

interface Told {
  readonly name: string;
  readonly size: number;
  readonly parts: readonly { readonly at: string; readonly size: number }[];
}

test('a group is one capture of the list, and each of its files is there', async () => {
  const { address, server, messages } = await startView([ring]);
  const list = (await (await fetch(`${address}captures.json`)).json()) as Told[];
  const [{ name, size, parts }, ...more] = list;
  const served = await Promise.all(
    parts.map(async ({ at }) => new Uint8Array(await (await fetch(address + at)).arrayBuffer())),
  );
  server.kill('SIGKILL');
  expect(more).toEqual([]);
  expect({ name, size }).toEqual({ name: 'r.pcap..r.pcap2', size: files.reduce((sum, { length }) => sum + length, 0) });
  expect(served).toEqual(files);
  expect(messages()).toContain('3 files of one capture point are read as one: r.pcap to r.pcap2');
});

test('--group none lists its files apart', async () => {
  const { address, server } = await startView(['--group', 'none', ring]);
  const list = (await (await fetch(`${address}captures.json`)).json()) as Told[];
  server.kill('SIGKILL');
  expect(list.map(({ name }) => name)).toEqual(['r.pcap', 'r.pcap1', 'r.pcap2']);
});

test('bytes at any place, across files, are those of the files one behind the other', async () => {
  const file = new RandomFile(files.map((bytes) => ({ from: new Blob([bytes]), size: bytes.length })));
  const whole = Buffer.concat(files);
  const first = files[0].length;
  for (const [offset, length] of [
    [0, 4],
    [first - 3, 9],
    [first, 2],
    [first - 1, files[1].length + 2],
    [whole.length - 1, 9],
  ])
    expect([...(await file.read(offset, length))]).toEqual([...whole.subarray(offset, offset + length)]);
});

describePage('a group', () => {
  test('has the calls, the PDUs and the bytes of the whole', async () => {
    const look = async (page: Page): Promise<unknown> => {
      const tree = page.getByRole('tree', { name: 'Details' });
      await tree.waitFor();
      const details = await tree.textContent();
      const bytes = await page.getByLabel('Bytes').first().textContent();
      await page.goto(page.url().replace(/#.*/, '#view=calls'));
      const rows = page.getByRole('grid', { name: 'Calls' }).locator('[data-call]');
      await rows.first().waitFor();
      return { details, bytes, rows: await rows.allTextContents() };
    };
    // answered in the third file
    const [group, whole] = [await openPage([ring], { at: 'pdu=40' }), await openPage([MANAGED], { at: 'pdu=40' })];
    const seen = await look(group);
    expect(seen).toEqual(await look(whole));
    expect(await group.title()).toContain('r.pcap..r.pcap2');
  });
});
