/** Rows as columns side by side, or, where a terminal is too narrow for that, a line a value. */
import { cutTo, lineWidth } from '../../output/line-width.js';
import { type Paint, paint, safe } from '../../output/terminal.js';
import type { Output } from '../output.js';
import type { RowPrinter, Screen } from './row-printer.js';
import { cellText, type Plain } from './value.js';

/** Rows by which columns are measured: the others come as wide as they are. */
const MEASURED = 1000;
/** Columns are not made narrower than this, which an address or an HRESULT needs: values get lines of their own then. */
const NARROW = 12;
const GAP = '  ';

/** Prints a table; keeps the first rows until it knows how wide its columns are. */
export class TextTable implements RowPrinter {
  private first: string[][] | null = [];
  private widths: number[] | null = null;
  private readonly isNumber: boolean[];
  private readonly paint: Paint;

  /** @param names made safe */
  constructor(
    private readonly out: Output,
    private readonly names: readonly string[],
    private readonly screen: Screen,
  ) {
    this.isNumber = names.map(() => true);
    this.paint = paint(screen.color);
  }

  row(cells: readonly Plain[]): void {
    const texts = cells.map((cell) => safe(cellText(cell, ', ')));
    if (this.first === null) {
      this.print(texts);
      return;
    }
    for (const [i, cell] of cells.entries()) if (cell !== null && typeof cell !== 'number') this.isNumber[i] = false;
    this.first.push(texts);
    if (this.first.length >= MEASURED) this.begin();
  }

  end(): void {
    this.begin();
  }

  /** Measures, and prints what was kept. */
  private begin(): void {
    const { first, names } = this;
    if (first === null) return;
    this.first = null;
    const wanted = names.map((name, i) => Math.max(lineWidth(name), ...first.map((row) => lineWidth(row[i]))));
    this.widths = fitted(wanted, this.screen.width);
    if (this.widths !== null) this.out.write(`${this.line(names, this.paint.strong)}\n`);
    for (const row of first) this.print(row);
  }

  private print(row: readonly string[]): void {
    const { names, out, screen, widths } = this;
    if (widths !== null) {
      out.write(`${this.line(row)}\n`);
      return;
    }
    const width = Math.max(...names.map(lineWidth));
    out.lead('', '\n');
    for (const [i, name] of names.entries()) {
      const line = `${this.paint.strong(padded(name, width, false))}${GAP}${row[i]}`.trimEnd();
      out.write(`${cutTo(line, screen.width)}\n`);
    }
  }

  private line(cells: readonly string[], painted: (text: string) => string = (text) => text): string {
    const isCut = Number.isFinite(this.screen.width);
    const all = cells.map((cell, i) => {
      const width = this.widths![i];
      return painted(padded(isCut ? cutTo(cell, width) : cell, width, this.isNumber[i]));
    });
    return all.join(GAP).trimEnd();
  }
}

function padded(text: string, width: number, isNumber: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - lineWidth(text)));
  return isNumber ? blanks + text : text + blanks;
}

/** Widths of columns within a line's width: the widest give way first. Null where they do not fit side by side. */
function fitted(wanted: readonly number[], width: number): number[] | null {
  const room = width - GAP.length * (wanted.length - 1);
  if (wanted.reduce((sum, w) => sum + Math.min(w, NARROW), 0) > room) return null;
  // none is wider than all together may be, and one of a million characters is not made narrower one by one
  const widths = wanted.map((w) => Math.min(w, room));
  for (let over = widths.reduce((sum, w) => sum + w, 0) - room; over > 0; over--)
    widths[widths.indexOf(Math.max(...widths))]--;
  return widths;
}
