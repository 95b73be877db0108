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
