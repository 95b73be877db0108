/** Find: bytes and text in all sources of the PDUs that are shown, by roles and names. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { frames } from '../../src/index.js';
import { matchesIn } from '../../src/view/find/matches.js';
import { type Kind, patternsOf } from '../../src/view/find/patterns.js';
import { ROOT } from '../cli.js';
import { describePage, openFromDisk, openPage } from './support.js';

const sample = (name: string): string => `${ROOT}samples/${name}/capture.pcap`;

describe('what is looked for', () => {
  test.each<[Kind, string, string[] | null]>([
    ['text', 'Aé', ['41c3a9', '4100e900']],
    ['text', '😀', ['f09f9880', '3dd800de']],
    ['text', '', null],
    ['bytes', '00 0a:FF', ['000aff']],
    ['bytes', '0x00, 0x0a', ['000a']],
    ['bytes', '0', null],
    ['bytes', '', null],
    ['bytes', '0g', null],
  ])('%s %j', (kind, written, wanted) => {
    expect(patternsOf(kind, written)?.map((bytes) => Buffer.from(bytes).toString('hex')) ?? null).toEqual(wanted);
  });

  test('bytes that are the same in several sources are told once, in the innermost', async () => {
    const patterns = patternsOf('text', 'svc.rem') as Uint8Array[];
    for await (const { number, pdus } of frames(sample('managed-object')))
      for (const { recording } of pdus) {
        const matches = matchesIn(recording.sources, patterns);
        const wanted = number === 30 ? [{ source: 1, start: 220, end: 227 }] : [];
        expect(matches, `frame ${number}`).toEqual(wanted);
      }
  });
});

/** Opens Find and looks for something. */
async function find(page: Page, kind: Kind, written: string): Promise<Locator> {
  await page.keyboard.press('Control+f');
  const dialog = page.getByRole('dialog', { name: 'Find' });
  await dialog.getByRole('combobox').selectOption(kind);
  await dialog.getByRole('textbox', { name: 'Find' }).fill(written);
  await page.keyboard.press('Enter');
  return dialog;
}

const told = (dialog: Locator): Promise<string> => dialog.getByRole('status', { name: 'Found' }).innerText();

/** What is marked: the frame, and the bytes as hex. */
async function marked(page: Page): Promise<string> {
  const frame = await page
    .locator('[role="grid"][aria-label="Packets"] [aria-selected="true"]')
    .getAttribute('data-frame');
  const bytes = page.getByRole('grid', { name: 'Bytes' }).locator('[role="gridcell"][aria-selected="true"]');
  return `${frame}: ${(await bytes.allInnerTexts()).join(' ')}`;
}

const hexOf = (text: string, encoding: 'utf8' | 'utf16le'): string =>
  Buffer.from(text, encoding)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ');

describePage('Find', () => {
  test('text goes from one place to the next and back, around the ends', async () => {
    const page = await openPage([sample('managed-object')]);
    const dialog = await find(page, 'text', 'Address');
    const address = hexOf('Address', 'utf8');
    for (const [key, status, frame] of [
      [null, '1 of 7', 44],
      ['Enter', '2 of 7', 44],
      ['Enter', '3 of 7', 45],
      ['Shift+Enter', '2 of 7', 44],
      ['Shift+Enter', '1 of 7', 44],
      ['Shift+Enter', '7 of 7', 48],
      ['Enter', '1 of 7', 44],
    ] as const) {
      if (key !== null) await page.keyboard.press(key);
      await expect.poll(() => told(dialog)).toBe(status);
      await expect.poll(() => marked(page)).toBe(`${frame}: ${address}`);
    }
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog.count()).toBe(0);
  });

  test('gives the focus back to where it came from', async () => {
    const page = await openPage([`${ROOT}samples/managed-object/capture.pcap`], { at: 'pdu=5' });
    for (const name of ['Packets', 'Bytes']) {
      const grid = page.getByRole('grid', { name });
      await grid.focus();
      await page.keyboard.press('Control+f');
      await page.locator('dialog :focus').waitFor();
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog', { name: 'Find' }).count()).toBe(0);
      await expect.poll(() => grid.evaluate((box) => box.matches(':focus'))).toBe(true);
    }
  });

  test('UTF-16 text, bytes, what is not there, and what is no hex', async () => {
    const page = await openFromDisk(sample('managed-object'));
    const dialog = await find(page, 'text', 'IOISRV');
    await expect.poll(() => marked(page)).toBe(`9: ${hexOf('IOISRV', 'utf16le')}`);
    await find(page, 'bytes', '00 01 00 00 00 ff ff ff ff');
    await expect.poll(() => told(dialog)).toBe('1 of 6');
    await find(page, 'text', 'nowhere');
    await expect.poll(() => told(dialog)).toBe('nothing');
    await find(page, 'bytes', '0');
    await expect.poll(() => dialog.getByRole('alert').innerText()).toContain('Hex digits in pairs');
  });

  test('what is sealed is found once it was opened', async () => {
    const page = await openFromDisk(sample('ntlm-sealed'));
    const dialog = await find(page, 'text', 'svc.rem');
    await expect.poll(() => told(dialog)).toBe('nothing');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Secrets…' }).click();
    const secrets = page.getByRole('dialog');
    await secrets.locator('input[type="file"]').setInputFiles(`${ROOT}samples/ntlm-sealed/secrets.json`);
    await secrets.locator('button[type="submit"]').click();
    await expect.poll(() => secrets.getByRole('status').innerText()).toContain('opened');
    await page.keyboard.press('Escape');
    await find(page, 'text', 'svc.rem');
    await expect.poll(() => marked(page)).toBe(`36: ${hexOf('svc.rem', 'utf8')}`);
  });
});
