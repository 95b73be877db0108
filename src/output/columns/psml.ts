/** `-T psml`: the packet list as XML, as tshark 4.0 writes it. */
import { escapeXml } from '../xml.js';
import { PACKET_COLUMNS } from './packet-list.js';

/** In front of all packets. */
export const PSML_HEAD = `<?xml version="1.0" encoding="utf-8"?>\n<psml version="0" creator="clrscope">\n${block('structure', PACKET_COLUMNS)}`;
/** Behind them. */
export const PSML_TAIL = '</psml>\n';

/** One packet. */
export function psmlPacket(cells: readonly string[]): string {
  return block('packet', cells);
}

function block(tag: string, cells: readonly string[]): string {
  return `<${tag}>\n${cells.map((cell) => `<section>${escapeXml(cell)}</section>\n`).join('')}</${tag}>\n\n`;
}
