/** The diagram of who calls whom: its lanes, its calls, and that no more of it is drawn than is seen. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { describeCallText, encode, readCalls } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, openPage, seriousFindings } from './support.js';

const MANAGED = `${ROOT}samples/managed-object/capture.pcap`;

const figure = (page: Page) => page.getByRole('figure', { name: 'Flow' });
const buttons = (page: Page) => figure(page).getByRole('button');
const pane = (page: Page) => page.getByRole('complementary', { name: 'Call' });
const lanes = (page: Page) =>
  figure(page)
    .locator('[data-lane]')
    .evaluateAll((all) => all.map((lane) => (lane.getAttribute('title') ?? '').split('\n')));
const numbers = (page: Page) =>
  figure(page)
    .locator('[data-call]')
    .evaluateAll((all) => all.map((call) => Number(call.getAttribute('data-call'))));

const folder = mkdtempSync(join(tmpdir(), 'clrscope-flow-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A capture of a scenario (src/encode/README.md). */
function captureOf(name: string, scenario: object): string {
  const path = join(folder, `${name}.pcap`);
  writeFileSync(path, encode({ kind: 'scenario', ...scenario }));
  return path;
}

/** Opens the diagram; wide enough for all of its lanes. */
async function openFlow(path: string, at = ''): Promise<Page> {
  const page = await openPage([path], { at: `view=flow${at}`, viewport: { width: 2400, height: 1600 } });
  await buttons(page).first().waitFor();
  return page;
}

describePage('flow', () => {
  for (const sample of ['managed-object', 'object-remoted', 'remoting-tcp', 'remoting-http', 'smb-pipes'])
    test(`of ${sample}: every call is a button that is named as the call reads`, async () => {
      const path = `${ROOT}samples/${sample}/capture.pcap`;
      const reads: string[] = [];
      await readCalls(path, (call) => reads.push(describeCallText(call)));
      const page = await openFlow(path);
      await expect.poll(() => numbers(page)).toEqual(reads.map((_, i) => i + 1));
      const named = await buttons(page).evaluateAll((all) => all.map((button) => button.ariaLabel));
      expect(named).toEqual(reads);
    });

  test('has all the room until a call is chosen', async () => {
    const page = await openPage([MANAGED], { at: 'view=flow', viewport: { width: 1280, height: 800 } });
    await buttons(page).first().waitFor();
    expect((await figure(page).boundingBox())!.width).toBe(1280);
    await buttons(page).nth(2).click();
    await pane(page)
      .getByRole('heading', { name: /^Call 3/ })
      .waitFor();
    await expect.poll(async () => (await figure(page).boundingBox())!.width).toBeLessThan(1000);
  });

  test('has four lanes whole at 1,000 pixels beside a call', async () => {
    const page = await openPage([MANAGED], { at: 'view=flow&call=1', viewport: { width: 1000, height: 700 } });
    await buttons(page).first().waitFor();
    await expect.poll(() => page.locator('.flow .lane').count()).toBe(4);
    const [last, seen] = await Promise.all([
      page.locator('.flow .lane').last().boundingBox(),
      figure(page).boundingBox(),
    ]);
    expect(last!.x + last!.width).toBeLessThanOrEqual(seen!.x + seen!.width);
  });

  test('has lanes for client, endpoint, apartment and object, in the order in which one learns of them', async () => {
    const page = await openFlow(MANAGED);
    await expect
      .poll(() => lanes(page))
      .toEqual([
        ['10.20.0.10', 'client'],
        ['10.20.0.20:135', 'SCM · activation'],
        ['apartment 0x3a902931cd447e35', '10.20.0.20:49664'],
        ['object 0xf1fd42a29755d4c1', 'Svc · domain 2 · CLR {8A9A021E-…}'],
      ]);
    await expect.poll(() => figure(page).getByText('made in 12→13').count()).toBe(1);
    await expect.poll(() => figure(page).getByText('released in 64→65').count()).toBe(1);
    await expect.poll(() => figure(page).locator('.life').count()).toBe(1);
    await expect.poll(() => figure(page).locator('.call.bad').count()).toBe(3);
  });

  test('has a lane for a channel of .NET remoting, which tells where its proxy came from', async () => {
    const page = await openFlow(`${ROOT}samples/object-remoted/capture.pcap`);
    const all = await lanes(page);
    expect(all.map(([title]) => title)).toEqual([
      '10.9.0.10',
      '10.9.0.20:135',
      'apartment 0x7a3c5e1f00112233',
      'object 0x00000000c1a551c0',
      'tcp://10.9.0.20:8085',
    ]);
    expect(all[4][1]).toBe('.NET remoting · shop/orders_1.rem');
    await expect.poll(() => figure(page).getByText('proxy made in 42→44').count()).toBe(1);
  });

  test('has a lane for each pipe', async () => {
    const page = await openFlow(`${ROOT}samples/smb-pipes/capture.pcap`);
    await expect
      .poll(() => lanes(page))
      .toEqual([
        ['10.40.0.10', expect.stringMatching(/^client/)],
        ['10.40.0.20:445 \\pipe\\lsarpc', 'lsarpc'],
        ['10.40.0.20:445 \\pipe\\winreg', 'winreg'],
      ]);
  });

  test('draws arrows from who calls to who is called, and back only where an answer came', async () => {
    const log = { type: 'Shop.Orders, Shop', method: 'Log', args: [] };
    const path = captureOf('ways', {
      connections: [
        {
          transport: 'nrtp_tcp',
          client: { address: '10.9.0.10', port: 50000 },
          server: { address: '10.9.0.20', port: 8085 },
          calls: [
            { uri: 'a.rem', oneWay: true, call: log },
            { uri: 'a.rem', call: log, return: {} },
            { uri: 'a.rem', call: log },
          ],
        },
        {
          transport: 'nrtp_tcp',
          client: { address: '10.9.0.20', port: 50001 },
          server: { address: '10.9.0.10', port: 8086 },
          calls: [{ uri: 'b.rem', call: log, fault: { phrase: 'Requested Service not found' } }],
        },
      ],
    });
    const page = await openFlow(path);
    expect((await lanes(page)).map(([title]) => title)).toEqual([
      ...['10.9.0.10', 'tcp://10.9.0.20:8085', '10.9.0.20', 'tcp://10.9.0.10:8086'],
    ]);
    const drawn = await figure(page)
      .locator('svg g')
      .evaluateAll((all) => all.map((g) => [g.getAttribute('class'), g.querySelectorAll('.back').length]));
    expect(drawn).toEqual([
      ['family-remoting', 0],
      ['family-remoting', 1],
      ['bad', 0],
      ['bad', 1],
    ]);
    await expect.poll(() => buttons(page).nth(0).innerText()).toContain('one-way');
    await expect.poll(() => buttons(page).nth(2).innerText()).toContain('✗ no answer');
  });

  test('shows what the filter leaves, with the lanes that it needs', async () => {
    const page = await openFlow(MANAGED, '&filter=dcerpc.opnum+%3D%3D+3+%26%26+tcp.port+%3D%3D+49664');
    const left = await numbers(page);
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(16);
    expect((await lanes(page)).map(([title]) => title)).not.toContain('10.20.0.20:135');
  });

  test('goes from call to call by keys, shows the chosen one beside, and leads to PDUs and objects', async () => {
    const page = await openFlow(MANAGED);
    await buttons(page).nth(4).click();
    await pane(page)
      .getByRole('heading', { name: /^Call 5/ })
      .waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await figure(page).locator('[data-call="7"][aria-current="true"]').waitFor();
    await pane(page)
      .getByRole('heading', { name: /^Call 7/ })
      .waitFor();
    await expect.poll(() => page.url()).toContain('call=7');
    await expect.poll(() => page.evaluate('document.activeElement.dataset.call')).toBe('7');
    await page.keyboard.press('Enter');
    await page.getByRole('grid', { name: 'Packets' }).locator('[data-frame="33"][aria-selected="true"]').waitFor();
    await page.goBack();
    await figure(page).getByRole('link', { name: 'object 0xf1fd42a29755d4c1' }).click();
    await page.getByRole('grid', { name: 'Objects' }).locator('[aria-selected="true"]').waitFor();
  });

  test('of 100,000 calls draws what is seen, scrolls to its end, and finds any call', async () => {
    const call = { contextId: 0, opnum: 3, request: '00000000', response: '00000000' };
    const path = join(folder, 'many.pcap');
    for (let part = 0; part < 20; part++) {
      const scenario = {
        kind: 'scenario',
        start: `2026-01-02T03:${String(part).padStart(2, '0')}:00Z`,
        connections: [
          {
            client: { address: '10.9.0.10', port: 50_000 + part },
            server: { address: '10.9.0.20', port: 49664 },
            contexts: [{ id: 0, iid: '11111111-2222-3333-4444-555555555555' }],
            calls: Array.from({ length: 5000 }, () => call),
          },
        ],
      };
      // all but the first without the head of the file
      appendFileSync(path, encode(scenario).subarray(part === 0 ? 0 : 24));
    }
    const page = await openPage([path], { at: 'view=flow' });
    await buttons(page).first().waitFor();
    const drawn = () => figure(page).locator('*').count();
    // at first who calls which endpoint, then what is known of it
    const [[client], [endpoint, told]] = await lanes(page);
    expect([client, endpoint]).toEqual(['10.9.0.10', '10.9.0.20:49664']);
    expect(told).toBeUndefined();
    await expect
      .poll(() => lanes(page))
      .toEqual([
        ['10.9.0.10', 'client'],
        ['10.9.0.20:49664', '11111111-2222-3333-4444-555555555555'],
      ]);
    expect(await drawn()).toBeLessThan(500);
    await figure(page).focus();
    await page.keyboard.press('End');
    await figure(page).locator('[data-call="100000"][aria-current="true"]').waitFor();
    expect(await drawn()).toBeLessThan(500);
    await figure(page).evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2;
    });
    await expect.poll(async () => (await numbers(page)).some((n) => n > 45_000 && n < 55_000)).toBe(true);
    expect(await drawn()).toBeLessThan(500);
  });

  test('of many lanes draws those that are seen', async () => {
    const path = captureOf('wide', {
      connections: Array.from({ length: 300 }, (_, i) => ({
        client: { address: `10.9.${i >> 8}.${i & 255}`, port: 50000 },
        server: { address: '10.10.0.1', port: 49664 },
        contexts: [{ id: 0, iid: '11111111-2222-3333-4444-555555555555' }],
        calls: [{ contextId: 0, opnum: 3, request: '00000000', response: '00000000' }],
      })),
    });
    const page = await openPage([path], { at: 'view=flow' });
    await buttons(page).first().waitFor();
    expect((await lanes(page)).length).toBeLessThan(10);
    await figure(page).evaluate((box) => {
      box.scrollLeft = box.scrollWidth;
    });
    await expect.poll(async () => (await lanes(page)).at(-1)?.[0]).toBe('10.9.1.43');
    expect((await lanes(page)).length).toBeLessThan(10);
  });

  test('has nothing serious for axe', async () => {
    const page = await openPage([MANAGED], { at: 'view=flow&call=15' });
    await pane(page)
      .getByRole('heading', { name: /^Call 15/ })
      .waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
