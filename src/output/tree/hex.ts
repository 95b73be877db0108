/** Hex dumps of a PDU's sources. */
import { hexy } from 'hexy';
import type { DataSource } from '../../core/source.js';
import { paint } from '../terminal.js';

/** Bytes shown of one source. */
const MOST = 1 << 20;

/** A dump of each source under its name, offsets from the source's start. */
export function renderHex(sources: readonly DataSource[], color: boolean): string {
  const p = paint(color);
  return sources
    .filter((s) => s.bytes.length > 0)
    .map((s) => {
      // hexy takes DEL for printable
      const dump = hexy(Array.from(s.bytes.subarray(0, MOST)), { format: 'twos' }).replaceAll('\x7f', '.');
      const more = s.bytes.length > MOST ? `… ${s.bytes.length - MOST} bytes more\n` : '';
      return `${p.strong(s.name)}, ${s.bytes.length} bytes\n${dump}${more}`;
    })
    .join('');
}
