/**
 * The page in Chromium, as people and programs meet it: by roles and names (../shared/view/README.md). It is the page
 * that was built, served by the program that was built: `npm run build` first.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterEach, describe, expect } from 'vitest';
import { ROOT } from '../cli.js';
import { startView } from './served.js';

const CHROMIUM = '/usr/bin/chromium';
/** Milliseconds that something may take on a machine that is busy with much else. */
const PATIENCE = 90_000;

/** The page that was built. */
export const PAGE = `${ROOT}dist/view/index.html`;

/** One for all files of a worker; it ends with that. */
let browser: Browser | null = null;
let pages: Page[] = [];
let servers: ChildProcess[] = [];
/** What pages complained of: nothing, or the test fails. */
let complaints: string[] = [];

/**
 * Tests of the page; skipped where there is no Chromium. What a test opened is closed behind it, and its pages must not
 * have complained: no error, no message on the console, nothing that the content security policy stopped.
 */
export function describePage(what: string, tests: () => void): void {
  if (!existsSync(CHROMIUM)) {
    describe.skip(`${what} (skipped: ${CHROMIUM} is missing)`, tests);
    return;
  }
  describe(what, () => {
    afterEach(async () => {
      const heard = complaints;
      await Promise.all(pages.map((page) => page.context().close()));
      for (const server of servers) server.kill('SIGKILL');
      [pages, servers, complaints] = [[], [], []];
      expect(heard).toEqual([]);
    });
    tests();
  });
}

/** What pages had to complain of so far does not fail the test. */
export function forgetComplaints(expected: RegExp): void {
  complaints = complaints.filter((one) => !expected.test(one));
}

/** How the page is opened. */
export interface Opening extends BrowserContextOptions {
  /** Behind `#`: where in the capture, as `view=calls&call=3`. */
  readonly at?: string;
}

/** The page as `clrscope view` serves it, once all of the first capture was read. */
export async function openPage(files: readonly string[], opening: Opening = {}): Promise<Page> {
  const { address, server } = await startView(files);
  servers.push(server);
  const page = await blankPage(opening);
  await page.goto(`${address}#${opening.at ?? ''}`);
  if (files.length > 0) await wasRead(page);
  return page;
}

/** The page from the disk, without a server; with a capture that was chosen in it, once all of that was read. */
export async function openFromDisk(file: string | null, opening: Opening = {}): Promise<Page> {
  const page = await blankPage(opening);
  await page.goto(`${pathToFileURL(PAGE)}#${opening.at ?? ''}`);
  if (file === null) return page;
  await chooseFile(page, file);
  return page;
}

/** Opens a capture in a page that is there, once all of it was read. */
async function chooseFile(page: Page, file: string): Promise<void> {
  const asked = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open capture…' }).click();
  await (await asked).setFiles(file);
  await wasRead(page);
}

/** Looks at captures one after the other in one page, which takes far less than a page for each. */
export async function inOnePage(files: readonly string[], look: (page: Page, file: string) => Promise<void>) {
  const page = await openFromDisk(null);
  for (const file of files) {
    await chooseFile(page, file);
    try {
      await look(page, file);
    } catch (e) {
      throw new Error(`${file}: ${e instanceof Error ? e.message : e}`, { cause: e });
    }
  }
}

/** A page with nothing in it, whose complaints fail the test. */
export async function blankPage(options: BrowserContextOptions = {}): Promise<Page> {
  if (!browser?.isConnected()) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.stack ?? error.message}`));
  pages.push(page);
  return page;
}

/** Waits until all of the capture was read that is open. */
export async function wasRead(page: Page): Promise<void> {
  await page.locator('[data-capture="read"]').waitFor();
}

/** Lines of bytes that are like those above them: thousands of cells, of which none is marked. */
const MORE_BYTES = '[aria-label="Bytes"] .row:nth-child(n + 4):not(:has(.marked))';

/**
 * What axe finds in the page that is serious, in light and in dark: rule, and where.
 * @param within the part of the page that it looks at; all of it otherwise
 */
export async function seriousFindings(page: Page, within?: string): Promise<string[]> {
  const axe = (): AxeBuilder => {
    // there are no frames: all of it runs in the page itself, which takes half the time
    const all = new AxeBuilder({ page }).setLegacyMode().exclude(MORE_BYTES);
    return within === undefined ? all : all.include(within);
  };
  const inLight = await axe().analyze();
  await page.emulateMedia({ colorScheme: 'dark' });
  // nothing but colours is another
  const inDark = await axe().withRules(['color-contrast']).analyze();
  await page.emulateMedia({ colorScheme: 'light' });
  return [...inLight.violations, ...inDark.violations]
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id} (${help}): ${html}`));
}
