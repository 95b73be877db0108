/**
 * Patterns of `matches`: RE2's syntax and linear time, by re2js, which is loaded when a filter has one. Time grows with
 * the input and never explodes: a filter is typed by hand, the input comes from the network.
 */

import type { RE2JS } from 're2js';
import { latin1Text, regexEngine } from '#platform';

/** Whether text or bytes contain a match. */
export interface Regex {
  test(input: string | Uint8Array): boolean;
}

/** A pattern that is wrong or not supported. */
export class RegexError extends Error {}

/** A longer pattern would take seconds to compile. */
const MAX_LENGTH = 10_000;

/** What PCRE has and RE2 does not, as its errors begin. */
const UNSUPPORTED = /Perl syntax|named capture: `\(\?<[!=]|escape sequence: `\\[1-9kKGXRZ]|nested repetition/;

/**
 * Compiles a pattern; throws `RegexError`. Case does not matter unless it says `(?-i)`, as in Wireshark. `$` is the
 * very end, where PCRE also takes the place in front of a last line feed. Bytes are read as Latin-1.
 */
export function regex(pattern: string): Regex {
  if (pattern.length > MAX_LENGTH) throw new RegexError(`more than ${MAX_LENGTH} characters`);
  const compiled = compile(pattern);
  return {
    test: (input) => compiled.test(typeof input === 'string' ? input : latin1Text(input, 0, input.length)),
  };
}

function compile(pattern: string): RE2JS {
  const re2 = regexEngine();
  try {
    return re2.RE2JS.compile(pattern, re2.RE2JS.CASE_INSENSITIVE);
  } catch (e) {
    if (!(e instanceof re2.RE2JSException)) throw e;
    const message = e.message.replace('error parsing regexp: ', '').replace('`(?i)', '`');
    const hint = UNSUPPORTED.test(message) ? ' (there is no look-around, back-reference or possessive quantifier)' : '';
    throw new RegexError(message.length > 200 ? `${message.slice(0, 200)}…` : message + hint);
  }
}
