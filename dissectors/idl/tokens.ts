/** IDL as tokens (C706 4.2, and what MIDL adds): words, numbers, texts, punctuation, each with its place. */
import { UserError } from '../../src/core/user-error.js';

/** A place in a file, for people: lines and columns count from 1. */
export interface IdlPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One token. `end` closes every file, and is of no text. */
export interface IdlToken extends IdlPlace {
  readonly kind: 'word' | 'number' | 'text' | 'mark' | 'end';
  readonly text: string;
  /** It is the first of its line: a `#` there begins a directive. */
  readonly first: boolean;
}

/** A mistake in an IDL file: file, line, column, and what was expected. */
export class IdlError extends UserError {
  constructor({ file, line, column }: IdlPlace, message: string) {
    super(`${file}:${line}:${column}: ${message}`);
  }
}

/** A token as messages name it. */
export function tokenText(token: IdlToken): string {
  return token.kind === 'end' ? 'the end of the file' : JSON.stringify(token.text.slice(0, 40));
}

/** Tokens that a file may have. */
const MOST_TOKENS = 2_500_000;

const SPACE = /[^\S\n]+|\\\r?\n|\/\/[^\n]*/y;
const TOKEN =
  /(?<text>L?"(?:[^"\\\n]|\\.)*"|L?'(?:[^'\\\n]|\\.)*')|(?<word>[A-Za-z_]\w*)|(?<number>0[xX][0-9a-fA-F]+[uUlL]*|\d[\w.]*)|(?<mark><<|>>|&&|\|\||[=!<>]=|[^\w\s])/y;
/** A UUID, which stands in `uuid(…)` as it is. */
const UUID = /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/y;

/**
 * The tokens of a text.
 * @throws IdlError where a text or a comment has no end
 */
export function tokensOf(source: string, file: string): IdlToken[] {
  const tokens: IdlToken[] = [];
  let [at, line, lineStart, first] = [source.charCodeAt(0) === 0xfeff ? 1 : 0, 1, 0, true];
  const here = (): IdlPlace => ({ file, line, column: at - lineStart + 1 });
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const newLines = (text: string): void => {
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) {
      line++;
      lineStart = at + i + 1;
    }
  };
  while (at < source.length) {
    if (source[at] === '\n') {
      newLines('\n');
      at++;
      first = true;
      continue;
    }
    if (source.startsWith('/*', at)) {
      const end = source.indexOf('*/', at + 2);
      if (end < 0) throw new IdlError(here(), 'a comment that has no end: */ was expected');
      newLines(source.slice(at, end));
      at = end + 2;
      continue;
    }
    const space = next(SPACE);
    if (space !== null) {
      newLines(space[0]);
      at += space[0].length;
      continue;
    }
    const uuid = next(UUID);
    const found = uuid ?? next(TOKEN);
    const [text] = found ?? [source[at]];
    const { word, number, text: quoted } = found?.groups ?? {};
    const kind = uuid !== null || quoted !== undefined ? 'text' : word ? 'word' : number ? 'number' : 'mark';
    if (kind === 'mark' && (text === '"' || text === "'"))
      throw new IdlError(here(), `a text that has no end: ${text} was expected in its line`);
    tokens.push({ kind, text, first, ...here() });
    if (tokens.length > MOST_TOKENS) throw new IdlError(here(), `more than ${MOST_TOKENS} words and marks`);
    at += text.length;
    first = false;
  }
  tokens.push({ kind: 'end', text: '', first: true, ...here() });
  return tokens;
}
