/** The list of PDUs, and the tree and the bytes of the one that is chosen: clicks and keys. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { encode, SCENARIOS } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage, seriousFindings } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
/** Frame 30 and in it the record of `uri`, 13 bytes at 214 of the BSTR. */
const URI = 'pdu=20&node=7.6.1.6';

const packets = (page: Page): Locator => page.getByRole('grid', { name: 'Packets' });
const tree = (page: Page): Locator => page.getByRole('tree', { name: 'Details' });
const bytes = (page: Page): Locator => page.getByRole('grid', { name: 'Bytes' });
const source = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('tablist', { name: 'Sources' }).getByRole('tab', { name });
const chosenNode = (page: Page): Locator => tree(page).locator('[aria-selected="true"]');
const chosenRow = (page: Page): Locator => packets(page).locator('[role="row"][aria-selected="true"]');

/** Marked bytes that are drawn: offsets, and hexadecimal text. */
async function marked(page: Page): Promise<{ at: number[]; hex: string }> {
  const cells = await bytes(page)
    .locator('[role="gridcell"][aria-selected="true"]')
    .evaluateAll((all) => all.map((cell) => [Number(cell.getAttribute('data-offset')), cell.textContent] as const));
  return { at: cells.map(([at]) => at), hex: cells.map(([, text]) => text).join('') };
}

const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);

/** A ready scenario whose object has very many lines. */
function manyLines(count: number): unknown {
  const { document } = SCENARIOS.find(({ name }) => name === 'object-by-value')!;
  return JSON.parse(JSON.stringify(document()), (_key, value) =>
    value?.type === 'System.String[]'
      ? {
          ...value,
          lengths: [count],
          elements: range(0, count).map((i) => ({ ...value.elements[0], value: `item ${i}` })),
        }
      : value,
  );
}

describePage('the list of PDUs', () => {
  test('has a row a PDU, by families, with those that only negotiate aside and those that failed tinted', async () => {
    const page = await openFromDisk(MANAGED);
    await expect.poll(() => packets(page).getAttribute('aria-rowcount')).toBe('46');
    const row = (frame: number): Locator => packets(page).locator(`[data-frame="${frame}"]`);
    await expect.poll(() => row(4).getAttribute('class')).toContain('aside');
    await expect.poll(() => row(30).getAttribute('aria-rowindex')).toBe('20');
    await row(30).click();
    await expect.poll(() => row(29).getAttribute('class')).toContain('pair request');
    await expect.poll(() => row(30).getAttribute('class')).toContain('pair answer');
    expect(await row(28).getAttribute('class')).not.toContain('pair');
    await page.keyboard.press('End');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('65');
    await expect.poll(() => row(53).getAttribute('class')).toContain('failed');
    expect(await row(52).getAttribute('class')).not.toContain('failed');
  });

  test('is gone through by keys: rows, PDUs of a call, from wherever one is', async () => {
    const page = await openFromDisk(MANAGED, { at: 'pdu=19' });
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('29');
    await page.keyboard.press('Control+.');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('30');
    await page.keyboard.press('Control+.');
    await page.keyboard.press('Control+,');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('29');
    await tree(page).focus();
    await page.keyboard.press('Control+ArrowDown');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('30');
    await page.keyboard.press('F7');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('29');
    for (let i = 0; i < 5; i++) await page.keyboard.press('F8');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('35');
    for (let i = 0; i < 5; i++) await page.keyboard.press('F7');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('29');
    await packets(page).focus();
    for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowDown');
    await expect.poll(() => chosenRow(page).getAttribute('data-frame')).toBe('35');
    await expect.poll(() => page.url()).toContain('pdu=24');
  });

  test('fits into 1,000 pixels, and into half of that at 200 %', async () => {
    for (const viewport of [
      { width: 1000, height: 700 },
      { width: 720, height: 450 },
    ]) {
      const page = await openFromDisk(MANAGED, { viewport, at: URI });
      await chosenNode(page).waitFor();
      await expect.poll(() => page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
      const [row, node, byte] = [chosenRow(page), chosenNode(page), bytes(page).locator('[data-offset="214"]')];
      for (const seen of [row, node, byte]) await expect.poll(() => isInView(seen)).toBe(true);
    }
  });

  test('has two lines above the filter at half of 1,000 pixels, of several captures too', async () => {
    const page = await openPage([MANAGED, `${ROOT}samples/remoting-tcp/capture.pcap`], {
      viewport: { width: 500, height: 450 },
    });
    const heads = await page.locator('header > *:visible').all();
    const boxes = await Promise.all(heads.map((head) => head.boundingBox()));
    const lines = new Set(boxes.map((box) => Math.round((box!.y + box!.height / 2) / 10)));
    expect([...lines]).toHaveLength(2);
  });
});

/** Whether something is seen, at least its beginning. */
const isInView = (what: Locator): Promise<boolean> =>
  what.evaluate((element) => {
    const { left, top, height } = element.getBoundingClientRect();
    const seen = element.ownerDocument.elementFromPoint(left + 8, top + height / 2);
    return seen !== null && (element === seen || element.contains(seen) || seen.contains(element));
  });

describePage('tree and bytes', () => {
  test('are gone when no PDU is chosen any more: by Back, and in another capture', async () => {
    const page = await openPage([MANAGED, `${ROOT}samples/remoting-tcp/capture.pcap`], { at: 'view=packets' });
    await packets(page).locator('[data-frame="30"]').click();
    await tree(page).waitFor();
    await page.goBack();
    await page.getByText('Choose a PDU').waitFor();
    expect(await tree(page).count()).toBe(0);
    await packets(page).locator('[data-frame="30"]').click();
    await tree(page).waitFor();
    await page.getByRole('combobox', { name: 'Captures' }).selectOption('remoting-tcp/capture.pcap');
    await page.getByText('Choose a PDU').waitFor();
    expect(await tree(page).count()).toBe(0);
  });

  test('stand beside each other at 1,280 pixels, with 16 bytes in a line', async () => {
    const page = await openPage([MANAGED], { at: 'pdu=20', viewport: { width: 1280, height: 800 } });
    const line = bytes(page).getByRole('row').first();
    await expect.poll(() => line.getByRole('gridcell').count()).toBe(16);
    expect(await bytes(page).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });

  test('a node marks its bytes in every source that they come from, down to the file', async () => {
    const page = await openFromDisk(MANAGED, { at: URI });
    await chosenNode(page).waitFor();
    await expect.poll(() => chosenNode(page).textContent()).toContain('uri #2 "svc.rem"');
    await expect.poll(() => source(page, 'BSTR 828').getAttribute('aria-selected')).toBe('true');
    await expect.poll(async () => (await marked(page)).at).toEqual(range(214, 227));
    const { hex } = await marked(page);
    expect(Buffer.from(hex, 'hex').toString('latin1')).toContain('svc.rem');
    await expect.poll(() => page.getByText(/^uri · bytes 214–227 · file offset/).count()).toBe(1);
    await source(page, 'PDU 880').click();
    await expect.poll(async () => (await marked(page)).at).toEqual(range(48 + 214, 48 + 227));
    expect((await marked(page)).hex).toBe(hex);
    await source(page, 'File').click();
    await expect.poll(async () => (await marked(page)).hex).toBe(hex);
    const { at } = await marked(page);
    expect(
      readFileSync(MANAGED)
        .subarray(at[0], at[0] + 13)
        .toString('hex'),
    ).toBe(hex);
  });

  test('a byte opens its node, whether it is chosen in its source, below it or in the file', async () => {
    const page = await openFromDisk(MANAGED, { at: 'pdu=20' });
    await source(page, 'BSTR 828').click();
    await bytes(page).locator('[data-offset="221"]').click();
    // the text of the string
    await expect.poll(() => chosenNode(page).getAttribute('data-start')).toBe('220');
    await expect.poll(() => chosenNode(page).getAttribute('aria-level')).toBe('5');
    const found = await chosenNode(page).textContent();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosenNode(page).getAttribute('data-end')).toBe('220');
    await source(page, 'File').click();
    await expect.poll(async () => (await marked(page)).at.length).toBe(1);
    const [at] = (await marked(page)).at;
    await bytes(page)
      .locator(`[data-offset="${at + 2}"]`)
      .click();
    // there it is the PDU's: that carries the BSTR
    await expect.poll(() => chosenNode(page).getAttribute('data-field')).toBe('dcom.bstr');
    expect(found).toContain('svc.rem');
  });

  test('a tree is gone through as trees are', async () => {
    const page = await openFromDisk(MANAGED, { at: URI });
    await chosenNode(page).waitFor();
    await tree(page).focus();
    const node = (): string | null => new URLSearchParams(new URL(page.url()).hash.slice(1)).get('node');
    /** Presses a key; the path of the node that is chosen then. */
    const expectPath = async (key: string, path: string): Promise<void> => {
      await page.keyboard.press(key);
      await expect.poll(node, { message: key }).toBe(path);
    };
    await expectPath('ArrowLeft', '7.6.1');
    await expect.poll(() => chosenNode(page).getAttribute('aria-expanded')).toBe('true');
    await expectPath('ArrowLeft', '7.6.1');
    await expect.poll(() => chosenNode(page).getAttribute('aria-expanded')).toBe('false');
    await expectPath('ArrowRight', '7.6.1');
    await expectPath('ArrowRight', '7.6.1.0');
    await expectPath('ArrowLeft', '7.6.1');
    await page.keyboard.press('*');
    await page.keyboard.press('End');
    await expect.poll(node).toMatch(/^\d+$/);
    await expectPath('Home', '0');
    await expect.poll(() => chosenNode(page).getAttribute('data-field')).toBe('dcerpc');
    await expectPath('ArrowLeft', '0');
    await expectPath('ArrowDown', '1');
    await expect.poll(() => chosenNode(page).textContent()).toContain('learnt');
    await page.keyboard.press('Home');
    await tree(page).locator('[data-field="dcerpc"] .twisty').click();
    await expect.poll(() => chosenNode(page).getAttribute('aria-expanded')).toBe('true');
  });

  test('a tree of 100,000 nodes is drawn as far as it is seen', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-tree-'));
    try {
      writeFileSync(`${folder}/capture.pcap`, encode(manyLines(20_000)));
      // the last fragment of the answer, which has all of it
      const page = await openFromDisk(`${folder}/capture.pcap`, { at: 'pdu=63' });
      await tree(page).locator('[data-field="nrbf"]').click();
      await page.keyboard.press('*');
      await page.keyboard.press('End');
      expect(await page.getByRole('treeitem').count()).toBeLessThan(100);
      expect(await page.locator('*').count()).toBeLessThan(3000);
      await tree(page).evaluate((box) => {
        box.scrollTop = box.scrollHeight / 2;
      });
      await tree(page)
        .getByText(/^"item \d+"/)
        .first()
        .click();
      await chosenNode(page).waitFor();
      const [start, end] = await Promise.all(
        ['data-start', 'data-end'].map(async (name) => Number(await chosenNode(page).getAttribute(name))),
      );
      await expect.poll(async () => (await marked(page)).at).toEqual(range(start, end));
      await page.getByRole('tab', { name: 'JSON' }).click();
      await page.getByRole('tab', { name: 'Tree' }).click();
      await expect.poll(() => chosenNode(page).getAttribute('data-start')).toBe(String(start));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('what was odd leads to its byte', async () => {
    const page = await openFromDisk(`${ROOT}samples/odd-bstr/capture.pcap`, { at: 'pdu=46' });
    await page.getByRole('list', { name: 'Warnings' }).getByRole('button').click();
    await chosenNode(page).waitFor();
    const [start, end] = await Promise.all(
      ['data-start', 'data-end'].map(async (name) => Number(await chosenNode(page).getAttribute(name))),
    );
    expect(start).toBeLessThanOrEqual(499);
    expect(end).toBeGreaterThan(499);
  });

  test('the line above says where in its call a PDU stands, and leads there', async () => {
    const page = await openFromDisk(MANAGED, { at: 'pdu=20' });
    await page.getByText(/answers frame 29 after \d+\.\d ms · from alter_context in 25/).waitFor();
    await page.getByRole('button', { name: 'frame 29' }).click();
    await page.getByText(/answered in frame 30 after/).waitFor();
    await page.getByRole('button', { name: 'frame 30' }).click();
    await page.getByText(/answers frame 29/).waitFor();
  });

  test('of a compressed file, those of its bytes are shown that the PDU has, where they lie unpacked', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-packed-'));
    try {
      writeFileSync(`${folder}/capture.pcap.gz`, gzipSync(readFileSync(MANAGED)));
      const page = await openFromDisk(`${folder}/capture.pcap.gz`, { at: URI });
      await chosenNode(page).waitFor();
      await source(page, 'File').click();
      await page.getByText('The file is compressed').waitFor();
      await expect.poll(async () => (await marked(page)).at.length).toBe(13);
      const { at, hex } = await marked(page);
      expect(
        readFileSync(MANAGED)
          .subarray(at[0], at[0] + 13)
          .toString('hex'),
      ).toBe(hex);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('axe finds nothing serious', async () => {
    const page = await openPage([MANAGED], { at: URI });
    await chosenNode(page).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await source(page, 'File').click();
    await page.getByRole('tab', { name: 'JSON' }).click();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
