/** The display filter: what matches, what is wrong, what is proposed, what is remembered; and filters of what one points at. */
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;

const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Display filter' });
const matches = (page: Page): Locator => page.getByRole('status', { name: 'Matches' });
const proposals = (page: Page): Locator => page.getByRole('listbox').getByRole('option');

/** Waits until the number of matches is told as this. */
async function expectMatches(page: Page, text: string): Promise<void> {
  await expect.poll(() => matches(page).innerText()).toBe(text);
}

describePage('the display filter', () => {
  test('leaves what matches, stands in the address, and is taken back by it', async () => {
    const page = await openPage([MANAGED]);
    await box(page).fill('dcerpc.opnum == 3');
    await box(page).press('Enter');
    await expectMatches(page, '16 of 46 PDUs');
    await expect.poll(() => page.getByRole('grid', { name: 'Packets' }).getAttribute('aria-rowcount')).toBe('16');
    await expect.poll(() => page.url()).toContain(`${new URLSearchParams({ filter: 'dcerpc.opnum == 3' })}`);
    await page.getByRole('tab', { name: 'Calls' }).click();
    await expectMatches(page, '8 of 16 calls');
    await page.goBack();
    await page.goBack();
    await expectMatches(page, '46 of 46 PDUs');
    await expect.poll(() => textOf(page)).toBe('');
  });

  test('of the address is applied when the page is opened', async () => {
    const page = await openPage([MANAGED], { at: 'filter=dcerpc.opnum+%3D%3D+3' });
    await expectMatches(page, '16 of 46 PDUs');
    await expect.poll(() => textOf(page)).toBe('dcerpc.opnum == 3');
    await page.getByRole('button', { name: 'Clear' }).click();
    await expectMatches(page, '46 of 46 PDUs');
  });

  test('that is wrong says so while it is written, at its place, and is not applied', async () => {
    const page = await openPage([MANAGED]);
    const before = await page.getByRole('grid', { name: 'Packets' }).boundingBox();
    await box(page).fill('ip.addr == 10.20.0.0/24 && dcerp.opnum');
    const alert = page.getByRole('alert');
    await expect.poll(() => alert.innerText()).toContain('"dcerp.opnum" is neither a field');
    expect(await page.getByRole('grid', { name: 'Packets' }).boundingBox()).toEqual(before);
    await expect.poll(() => page.locator('.cm-lintRange-error').innerText()).toBe('dcerp.opnum');
    await box(page).press('Enter');
    await expect.poll(() => matches(page).innerText()).toBe('46 of 46 PDUs');
    expect(page.url()).not.toContain('filter=');
    await box(page).fill('ip.addr == 10.20.0.0/24');
    await expect.poll(() => alert.count()).toBe(0);
    await box(page).press('Enter');
    await expectMatches(page, '46 of 46 PDUs');
    await box(page).fill('nonsense');
    await box(page).press('Escape');
    await box(page).press('Escape');
    await expect.poll(() => textOf(page)).toBe('ip.addr == 10.20.0.0/24');
    await expect.poll(() => alert.count()).toBe(0);
  });

  test('colours its words', async () => {
    const page = await openPage([MANAGED]);
    await box(page).fill('dcerpc.opnum == 3 && lower(nrbf.type) contains "svc"');
    const words = async (kind: string): Promise<string[]> => page.locator(`.word-${kind}`).allInnerTexts();
    await expect.poll(() => words('field')).toEqual(['dcerpc.opnum', 'nrbf.type']);
    await expect.poll(() => words('operator')).toEqual(['==', '&&', 'contains']);
    await expect.poll(() => words('function')).toEqual(['lower']);
    await expect.poll(() => words('text')).toEqual(['"svc"']);
  });

  test('proposes fields that occur before others, operators that fit, and values that occur', async () => {
    const page = await openPage([MANAGED]);
    await box(page).pressSequentially('dcom.ox');
    await expect.poll(() => proposals(page).first().innerText()).toContain('dcom.oxid');
    await box(page).press('Tab');
    await expect.poll(() => textOf(page)).toBe('dcom.oxid');
    await box(page).fill('');
    await box(page).pressSequentially('dcerpc.opnum ');
    await expect.poll(() => names(page)).toContain('<=');
    expect(await names(page)).not.toContain('contains');
    await box(page).pressSequentially('== ');
    await expect.poll(() => names(page)).toEqual(['3', '4', '5', '8', '7']);
    await box(page).press('ArrowDown');
    await box(page).press('Enter');
    await expect.poll(() => textOf(page)).toBe('dcerpc.opnum == 3');
    await box(page).press('Enter');
    await expectMatches(page, '16 of 46 PDUs');
    await box(page).fill('');
    await box(page).pressSequentially('dcerpc.pkt_type == ');
    await expect.poll(() => proposals(page).first().innerText()).toMatch(/^0\s*request, 16 ×$/);
  });

  test('remembers those that were applied', async () => {
    const page = await openPage([MANAGED]);
    for (const text of ['dcerpc.opnum == 3', 'dcom']) {
      await box(page).fill(text);
      await box(page).press('Enter');
      await expect.poll(() => page.url()).toContain(new URLSearchParams({ filter: text }).toString());
    }
    await page.reload();
    await page.locator('[data-capture="read"]').waitFor();
    await box(page).fill('mine');
    await page.keyboard.press('Escape');
    await box(page).fill('mine');
    for (const [key, text] of [
      ['ArrowUp', 'dcom'],
      ['ArrowUp', 'dcerpc.opnum == 3'],
      ['ArrowUp', 'dcerpc.opnum == 3'],
      ['ArrowDown', 'dcom'],
      ['ArrowDown', 'mine'],
    ]) {
      await box(page).press(key);
      await expect.poll(() => textOf(page)).toBe(text);
    }
  });

  test('is written over where all of it was just selected, on a slow machine too', async () => {
    const page = await openPage([MANAGED]);
    await page.locator('[data-capture="read"]').waitFor();
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 8 });
    for (let i = 0; i < 12; i++)
      for (const text of ['dcom', 'mine']) {
        await box(page).fill(text);
        expect(await textOf(page)).toBe(text);
      }
  });

  test('is one line, whatever is pasted', async () => {
    const page = await openFromDisk(MANAGED);
    await box(page).focus();
    await page.evaluate(`{
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', 'dcerpc.opnum\\r\\n  == 3\\n');
      const { shadowRoot } = document.querySelector('.field');
      shadowRoot.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
    }`);
    await expect.poll(() => textOf(page)).toBe('dcerpc.opnum == 3 ');
  });
});

describePage('filters of what one points at', () => {
  test('a node of the tree, applied alone and together with the one before', async () => {
    const page = await openPage([MANAGED], { at: 'pdu=20' });
    const node = page.getByRole('tree', { name: 'Details' }).locator('[data-field="dcerpc.opnum"]');
    await node.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Apply as filter: dcerpc.opnum == 3' }).click();
    await expectMatches(page, '16 of 46 PDUs');
    await page.getByRole('row').nth(1).click();
    await page.locator('[data-field="dcerpc.pkt_type"]').click();
    await page.getByRole('tree', { name: 'Details' }).press('Shift+F10');
    const first = page.getByRole('menuitem').first();
    await expect.poll(() => hasFocus(page, first)).toBe(true);
    await page.getByRole('menuitem', { name: '…and', exact: true }).click();
    await expectMatches(page, '8 of 46 PDUs');
    await expect.poll(() => textOf(page)).toBe('(dcerpc.opnum == 3) && dcerpc.pkt_type == 0');
  });

  test('a cell of the list', async () => {
    const page = await openPage([MANAGED]);
    const packets = page.getByRole('grid', { name: 'Packets' });
    await packets.locator('[data-frame="6"] [data-column="source"]').click({ button: 'right' });
    await page
      .getByRole('menuitem', { name: /^Apply as filter: ip.src == 10.20.0.20 && \(tcp.srcport == 135/ })
      .click();
    await expectMatches(page, '5 of 46 PDUs');
    await packets.locator('[data-frame="6"] [data-column="pdu"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: '…and not' }).click();
    await expectMatches(page, '4 of 46 PDUs');
    await packets.press('Shift+F10');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('menu').count()).toBe(0);
    await expect.poll(() => hasFocus(page, packets)).toBe(true);
  });
});

describePage('filters of calls, and such as are prepared', () => {
  test('a cell of the list of calls', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls' });
    const calls = page.getByRole('grid', { name: 'Calls' });
    for (const [call, column, item, matches] of [
      [1, 'server', /^Apply as filter: ip.addr == 10.20.0.20 && tcp.port == 135$/, '3 of 16 calls'],
      [6, 'says', /^Apply as filter: dcerpc.obj_id == .* && dcerpc.opnum == 3$/, '2 of 16 calls'],
      [15, 'outcome', /^Apply as filter: dcerpc.cn_status == 0x000006be$/, '1 of 16 calls'],
      [15, 'frames', /^Apply as filter: frame.number == 52 \|\| frame.number == 53$/, '1 of 16 calls'],
    ] as const) {
      await calls.locator(`[data-call="${call}"] [data-column="${column}"]`).click({ button: 'right' });
      await page.getByRole('menuitem', { name: item }).click();
      await expectMatches(page, matches);
      await page.getByRole('button', { name: 'Clear' }).click();
      await expectMatches(page, '16 of 16 calls');
    }
  });

  test('what is prepared is written and not applied', async () => {
    const page = await openPage([MANAGED], { at: 'filter=dcerpc.opnum+%3D%3D+3' });
    const cell = page.locator('[data-frame="30"] [data-column="source"]');
    await cell.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Prepare …and', exact: true }).click();
    await expect.poll(() => textOf(page)).toBe('(dcerpc.opnum == 3) && ip.src == 10.20.0.20');
    await expectMatches(page, '16 of 46 PDUs');
    // one writes on at its end
    await page.keyboard.type(' && frame.number < 20');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('frame.number');
    await expect.poll(() => matches(page).innerText()).not.toBe('16 of 46 PDUs');
    await page.keyboard.press('Home');
    await page.getByRole('grid', { name: 'Packets' }).focus();
    await page.keyboard.press('/');
    await page.keyboard.type('dcom');
    await expect.poll(() => textOf(page)).toBe('dcom');
  });
});

/** What stands in the filter; its placeholder is no text of it. */
async function textOf(page: Page): Promise<string> {
  return (await page.locator('.cm-placeholder').count()) > 0 ? '' : page.locator('.cm-line').innerText();
}

async function hasFocus(page: Page, what: Locator): Promise<boolean> {
  return (await what.and(page.locator(':focus')).count()) === 1;
}

/** What is proposed, without what it means. */
async function names(page: Page): Promise<string[]> {
  return proposals(page).locator('.cm-completionLabel').allInnerTexts();
}
