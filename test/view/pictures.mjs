/**
 * `npm run pictures`: the pictures of the page in README, made from the samples. Look at them before they are called good.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { palettePng } from './palette-png.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Each: the sample, what is chosen in it, and the colours. */
const PICTURES = [
  {
    sample: 'managed-object',
    colorScheme: 'light',
    async choose(page) {
      await page.getByRole('grid', { name: 'Packets' }).locator('[data-frame="30"]').click();
      await page.getByRole('tab', { name: 'BSTR 828' }).click();
      await page.getByRole('grid', { name: 'Bytes' }).locator('[data-offset="220"]').click();
      await page.getByRole('tree', { name: 'Details' }).getByRole('treeitem', { selected: true }).waitFor();
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

const [WIDTH, HEIGHT] = [1440, 900];

/** The pixels of a picture, four bytes each. */
async function pixelsOf(png) {
  const page = await browser.newPage();
  const base64 = await page.evaluate(async (text) => {
    const file = new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
    const bitmap = await createImageBitmap(file);
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    const url = new FileReader();
    url.readAsDataURL(new Blob([data]));
    await new Promise((resolve) => url.addEventListener('load', resolve));
    return url.result.slice(url.result.indexOf(',') + 1);
  }, png.toString('base64'));
  await page.close();
  return Buffer.from(base64, 'base64');
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const { sample, colorScheme, choose } of PICTURES) {
  const capture = `${root}samples/${sample}/capture.pcap`;
  const server = spawn(process.execPath, [`${root}dist/bundle/cli/main.js`, 'view', capture]);
  const address = await new Promise((resolve) => server.stdout.once('data', (text) => resolve(`${text}`.trim())));
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme });
  await page.goto(address);
  await page.locator('[data-capture="read"]').waitFor();
  await choose(page);
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(1000);
  const pixels = await pixelsOf(await page.screenshot());
  writeFileSync(`${root}samples/${sample}/page-${colorScheme}.png`, palettePng(pixels, WIDTH));
  server.kill();
}
await browser.close();
