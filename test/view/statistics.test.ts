/** The view of statistics: the tables of `stats`, the ways from their rows to calls, and what the foot says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { AuditJson, ObjectsReport, StatsJson } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, inOnePage, openFromDisk, openPage } from './support.js';
import { cellsOf, printed, SAMPLES, toView } from './whole.js';

const FIRST = `${ROOT}samples/managed-object/capture.pcap`;

type Tally = StatsJson['interfaces'][number] | StatsJson['conversations'][number];

const tally = (t: Tally): unknown[] => [t.calls, t.failed, t.faults, t.unanswered, t.bytes.in, t.bytes.out];

/** What the tables have to hold, by their captions: the cells at the left of each row. */
const TABLES: readonly (readonly [caption: string, rows: (s: StatsJson) => unknown[][]])[] = [
  [
    'Conversations',
    ({ conversations }) =>
      conversations.map((c) => [
        ...[c.client, `${c.server}:${c.port}`, c.transport],
        ...[c.auth.type === null ? 'none' : `${c.auth.type} ${c.auth.level}`, c.connections, ...tally(c)],
        ...[c.first, c.last],
      ]),
  ],
  [
    'Connections by authentication',
    ({ security }) => security.map((s) => [s.type === null ? 'none' : `${s.type} ${s.level}`, s.connections, s.calls]),
  ],
  ['Interfaces', ({ interfaces }) => interfaces.map((i) => [i.interface ?? 'unknown', ...tally(i)])],
  [
    'Operations',
    ({ operations }) =>
      operations.map((o) => [`${o.interface ?? 'unknown'}.${o.operation ?? '(unknown operation)'}`, ...tally(o)]),
  ],
  ['Results other than S_OK', ({ hresults }) => hresults.map((h) => [h.code, h.name, h.exception ?? '', h.count])],
  ['Faults', ({ faults }) => faults.map((f) => [f.status, f.name, f.count])],
];

/** What is asked of a canvas. */
interface Canvas {
  getContext(kind: '2d'): { getImageData(...box: [x: number, y: number, w: number, h: number]): { data: Uint8Array } };
}

/** Holds the view of a capture that is open against what is printed of it. */
async function expectStatistics(page: Page, file: string): Promise<void> {
  const stats = printed<StatsJson>('stats', file);
  await toView(page, 'Statistics');
  const head = page.getByText(`${stats.calls} call`).first();
  await head.waitFor();
  for (const [caption, rows] of TABLES) {
    const wanted = rows(stats).map((row) => row.map(String));
    const shown = await cellsOf(page.getByRole('table', { name: caption, exact: true }).locator('tbody tr'), 'td');
    expect(shown.map((row, at) => row.slice(0, wanted[at]?.length))).toEqual(wanted);
  }
  const status = page.getByRole('status', { name: 'Matches' });
  for (const [caption, counts] of [
    ['Conversations', stats.conversations],
    ['Interfaces', stats.interfaces],
    ['Operations', stats.operations],
  ] as const) {
    const links = page.getByRole('table', { name: caption, exact: true }).locator('tbody tr');
    for (const [at, { calls }] of counts.entries()) {
      const link = links.nth(at).getByRole('button').first();
      if ((await link.count()) === 0) continue;
      await link.click();
      await page.getByRole('grid', { name: 'Calls' }).waitFor();
      await expect.poll(() => status.textContent(), { message: `${caption} ${at}` }).toContain(`${calls} of `);
      await page.goBack();
      await head.waitFor();
    }
  }
}

/** What the foot says of a capture that is open, against what is printed of it. */
async function expectFoot(page: Page, file: string): Promise<void> {
  const [{ apartments, remoting }] = printed<[ObjectsReport]>('objects', file);
  const { security } = printed<StatsJson>('stats', file);
  const { looked } = printed<AuditJson>('audit', file);
  await toView(page, 'Audit');
  const text = (await page.getByRole('contentinfo').textContent()) ?? '';
  const managed = apartments.flatMap((a) => a.objects).filter((o) => o.managed === true).length + remoting.length;
  const open = security.filter((s) => s.type === null).reduce((sum, s) => sum + s.connections, 0);
  const says = (count: number, words: RegExp): void => {
    expect(words.exec(text)?.[1] ?? '0').toBe(String(count));
  };
  says(managed, /(\d+) managed object/);
  says(open, /no authentication on (\d+) connection/);
  says(looked.sealed, /(\d+) calls? (?:is|are) sealed/);
}

describePage('statistics', () => {
  it(
    'are the tables of `stats -T json`, and rows lead to as many calls as they count',
    () => inOnePage(SAMPLES, expectStatistics),
    600_000,
  );

  it('counts what the filter leaves', async () => {
    const page = await openPage([FIRST], { at: 'view=statistics&filter=dcerpc.opnum%20%3D%3D%204' });
    await page.getByText('of those that the filter leaves').waitFor();
    const rows = page.getByRole('table', { name: 'Operations' }).locator('tbody tr');
    const wanted = printed<StatsJson>('stats', FIRST).operations.filter(({ opnum }) => opnum === 4);
    await expect
      .poll(async () => (await cellsOf(rows, 'td')).map(([name, calls]) => [name, Number(calls)]))
      .toEqual(wanted.map(({ interface: iface, operation, calls }) => [`${iface}.${operation}`, calls]));
  });

  it('draws pictures and says what they show', async () => {
    const page = await openFromDisk(FIRST);
    await toView(page, 'Statistics');
    for (const [name, says] of [
      ['Calls over time', 'the most, 1'],
      ['How long calls took', 'from 1.9 ms to 10.7 ms'],
      ['Calls by interface', 'IServicedComponentInfo 5, 1 failed'],
    ]) {
      const picture = page.getByRole('img', { name: new RegExp(`^${name}: `) });
      await expect.poll(() => picture.getAttribute('aria-label')).toContain(says);
      // something is drawn: not all of its points are alike
      const colours = () =>
        picture.locator('canvas').evaluate((element) => {
          const { data } = (element as unknown as Canvas).getContext('2d').getImageData(0, 0, 400, 150);
          return new Set(new Uint32Array(data.buffer)).size;
        });
      await expect.poll(colours).toBeGreaterThan(2);
    }
  });

  it('sorts a table by a column', async () => {
    const page = await openFromDisk(FIRST);
    await toView(page, 'Statistics');
    const table = page.getByRole('table', { name: 'Operations' });
    await table.getByRole('button', { name: 'Bytes in' }).click();
    const bytes = async () => (await cellsOf(table.locator('tbody tr'), 'td')).map((row) => Number(row[5]));
    const up = (await bytes()).sort((a, b) => a - b);
    await expect.poll(bytes).toEqual(up);
    await table.getByRole('button', { name: /Bytes in/ }).click();
    await expect.poll(bytes).toEqual(up.toReversed());
  });

  it('has its tables whole at 1,280 pixels', async () => {
    const page = await openPage([FIRST], { at: 'view=statistics', viewport: { width: 1280, height: 800 } });
    for (const name of ['Conversations', 'Interfaces', 'Operations']) {
      const { x, width } = (await page.getByRole('table', { name }).boundingBox())!;
      expect(x + width, name).toBeLessThanOrEqual(1280 - 14);
    }
  });

  it('fits a narrow page: tables scroll, the page does not', async () => {
    const page = await openFromDisk(FIRST, { viewport: { width: 1000, height: 700 } });
    await toView(page, 'Statistics');
    await page.getByRole('table', { name: 'Operations' }).waitFor();
    const box = await page.getByRole('button', { name: 'Open capture…' }).boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(1000);
  });
});

describePage('the foot', () => {
  it(
    'says how many objects are managed, what nobody authenticated, and what is sealed',
    () => inOnePage(SAMPLES, expectFoot),
    600_000,
  );

  it('tells calls without an answer from those that failed', async () => {
    const bytes = readFileSync(FIRST);
    let end = 24;
    // up to the first request
    for (let frame = 1; frame <= 8; frame++) end += 16 + bytes.readUInt32LE(end + 8);
    const folder = mkdtempSync(join(tmpdir(), 'clrscope-foot-'));
    try {
      writeFileSync(`${folder}/cut.pcap`, bytes.subarray(0, end));
      const page = await openPage([`${folder}/cut.pcap`]);
      const foot = page.getByRole('contentinfo');
      await expect.poll(() => foot.innerText()).toMatch(/^3 PDUs\s+1 call, 0 failed, 1 without an answer/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leads from what it says to where that can be looked into', async () => {
    const page = await openFromDisk(FIRST);
    const foot = page.getByRole('contentinfo');
    await foot.getByRole('button', { name: /managed object/ }).click();
    await page.getByRole('grid', { name: 'Objects' }).waitFor();
    await foot.getByRole('button', { name: /no authentication/ }).click();
    await page.getByRole('table', { name: 'Connections by authentication' }).waitFor();
  });

  it('leads to the calls that are sealed', async () => {
    const page = await openFromDisk(`${ROOT}samples/ntlm-sealed/capture.pcap`);
    await page
      .getByRole('contentinfo')
      .getByRole('button', { name: /16 calls are sealed/ })
      .click();
    await expect.poll(() => page.getByRole('status', { name: 'Matches' }).textContent()).toContain('16 of 16 calls');
  });
});
