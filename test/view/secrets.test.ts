/** Secrets in the page: they open what is sealed where one is, say what they opened, and are found nowhere afterwards. */
import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { ntHash } from '../../src/security/ntlm/keys.js';
import { asProcess, ROOT, SHARED } from '../cli.js';
import { describePage, openPage } from './support.js';

const SEALED = `${ROOT}samples/ntlm-sealed/capture.pcap`;
const TRUTH = `${ROOT}samples/truth/`;
const TRAFFIC = `${SHARED}/captures/traffic/`;

const dialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Secrets' });
const opened = (page: Page): Locator => dialog(page).getByRole('status', { name: 'Opened' });

async function openWith(
  page: Page,
  told: Readonly<Record<string, string>>,
  files: readonly string[] = [],
): Promise<void> {
  const box = dialog(page);
  if (!(await box.isVisible())) await page.getByRole('button', { name: 'Secrets…' }).click();
  for (const [label, text] of Object.entries(told)) await box.getByLabel(label, { exact: true }).fill(text);
  await box.getByLabel('Keytabs, or a secrets file').setInputFiles([...files]);
  await box.getByRole('button', { name: 'Open with these' }).click();
}

describePage('secrets', () => {
  test('of an account open what is sealed, where one is, and stay in memory', async () => {
    const page = await openPage([SEALED], { at: 'pdu=20&filter=dcerpc' });
    const before = page.url();
    const sources = page.getByRole('tablist', { name: 'Sources' });
    await sources.getByRole('tab').first().waitFor();
    await expect.poll(() => sources.getByRole('tab', { name: /^Decrypted/ }).count()).toBe(0);
    await openWith(page, { User: 'ioi', Domain: 'LAB', Password: 'Passw0rd!' });
    await expect.poll(() => opened(page).innerText()).toBe('16 of 16 sealed calls opened');
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => sources.getByRole('tab', { name: /^Decrypted/ }).count()).toBe(1);
    await expect.poll(() => page.url()).toBe(before);
    await expect.poll(() => page.getByRole('status', { name: 'Matches' }).innerText()).toBe('49 of 49 PDUs');
    const kept = await page.evaluate(
      `indexedDB.databases().then((databases) =>
        JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, databases, history.state]))`,
    );
    expect(`${kept} ${page.url()} ${await page.content()}`.includes('Passw0rd')).toBe(false);
    // it is forgotten when the page is
    await page.reload();
    await page.locator('[data-capture="read"]').waitFor();
    await page.getByRole('button', { name: 'Secrets…' }).click();
    await expect.poll(() => opened(page).innerText()).toBe('0 of 16 sealed calls opened — no secrets were given');
    await expect.poll(() => dialog(page).getByLabel('Password').inputValue()).toBe('');
  });

  test('that do not fit say why; an NT hash does as a password does; they can be forgotten', async () => {
    const page = await openPage([SEALED]);
    await openWith(page, { User: 'ioi', Domain: 'LAB', Password: 'wrong' });
    await expect.poll(() => opened(page).innerText()).toMatch(/^0 of 16 sealed calls opened — /);
    await openWith(page, { Password: '', 'or NT hash': Buffer.from(ntHash('Passw0rd!')).toString('hex') });
    await expect.poll(() => opened(page).innerText()).toBe('16 of 16 sealed calls opened');
    await dialog(page).getByRole('button', { name: 'Forget all' }).click();
    await expect.poll(() => opened(page).innerText()).toMatch(/^0 of 16 .* no secrets were given$/);
  });

  test('of a keytab, and a file that names one', async () => {
    const page = await openPage([`${TRUTH}krb5-privacy.pcap`]);
    await openWith(page, {}, [`${TRUTH}krb5-privacy.secrets.json`]);
    const alert = dialog(page).getByRole('alert');
    await expect.poll(() => alert.innerText()).toContain('krb5-privacy.keytab');
    await openWith(page, {}, [`${TRUTH}krb5-privacy.secrets.json`, `${TRUTH}krb5-privacy.keytab`]);
    await expect.poll(() => opened(page).innerText()).toMatch(/^(\d+) of \1 sealed calls opened$/);
    await expect.poll(() => alert.count()).toBe(0);
    await dialog(page).getByRole('button', { name: 'Forget all' }).click();
    await expect.poll(() => opened(page).innerText()).toMatch(/^0 of/);
    await openWith(page, {}, [`${TRUTH}krb5-privacy.keytab`]);
    await expect.poll(() => opened(page).innerText()).toMatch(/^(\d+) of \1 sealed calls opened$/);
  });

  test('that are none are told by name and place, not by what they say', async () => {
    const page = await openPage([SEALED]);
    await page.getByRole('button', { name: 'Secrets…' }).click();
    const files = dialog(page).getByLabel('Keytabs, or a secrets file');
    await files.setInputFiles({
      name: 'mine.json',
      mimeType: '',
      buffer: Buffer.from('{"accounts":[{"user":"u","password":7777}]}'),
    });
    await dialog(page).getByRole('button', { name: 'Open with these' }).click();
    const alert = dialog(page).getByRole('alert');
    await expect.poll(() => alert.innerText()).toBe('mine.json: accounts[0].password: a text is wanted');
    await files.setInputFiles({ name: 'mine.json', mimeType: '', buffer: Buffer.from('{"accounts": secret') });
    await dialog(page).getByRole('button', { name: 'Open with these' }).click();
    await expect.poll(() => alert.innerText()).not.toContain('accounts[0]');
    expect(await alert.innerText()).not.toContain('secret');
  });

  test.skipIf(SHARED === null || !existsSync(TRAFFIC))('open in the page what they open for the program', async () => {
    for (const name of [
      'spnego-krb5-privacy',
      'ntlmv1-privacy',
      'ntlm-privacy-vt',
      'krb5-integrity',
      'wrong-password',
    ]) {
      const [file, secrets] = [`${TRAFFIC}${name}.pcap`, `${TRAFFIC}${name}.secrets.json`];
      const args = ['calls', '-q', '-T', 'ndjson', '--secrets', secrets, file];
      const lines = asProcess(args).out.trim().split('\n');
      const printed = lines
        .map((line) => JSON.parse(line).auth.decrypted as boolean | null)
        .filter((one) => one !== null);
      const page = await openPage([file]);
      const keytab = `${TRAFFIC}${name}.keytab`;
      await openWith(page, {}, existsSync(keytab) ? [secrets, keytab] : [secrets]);
      const told =
        printed.length === 0
          ? 'No call of this capture is sealed.'
          : `${printed.filter(Boolean).length} of ${printed.length} sealed calls opened`;
      await expect.poll(() => opened(page).innerText(), { message: name }).toContain(told);
      await page.close();
    }
  });
});
