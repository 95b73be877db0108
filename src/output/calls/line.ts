/** A call's line in a terminal. */
import type { Call } from '../../../dissectors/call.js';
import { cutTo, lineWidth } from '../line-width.js';
import { type Paint, safe } from '../terminal.js';
import { type CallText, callText } from './text.js';

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
 * The parts of a call's line, cut to fit as far as they can: what it was given first, and what came of it last.
 * @param room columns; infinite where there is no end of them
 * @param write makes the line of parts in which nothing steers a terminal
 */
export function fitted(told: CallText, room: number, write: (told: CallText) => string): CallText {
  const [name, args] = [safe(told.name), safe(told.arguments)];
  const [method, result, problem] = [told.method, told.result, told.problem].map((t) => (t === null ? null : safe(t)));
  const parts = { name, method, arguments: args, result, problem, warning: told.warning };
  for (const [part, least] of room === Number.POSITIVE_INFINITY ? [] : GIVE_WAY) {
    const over = lineWidth(write(parts)) - room;
    if (over <= 0) break;
    const text = parts[part];
    if (text !== null) parts[part] = cutTo(text, Math.max(least, lineWidth(text) - over));
  }
  return parts;
}

/** What a call did, in colours, in so many columns as far as it can. */
export function callLine(call: Call, p: Paint, room: number): string {
  const paintName = call.iface?.spec.startsWith('MS-IOI') ? p.ours : p.name;
  const write = (t: CallText): string => {
    const brackets = `(${p.text(t.arguments)})`;
    const called = t.method === null ? brackets : `  ${p.strong(t.method)}${brackets}`;
    const came = t.result === null ? '' : ` → ${p.value(t.result)}`;
    const wrong = t.problem === null ? '' : `  ${p.problem(`✗ ${t.problem}`)}`;
    return paintName(t.name) + called + came + wrong + (t.warning === null ? '' : `  ${p.warning(`⚠ ${t.warning}`)}`);
  };
  return write(fitted(callText(call), room, write));
}
