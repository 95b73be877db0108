/** Lines as wide as a terminal. */

/** Characters that take two columns: East Asian wide ones and pictures (Unicode annex 11, in its large ranges). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Most lines: a column a character. */
const PLAIN = /^[ -~]*$/;

/** Colours of ours, one at a time, or one character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const PIECE = /\u001b\[[0-9;]*m|./gsu;

function columns(piece: string): number {
  if (piece.length > 1 && piece[0] === '\u001b') return 0;
  return WIDE.test(piece) ? 2 : 1;
}

/** Columns that a line takes; its colours take none. */
export function lineWidth(line: string): number {
  if (PLAIN.test(line)) return line.length;
  let sum = 0;
  for (const [piece] of line.matchAll(PIECE)) sum += columns(piece);
  return sum;
}

/**
 * The line as several of at most `width` columns, those behind the first four columns further in. It breaks where two blanks
 * or more stand, and where that is not enough between words; a longer word stands alone, and is wider.
 */
export function foldTo(line: string, width: number): string[] {
  // no character takes more columns than two a unit
  if (line.length * 2 <= width || lineWidth(line) <= width) return [line];
  const margin = ' '.repeat(line.search(/[^ ]|$/) + 4);
  const lines: string[] = [];
  let made = '';
  let taken = 0;
  const add = (gap: string, text: string): void => {
    const columns = lineWidth(text);
    if (taken > margin.length && taken + gap.length + columns > width) {
      lines.push(made);
      made = margin + text;
      taken = margin.length + columns;
    } else {
      made += gap + text;
      taken += gap.length + columns;
    }
  };
  for (const [, gap, part] of line.matchAll(/( *)((?:[^ ]| (?! ))*)/g)) {
    if (margin.length + lineWidth(part) <= width) add(gap, part);
    else for (const [i, word] of part.split(' ').entries()) add(i === 0 ? gap : ' ', word);
  }
  lines.push(made);
  return lines;
}

/** The line, or as much of it as `width` columns hold with one `…` at the end. Colours are closed as they were. */
export function cutTo(line: string, width: number): string {
  if (lineWidth(line) <= width) return line;
  let taken = 0;
  let made = '';
  let last = '';
  let isCut = false;
  for (const [piece] of line.matchAll(PIECE)) {
    const n = columns(piece);
    if (n > 0 && !isCut && taken + n > width - 1) {
      isCut = true;
      if (last !== '…') made += '…';
    }
    if (n > 0 && isCut) continue;
    if (n > 0) last = piece;
    made += piece;
    taken += n;
  }
  return made;
}
