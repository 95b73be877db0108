/** Nothing that stands in a capture, in its name or in the address becomes markup, script, style or a link. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostileCapture, SCRIPT } from './hostile-text.js';
import { describePage, openFromDisk, openPage, wasRead } from './support.js';

const SCENARIOS = [
  ...['object-remoted', 'remoting', 'remote-dispatch-not-auto', 'object-by-value', 'dispatch-invoke'],
  ...['ntlm-privacy', 'error-bind-nak', 'hostile'],
];
const VIEWS = ['Packets', 'Calls', 'Flow', 'Objects', 'Statistics', 'Audit'];

const folder = mkdtempSync(join(tmpdir(), 'clrscope-safety-'));
// a name holds no slash
const fileOf = (scenario: string): string => join(folder, `${SCRIPT.replaceAll('/', '')}.${scenario}.pcap`);

beforeAll(() => {
  for (const scenario of SCENARIOS) {
    const { bytes, replaced } = hostileCapture(scenario);
    expect(replaced, scenario).toBeGreaterThan(0);
    writeFileSync(fileOf(scenario), bytes);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a text may have become; Playwright looks into shadow roots too, where the editor has an img without a source. */
const MADE = [
  ...[
    'img[src]',
    'iframe',
    'object',
    'embed',
    'link[href*="hit"]',
    'meta[content*="hit"]',
    'base',
    'script:not([src])',
  ],
  ...['[onerror]', '[onload]', '[onclick]', 'a[href*="script:" i]', '[srcdoc]'],
].join(', ');

async function expectHarmless(page: Page, where: string): Promise<void> {
  const made = page.locator(MADE);
  if ((await made.count()) > 0)
    expect.fail(`${where}: ${await made.first().getAttribute('src')} ${await made.first().innerHTML()}`);
  expect(await page.evaluate('window.hit ?? null'), where).toBeNull();
}

/** Goes down a list, row by row, with what each row shows. */
async function walk(page: Page, grid: string, most: number): Promise<void> {
  const list = page.getByRole('grid', { name: grid });
  if ((await list.count()) === 0) return;
  await list.focus();
  await page.keyboard.press('Home');
  for (let at = 0; at < most; at++) {
    await page.waitForTimeout(30);
    await page.keyboard.press('ArrowDown');
  }
}

describePage('a capture whose texts', () => {
  const open = async (text: string): Promise<Page> => {
    const file = join(folder, 'texts.pcap');
    const { bytes, replaced } = hostileCapture('object-remoted', text);
    expect(replaced).toBeGreaterThan(5);
    writeFileSync(file, bytes);
    return openPage([file]);
  };
  /** The last rows of a list, as they read. */
  const lastRows = async (page: Page, view: string): Promise<string> => {
    await page.getByRole('tab', { name: view, exact: true }).click();
    const list = page.getByRole('grid', { name: view });
    await list.press('End');
    await page.waitForTimeout(500);
    return list.innerText();
  };

  test('have 100,000 characters is listed all the same', async () => {
    const page = await open('A name \\ "of very" many words. '.repeat(3300));
    for (const view of ['Packets', 'Calls']) {
      const rows = await lastRows(page, view);
      expect(rows).toContain('A name \\ "of very" many words');
      expect(rows).toContain('RemRelease');
    }
    expect(await page.locator('.foot').innerText()).not.toContain('cannot be read');
  });

  test('turn text around or are not seen has them written out', async () => {
    const page = await open('user\u202eexe.cod\u2066\u200b\u0085');
    for (const view of ['Packets', 'Calls']) {
      const rows = await lastRows(page, view);
      expect(rows).toContain('user\\u202eexe.cod\\u2066\\u200b\\u0085');
      expect(rows).not.toMatch(/[\u202e\u2066\u200b\u0085]/);
    }
  });
});

describePage('a capture whose every text is script', () => {
  test.each(SCENARIOS)('%s: in every view and every row of it', async (scenario) => {
    const page = await openPage([fileOf(scenario)]);
    for (const view of VIEWS) {
      await page.getByRole('tab', { name: view, exact: true }).click();
      for (const grid of ['Packets', 'Calls', 'Objects', 'Findings']) await walk(page, grid, 25);
      await expectHarmless(page, view);
    }
  });

  test('is shown as the text that it is', async () => {
    const page = await openPage([fileOf('object-remoted')]);
    const marked = page.getByText('<img src=x onerror=window.hit=1>');
    for (const view of ['Packets', 'Calls', 'Objects']) {
      await page.getByRole('tab', { name: view, exact: true }).click();
      await marked.first().waitFor();
    }
    expect(await page.title()).toContain('<img src=x onerror=window.hit=1>');
  });

  test('a PDU of it whole: as a tree, as an object and as JSON', async () => {
    const page = await openPage([fileOf('object-remoted')]);
    const list = page.getByRole('grid', { name: 'Packets' });
    for (const frame of [18, 44, 49, 51]) {
      await list.locator(`[data-frame="${frame}"]`).click();
      for (const tab of ['Object', 'JSON', 'Tree']) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        await page.waitForTimeout(100);
        await expectHarmless(page, `${tab} of ${frame}`);
      }
      const tree = page.getByRole('tree', { name: 'Details' });
      await tree.focus();
      for (const key of ['Home', '*', 'End', 'Shift+F10']) {
        await page.keyboard.press(key);
        await page.waitForTimeout(50);
      }
      await expectHarmless(page, `a node of ${frame}`);
      await page.keyboard.press('Escape');
    }
  });

  test('several of them, in the list to choose from', async () => {
    const page = await openPage(SCENARIOS.map(fileOf));
    for (const option of await page.getByRole('combobox', { name: 'Captures' }).getByRole('option').all())
      expect(await option.textContent()).toContain('<img src=x');
    await expectHarmless(page, 'the list');
  });
});

describePage('an address that is script', () => {
  test('is one where nothing is', async () => {
    const names = ['filter', 'view', 'capture', 'pdu', 'node', 'call', 'item', 'sort', '__proto__', SCRIPT];
    const at = new URLSearchParams(names.map((name): [string, string] => [name, SCRIPT]));
    const page = await openPage([fileOf('object-remoted')], { at: `${at}` });
    for (const view of VIEWS) {
      await page.getByRole('tab', { name: view, exact: true }).click();
      await expectHarmless(page, view);
    }
  });

  test('a capture that is none, by its name and its bytes', async () => {
    const none = join(folder, `${SCRIPT.replaceAll('/', '')}.txt`);
    writeFileSync(none, SCRIPT);
    const page = await openFromDisk(none);
    await wasRead(page);
    await expectHarmless(page, 'no capture');
  });
});
