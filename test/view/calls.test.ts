/** The list of calls and the call beside it, against what `clrscope calls` prints. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type CallJson, callToJson, ObjectTable, readCalls } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, openPage, seriousFindings } from './support.js';
import { cellsOf } from './whole.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;

const grid = (page: Page) => page.getByRole('grid', { name: 'Calls' });
const pane = (page: Page) => page.getByRole('complementary', { name: 'Call' });
const numbers = (page: Page) =>
  grid(page)
    .locator('[data-call]')
    .evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-call'))));

/** Calls as the program prints them. */
async function printed(path: string): Promise<CallJson[]> {
  const table = new ObjectTable(undefined, () => {});
  const calls: CallJson[] = [];
  await readCalls(path, (call, number) => {
    table.add(call);
    calls.push(callToJson(call, number, 'capture.pcap', { full: false }, table));
  });
  return calls;
}

describePage('calls', () => {
  for (const sample of ['managed-object', 'object-remoted', 'remoting-http', 'remoting-soap', 'smb-pipes', 'odd-bstr'])
    test(`of ${sample} are those that the program prints`, async () => {
      const path = `${ROOT}samples/${sample}/capture.pcap`;
      const calls = await printed(path);
      const page = await openPage([path], { at: 'view=calls' });
      await expect.poll(() => numbers(page)).toEqual(calls.map(({ call }) => call));
      expect(await grid(page).getAttribute('aria-rowcount')).toBe(String(calls.length));
      const rows = grid(page).locator('[data-call]');
      const shown = await cellsOf(rows, '[role="gridcell"]');
      const classes = await rows.evaluateAll((all) => all.map((row) => row.className));
      for (const [i, cells] of shown.entries()) {
        const { summary, frames, client, server, fault } = calls[i];
        expect(cells[1]).toBe(`${frames.request[0] ?? '?'}→${frames.response.at(-1) ?? (calls[i].oneWay ? '' : '?')}`);
        expect(cells[4]).toBe(`${client.address}:${client.port}`);
        expect(cells[5]).toBe(`${server.address}:${server.port}`);
        expect(cells[6].replace(/\s+/g, ' ')).toBe(summary.replace(/\s+/g, ' '));
        if (fault !== null) expect(classes[i]).toContain('failed');
      }
    });

  test('are sorted by every column, the other way round, and not at all', async () => {
    const calls = await printed(MANAGED);
    const page = await openPage([MANAGED], { at: 'view=calls' });
    const inOrder = (key: (call: CallJson) => string | number): number[] =>
      calls
        .map((call) => ({ call: call.call, key: key(call) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.call - b.call))
        .map(({ call }) => call);
    const expected = {
      Call: inOrder(({ call }) => call),
      Frames: inOrder(({ frames }) => frames.request[0]),
      Time: inOrder(({ time }) => time ?? ''),
      Duration: inOrder(({ duration }) => duration ?? Number.POSITIVE_INFINITY),
      Client: inOrder(({ client }) => client.port),
      Server: inOrder(({ server }) => server.port),
      'What was called': inOrder(({ interface: iface, operation }) => `${iface}.${operation}`),
      Outcome: inOrder(({ fault, hresult }) => (fault !== null ? 2 : hresult?.code.startsWith('0x8') ? 1 : 0)),
    };
    const title = (name: string) => grid(page).getByRole('columnheader').getByRole('button', { name, exact: true });
    for (const [name, order] of Object.entries(expected)) {
      await title(name).click();
      await expect.poll(() => numbers(page), { message: name }).toEqual(order);
      await expect.poll(() => grid(page).locator('[aria-sort="ascending"]').innerText()).toContain(name);
      await title(name).click();
      await grid(page).locator('[aria-sort="descending"]').waitFor();
      await title(name).click();
      await expect.poll(() => numbers(page), { message: name }).toEqual(calls.map(({ call }) => call));
    }
    await title('Duration').click();
    await expect.poll(() => page.url()).toContain('sort=duration');
    await page.reload();
    await expect.poll(() => numbers(page)).toEqual(expected.Duration);
    await title('Duration').click();
    await expect.poll(() => numbers(page)).toEqual(expected.Duration.toReversed());
  });

  test('are shown beside the list, and lead to their PDUs, their object and their connection', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls' });
    await grid(page).locator('[data-call="15"]').click();
    await pane(page)
      .getByRole('heading', { name: /^Call 15/ })
      .waitFor();
    await expect.poll(() => page.url()).toContain('call=15');
    await expect.poll(() => pane(page).innerText()).toContain('0x000006be RPC_S_CALL_FAILED');
    await page.keyboard.press('ArrowUp');
    await pane(page)
      .getByRole('heading', { name: /^Call 14/ })
      .waitFor();
    await grid(page).locator('[data-call="6"]').click();
    await pane(page)
      .getByRole('heading', { name: /^Call 6/ })
      .waitFor();
    await pane(page).getByText('pBSTR', { exact: true }).first().click();
    await pane(page).getByText('cBytes').waitFor();
    await pane(page).getByRole('button', { name: 'Response in 30' }).click();
    const packets = page.getByRole('grid', { name: 'Packets' });
    await packets.locator('[data-frame="30"][aria-selected="true"]').waitFor();
    await page.goBack();
    await pane(page)
      .getByRole('button', { name: /^00002003-/ })
      .click();
    await page.getByRole('grid', { name: 'Objects' }).locator('[aria-selected="true"]').waitFor();
    await page.goBack();
    await pane(page).getByRole('button', { name: 'ncacn_ip_tcp, NDR' }).click();
    const calls = await printed(MANAGED);
    const together = calls.filter(({ client }) => client.port === calls[5].client.port);
    await expect.poll(() => numbers(page)).toEqual(together.map(({ call }) => call));
  });

  test('have all the room until one is chosen', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls', viewport: { width: 1280, height: 800 } });
    const width = async (): Promise<number> => (await grid(page).boundingBox())!.width;
    await expect.poll(width).toBe(1280);
    await grid(page).getByRole('columnheader', { name: 'Frames' }).waitFor();
    expect(await pane(page).count()).toBe(0);
    await grid(page).locator('[data-call="15"]').click();
    await pane(page)
      .getByRole('heading', { name: /^Call 15/ })
      .waitFor();
    await expect.poll(width).toBeLessThan(1000);
    await page.goBack();
    await expect.poll(width).toBe(1280);
  });

  test('have values that open where there is something in them, and say in short what it is', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls' });
    await grid(page).locator('[data-call="6"]').click();
    const empty = pane(page)
      .getByRole('listitem')
      .filter({ hasText: /^in empty$/ });
    await empty.waitFor();
    expect(await empty.locator('summary').count()).toBe(0);
    // times break between day and hour
    await expect
      .poll(() => pane(page).locator('time span').allTextContents())
      .toEqual(['2026-11-21T', '02:27:12.352317Z']);
    const remoting = await openPage([`${ROOT}samples/remoting-tcp/capture.pcap`], { at: 'view=calls&call=1' });
    await expect.poll(() => pane(remoting).locator('summary').first().innerText()).toMatch(/^nrbf NRBF, \d+ bytes$/);
  });

  test('lead to their first PDU by Enter and by a double click', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls&call=4' });
    const packets = page.getByRole('grid', { name: 'Packets' });
    await grid(page).locator('[data-call="4"][aria-selected="true"]').waitFor();
    await grid(page).press('Enter');
    await packets.locator('[data-frame="23"][aria-selected="true"]').waitFor();
    await page.goBack();
    await grid(page).locator('[data-call="7"]').dblclick();
    await packets.locator('[data-frame="33"][aria-selected="true"]').waitFor();
  });

  test('have nothing serious for axe', async () => {
    const page = await openPage([MANAGED], { at: 'view=calls&call=15' });
    await pane(page)
      .getByRole('heading', { name: /^Call 15/ })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
