/** Hex dumps of a PDU's sources. */
import { hexText, latin1Text } from '#platform';
import type { DataSource } from '../core/source.js';
import { paint } from './terminal.js';

/** Bytes shown of one source. */
const MOST = 1 << 20;

/** A dump of each source under its name, offsets from the source's start. */
export function renderHex(sources: readonly DataSource[], color: boolean): string {
  const p = paint(color);
  return sources
    .filter((s) => s.bytes.length > 0)
    .map((s) => {
      const more = s.bytes.length > MOST ? `… ${s.bytes.length - MOST} bytes more\n` : '';
      return `${p.strong(s.name)}, ${s.bytes.length} bytes\n${dump(s.bytes.subarray(0, MOST))}${more}`;
    })
    .join('');
}

/** Lines of 16 bytes: offset, hex, what of them is ASCII. */
function dump(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const offset = at.toString(16).padStart(8, '0');
    const hex = hexText(row).replace(/../g, '$& ').padEnd(51);
    text += `${offset}: ${hex}${latin1Text(row, 0, row.length).replace(/[^ -~]/g, '.')}\n`;
  }
  return text;
}
