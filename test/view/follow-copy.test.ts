/** Follow and Copy: menus and keys of rows, nodes and bytes. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { arrayOf, hexOf } from '../../src/view/copy/formats.js';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk } from './support.js';

const sample = (name: string): string => `${ROOT}samples/${name}/capture.pcap`;

describe('bytes as text', () => {
  test('hex', () => expect(hexOf(Uint8Array.of(0, 0x7f, 0xff))).toBe('00 7f ff'));
  test('an array of C', () => {
    const text = arrayOf(Uint8Array.from({ length: 13 }, (_, i) => i));
    expect(text).toBe(`const unsigned char bytes[13] = {
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
  0x0c
};
`);
  });
});

const row = (page: Page, frame: number): Locator => page.locator(`[role="row"][data-frame="${frame}"]`);
const clipboard = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()');
const mayPaste = { permissions: ['clipboard-read', 'clipboard-write'] };
const matches = (page: Page): Promise<string> => page.getByRole('status', { name: 'Matches' }).innerText();

/** Chooses an item of the menu of something. */
async function choose(page: Page, of: Locator, item: RegExp): Promise<void> {
  await of.click({ button: 'right' });
  await page.getByRole('menuitem', { name: item }).click();
}

describePage('Follow', () => {
  test.each([
    [30, /^Follow connection: tcp\.stream == 1$/, '32 of 46 PDUs'],
    [30, /^Follow object: dcerpc\.obj_id == 00002003-/, '6 of 46 PDUs'],
    // that of the request, with its answers and those of all others
    [30, /^Follow causality id: dcom\.this\.uuid == /, '28 of 46 PDUs'],
  ])('from frame %s: %s', async (frame, item, wanted) => {
    const page = await openFromDisk(sample('managed-object'));
    await choose(page, row(page, frame), item);
    await expect.poll(() => matches(page)).toBe(wanted);
  });

  test('from a call, and by a key', async () => {
    const page = await openFromDisk(sample('remoting-tcp'));
    await page.getByRole('tab', { name: 'Calls' }).click();
    await choose(page, page.locator('[role="row"][data-call="1"]'), /^Follow object: nrtp\.request_uri == /);
    await expect.poll(() => matches(page)).toBe('4 of 5 calls');
    await page.getByRole('tab', { name: 'Packets' }).click();
    await row(page, 4).click();
    await page.keyboard.press('Control+Alt+Shift+T');
    await expect.poll(() => page.url()).toContain('tcp.stream');
  });
});

describePage('Copy', () => {
  test('a PDU, a node and a call by their menus', async () => {
    const page = await openFromDisk(sample('managed-object'), mayPaste);
    await choose(page, row(page, 30), /^Copy JSON$/);
    await expect.poll(async () => JSON.parse(await clipboard(page)).frame).toBe(30);
    await choose(page, row(page, 30), /^Copy text$/);
    await expect.poll(() => clipboard(page)).toContain('IManagedObject.GetSerializedBuffer()');
    const node = page.getByRole('tree', { name: 'Details' }).getByRole('treeitem', { name: 'Opnum' });
    await choose(page, node, /^Copy filter$/);
    await expect.poll(() => clipboard(page)).toBe('dcerpc.opnum == 3');
    await page.getByRole('tab', { name: 'Calls' }).click();
    await choose(page, page.locator('[role="row"][data-call="1"]'), /^Copy JSON$/);
    await expect.poll(async () => JSON.parse(await clipboard(page)).call).toBe(1);
  });

  test('what is chosen by Ctrl+C: a row, a node, the bytes that are marked', async () => {
    const page = await openFromDisk(sample('managed-object'), mayPaste);
    await row(page, 30).click();
    await page.getByRole('grid', { name: 'Packets' }).press('Control+c');
    await expect.poll(() => clipboard(page)).toMatch(/^30\t.*\tResponse\t.*svc\.rem/);
    const tree = page.getByRole('tree', { name: 'Details' });
    // above what it holds stands what was learnt of it
    await tree.locator('[role="treeitem"][aria-expanded]').filter({ hasText: 'pBSTR' }).click();
    await tree.press('ArrowRight');
    await tree.press('ArrowRight');
    await tree.press('Control+c');
    await expect.poll(() => clipboard(page)).toMatch(/^Referent 0x/);
    await expect
      .poll(() => page.getByRole('grid', { name: 'Bytes' }).locator('[aria-selected="true"]').count())
      .toBe(4);
    await page.getByRole('grid', { name: 'Bytes' }).press('Control+c');
    await expect.poll(() => clipboard(page)).toMatch(/^([0-9a-f]{2} ){3}[0-9a-f]{2}$/);
  });
});
