/** Fields that look like secrets, told without telling them. */

import { eachText } from './streams.js';
import type { Held, Subject } from './subject.js';

const NAMES =
  /pass(?:word|wd|phrase)|\bpwd\b|secret|api_?key|access_?token|credential|private_?key|connection_?string/i;
/** `Password=…;` of connection strings, `pwd: …` of texts. */
const PAIR = /\b(password|passwd|pwd|secret|api[-_]?key|access[-_]?token)\s*[=:]\s*([^\s;,"']+)/gi;

/** Names of fields of a call that look like secrets, each with its length instead of its value. */
export function secretsIn({ streams, texts }: Subject): string[] {
  const told = new Set<string>();
  for (const { value: stream } of streams)
    eachText(stream, (text, member) => {
      if (member !== null && text !== '' && NAMES.test(member)) told.add(masked(plain(member), text));
      else inText(text, told);
      return told.size < 8;
    });
  for (const { value } of texts as readonly Held<string>[]) if (told.size < 8) inText(value, told);
  return [...told];
}

function inText(text: string, told: Set<string>): void {
  if (text.length > 65_536) return;
  for (const [, name, value] of text.matchAll(PAIR)) told.add(masked(name, value));
}

/** `<Password>k__BackingField` as it stands in the source. */
function plain(member: string): string {
  return member.replace(/^<(.*)>k__BackingField$/, '$1');
}

function masked(name: string, value: string): string {
  return `${name} = ••• (${value.length} characters)`;
}
