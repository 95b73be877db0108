/** A document as `JSON.stringify` indents it, in pieces: the text of a large report stands in memory once more otherwise. */

/** Its pieces; elements of its lists are pieces of their own. */
export function* prettyJson(document: object): Generator<string> {
  let lead = '{\n';
  for (const [name, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${lead}  ${JSON.stringify(name)}: `;
    lead = ',\n';
    if (Array.isArray(value) && value.length > 0) yield* list(value);
    else yield indented(value, 2);
  }
  yield lead === ',\n' ? '\n}' : '{}';
}

function* list(values: readonly unknown[]): Generator<string> {
  let lead = '[\n';
  for (const value of values) {
    yield `${lead}    ${indented(value, 4)}`;
    lead = ',\n';
  }
  yield '\n  ]';
}

/** Line ends stand between values alone: in texts they are escaped. */
function indented(value: unknown, blanks: number): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(blanks)}`);
}
