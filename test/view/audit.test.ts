/** The view of findings: what `audit` prints, and the ways from findings to their bytes. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { type AuditJson, safe } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, inOnePage, openFromDisk, openPage, seriousFindings } from './support.js';
import { cellsOf, missingIn, printed, SAMPLES, toView } from './whole.js';

const FIRST = `${ROOT}samples/managed-object/capture.pcap`;

/** Holds the view of a capture that is open against what is printed of it. */
async function expectAudit(page: Page, file: string): Promise<void> {
  const { findings, looked, inventory } = printed<AuditJson>('audit', file);
  await toView(page, 'Audit');
  const rows = page.getByRole('grid', { name: 'Findings' }).locator('[data-rule]');
  await expect
    .poll(() => rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-rule'))))
    .toEqual(findings.map(({ rule }) => rule));
  const shown = await rows.allTextContents();
  for (const [at, { title, severity, confidence, evidence, peers }] of findings.entries())
    for (const text of [title, severity, confidence, evidence, peers.server]) expect(shown[at]).toContain(text);
  const badge = page.getByRole('tab', { name: 'Audit' }).locator('sup');
  expect(await badge.allTextContents()).toEqual(findings.length === 0 ? [] : [String(findings.length)]);
  const about = page.getByRole('complementary', { name: 'What was looked at' });
  await expect.poll(() => about.textContent()).toContain(`${looked.packets} packet`);
  if (looked.sealed > 0) expect(await about.textContent()).toContain(`${looked.sealed} call`);
  const pane = page.getByRole('complementary', { name: 'Finding', exact: true });
  for (const [at, f] of findings.entries()) {
    await rows.nth(at).click();
    await pane.getByRole('heading', { name: `${f.rule} ${f.title}` }).waitFor();
    const told = [f.why, f.fix, ...f.evidences, ...f.references, ...f.clients, ...f.operations, ...f.communityIds];
    await expect
      .poll(
        async () =>
          missingIn(
            await pane.textContent(),
            told.map((text) => safe(text)),
          ),
        { message: f.title },
      )
      .toEqual([]);
    const links = pane.getByRole('button', { name: /^Frame / });
    const named = await links.evaluateAll((all) => all.map((link) => Number(link.textContent)));
    expect(named).toEqual(expect.arrayContaining(f.places.flatMap(({ frames }) => frames)));
  }
  await page.getByRole('tab', { name: 'Inventory' }).click();
  await page.locator('.inventory').waitFor();
  const tables: readonly (readonly [name: string, rows: readonly object[]])[] = [
    ['Servers', inventory.servers],
    ['Classes', inventory.classes],
    ['Managed types', inventory.types],
    ['CLR instances', inventory.clrInstances],
    ['URIs', inventory.uris],
    ['Accounts', inventory.accounts],
    ['Who talks to whom', inventory.conversations],
  ];
  for (const [name, wanted] of tables) {
    const lines = await cellsOf(page.getByRole('table', { name }).locator('tbody tr'), 'td');
    expect(lines.length).toBe(wanted.length);
    for (const [at, row] of wanted.entries())
      for (const value of Object.values(row).flat())
        if (typeof value === 'string' && value !== '') expect(lines[at].join('\n')).toContain(safe(value));
  }
}

describePage('audit', () => {
  it('finds what `audit -T json` finds, and says why and what to do', () => inOnePage(SAMPLES, expectAudit), 600_000);

  it.each(['managed-object', 'object-remoted', 'remoting-tcp', 'ntlm-sealed'])(
    'leads from each finding of %s to its bytes',
    async (sample) => {
      const file = `${ROOT}samples/${sample}/capture.pcap`;
      const { findings } = printed<AuditJson>('audit', file);
      const page = await openFromDisk(file);
      await toView(page, 'Audit');
      const rows = page.getByRole('grid', { name: 'Findings' }).locator('[data-rule]');
      const pane = page.getByRole('complementary', { name: 'Finding', exact: true });
      let looked = 0;
      for (const [at, { bytes, title }] of findings.entries()) {
        if (bytes === null || bytes.file.length === 0) continue;
        await rows.nth(at).click();
        await pane.getByRole('heading', { name: title }).waitFor();
        await pane.getByTitle('Show these bytes').click();
        const source = page.getByRole('tablist', { name: 'Sources' }).locator('[aria-selected="true"]');
        await expect.poll(() => source.textContent(), { message: title }).toContain(bytes.source);
        const marked = page.getByRole('grid', { name: 'Bytes' }).locator('[data-offset][aria-selected="true"]');
        await expect
          .poll(() => marked.first().getAttribute('data-offset'), { message: title })
          .toBe(String(bytes.offset));
        const row = page.getByRole('grid', { name: 'Packets' }).locator('[aria-selected="true"]');
        await expect
          .poll(() => row.getAttribute('data-frame'), { message: title })
          .toBe(String(bytes.file.at(-1)?.frame));
        looked++;
        await page.goBack();
      }
      expect(looked).toBeGreaterThan(0);
    },
  );

  it('leads to the object that a finding is about', async () => {
    const page = await openFromDisk(FIRST);
    await toView(page, 'Audit');
    await page.locator('[data-rule="IOI-005"]').click();
    await page
      .getByRole('complementary', { name: 'Finding', exact: true })
      .getByTitle('All that is known of it')
      .click();
    const chosen = page.getByRole('grid', { name: 'Objects' }).locator('[aria-selected="true"]');
    await expect.poll(() => chosen.getAttribute('data-object')).toBe('10.20.0.20 0xf1fd42a29755d4c1');
  });

  it('has nothing serious for axe', async () => {
    const page = await openPage([FIRST]);
    await toView(page, 'Audit');
    await page.locator('[data-rule]').first().click();
    await page.getByText('What to do').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Inventory' }).click();
    await page.getByRole('table', { name: 'Servers' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
