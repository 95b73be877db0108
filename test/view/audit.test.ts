/** The view of findings: what `audit` prints, and the ways from findings to their bytes. */
import { basename, dirname } from 'node:path';
import { expect, it } from 'vitest';
import { type AuditJson, safe } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage, seriousFindings } from './support.js';
import { cellsOf, printed, SAMPLES, toView } from './whole.js';

const FIRST = `${ROOT}samples/managed-object/capture.pcap`;

describePage('audit', () => {
  it.each(SAMPLES.map((file) => [basename(dirname(file)), basename(file), file]))(
    'of %s/%s finds what `audit -T json` finds, and says why and what to do',
    async (_folder, _name, file) => {
      const { findings, looked, inventory } = printed<AuditJson>('audit', file);
      const page = await openFromDisk(file);
      await toView(page, 'Audit');
      const rows = page.getByRole('grid', { name: 'Findings' }).locator('[data-rule]');
      const shown = await rows.evaluateAll((all) => all.map((row) => [row.getAttribute('data-rule'), row.textContent]));
      expect(shown.map(([rule]) => rule)).toEqual(findings.map(({ rule }) => rule));
      for (const [at, { title, severity, confidence, evidence, peers }] of findings.entries())
        for (const text of [title, severity, confidence, evidence, peers.server]) expect(shown[at][1]).toContain(text);
      const badge = page.getByRole('tab', { name: 'Audit' }).locator('sup');
      expect(await badge.allTextContents()).toEqual(findings.length === 0 ? [] : [String(findings.length)]);
      const about = page.getByRole('complementary', { name: 'What was looked at' });
      expect(await about.textContent()).toContain(`${looked.packets} packet`);
      if (looked.sealed > 0) expect(await about.textContent()).toContain(`${looked.sealed} call`);
      const pane = page.getByRole('complementary', { name: 'Finding', exact: true });
      for (const [at, f] of findings.entries()) {
        await rows.nth(at).click();
        await pane.getByRole('heading', { level: 2 }).waitFor();
        const text = (await pane.textContent()) ?? '';
        for (const told of [
          f.why,
          f.fix,
          ...f.evidences,
          ...f.references,
          ...f.clients,
          ...f.operations,
          ...f.communityIds,
        ])
          expect(text).toContain(safe(told));
        for (const { frames } of f.places)
          for (const frame of frames)
            await pane
              .getByRole('button', { name: `Frame ${frame}`, exact: true })
              .first()
              .waitFor();
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
    },
  );

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
        expect(Number(await marked.first().getAttribute('data-offset')), title).toBe(bytes.offset);
        const row = page.getByRole('grid', { name: 'Packets' }).locator('[aria-selected="true"]');
        expect(await row.getAttribute('data-frame'), title).toBe(String(bytes.file.at(-1)?.frame));
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
    expect(await chosen.getAttribute('data-object')).toBe('10.20.0.20 0xf1fd42a29755d4c1');
  });

  it('has nothing serious for axe, in light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openPage([FIRST], { colorScheme });
      await toView(page, 'Audit');
      expect(await seriousFindings(page)).toEqual([]);
      await page.locator('[data-rule]').first().click();
      await page.getByText('What to do').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole('tab', { name: 'Inventory' }).click();
      await page.getByRole('table', { name: 'Servers' }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    }
  });
});
