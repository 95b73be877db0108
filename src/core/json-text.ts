/** JSON that people write: what encode, secrets, baselines and schemas are read from. */
import { textOfFile } from './file-text.js';
import { UserError } from './user-error.js';

/**
 * Parses a file. UTF-8 with or without a byte order mark, and UTF-16 as PowerShell writes it, are read.
 * @throws UserError without the file's name, with line and column of the mistake. It never quotes what stands there: that may be a secret.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = textOfFile(bytes);
  try {
    return JSON.parse(text);
  } catch {
    const at = mistake(text);
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    const column = at - before.lastIndexOf('\n');
    const ends = at >= text.trimEnd().length ? ', where it ends too early' : '';
    throw new UserError(`it is not JSON (line ${line}, column ${column}${ends})`);
  }
}

// a string, a number or a word, from where the search stands
const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\r\n]*/y;

/** Offset of the first character of a text at which it stops being JSON (RFC 8259). */
function mistake(text: string): number {
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  /** The brackets that are open. */
  const open: string[] = [];
  let wants: 'value' | 'value or end' | 'name' | 'name or end' | 'more' = 'value';
  for (;;) {
    take(BLANK);
    const c = text[at];
    if (wants === 'more') {
      const bracket = open.at(-1);
      if (bracket === undefined) return at;
      if (c === ',') wants = bracket === '{' ? 'name' : 'value';
      else if (c === (bracket === '{' ? '}' : ']')) open.pop();
      else return at;
      at++;
    } else if ((wants === 'name or end' && c === '}') || (wants === 'value or end' && c === ']')) {
      open.pop();
      at++;
      wants = 'more';
    } else if (wants === 'name' || wants === 'name or end') {
      if (!take(STRING)) return at;
      take(BLANK);
      if (text[at] !== ':') return at;
      at++;
      wants = 'value';
    } else if (c === '{' || c === '[') {
      open.push(c);
      at++;
      wants = c === '{' ? 'name or end' : 'value or end';
    } else if (take(STRING) || take(NUMBER) || take(WORD)) wants = 'more';
    else return at;
  }
}
