/** The page as a whole: served and from the disk, its head and its title, several captures. */
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { serve } from '../platform/serve.js';
import {
  blankPage,
  describePage,
  forgetComplaints,
  openFromDisk,
  openPage,
  PAGE,
  seriousFindings,
  wasRead,
} from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
const REMOTED = `${ROOT}samples/object-remoted/capture.pcap`;

const packets = (page: Page) => page.getByRole('grid', { name: 'Packets' });
const rows = (page: Page) => packets(page).getAttribute('aria-rowcount');

/** Drops a file on the page, as one out of a folder. */
async function drop(page: Page, file: string, name = 'dropped.pcap'): Promise<void> {
  const data = await page.evaluateHandle(`{
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob("${readFileSync(file).toString('base64')}"), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], "${name}"));
    transfer;
  }`);
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

describePage('the page', () => {
  test('shows a capture that the program serves', async () => {
    const page = await openPage([MANAGED]);
    await expect.poll(() => page.title()).toBe('capture.pcap · Packets · clrscope');
    await expect.poll(() => rows(page)).toBe('46');
    await expect.poll(() => page.getByRole('combobox', { name: 'Captures' }).count()).toBe(0);
    await page.getByRole('tab', { name: 'Calls' }).click();
    await expect.poll(() => page.title()).toBe('capture.pcap · Calls · clrscope');
  });

  test('shows what is dropped on it: from the disk, without a server, with networking off', async () => {
    const page = await openFromDisk(null);
    await expect.poll(() => page.title()).toBe('Packets · clrscope');
    const asked: string[] = [];
    await page.context().setOffline(true);
    await page.route('**', (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    await drop(page, MANAGED);
    await wasRead(page);
    await expect.poll(() => rows(page)).toBe('46');
    await packets(page).locator('[data-frame="30"]').click();
    await page.getByRole('tree', { name: 'Details' }).waitFor();
    for (const view of ['Calls', 'Flow', 'Objects', 'Statistics', 'Audit', 'Packets']) {
      await page.getByRole('tab', { name: view }).click();
      await page.getByRole('tabpanel', { name: view }).waitFor();
    }
    expect(asked.filter((url) => !/^(?:blob|data):/.test(url))).toEqual([]);
  });

  test('keeps the place of its address when the capture is chosen, and leaves it for another capture', async () => {
    const page = await openFromDisk(MANAGED, { at: 'view=calls' });
    await expect.poll(() => page.title()).toBe('capture.pcap · Calls · clrscope');
    await page.getByRole('tab', { name: 'Flow' }).click();
    await drop(page, REMOTED);
    await page.getByText('dropped.pcap').waitFor();
    await wasRead(page);
    await expect.poll(() => page.title()).toBe('dropped.pcap · Packets · clrscope');
  });

  test('has its head in one line at 1,000 pixels, however long the name of the capture is', async () => {
    const page = await openFromDisk(null, { viewport: { width: 1000, height: 700 } });
    await drop(page, MANAGED, `${'long-'.repeat(40)}.pcap`);
    await wasRead(page);
    const boxes = await Promise.all(
      ['Open capture…', 'Secrets…', 'Save…'].map((name) => page.getByRole('button', { name }).boundingBox()),
    );
    expect(new Set(boxes.map((box) => box!.y)).size).toBe(1);
    expect(boxes.at(-1)!.x + boxes.at(-1)!.width).toBeLessThanOrEqual(1000);
  });

  test('has all of its views in sight at 400 pixels', async () => {
    const page = await openPage([MANAGED], { viewport: { width: 400, height: 800 } });
    for (const view of ['Packets', 'Calls', 'Flow', 'Objects', 'Statistics', 'Audit']) {
      const { x, width } = (await page.getByRole('tab', { name: view }).boundingBox())!;
      expect(x + width, view).toBeLessThanOrEqual(400);
    }
  });

  test('works under any path of any server', async () => {
    const html = readFileSync(PAGE, 'utf8');
    const parts = [...html.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name);
    const files = parts.map((name) => [`/some/where/${name}`, readFileSync(new URL(name, `file://${PAGE}`))] as const);
    const { url, server } = await serve(new Map<string, Uint8Array | string>([['/some/where/', html], ...files]));
    try {
      const page = await blankPage();
      await page.goto(`${url}/some/where/`);
      await drop(page, MANAGED);
      await wasRead(page);
      await expect.poll(() => rows(page)).toBe('46');
    } finally {
      server.close();
    }
  });

  test('says of a file that is none why', async () => {
    const page = await openFromDisk(`${ROOT}LICENSE`);
    const foot = page.getByRole('contentinfo');
    await foot.getByText('it is not a capture').waitFor();
    for (const view of ['Objects', 'Statistics', 'Audit']) {
      await page.getByRole('tab', { name: view }).click();
      await page.getByText('This is not known: it is not a capture').waitFor();
    }
    // once, and without a name that nobody gave it
    expect(await foot.innerText()).toMatch(
      /^(?:(?!not a capture).)*0 failed\s+it is not a capture: expected(?:(?!not a capture).)*$/s,
    );
  });
});

describePage('an address', () => {
  test('of an object or a finding that is not there shows what is known of all', async () => {
    const page = await openPage([MANAGED], { at: 'view=objects&item=nothing' });
    await page.getByRole('complementary', { name: 'All objects' }).waitFor();
    const other = await openPage([MANAGED], { at: 'view=audit&item=nothing' });
    await other.getByRole('complementary', { name: 'What was looked at' }).waitFor();
  });

  test('of a capture that is not there asks for one, off the edge of the page', async () => {
    const page = await openPage([], { at: 'capture=7' });
    const { x } = (await page.getByRole('heading', { name: 'Drop a capture here' }).boundingBox())!;
    expect(x).toBe(14);
  });
});

describePage('a capture that cannot be read any more', () => {
  test('is said to be another file by now; one that grew is the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-page-'));
    try {
      const file = join(folder, 'some.pcap');
      copyFileSync(MANAGED, file);
      const page = await openPage([file]);
      appendFileSync(file, readFileSync(MANAGED).subarray(24));
      await packets(page).locator('[data-frame="30"]').click();
      await page.getByText(/answers frame 29/).waitFor();
      copyFileSync(REMOTED, file);
      await packets(page).locator('[data-frame="29"]').click();
      await page.getByRole('contentinfo').getByText('Its file is another one by now').waitFor();
      // it is told on the console too
      forgetComplaints(/another one by now|410/);
      await page.reload();
      await expect.poll(() => rows(page)).toBe('28');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describePage('several captures', () => {
  test('are a list to choose from; which one, and the filter, stand in the address', async () => {
    const page = await openPage([MANAGED, REMOTED]);
    const list = page.getByRole('combobox', { name: 'Captures' });
    await expect
      .poll(() => list.getByRole('option').allTextContents())
      .toEqual(['managed-object/capture.pcap', 'object-remoted/capture.pcap']);
    const first = await rows(page);
    await list.selectOption('object-remoted/capture.pcap');
    await page.waitForFunction('document.title.startsWith("object-remoted/capture.pcap · ")');
    await wasRead(page);
    const second = await rows(page);
    expect(second).not.toBe(first);
    await expect.poll(() => new URL(page.url()).hash).toBe('#capture=1');
    await page.goBack();
    await page.waitForFunction('document.title.startsWith("managed-object/capture.pcap · ")');
    await wasRead(page);
    await expect.poll(() => rows(page)).toBe(first);
    await expect.poll(() => list.inputValue()).toBe('0');
    const again = await openPage([MANAGED, REMOTED], { at: 'capture=1' });
    await expect.poll(() => rows(again)).toBe(second);
  });

  test('and one of the own disk beside them', async () => {
    const page = await openPage([MANAGED]);
    await drop(page, REMOTED);
    const list = page.getByRole('combobox', { name: 'Captures' });
    await list.waitFor();
    await wasRead(page);
    await expect.poll(() => list.getByRole('option').allTextContents()).toEqual(['dropped.pcap', 'capture.pcap']);
    await expect.poll(() => list.inputValue()).toBe('own');
    await list.selectOption('capture.pcap');
    await list.waitFor({ state: 'detached' });
    await wasRead(page);
    await expect.poll(() => rows(page)).toBe('46');
  });

  test('of the own disk are gone back to', async () => {
    const page = await openFromDisk(MANAGED);
    for (const [file, count] of [
      [REMOTED, '28'],
      [MANAGED, '46'],
    ] as const) {
      await drop(page, file);
      await expect.poll(() => rows(page)).toBe(count);
    }
    await page.goBack();
    await expect.poll(() => rows(page)).toBe('28');
    await page.goForward();
    await expect.poll(() => rows(page)).toBe('46');
    // nothing is shown of one that is not there any more
    await page.reload();
    await page.locator('[data-capture="none"]').waitFor();
    await page.goBack();
    await expect.poll(() => page.url()).toContain('own1');
    await page.getByRole('heading', { name: 'Drop a capture here' }).waitFor();
  });

  test('are found by who cannot see them', async () => {
    const page = await openPage([MANAGED, REMOTED]);
    expect(await seriousFindings(page)).toEqual([]);
  });
});
