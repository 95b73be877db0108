/** Fields that look like secrets, told without telling them. */

import { resolve, soapValues } from '../../../dissectors/soap/index.js';
import type { SoapMember } from '../../../dissectors/soap/model.js';
import type { Held } from '../held.js';
import { eachText } from './streams.js';
import type { Subject } from './subject.js';

const NAMES =
  /pass(?:word|wd|phrase)|\bpwd\b|secret|api_?key|access_?token|credential|private_?key|connection_?string/i;
/** Names that are told of one call. */
const MOST = 8;

/** `Password=…;` of connection strings, `pwd: …` of texts. */
const PAIR = /\b(password|passwd|pwd|secret|api[-_]?key|access[-_]?token)\s*[=:]\s*([^\s;,"']+)/gi;

/** Members that hold what is somebody's own affair. */
const PERSONAL =
  /e-?mail|phone|birth|\bssn\b|social_?security|\biban\b|credit_?card|card_?number|tax_?id|passport|home_?address/i;

/** Names of fields of a call that look like secrets, each with its length instead of its value. */
export function secretsIn(subject: Subject): string[] {
  return toldBy(subject, NAMES, true);
}

/** The same of fields that look like personal data. */
export function personalIn(subject: Subject): string[] {
  return toldBy(subject, PERSONAL, false);
}

function toldBy({ streams, soaps, texts }: Subject, names: RegExp, inTexts: boolean): string[] {
  const told = new Set<string>();
  const look = (text: string, member: string | null): boolean => {
    if (member !== null && text !== '' && names.test(member)) told.add(masked(plain(member), text));
    else if (inTexts) inText(text, told);
    return told.size < MOST;
  };
  for (const { value: stream } of streams) eachText(stream, look);
  for (const { value: message } of soaps) {
    const each = (members: readonly SoapMember[]): void => {
      for (const { name, value } of members) {
        const text = resolve(message, value);
        if (text.kind === 'scalar' && told.size < MOST) look(text.text, name);
      }
    };
    each(message.args);
    for (const value of soapValues(message)) if (value.kind === 'object') each(value.members);
  }
  for (const { value } of texts as readonly Held<string>[]) if (inTexts && told.size < MOST) inText(value, told);
  return [...told];
}

function inText(text: string, told: Set<string>): void {
  // most texts have no pair at all
  if (text.length > 65_536 || !/[=:]/.test(text)) return;
  for (const [, name, value] of text.matchAll(PAIR)) told.add(masked(name, value));
}

/** `<Password>k__BackingField` as it stands in the source. */
function plain(member: string): string {
  return member.replace(/^<(.*)>k__BackingField$/, '$1');
}

function masked(name: string, value: string): string {
  return `${name} = ••• (${value.length} characters)`;
}
