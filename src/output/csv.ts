/** Rows of comma separated values (RFC 4180), their lines ended as everywhere else. */
import { safe } from '../core/safe-text.js';

/** One row with its end; what steers a terminal or breaks a line is written out. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(safe(cell))).join(',')}\n`;
}

function quoted(cell: string): string {
  return /[",]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
