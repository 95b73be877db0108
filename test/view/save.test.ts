/** Save…: files that others read, and that say the same as the program. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { decode } from '../../src/nrbf.js';
import { clrscope, ROOT, SHARED } from '../cli.js';
import { TSHARK, tsharkColumns } from '../columns.js';
import { describePage, openFromDisk } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-save-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = (name: string): string => `${ROOT}samples/${name}/capture.pcap`;

/** Saves by an item of the menu; where the file lies. */
async function saved(page: Page, item: RegExp): Promise<string> {
  await page.getByRole('button', { name: 'Save…' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: item }).click();
  const file = await coming;
  const path = join(folder, file.suggestedFilename());
  await file.saveAs(path);
  return path;
}

const PACKETS = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.encap_type', 'ip.src', 'tcp.payload'];
const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const linesOf = (path: string): unknown[] => lines(readFileSync(path, 'utf8'));

/** A vector as `vectors --format jsonl` writes it, without where and how often it was seen. */
interface Vector {
  readonly name: string;
  readonly manifest: Record<string, unknown>;
}
const withoutSights = ({ manifest: { sources, seen, ...manifest }, ...more }: Vector) => ({ ...more, manifest });

describePage('Save…', () => {
  test.skipIf(TSHARK === null)('packets as pcapng, which tshark reads as those that they are', async () => {
    const page = await openFromDisk(sample('managed-object'));
    const all = await saved(page, /^All packets, as pcapng$/);
    expect(tsharkColumns(all, PACKETS)).toEqual(tsharkColumns(sample('managed-object'), PACKETS));
    const filter = 'dcerpc.opnum == 3 || tcp.flags.syn == 1';
    const box = page.getByRole('textbox', { name: 'Display filter' });
    await box.fill(filter);
    await box.press('Enter');
    await expect.poll(() => page.getByRole('status', { name: 'Matches' }).innerText()).toBe('16 of 46 PDUs');
    const some = await saved(page, /^Packets that are shown, as pcapng$/);
    const wanted = tsharkColumns(sample('managed-object'), PACKETS, ['-2', '-R', filter]);
    expect(wanted.length).toBeGreaterThan(3);
    expect(tsharkColumns(some, PACKETS)).toEqual(wanted);
  });
  test.skipIf(SHARED === null)(
    'packets that are read back as the PDUs that they were, with all parts of those that are shown',
    async () => {
      // PDUs of several segments
      const file = `${SHARED}captures/traffic/clear-big.pcap`;
      const read = (path: string, ...more: string[]) => clrscope(['read', '-T', 'json', ...more, path]).out;
      const page = await openFromDisk(file);
      expect(JSON.parse(read(await saved(page, /^All packets, as pcapng$/)))).toEqual(JSON.parse(read(file)));
      const filter = 'frame.number == 38';
      const box = page.getByRole('textbox', { name: 'Display filter' });
      await box.fill(filter);
      await box.press('Enter');
      await expect.poll(() => page.getByRole('status', { name: 'Matches' }).innerText()).toMatch(/^1 of /);
      const [shown] = JSON.parse(read(file, '-Y', filter));
      const [back] = JSON.parse(read(await saved(page, /^Packets that are shown, as pcapng$/)));
      expect(shown.frames.length).toBeGreaterThan(1);
      expect(back.frames.length).toBe(shown.frames.length);
      expect(back.sources[0]).toEqual(shown.sources[0]);
    },
  );

  test('PDUs and calls as JSON lines, which are what the program prints', async () => {
    const page = await openFromDisk(sample('managed-object'));
    const pdus = linesOf(await saved(page, /^All 46 PDUs, as JSON lines$/));
    expect(pdus).toEqual(JSON.parse(clrscope(['read', '-T', 'json', '--full', sample('managed-object')]).out));
    const calls = linesOf(await saved(page, /^All 16 calls, as JSON lines$/));
    expect(calls).toEqual(lines(clrscope(['calls', '-T', 'ndjson', '--full', sample('managed-object')]).out));
  });
  test('the NRBF stream and the vectors of the PDU that is chosen', async () => {
    const page = await openFromDisk(sample('managed-object'));
    await page.locator('[role="row"][data-frame="30"]').click();
    const stream = readFileSync(await saved(page, /^NRBF stream of PDU 20$/));
    const { complete, length } = decode(stream);
    expect({ complete, length }).toEqual({ complete: true, length: stream.length });
    const vectors = linesOf(await saved(page, /^Call \d+ as test vectors$/)) as Vector[];
    const all = lines(clrscope(['vectors', '--format', 'jsonl', '-o', '-', sample('managed-object')]).out) as Vector[];
    expect(vectors.length).toBeGreaterThan(1);
    const names = new Set(vectors.map(({ name }) => name));
    expect(vectors.map(withoutSights)).toEqual(all.filter(({ name }) => names.has(name)).map(withoutSights));
  });
});
