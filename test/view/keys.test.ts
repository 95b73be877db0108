/** The page by keyboard alone, and what axe thinks of all of its views and dialogs, light and dark. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { describePage, openPage, seriousFindings } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;
/** axe looks at everything that is drawn. */
const AXE = 600_000;

/** What a view holds once it is there: rows, calls, tables. */
const FILLED = '[data-frame], [data-call], [data-object], [data-rule], .statistics table';

const VIEWS = ['Packets', 'Calls', 'Flow', 'Objects', 'Statistics', 'Audit'];

const view = (page: Page, name: string) => page.getByRole('tabpanel', { name });

describePage('keys', () => {
  test('are shown, and the dialog keeps the focus until it is closed', async () => {
    const page = await openPage([MANAGED], { at: 'pdu=20' });
    await page.getByRole('grid', { name: 'Packets' }).focus();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    for (const key of ['?', '1', 'Ctrl+G', 'Ctrl+/', 'Ctrl+.', 'Ctrl+F'])
      await expect.poll(() => dialog.innerText()).toContain(key);
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press('Tab');
      await expect.poll(() => page.locator('.app :focus').and(page.locator(':not(dialog *)')).count()).toBe(0);
    }
    // keys of the page sleep while a dialog has it
    await page.keyboard.press('2');
    await expect.poll(() => view(page, 'Packets').count()).toBe(1);
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    await expect.poll(() => page.locator('[aria-label="Packets"]:focus').count()).toBe(1);
  });

  test('go to views, frames and the filter', async () => {
    const page = await openPage([MANAGED]);
    for (const [i, name] of VIEWS.entries()) {
      await page.keyboard.press(String(i + 1));
      await view(page, name).waitFor();
    }
    await page.keyboard.press('Control+g');
    await page.keyboard.type('30');
    await page.keyboard.press('Enter');
    const row = page.getByRole('grid', { name: 'Packets' }).locator('[aria-selected="true"]');
    await expect.poll(() => row.getAttribute('data-frame')).toBe('30');
    // frame 7 ends no PDU
    await page.keyboard.press('Control+g');
    await page.keyboard.type('7');
    await page.keyboard.press('Enter');
    await expect.poll(() => row.getAttribute('data-frame')).toBe('8');
    await page.keyboard.press('Control+g');
    await page.keyboard.type('4000');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Go to frame' });
    await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('frame 4000');
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
    await page.keyboard.press('/');
    const filter = page.getByRole('textbox', { name: 'Display filter' });
    await page.keyboard.type('dcerpc.opnum == 3');
    await expect.poll(() => filter.innerText()).toBe('dcerpc.opnum == 3');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByRole('status', { name: 'Matches' }).innerText()).toBe('16 of 46 PDUs');
  });
});

describePage('Tab', () => {
  test.each([1280, 640])('goes from line to line in a window of %d pixels, as one reads', async (width) => {
    const page = await openPage([MANAGED], { viewport: { width, height: 800 } });
    const places: { x: number; y: number }[] = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      const { x, y } = (await page.locator(':focus').last().boundingBox())!;
      places.push({ x, y: Math.round(y / 20) });
    }
    expect(places).toEqual(places.toSorted((a, b) => a.y - b.y || a.x - b.x));
  });
});

describePage('keys that come at once', () => {
  test('go where they are meant to: a menu, Find, the filter', async () => {
    const page = await openPage([MANAGED], { at: 'pdu=20' });
    const grid = page.getByRole('grid', { name: 'Packets' });
    const matches = page.getByRole('status', { name: 'Matches' });
    const filter = page.getByRole('textbox', { name: 'Display filter' });
    await grid.locator('[aria-selected="true"]').waitFor();
    await grid.focus();
    await atOnce(page, ['Shift+F10', 'ArrowDown', 'Enter']);
    await expect.poll(() => page.url()).toContain(new URLSearchParams({ filter: '!(frame.number == 30)' }).toString());
    await expect.poll(() => matches.innerText()).toBe('45 of 46 PDUs');
    await expect.poll(() => page.getByRole('menu').count()).toBe(0);
    // what is written behind Enter is not lost, and is not what is applied
    await atOnce(page, ['/', ...'dcerpc.opnum == 3', 'Enter', ...' || d']);
    await expect.poll(() => matches.innerText()).toBe('16 of 46 PDUs');
    await expect.poll(() => filter.innerText()).toBe('dcerpc.opnum == 3 || d');
    await grid.focus();
    await atOnce(page, ['Control+f', ...'nowhere', 'Enter']);
    const found = page.getByRole('status', { name: 'Found' });
    await expect.poll(() => found.innerText()).toBe('nothing in what the filter leaves');
    await page.getByRole('button', { name: 'Look in all PDUs' }).click();
    await expect.poll(() => matches.innerText()).toBe('46 of 46 PDUs');
    await atOnce(page, ['Control+f', ...'svc.rem', 'Enter']);
    await expect.poll(() => found.innerText()).toBe('1 of 1');
  });

  test('go to the page behind Escape, not to the field of the dialog that it closed', async () => {
    const page = await openPage([MANAGED]);
    const dialog = page.getByRole('dialog', { name: 'Go to frame' });
    const filter = page.getByRole('textbox', { name: 'Display filter' });
    await page.getByRole('grid', { name: 'Packets' }).locator('[data-frame]').first().waitFor();
    for (const word of ['ioi', 'orpc', 'dcerpc']) {
      await page.evaluate('document.activeElement.blur()');
      await atOnce(page, ['Control+g', ...'4000', 'Enter']);
      await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('frame 4000');
      await atOnce(page, ['Escape', '/', ...word]);
      await expect.poll(() => filter.innerText()).toBe(word);
    }
  });

  test('hold a list, and the address follows', async () => {
    const page = await openPage([MANAGED], { at: 'pdu=1' });
    const grid = page.getByRole('grid', { name: 'Packets' });
    await grid.locator('[aria-selected="true"]').waitFor();
    await grid.focus();
    // more than browsers let a page change its address in ten seconds
    await page.evaluate(`(async () => {
      for (let i = 0; i < 400; i++) {
        const key = i % 20 < 10 ? 'ArrowDown' : 'ArrowUp';
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        await new Promise((resolve) => setTimeout(resolve));
      }
    })()`);
    await atOnce(
      page,
      Array.from({ length: 15 }, () => 'ArrowDown'),
    );
    await expect.poll(() => grid.locator('[aria-selected="true"]').getAttribute('aria-rowindex')).toBe('16');
    await expect.poll(() => page.url()).toContain('pdu=16');
  });
});

/** Presses keys one right behind the other, without waiting for what they do. */
async function atOnce(page: Page, keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

describePage('axe finds nothing serious', () => {
  test(
    'in any view',
    async () => {
      const page = await openPage([MANAGED], { at: 'pdu=20&call=9' });
      for (const name of VIEWS) {
        await page.getByRole('tab', { name, exact: true }).click();
        await view(page, name).waitFor();
        await page.locator(FILLED).first().waitFor();
        expect(await seriousFindings(page), name).toEqual([]);
      }
    },
    AXE,
  );

  test(
    'in any dialog, menu or list over the page',
    async () => {
      const page = await openPage([MANAGED], { at: 'pdu=20' });
      for (const key of ['?', 'Control+g', 'Control+f']) {
        await page.keyboard.press(key);
        await page.getByRole('dialog').waitFor();
        expect(await seriousFindings(page, 'dialog'), key).toEqual([]);
        await page.keyboard.press('Escape');
        await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
      }
      await page.getByRole('button', { name: 'Secrets…' }).click();
      await page.getByRole('dialog').waitFor();
      expect(await seriousFindings(page, 'dialog'), 'secrets').toEqual([]);
      await page.keyboard.press('Escape');
      await page.locator('[data-field="dcerpc.opnum"]').click({ button: 'right' });
      await page.getByRole('menuitem').first().waitFor();
      expect(await seriousFindings(page, '[role="menu"]'), 'menu').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('textbox', { name: 'Display filter' }).pressSequentially('dcom.o');
      await page.getByRole('listbox').waitFor();
      await page.getByRole('alert').waitFor();
      expect(await seriousFindings(page, '.filter'), 'proposals').toEqual([]);
    },
    AXE,
  );
});
