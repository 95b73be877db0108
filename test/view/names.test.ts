/** What hosts and classes are called on the page: as the user says, and as the capture does beside addresses. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from '../cli.js';
import { namedCapture } from '../named-capture.js';
import { describePage, openFromDisk, openPage } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-view-names-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const sample = `${ROOT}samples/managed-object/capture.pcap`;

describePage('names', () => {
  it('are those of --names and --registry in packets, calls, flow and objects; filters stay addresses', async () => {
    const hosts = file('hosts', '10.20.0.10 client.lab\n10.20.0.20 server.lab\n');
    const classes = file('classes', '07d4bedc-5143-1193-e6c3-f3391a2b8f1f Svc.Component.1\n');
    const page = await openPage(['--names', hosts, '--registry', classes, sample]);
    const cell = (grid: string, column: string) =>
      page.getByRole('grid', { name: grid }).locator(`[data-column="${column}"]`).first();
    await expect.poll(() => cell('Packets', 'source').textContent()).toBe('client.lab:55708');
    await page.getByRole('tab', { name: 'Calls' }).click();
    await expect.poll(() => cell('Calls', 'server').textContent()).toBe('server.lab:135');
    await expect.poll(() => page.getByText('(Svc.Component.1)').count()).toBeGreaterThan(0);
    await cell('Calls', 'server').click({ button: 'right' });
    await expect.poll(() => page.getByRole('menu').textContent()).toContain('ip.addr == 10.20.0.20');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Flow' }).click();
    await expect.poll(() => page.locator('[data-lane="client"]').first().textContent()).toContain('client.lab');
    await page.getByRole('tab', { name: 'Objects' }).click();
    await expect.poll(() => cell('Objects', 'server').textContent()).toBe('server.lab');
  });

  it('of the capture itself stand beside addresses, without a server too', async () => {
    const capture = file('own.pcapng', await namedCapture(sample, { '10.20.0.10': 'client.lab' }));
    const page = await openFromDisk(capture);
    const source = page.getByRole('grid', { name: 'Packets' }).locator('[data-column="source"]').first();
    await expect.poll(() => source.textContent()).toBe('client.lab (10.20.0.10):55708');
  });

  it.each([1000, 1440])('what was called has room beside a call at %d pixels', async (width) => {
    const page = await openFromDisk(sample, { viewport: { width, height: 700 }, at: 'view=calls&call=3' });
    const grid = page.getByRole('grid', { name: 'Calls' });
    const says = grid.locator('[data-call] [data-column="says"]').first();
    await expect.poll(async () => (await says.boundingBox())?.width ?? 0).toBeGreaterThan(250);
    expect(await grid.evaluate((at) => at.scrollWidth <= at.clientWidth)).toBe(true);
    // what gave way is known all the same
    expect(await grid.locator('[data-call] [data-column="client"]').first().textContent()).toContain('10.20.0.10');
  });
});
