/** Text from traffic on its way into a page: nothing in it is markup, and nothing steers the reading. */
import { safe } from '../terminal.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML or SVG text, or as an attribute's value in quotes. */
export function escapeHtml(text: string): string {
  return safe(text).replace(/[&<>"']/g, (c) => ENTITIES[c]);
}
