/** What a query's rows are printed as, while they come. */
import { csvRow } from '../../output/csv.js';
import { safe } from '../../output/terminal.js';
import type { Output } from '../output.js';
import type { RowPrinter, Screen } from './row-printer.js';
import { TextTable } from './text-table.js';
import { cellText } from './value.js';

/** Makes a printer. */
type RowFormat = (out: Output, names: readonly string[], screen: Screen) => RowPrinter;

/** The formats that are printed, by the names that `-T` takes. */
export const ROW_FORMATS: Readonly<Record<'table' | 'csv' | 'json', RowFormat>> = {
  table: (out, names, screen) => new TextTable(out, names.map(safe), screen),
  csv(out, names) {
    out.write(csvRow(names));
    return { row: (cells) => out.write(csvRow(cells.map((cell) => cellText(cell, ' ')))), end() {} };
  },
  json(out, names) {
    const keys = names.map((name) => `${JSON.stringify(name)}:`);
    out.write('[');
    return {
      row(cells) {
        out.lead('\n', ',\n');
        out.write(`{${cells.map((cell, i) => keys[i] + JSON.stringify(cell)).join(',')}}`);
      },
      end: () => out.write('\n]\n'),
    };
  },
};
