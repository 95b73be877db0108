/** README's keys are those that the page says of itself. `npm run samples` writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ROOT } from '../cli.js';
import { describePage, openPage } from './support.js';

const README = `${ROOT}README.md`;

describePage('README', () => {
  test('lists the keys that ? shows', async () => {
    const page = await openPage([`${ROOT}samples/managed-object/capture.pcap`], { at: 'pdu=30' });
    await page.getByRole('tree', { name: 'Details' }).waitFor();
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.waitFor();
    const [keys, says] = [await dialog.locator('kbd').allTextContents(), await dialog.locator('dd').allTextContents()];
    const rows = [...new Set(says)].map((what) => {
      const own = keys.filter((_, at) => says[at] === what).map((key) => `\`${key}\``);
      return `| ${own.join(', ')} | ${what} |`;
    });
    const block = `<!-- keys -->\n\n| key | what it does |\n|---|---|\n${rows.join('\n')}\n\n<!-- end -->`;
    if (process.env.UPDATE_SAMPLES === '1')
      writeFileSync(
        README,
        readFileSync(README, 'utf8').replace(/<!-- keys -->[\s\S]*?<!-- end -->/, () => block),
      );
    expect(readFileSync(README, 'utf8').includes(block), 'stale: npm run samples').toBe(true);
  });
});
