/** JSON in pieces: a document may be longer than the longest string. */
import { MEMBER_ORDER } from '../../dissectors/nrbf/index.js';

/** Where text goes. */
interface Text {
  write(text: string): void;
}

/** Writes a value and a line's end; indented from level 0 on, -1 for one line. */
export function writeJson(out: Text, value: unknown, level: number): void {
  write(out, value, level);
  out.write('\n');
}

function write(out: Text, value: unknown, level: number): void {
  if (typeof value !== 'object' || value === null || isFlat(value)) {
    out.write(Object.is(value, -0) ? '-0.0' : (JSON.stringify(value) ?? 'null'));
    return;
  }
  const inner = level < 0 ? -1 : level + 1;
  const line = level < 0 ? '' : `\n${' '.repeat(Math.min(inner, 40))}`;
  const list = Array.isArray(value);
  const order = (value as { [MEMBER_ORDER]?: readonly string[] })[MEMBER_ORDER];
  let first = true;
  out.write(list ? '[' : '{');
  for (const key of list ? value.keys() : new Set(order ?? Object.keys(value))) {
    const item = (value as Record<string | number, unknown>)[key];
    if (item === undefined && !list) continue;
    out.write(`${first ? '' : ','}${line}${list ? '' : `${JSON.stringify(key)}: `}`);
    first = false;
    write(out, item, inner);
  }
  out.write(`${level < 0 || first ? '' : `\n${' '.repeat(Math.min(level, 40))}`}${list ? ']' : '}'}`);
}

/** Whether an object is better on one line: nothing in it has members of its own. */
function isFlat(value: object): boolean {
  if (MEMBER_ORDER in value) return false;
  let size = 0;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    // JSON.stringify would lose the sign of a negative zero.
    if ((typeof item === 'object' && item !== null) || Object.is(item, -0)) return false;
    if (++size > 16) return false;
  }
  return true;
}
