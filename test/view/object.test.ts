/** The tab "Object": what a PDU carries as objects, by roles and names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { encode, SCENARIOS } from '../../src/index.js';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage, seriousFindings } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'clrscope-object-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = (name: string): string => `${ROOT}samples/${name}/capture.pcap`;

/** The capture of a scenario whose BSTRs hold something else. */
function captureWith(scenario: string, change: (bstr: Record<string, unknown>) => void): string {
  const document = SCENARIOS.find(({ name }) => name === scenario)!.document();
  const todo: unknown[] = [document];
  for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if ('nrbf' in value || 'vt' in value) change(value as Record<string, unknown>);
    todo.push(...Object.values(value).filter((inner) => inner !== null && inner !== undefined));
  }
  const path = join(folder, `${scenario}.pcap`);
  writeFileSync(path, encode(document));
  return path;
}

const int = (value: number) => ({ type: 'System.Int32', value });

/** An object that refers to itself, and holds a long array, in the place of the one that was. */
function circle(bstr: Record<string, unknown>): void {
  if (bstr.nrbf === undefined) return;
  const elements = Array.from({ length: 100_000 }, (_, i) => int(i));
  const child = {
    type: 'Tree.Node',
    assembly: 'Tree',
    members: { name: { type: 'System.String', value: 'child' }, up: { ref: 1 }, down: null },
  };
  const list = { type: 'System.Int32[]', rank: 1, lengths: [elements.length], elements };
  const top = {
    id: 1,
    type: 'Tree.Node',
    assembly: 'Tree',
    members: { name: { type: 'System.String', value: 'top' }, up: null, down: child },
  };
  bstr.nrbf = { root: { type: 'Tree.Tree', assembly: 'Tree', members: { top, again: { ref: 1 }, list } } };
}

async function objectOf(page: Page, frame: number): Promise<Locator> {
  await page.locator(`[role="row"][data-frame="${frame}"]`).click();
  await page.getByRole('tab', { name: 'Object', exact: true }).click();
  return page.getByRole('tree', { name: 'Object' });
}

/** Bytes that are marked: of which offset on, and how many of them are seen. */
async function marked(page: Page): Promise<number[]> {
  const bytes = page.getByRole('grid', { name: 'Bytes' }).locator('[role="gridcell"][aria-selected="true"]');
  return Promise.all((await bytes.all()).map(async (byte) => Number(await byte.getAttribute('data-offset'))));
}

const meaning = (page: Page): Locator => page.getByRole('region', { name: 'Meaning' });

describePage('Object', () => {
  test('an ObjRef: what a proxy will do, its members, and their bytes and nodes', async () => {
    const page = await openPage([sample('managed-object')]);
    const tree = await objectOf(page, 30);
    await expect
      .poll(() => meaning(page).innerText())
      .toContain('a proxy for Svc will call tcp://192.0.2.2:9099/svc.rem');
    await expect
      .poll(() => tree.getByRole('treeitem').allInnerTexts())
      .toEqual([
        expect.stringContaining('root ObjRef svc.rem : Svc, tcp://192.0.2.2:9099 #1'),
        expect.stringContaining('uri "svc.rem"'),
        expect.stringContaining('typeInfo TypeInfo {'),
        expect.stringContaining('envoyInfo null'),
        expect.stringContaining('channelInfo ChannelInfo {'),
        expect.stringContaining('objrefFlags 0'),
      ]);
    await tree.getByRole('treeitem', { name: /^uri/ }).click();
    await expect.poll(() => marked(page)).toEqual(Array.from({ length: 13 }, (_, i) => 214 + i));
    await page.getByRole('tab', { name: 'Tree' }).click();
    const node = page.getByRole('tree', { name: 'Details' }).locator('[aria-selected="true"]');
    await expect.poll(() => node.getAttribute('data-start')).toBe('214');
    await expect.poll(() => node.getAttribute('data-field')).toBe('nrbf.record');
    await page.getByRole('tab', { name: 'Object', exact: true }).click();
    await meaning(page).waitFor();
    expect(await seriousFindings(page, '[aria-label="PDU"]')).toEqual([]);
  });

  test('keys open, close and go on; * opens all below', async () => {
    const page = await openFromDisk(sample('managed-object'));
    const tree = await objectOf(page, 30);
    const chosen = tree.locator('[aria-selected="true"]');
    await tree.getByRole('treeitem', { name: /^typeInfo/ }).click();
    for (const [key, wanted] of [
      ['ArrowRight', 'typeInfo'],
      ['ArrowRight', 'serverType "Svc, v'],
      ['ArrowLeft', 'typeInfo'],
      ['ArrowLeft', 'typeInfo'],
      ['End', 'objrefFlags'],
      ['Home', 'root'],
    ]) {
      await tree.press(key);
      await expect.poll(() => chosen.innerText()).toContain(wanted);
    }
    await tree.press('*');
    await expect.poll(() => tree.getByRole('treeitem').count()).toBe(18);
    await expect.poll(() => tree.getByRole('treeitem', { name: /^_channelURIs/ }).getAttribute('aria-level')).toBe('5');
  });

  test('a message is a line of code, an exception says what it is', async () => {
    const page = await openFromDisk(sample('remoting-tcp'));
    const tree = await objectOf(page, 8);
    await expect.poll(() => meaning(page).innerText()).toBe('Warehouse.FailInner("outer")');
    await expect
      .poll(() => tree.getByRole('treeitem').allInnerTexts())
      .toEqual(
        expect.arrayContaining([
          expect.stringContaining('method "FailInner"'),
          expect.stringContaining('argument 1 "outer"'),
        ]),
      );
    await objectOf(page, 10);
    await expect.poll(() => meaning(page).innerText()).toContain('an exception: System.ArgumentException');
    await expect.poll(() => meaning(page).innerText()).toContain('inner of outer');
  });

  test('references jump to what they mean, and an array of 100,000 scrolls', async () => {
    const page = await openFromDisk(captureWith('object-by-value', circle));
    // the last fragment has it
    await page.getByRole('grid', { name: 'Packets' }).press('End');
    await page.getByRole('tab', { name: 'Object', exact: true }).click();
    const tree = page.getByRole('tree', { name: 'Object' });
    const chosen = tree.locator('[aria-selected="true"]');
    const again = tree.getByRole('treeitem', { name: /^again/ });
    await expect.poll(() => again.innerText()).toMatch(/^again → #\d+ /);
    await again.getByRole('button').click();
    await expect.poll(() => chosen.innerText()).toMatch(/top Node \{/);
    // down to the child, which refers back
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowDown'])
      await tree.press(key);
    await expect.poll(() => chosen.innerText()).toContain('up → #');
    await tree.press('Enter');
    await expect.poll(() => chosen.innerText()).toMatch(/top Node \{/);
    await tree.getByRole('treeitem', { name: /^list/ }).press('Home');
    await tree.press('End');
    await tree.press('ArrowRight');
    await tree.press('End');
    await expect.poll(() => chosen.innerText()).toContain('[99999] 99999');
    expect(await tree.getByRole('treeitem').count()).toBeLessThan(200);
    // its bytes alone
    await expect.poll(async () => (await marked(page)).length).toBe(4);
  });

  test('of several streams one is chosen', async () => {
    const texts = ['first', 'second', 'third'];
    const file = captureWith('component-info', (array) => {
      if (array.vt !== 'VT_BSTR') return;
      array.elements = texts.map((value) => ({ nrbf: { root: { type: 'System.String', value } } }));
    });
    const page = await openFromDisk(file);
    await page.getByRole('grid', { name: 'Packets' }).press('End');
    await page.getByRole('tab', { name: 'Object', exact: true }).click();
    const tree = page.getByRole('tree', { name: 'Object' });
    const chooser = page.getByRole('combobox', { name: 'Stream' });
    await expect.poll(() => chooser.locator('option').count()).toBe(3);
    for (const [i, text] of texts.entries()) {
      await chooser.selectOption({ index: i });
      await expect.poll(() => tree.getByRole('treeitem').innerText()).toContain(`root "${text}"`);
      await tree.getByRole('treeitem').click();
      // its record: type, id, length and text
      await expect.poll(async () => (await marked(page)).length).toBe(6 + text.length);
    }
  });

  test('where there is no NRBF, the decoded parameters', async () => {
    const page = await openFromDisk(sample('managed-object'));
    const tree = await objectOf(page, 28);
    await expect
      .poll(() => tree.getByRole('treeitem').allInnerTexts())
      .toEqual(expect.arrayContaining([expect.stringContaining('AppDomainID 2')]));
    await expect.poll(() => page.getByText('No NRBF in this PDU: these are its decoded parameters.').count()).toBe(1);
    await page.locator('[role="row"][data-frame="4"]').click();
    await expect.poll(() => page.getByText('No NRBF in this PDU, and no decoded parameters.').count()).toBe(1);
  });
});
