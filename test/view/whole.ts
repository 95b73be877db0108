/** What tests of the views of the whole capture have in common. */
import { readdirSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { clrscope, ROOT } from '../cli.js';

/** Every sample's capture. */
export const SAMPLES: readonly string[] = readdirSync(`${ROOT}samples`).flatMap((name) =>
  readdirSync(`${ROOT}samples/${name}`)
    .filter((file) => file.endsWith('.pcap'))
    .map((file) => `${ROOT}samples/${name}/${file}`),
);

/** What a command prints of a capture with `-T json`. */
export function printed<T>(command: 'objects' | 'stats' | 'audit', file: string): T {
  const { out, err } = clrscope([command, '-T', 'json', file]);
  if (out === '') throw new Error(err);
  return JSON.parse(out) as T;
}

/** Goes to a view, once what it shows of the whole capture is known. */
export async function toView(page: Page, name: 'Objects' | 'Statistics' | 'Audit'): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
  await page.getByRole('progressbar', { name: 'Looking at the whole capture' }).waitFor({ state: 'detached' });
}

/** Those of the texts that are not in another one. */
export function missingIn(text: string | null, wanted: readonly string[]): string[] {
  return wanted.filter((one) => !text?.includes(one));
}

/** The cells of all rows, as they read; a row is one that is drawn. */
export function cellsOf(rows: Locator, cell: string): Promise<string[][]> {
  return rows.evaluateAll(
    (all, selector) => all.map((row) => [...row.querySelectorAll(selector)].map((c) => c.textContent ?? '')),
    cell,
  );
}
