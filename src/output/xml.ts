/** Text on its way into XML. */
import { escapeHtml } from './audit/escape.js';

/** What XML 1.0 cannot hold, and is no control character either. */
const IMPOSSIBLE = /[\ufffe\uffff]/g;

/** Text as XML text, or as an attribute's value in quotes: nothing in it is markup, controls are written out. */
export function escapeXml(text: string): string {
  return escapeHtml(text).replace(IMPOSSIBLE, (c) => `\\u${c.charCodeAt(0).toString(16)}`);
}
