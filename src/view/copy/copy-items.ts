/** Items of menus that copy something. */
import type { MenuItem } from '../parts/menu.js';
import { copyText } from './clipboard.js';
import { arrayOf, hexOf } from './formats.js';

/** What can be copied of something; what is left out is not there. */
export interface Copied {
  /** As people read it. */
  readonly text: string;
  readonly bytes?: Uint8Array | undefined;
  /** Printed as JSON. */
  readonly json?: object | undefined;
  readonly filter?: string | null | undefined;
}

/** Items that copy it in each of its forms. */
export function copyItems({ text, bytes, json, filter }: Copied): MenuItem[] {
  const item = (what: string, make: () => string): MenuItem => ({
    label: `Copy ${what}`,
    run: () => void copyText(make()),
  });
  return [
    item('text', () => text),
    ...(bytes === undefined || bytes.length === 0
      ? []
      : [item('hex', () => hexOf(bytes)), item('C array', () => arrayOf(bytes))]),
    ...(json === undefined ? [] : [item('JSON', () => JSON.stringify(json, null, 1))]),
    ...(filter == null ? [] : [item('filter', () => filter)]),
  ];
}
