/** Lists of very many rows: the component by itself, with two million of them. */
import type { Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { beforeAll, expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { blankPage, describePage, openPage } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;

let built: { readonly script: string; readonly style: string };

async function buildList(): Promise<typeof built> {
  const made = await build({
    ...{ configFile: false, logLevel: 'silent' },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      lib: { entry: `${ROOT}test/view/grid-in-page.js`, formats: ['iife'], name: 'list', cssFileName: 'list' },
    },
  });
  const files = [made].flat().flatMap((one) => ('output' in one ? one.output : []));
  const text = (end: string): string => {
    const file = files.find(({ fileName }) => fileName.endsWith(end));
    return file === undefined ? '' : 'code' in file ? file.code : String(file.source);
  };
  return { script: text('.js'), style: text('.css') };
}

async function openList(count = 2_000_000): Promise<Page> {
  const page = await blankPage();
  await page.setContent('<!doctype html><body></body>');
  await page.addStyleTag({ content: built.style });
  await page.addScriptTag({ content: `{const process={env:{}},COUNT=${count};${built.script}}` });
  await page.getByRole('row', { name: '1 1', exact: true }).waitFor();
  return page;
}

const chosen = (page: Page): Locator => page.locator('[role="row"][aria-selected="true"]');

/** The number in the row whose middle is nearest to a place of the list, in shares of its height. */
const rowAt = (page: Page, share: number): Promise<number> =>
  page.getByRole('grid').evaluate((grid, share) => {
    const { left, top, height } = grid.getBoundingClientRect();
    const under = grid.ownerDocument.elementFromPoint(left + 20, top + 30 + (height - 40) * share);
    return Number(under?.closest('[role="row"]')?.getAttribute('aria-rowindex'));
  }, share);

beforeAll(async () => {
  built = await buildList();
});

describePage('a list that scrolls as far as its bar moves', () => {
  test.each([
    ['above', 0],
    ['below', -1],
  ] as const)('has the row that was meant when one %s those that are seen is clicked', async (_, nth) => {
    const page = await openList(1000);
    await page.getByRole('grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight / 2;
    });
    await expect.poll(() => rowAt(page, 0.5)).toBeGreaterThan(490);
    const end = page.locator('[aria-rowindex]').nth(nth);
    const placeOfEnd = async (): Promise<number> => Number(await end.getAttribute('aria-rowindex'));
    // a little later more are drawn around
    await expect.poll(async () => Math.abs((await placeOfEnd()) - (await rowAt(page, 0.5)))).toBeGreaterThan(15);
    const meant = await placeOfEnd();
    const row = await end.elementHandle();
    await row?.click();
    await expect.poll(() => chosen(page).getAttribute('aria-rowindex')).toBe(String(meant));
  });
});

describePage('a list of two million rows', () => {
  test('counts all of them, and draws those that are seen', async () => {
    const page = await openList();
    await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2000000');
    expect(await page.locator('[role="row"]').count()).toBeLessThan(60);
    await page.getByRole('grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight / 2;
    });
    await expect.poll(() => rowAt(page, 0.5)).toBeGreaterThan(990_000);
    expect(await rowAt(page, 0.5)).toBeLessThan(1_010_000);
    expect(await page.locator('[role="row"]').count()).toBeLessThan(60);
  });

  test('is gone through by keys, row by row from end to end', async () => {
    const page = await openList();
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await expect.poll(() => chosen(page).getAttribute('aria-rowindex')).toBe('2000000');
    await page.getByRole('row', { name: '2000000 4000000000000' }).waitFor();
    for (let i = 0; i < 40; i++) await page.keyboard.press('ArrowUp');
    await expect.poll(() => chosen(page).getAttribute('aria-rowindex')).toBe('1999960');
    await expect(chosen(page).isVisible()).resolves.toBe(true);
    await page.keyboard.press('PageUp');
    const before = Number(await chosen(page).getAttribute('aria-rowindex'));
    await page.keyboard.press('PageUp');
    expect(before - Number(await chosen(page).getAttribute('aria-rowindex'))).toBe(1999960 - before);
    await page.keyboard.press('Home');
    await expect.poll(() => chosen(page).getAttribute('aria-rowindex')).toBe('1');
    await expect.poll(() => rowAt(page, 0)).toBe(1);
  });

  test('scrolls by wheel as far as one that is short', async () => {
    const page = await openList();
    const line = await page
      .locator('.row')
      .first()
      .evaluate((row) => row.getBoundingClientRect().height);
    await page.getByRole('grid').evaluate((grid) => {
      grid.scrollTop = grid.scrollHeight / 3;
    });
    await expect.poll(() => rowAt(page, 0)).toBeGreaterThan(600_000);
    const before = await rowAt(page, 0);
    await page.getByRole('grid').hover();
    for (let i = 0; i < 10; i++) await page.mouse.wheel(0, 3 * line);
    await expect.poll(() => rowAt(page, 0)).toBe(before + 30);
    await page.mouse.wheel(0, -line);
    await expect.poll(() => rowAt(page, 0)).toBe(before + 29);
  });

  test('has rows as high as its font', async () => {
    const page = await openList();
    const height = (): Promise<number> =>
      page
        .locator('.row')
        .first()
        .evaluate((row) => row.getBoundingClientRect().height);
    const before = await height();
    await page.addStyleTag({ content: ':root { font-size: 26px !important; }' });
    await expect.poll(() => height()).toBeCloseTo(2 * before, 0);
    await page.setViewportSize({ width: 1000, height: 800 });
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.getByRole('row', { name: '2000000 4000000000000' }).waitFor();
    const [row, grid] = await Promise.all([chosen(page).boundingBox(), page.getByRole('grid').boundingBox()]);
    expect(row!.y + row!.height).toBeLessThanOrEqual(grid!.y + grid!.height + 1);
  });
});

describePage('columns and panes', () => {
  test.each([1000, 720])('have room at %d pixels: columns give way, and what matters most stays', async (width) => {
    const page = await openPage([MANAGED], { viewport: { width, height: 800 } });
    for (const [view, list, column] of [
      ['Packets', 'Packets', 'What it says'],
      ['Calls', 'Calls', 'What was called'],
      ['Objects', 'Objects', 'Way taken'],
      ['Audit', 'Findings', 'Finding'],
    ] as const) {
      await page.getByRole('tab', { name: view }).click();
      const grid = page.getByRole('grid', { name: list });
      const title = (await grid.getByRole('columnheader', { name: column }).boundingBox())!;
      const box = (await grid.boundingBox())!;
      expect(title.width, column).toBeGreaterThan(200);
      expect(title.x + title.width, column).toBeLessThanOrEqual(box.x + box.width + 1);
      expect(await grid.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), list).toBe(0);
    }
  });

  test.each([
    ['Audit', 'Findings', 'What was looked at', 'findings'],
    ['Objects', 'Objects', 'All objects', 'objects'],
  ])('of %s stand one below the other where the page is narrow and high', async (view, list, label, of) => {
    const page = await openPage([MANAGED], { viewport: { width: 640, height: 800 } });
    await page.getByRole('tab', { name: view }).click();
    const [grid, pane] = [page.getByRole('grid', { name: list }), page.getByRole('complementary', { name: label })];
    const boxes = async () => [(await grid.boundingBox())!, (await pane.boundingBox())!];
    const [above, below] = await boxes();
    expect([above.width, below.width]).toEqual([640, 640]);
    expect(below.y).toBeGreaterThanOrEqual(above.y + above.height);
    await page.getByRole('separator', { name: `Height of the ${of}` }).press('ArrowDown');
    await expect.poll(async () => (await boxes())[0].height).toBeGreaterThan(above.height);
    // as at 200 %: what is low has them beside each other
    await page.setViewportSize({ width: 640, height: 400 });
    await page.getByRole('separator', { name: `Width of the ${of}` }).waitFor();
    const [left, right] = await boxes();
    expect(right.x).toBeGreaterThanOrEqual(left.x + left.width);
  });

  test('are made wider by keys and by drag, and stay so', async () => {
    const page = await openPage([MANAGED]);
    const width = async (): Promise<number> =>
      (await page.getByRole('columnheader', { name: 'Source' }).boundingBox())!.width;
    const line = page.getByRole('separator', { name: 'Width of Source' });
    const before = await width();
    await line.press('ArrowRight');
    await expect.poll(() => width()).toBeCloseTo(before + 16, 0);
    const at = (await line.boundingBox())!;
    await page.mouse.move(at.x + 3, at.y + 5);
    await page.mouse.down();
    await page.mouse.move(at.x + 63, at.y + 5);
    await page.mouse.up();
    await expect.poll(() => width()).toBeCloseTo(before + 76, 0);
    const panes = page.getByRole('separator', { name: 'Height of the list' });
    const share = Number(await panes.getAttribute('aria-valuenow'));
    await panes.press('ArrowDown');
    const moved = Number(await panes.getAttribute('aria-valuenow'));
    expect(moved).toBeGreaterThan(share);
    await page.reload();
    await expect.poll(() => width()).toBeCloseTo(before + 76, 0);
    expect(Number(await panes.getAttribute('aria-valuenow'))).toBe(moved);
    await line.dblclick();
    await expect.poll(() => width()).toBeCloseTo(before, 0);
  });

  test('are as they are by themselves where something else is remembered', async () => {
    const page = await openPage([MANAGED]);
    await page.evaluate(`{
      localStorage.setItem('clrscope.columns.Packets', '{"source":"url(x)","frame":1e9}');
      localStorage.setItem('clrscope.split.Height of the list', '[');
    }`);
    await page.reload();
    await expect
      .poll(() => page.getByRole('separator', { name: 'Height of the list' }).getAttribute('aria-valuenow'))
      .toBe('44');
    expect((await page.getByRole('columnheader', { name: 'Source' }).boundingBox())!.width).toBe(169);
  });
});

const SIDES = `async (url) => {
  const image = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  canvas.drawImage(image, 0, 0);
  const places = [[width / 2, 1], [width - 2, 35], [width / 2, height - 2], [1, 35]];
  return places.map(([x, y]) => canvas.getImageData(x, y, 1, 1).data.slice(0, 3).join(' '));
}`;

/** Colours of a picture a pixel in from its sides: in the middle of its top, on the right, of its bottom, on the left. */
async function sidesOf(png: Buffer): Promise<string[]> {
  const page = await blankPage();
  return page.evaluate<string[]>(`(${SIDES})('data:image/png;base64,${png.toString('base64')}')`);
}

describePage('the ring of a list that has the focus', () => {
  test.each([
    ['Packets', 'Packets'],
    ['Calls', 'Calls'],
    ['Objects', 'Objects'],
    ['Audit', 'Findings'],
  ])('goes all around it, titles and chosen row too: %s', async (view, label) => {
    const page = await openPage([MANAGED], { at: `view=${view.toLowerCase()}` });
    const grid = page.getByRole('grid', { name: label });
    await grid.locator('[aria-rowindex="1"]').waitFor();
    await grid.focus();
    const before = await sidesOf(await grid.screenshot());
    await page.keyboard.press('Home');
    await chosen(page).first().waitFor();
    for (const sides of [before, await sidesOf(await grid.screenshot())])
      expect(sides).toEqual(Array.from({ length: 4 }, () => '10 88 184'));
  });
});
