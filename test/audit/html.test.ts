/**
 * The page: everything from traffic is escaped, nothing of it is fetched, and a browser shows its pictures without
 * complaint. The browser is Debian's Chromium; without it that part is skipped.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type AuditReport, reportOf } from '../../src/analysis/audit/index.js';
import { auditHtml } from '../../src/output/audit/html.js';
import { PAGE_SCRIPT } from '../../src/output/audit/script.js';
import { TRAFFIC } from '../traffic.js';
import { ADDRESS, buffer } from './plays.js';
import { auditOf, graph, Network, object } from './support.js';

const CHROMIUM = '/usr/bin/chromium';
const folder = mkdtempSync(join(tmpdir(), 'clrscope-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\u0000</svg>';

/** A conversation in which every name is markup. */
function hostile(): AuditReport {
  const net = new Network();
  const evil = object(`System.Windows.Forms.AxHost+State`, { Password: HOSTILE }, `${HOSTILE}, Version=1.0.0.0`);
  net
    .connect()
    .bind('6619a740-8154-43be-a186-0319578e02db')
    .call(
      'IRemoteDispatch.RemoteDispatchAutoDone',
      { s: graph({ call: { kind: 'call', method: HOSTILE, type: HOSTILE, args: [evil, object(HOSTILE)] } }) },
      { pRetVal: null },
    );
  return reportOf(net.result(), null, '1.0.0');
}

describe('the page of an audit', () => {
  test('attack: text from traffic is no markup', () => {
    const page = auditHtml(hostile());
    // one script, which is ours whole
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain(`<script>${PAGE_SCRIPT}</script>`);
    expect(page).not.toContain('<img');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('&lt;script&gt;');
  });

  test('it needs no network', () => {
    const page = auditHtml(hostile());
    expect(page.match(/\b(?:src|href)="(?!data:,")[^"]*"/g)).toBeNull();
    expect(page).not.toMatch(/@import|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  test('its one script is let run by its digest, and nothing else is', () => {
    const page = auditHtml(hostile());
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const digest = createHash('sha256').update(script).digest('base64');
    expect(policy.split('; ').filter((part) => part.startsWith('script-src'))).toEqual([
      `script-src 'sha256-${digest}'`,
    ]);
    expect(page).not.toMatch(/<[^<>]*\son[a-z]+=/);
  });

  test('date, captures and a sentence in the place of an empty picture', () => {
    const page = auditHtml(reportOf(new Network().result(), null, '1.0.0'), new Date('2026-02-03T04:05:06Z'));
    expect(page).toContain('Made on 2026-02-03 04:05 UTC by clrscope 1.0.0.');
    expect(page).not.toContain('<svg');
    for (const sentence of ['No call was seen', 'Nothing was found, at no time.', 'No managed object was told.'])
      expect(page).toContain(sentence);
    const net = new Network();
    for (let i = 0; i < 60; i++) net.begin(`folder/<${i}>.pcap`);
    const many = auditHtml(reportOf(net.result(), null, '1.0.0'));
    expect(many.match(/<li>folder\/&lt;\d+&gt;\.pcap<\/li>/g)).toHaveLength(60);
  });

  test('findings of one rule fold together, each server by itself', () => {
    const net = new Network();
    for (const server of ['10.0.0.21', '10.0.0.22', '10.0.0.23']) buffer(graph({ root: ADDRESS }), server)(net);
    const page = auditHtml(reportOf(net.result(), null, '1.0.0'));
    const [, group = ''] = /(<details class="group high".*?)<details class="(?:group|card) /s.exec(page) ?? [];
    expect(group).toContain('3 findings at 3 servers');
    expect(page.match(/<span class="id">IOI-002<\/span>/g)).toHaveLength(4);
  });

  test('nothing found', () => {
    const page = auditHtml(reportOf(new Network().result(), new Map([['x', null]]), '1.0.0'));
    expect(page).toContain('Nothing was found. Looked at: no packet.');
    expect(page).toContain('0 findings of the baseline were seen again, 1 were not.');
  });
});

describe.skipIf(!existsSync(CHROMIUM))('in Chromium', () => {
  const look = async (name: string, report: AuditReport): Promise<void> => {
    const file = join(folder, `${name}.html`);
    writeFileSync(file, auditHtml(report));
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme, offline: true });
        const said: string[] = [];
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(String(error)));
        page.on('request', (request) => {
          if (!/^(file|data):/.test(request.url())) said.push(request.url());
        });
        page.on('dialog', (dialog) => said.push(dialog.message()));
        await page.goto(`file://${file}`);
        expect(said).toEqual([]);
        for (const id of ['talk', 'time', 'objects']) {
          const box = await page.locator(`#${id}`).boundingBox();
          expect(box?.width).toBeGreaterThan(800);
          expect(box?.height).toBeGreaterThan(60);
        }
        // a table may scroll, the page may not
        const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
        expect(wide).toBe(0);
        const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
        expect(background).toBe(colorScheme === 'dark' ? 'rgb(18, 23, 30)' : 'rgb(246, 247, 249)');
        await page.close();
      }
    } finally {
      await browser.close();
    }
  };

  test('hostile text', { timeout: 60_000 }, () => look('hostile', hostile()));

  test('pictures, console and both themes', { timeout: 60_000 }, async () => {
    const report = reportOf(await auditOf(`${TRAFFIC}/clear-ndr.pcap`), null, '1.0.0');
    await look('clear-ndr', report);
    const page = auditHtml(report);
    // a line from client to server, a bar for each severity, a box for the type
    expect(page).toContain('NONE · 16 calls');
    for (const severity of ['critical', 'high', 'medium', 'low', 'info'])
      expect(page).toMatch(new RegExp(`<rect class="s-${severity}"`));
    expect(page).toContain('>Svc</text>');
  });

  /** Two servers, and a client that is at one of them only. */
  function deployment(): AuditReport {
    const net = new Network();
    for (const server of ['10.0.0.21', '10.0.0.22']) buffer(graph({ root: ADDRESS }), server)(net);
    net.client = '10.9.9.9';
    buffer(graph({ root: ADDRESS }), '10.0.0.22')(net);
    return reportOf(net.result(), null, '1.0.0');
  }

  test('search and folding', { timeout: 60_000 }, async () => {
    const file = join(folder, 'search.html');
    writeFileSync(file, auditHtml(deployment()));
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(`file://${file}`);
      const shown = (): Promise<number> => page.locator('.card:not([hidden])').count();
      const all = await shown();
      expect(all).toBeGreaterThan(4);
      await page.fill('#search', '10.9.9.9  ioi-002');
      expect(await shown()).toBe(1);
      expect(await page.textContent('#hits')).toMatch(`1 of ${all} findings, 0 of `);
      expect(await page.locator('.group:not([hidden])').getAttribute('open')).toBe('');
      await page.fill('#search', 'nothing of the kind');
      expect([await shown(), await page.locator('.group:not([hidden])').count()]).toEqual([0, 0]);
      await page.fill('#search', '');
      expect(await shown()).toBe(all);
      await page.click('#fold');
      expect(await page.locator('#findings details[open]').count()).toBe(0);
      await page.click('#unfold');
      expect(await page.locator('#findings details:not([open])').count()).toBe(0);
    } finally {
      await browser.close();
    }
  });

  test('without script, and on a small screen', { timeout: 60_000 }, async () => {
    const file = join(folder, 'small.html');
    writeFileSync(file, auditHtml(deployment()));
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 500, height: 800 } });
      const page = await context.newPage();
      await page.goto(`file://${file}`);
      expect(await page.locator('#search').isVisible()).toBe(false);
      await page.locator('.group > summary').first().click();
      expect(await page.locator('.group').first().getAttribute('open')).toBeNull();
      // letters of 13 in a picture of 960 stay above 11
      const picture = await page.locator('#talk').boundingBox();
      expect(((picture?.width ?? 0) / 960) * 13).toBeGreaterThan(11);
      const frame = await page.locator('.picture').first().boundingBox();
      expect(frame?.width).toBeLessThan(500);
    } finally {
      await browser.close();
    }
  });

  test('a tile hides its findings', { timeout: 60_000 }, async () => {
    const file = join(folder, 'tiles.html');
    writeFileSync(file, auditHtml(reportOf(await auditOf(`${TRAFFIC}/clear-ndr.pcap`), null, '1.0.0')));
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      await page.goto(`file://${file}`);
      expect(await page.locator('.card.low').first().isVisible()).toBe(true);
      await page.locator('label.s-low-tile').click();
      expect(await page.locator('.card.low').first().isVisible()).toBe(false);
      expect(await page.locator('.card.critical').first().isVisible()).toBe(true);
    } finally {
      await browser.close();
    }
  });
});
