/** The view of objects: all that `objects` prints, and the ways from there to other views. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { ObjectReport, ObjectsReport, RemotingReport } from '../../src/index.js';
import { ROOT, SHARED } from '../cli.js';
import { describePage, inOnePage, openFromDisk, openPage, seriousFindings } from './support.js';
import { missingIn, printed, SAMPLES, toView } from './whole.js';

const FIRST = `${ROOT}samples/managed-object/capture.pcap`;

/** Holds the view of a capture that is open against what is printed of it. */
async function expectObjects(page: Page, file: string): Promise<void> {
  const [report] = printed<[ObjectsReport]>('objects', file);
  await toView(page, 'Objects');
  const rows = page.getByRole('grid', { name: 'Objects' }).locator('[data-object]');
  const names = () => rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-object')));
  const objects = report.apartments.flatMap((a) => a.objects.map((o) => ({ server: a.server, told: tellings(o), o })));
  await expect
    .poll(names)
    .toEqual([
      ...objects.map(({ server, o }) => `${server} ${o.oid ?? o.interfacePointers[0].ipid}`),
      ...report.remoting.map(({ server, uri }) => `${server} ${uri}`),
    ]);
  const told = [...objects.map((o) => o.told), ...report.remoting.map(remotingTellings)];
  const pane = page.getByRole('complementary', { name: 'Object', exact: true });
  for (const [at, wanted] of told.entries()) {
    await rows.nth(at).click();
    await expect.poll(async () => missingIn(await pane.textContent(), wanted)).toEqual([]);
  }
}

describePage('objects', () => {
  it('are those of `objects -T json`, with all that is told of each', () => inOnePage(SAMPLES, expectObjects), 600_000);

  it.skipIf(SHARED === null)('have their hosts and OIDs whole at 1,280 pixels', async () => {
    const file = `${SHARED}/captures/real/clr-client-probes.pcap`;
    const page = await openPage([file], { at: 'view=objects', viewport: { width: 1280, height: 800 } });
    const cells = page
      .getByRole('grid', { name: 'Objects' })
      .locator('[data-object] > :is([data-column="server"], [data-column="object"])');
    await cells.first().waitFor();
    const cut = await cells.evaluateAll((all) => all.filter((cell) => cell.scrollWidth > cell.clientWidth).length);
    expect(cut).toBe(0);
  });

  it('has the one that is chosen in the address, and another one by key', async () => {
    const page = await openPage([`${ROOT}samples/remoting-tcp/capture.pcap`], { at: 'view=objects' });
    const grid = page.getByRole('grid', { name: 'Objects' });
    const rows = grid.locator('[data-object]');
    await rows.nth(0).click();
    await grid.press('ArrowDown');
    const name = await rows.nth(1).getAttribute('data-object');
    const chosen = grid.locator('[aria-selected="true"]');
    await expect.poll(() => chosen.getAttribute('data-object')).toBe(name);
    await expect.poll(() => new URLSearchParams(new URL(page.url()).hash.slice(1)).get('item')).toBe(name);
    await page.reload();
    await expect.poll(() => chosen.getAttribute('data-object')).toBe(name);
  });

  it('sorts by a column, and the other way round', async () => {
    const page = await openFromDisk(`${ROOT}samples/remoting-tcp/capture.pcap`);
    await toView(page, 'Objects');
    const calls = () => page.locator('[data-object] [data-column="calls"]').allTextContents();
    const title = page.getByRole('columnheader', { name: 'Calls' }).getByRole('button', { name: /Calls/ });
    await title.click();
    const up = (await calls()).map(Number).sort((a, b) => a - b);
    await expect.poll(async () => (await calls()).map(Number)).toEqual(up);
    await title.click();
    await expect.poll(async () => (await calls()).map(Number)).toEqual(up.toReversed());
  });

  it('leads to its calls, as a filter that leaves them, and to the PDUs of its frames', async () => {
    const page = await openFromDisk(FIRST);
    await toView(page, 'Objects');
    const row = page.locator('[data-object]');
    await row.click();
    await page.getByRole('button', { name: 'Its calls' }).click();
    const status = page.getByRole('status', { name: 'Matches' });
    // made, asked for, called eleven times, released
    await expect.poll(() => status.textContent()).toContain('14 of 16 calls');
    await page.goBack();
    await page.getByRole('button', { name: 'Frame 13', exact: true }).click();
    const chosen = page.getByRole('grid', { name: 'Packets' }).locator('[aria-selected="true"]');
    await expect.poll(() => chosen.getAttribute('data-frame')).toBe('13');
  });

  it('is led to from a call, over COM and over remoting', async () => {
    const page = await openFromDisk(`${ROOT}samples/object-remoted/capture.pcap`);
    await page.getByRole('tab', { name: 'Calls' }).click();
    for (const call of [4, 7]) {
      await page.locator(`[data-call="${call}"]`).click();
      await page.getByRole('complementary', { name: 'Call' }).getByTitle('All that is known of it').click();
      const chosen = page.getByRole('grid', { name: 'Objects' }).locator('[aria-selected="true"]');
      await expect.poll(() => chosen.getAttribute('data-object')).toBe('10.9.0.20 0x00000000c1a551c0');
      await page.goBack();
    }
  });

  it('says what there is beside objects while none is chosen', async () => {
    const page = await openFromDisk(`${ROOT}samples/truth/bind-nak.pcap`);
    await toView(page, 'Objects');
    const pane = page.getByRole('complementary', { name: 'All objects' });
    await expect.poll(() => pane.textContent()).toContain('the whole capture: a filter changes nothing');
    await expect.poll(() => pane.textContent()).toContain('bind of IDispatch 0.0: abstract syntax not supported');
  });

  it('says that there are none', async () => {
    const page = await openFromDisk(`${ROOT}samples/smb-pipes/capture.pcap`);
    await toView(page, 'Objects');
    await page.getByRole('heading', { name: 'No objects were seen' }).waitFor();
  });

  it('has nothing serious for axe', async () => {
    const page = await openPage([FIRST]);
    await toView(page, 'Objects');
    await page.locator('[data-object]').click();
    await page.getByText('Its calls').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});

/** What the pane has to tell of an object of COM. */
function tellings(o: ObjectReport): string[] {
  return [
    ...present(o.oid, o.clsid, o.created?.operation, o.created?.client),
    ...o.identities.flatMap((i) => present(i.clr, `domain ${i.appDomainId}`, i.ccw?.value)),
    ...o.serialized.flatMap((s) =>
      present(...(s.objRef === null ? [s.summary] : s.objRef.channels), `${s.length} byte`),
    ),
    ...present(o.componentInfo?.processId, o.componentInfo?.appDomain, o.componentInfo?.uri),
    ...o.ways.flatMap((w) => [w.client, w.text]),
    ...o.remoting.flatMap(remotingTellings),
    ...o.refused.flatMap((r) => [r.interface, r.hresult.name]),
    ...o.pings.map((p) => p.set),
    ...o.interfacePointers.flatMap((p) => [
      ...present(p.ipid, p.interface, p.iid),
      `${p.references.handedOut} handed out`,
      ...(p.calls === 0 ? ['no calls'] : [`${p.calls} call`]),
      ...Object.keys(p.operations),
      ...p.holders.map((h) => `${h.address} holds ${h.references}`),
      ...frames(p.lastRelease),
    ]),
    ...frames(o.released),
  ];
}

function remotingTellings(r: RemotingReport): string[] {
  return [
    ...present(r.uri, r.server, r.type, r.origin),
    ...r.channels,
    ...r.endpoints,
    ...r.receipts.map((p) => `from ${p.from} to ${p.to} by ${p.operation}`),
    ...r.callers.map((c) => `${c.address}: ${c.calls} call`),
    ...(r.lease === null ? [] : [...r.lease.uris, ...r.lease.sponsors.map((s) => s.uri)]),
  ];
}

function frames(sight: ObjectReport['released']): string[] {
  return sight === null ? [] : [`${sight.request ?? '?'}→${sight.response ?? '?'}`];
}

function present(...texts: (string | null | undefined)[]): string[] {
  return texts.filter((text) => text != null);
}
