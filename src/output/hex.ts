/** Hex dumps of a PDU's sources. */
import { hexy } from 'hexy';
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
      const shown = s.bytes.subarray(0, MOST);
      const more = s.bytes.length > MOST ? `… ${s.bytes.length - MOST} bytes more\n` : '';
      // hexy takes DEL for printable
      const dump = hexy(Buffer.from(shown), { format: 'twos' }).replaceAll('\x7f', '.');
      return `${p.strong(s.name)}, ${s.bytes.length} bytes\n${dump}${more}`;
    })
    .join('');
}
