/**
 * Tables of names as text: words, of which `0005:` is the code of the next name (hex), each name that follows has the next
 * code, and `ERROR_*` begins all names from there on: `0005: ERROR_* ACCESS_DENIED INVALID_HANDLE`.
 */

/** Name of a code (unsigned, 32 bits), undefined where the table lacks it. */
export type CodeNames = (code: number) => string | undefined;

/** A table of such a text, taken apart when a code is looked up for the first time: most runs need few of the tables. */
export function codeNames(text: string): CodeNames {
  let table: Map<number, string> | null = null;
  return (code) => {
    table ??= tableOf(text);
    return table.get(code);
  };
}

function tableOf(text: string): Map<number, string> {
  const table = new Map<number, string>();
  let code = 0;
  let start = '';
  for (const word of text.trim().split(/\s+/)) {
    if (word.endsWith(':')) code = Number.parseInt(word, 16);
    else if (word.endsWith('*')) start = word.slice(0, -1);
    else table.set(code++, start + word);
  }
  return table;
}
