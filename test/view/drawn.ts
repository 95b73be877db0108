/** What the page draws of PDUs, all of it, by roles and names. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** A node as it is drawn. */
export interface DrawnNode {
  readonly level: number;
  readonly field: string | null;
  readonly source: string | null;
  readonly start: string | null;
  readonly end: string | null;
  readonly text: string;
  readonly isLearnt: boolean;
}

/** A PDU as it is drawn. */
export interface Drawn {
  /** All that the tree has, opened. */
  readonly tree: readonly DrawnNode[];
  /** Text of each tab over the bytes, and the bytes below it. */
  readonly bytes: readonly { readonly name: string; readonly hex: string }[];
  /** Text of the tab "JSON". */
  readonly json: string;
}

const IN_PAGE = readFileSync(new URL('drawn-in-page.js', import.meta.url), 'utf8');

/** PDUs `from` to `to` (inclusive), by their numbers. */
export async function drawnPdus(page: Page, from: number, to: number): Promise<Drawn[]> {
  await page.evaluate(IN_PAGE);
  return page.evaluate<Drawn[]>(`drawnPdus(${from}, ${to})`);
}
