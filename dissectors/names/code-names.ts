/** Tables of names: text with a line for each code, its hex digits and its name, in the order of the codes. */

/** Name of a code (unsigned, 32 bits), undefined where the table lacks it. */
export type CodeNames = (code: number) => string | undefined;

/** A table of such a text, taken apart when a code is looked up for the first time: most runs need few of the tables. */
export function codeNames(text: string): CodeNames {
  let table: Map<number, string> | null = null;
  return (code) => {
    table ??= new Map(
      text
        .trim()
        .split('\n')
        .map((line) => {
          const blank = line.indexOf(' ');
          return [Number.parseInt(line.slice(0, blank), 16), line.slice(blank + 1)];
        }),
    );
    return table.get(code);
  };
}
