/** A call's line in a terminal. */
import type { Call } from '../../../dissectors/call.js';
import { cutTo, lineWidth } from '../line-width.js';
import { type Paint, safe } from '../terminal.js';
import { callText } from './text.js';

/** Parts of a line that give way where there is little room, in turn, and the columns that are left of each: an error's code is. */
const GIVE_WAY = [
  ['arguments', 12],
  ['result', 12],
  ['arguments', 1],
  ['problem', 18],
  ['name', 12],
  ['method', 12],
  ['result', 1],
  ['problem', 11],
] as const;

/**
 * What a call did, in colours, in so many columns as far as it can: what it was given is cut first, and what came of it last.
 * @param room columns; infinite where there is no end of them
 */
export function callLine(call: Call, p: Paint, room: number): string {
  const t = callText(call);
  const [method, result, problem] = [t.method, t.result, t.problem].map((text) => (text === null ? null : safe(text)));
  const parts = { name: safe(t.name), method, arguments: safe(t.arguments), result, problem };
  const write = (): string => {
    const name = call.iface?.spec.startsWith('MS-IOI') ? p.ours(parts.name) : p.name(parts.name);
    const brackets = `(${p.text(parts.arguments)})`;
    const called = parts.method === null ? brackets : `  ${p.strong(parts.method)}${brackets}`;
    const came = parts.result === null ? '' : ` → ${p.value(parts.result)}`;
    const wrong = parts.problem === null ? '' : `  ${p.problem(`✗ ${parts.problem}`)}`;
    return name + called + came + wrong + (t.warning === null ? '' : `  ${p.warning(`⚠ ${t.warning}`)}`);
  };
  for (const [part, least] of room === Number.POSITIVE_INFINITY ? [] : GIVE_WAY) {
    const over = lineWidth(write()) - room;
    if (over <= 0) break;
    const text = parts[part];
    if (text !== null) parts[part] = cutTo(text, Math.max(least, lineWidth(text) - over));
  }
  return write();
}
