/**
 * `npm run pictures`: the pictures of the page in README, made from the samples. Look at them before they are called good.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Each: the sample, what is chosen in it, and the colours. */
const PICTURES = [
  {
    sample: 'managed-object',
    colorScheme: 'light',
    async choose(page) {
      await page.getByRole('grid', { name: 'Packets' }).locator('[data-frame="30"]').click();
      await page.getByRole('tree', { name: 'Details' }).waitFor();
    },
  },
  {
    sample: 'object-remoted',
    colorScheme: 'dark',
    async choose(page) {
      await page.getByRole('tab', { name: 'Flow' }).click();
      await page.getByRole('figure', { name: 'Flow' }).getByRole('button').nth(4).click();
    },
  },
];

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const { sample, colorScheme, choose } of PICTURES) {
  const capture = `${root}samples/${sample}/capture.pcap`;
  const server = spawn(process.execPath, [`${root}dist/bundle/cli/main.js`, 'view', capture]);
  const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(`${text}`.trim())));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme });
  await page.goto(address);
  await page.locator('[data-capture="read"]').waitFor();
  await choose(page);
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(1000);
  await page.screenshot({ path: `${root}samples/${sample}/page-${colorScheme}.png` });
  server.kill();
}
await browser.close();
