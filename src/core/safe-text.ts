/**
 * Text that came from traffic, from a folder or from what was typed, on its way to somebody's eyes: this is the one
 * list of what is written out instead of shown, for every way out of the program.
 */

/**
 * What is not seen and changes what is seen: DEL and C1 controls, line and paragraph separators, and what Unicode says
 * to leave away where it is not understood (bidirectional controls, zero widths, soft hyphen, byte order mark, fillers,
 * variation selectors, tags), with the annotation controls beside it.
 */
const UNSEEN = '\\u007f-\\u009f\\u2028\\u2029\\ufff9-\\ufffb\\p{Default_Ignorable_Code_Point}';

/** The same without C0 controls: for what is already JSON, or holds colours and line feeds of ours. */
const STEERS = new RegExp(`[${UNSEEN}]`, 'u');
const STEERS_ALL = new RegExp(STEERS, 'gu');

/** With C0 controls and lone surrogates: for a text that is put into a line. */
const UNSAFE = new RegExp(`[\\u0000-\\u001f${UNSEEN}]|\\p{Surrogate}`, 'u');
const UNSAFE_ALL = new RegExp(UNSAFE, 'gu');

/** Printable ASCII and the signs that lines of ours are made with: most texts are nothing else, and this is the quicker question. */
const PLAIN = /^[ -~…→✗⚠]*$/;
/** Up to this length a loop is done before a regular expression has begun. */
const SHORT = 40;

/**
 * Text in which nothing is left that moves a cursor, breaks a line, or is not seen: it is written out as `\n`, `\t` or
 * `\u…`, in UTF-16 units as JSON has it.
 */
export function safe(text: string): string {
  if (isPlain(text)) return text;
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escaped) : text;
}

/** A message of several lines: the line feeds stay, and each line is made safe. */
export function safeLines(text: string): string {
  return isPlain(text) ? text : text.split('\n').map(safe).join('\n');
}

/** Whether there is anything for `steerless` to do. */
export function steers(text: string): boolean {
  return STEERS.test(text);
}

/** Text that is ours but for what JSON leaves as it is: controls below a blank stay, all else of the list is written out. */
export function steerless(text: string): string {
  return text.replace(STEERS_ALL, escaped);
}

function isPlain(text: string): boolean {
  if (text.length > SHORT) return PLAIN.test(text);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return PLAIN.test(text);
  }
  return true;
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

/** A character as JSON may write it; `\v` is tshark's. */
function escaped(c: string): string {
  const short = SHORT_ESCAPES[c];
  if (short !== undefined) return short;
  let text = '';
  for (let i = 0; i < c.length; i++) text += `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`;
  return text;
}
