/** What a secrets file holds, as a schema: its messages name members and never quote values. */
import * as v from 'valibot';
import { isIt } from '../core/nearest.js';

/** An object with these members and no others. */
function members<const E extends v.ObjectEntries>(entries: E) {
  const names = Object.keys(entries);
  const object = v.strictObject(entries, ({ expected, path }) => {
    const key = JSON.stringify(path?.at(-1)?.key);
    if (expected !== 'never') return `${key} is missing`;
    const near = isIt(JSON.parse(key), names);
    return `there is no member ${key}${near === '' ? `; there are ${names.join(', ')}` : near}`;
  });
  // a list would be taken for an object, whose members are those of every list
  return v.pipe(v.unknown(), v.check(isObject, 'an object is wanted'), object);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const text = v.string('a text is wanted');
const digits = /^(?:[0-9a-f]{2})+$/i;

const account = v.pipe(
  members({
    user: text,
    domain: v.nullish(text),
    password: v.nullish(text),
    ntHash: v.nullish(v.pipe(text, v.regex(/^[0-9a-f]{32}$/i, '32 hex digits are wanted'))),
  }),
  v.check((a) => a.password != null || a.ntHash != null, '"password" or "ntHash" is wanted'),
);

/** Key lengths by encryption type (RFC 3962, 4757, 8009). */
const KEY_LENGTHS: Readonly<Record<number, number>> = { 17: 16, 18: 32, 19: 16, 20: 32, 23: 16, 24: 16 };

const number = v.pipe(v.number('a number is wanted'), v.integer('a whole number is wanted'));

const key = v.pipe(
  members({
    principal: v.nullish(text),
    etype: number,
    kvno: v.nullish(number),
    key: v.pipe(text, v.regex(digits, 'hex digits are wanted')),
  }),
  v.forward(
    v.check(
      ({ etype, key }) => KEY_LENGTHS[etype] === undefined || key.length === 2 * KEY_LENGTHS[etype],
      ({ input }) => `${2 * KEY_LENGTHS[input.etype]} hex digits are wanted for this etype`,
    ),
    ['key'],
  ),
);

const SECRETS = members({
  accounts: v.nullish(v.array(account, 'a list is wanted'), []),
  keytabs: v.nullish(v.array(v.string('a path is wanted'), 'a list is wanted'), []),
  keys: v.nullish(v.array(key, 'a list is wanted'), []),
});

/** A secrets file as it is written. */
export type SecretsDocument = v.InferOutput<typeof SECRETS>;

/** The document, or where it is wrong and what would be right. */
export function secretsDocument(json: unknown): SecretsDocument | string {
  const { success, output, issues } = v.safeParse(SECRETS, json);
  if (success) return output;
  const [issue] = issues;
  // a member that is missing or unknown stands in the message
  const isMember = issue.type === 'strict_object';
  const path = (issue.path ?? []).slice(0, isMember ? -1 : undefined).map(({ key }) => key as string | number);
  const where = path.map((k, i) => (typeof k === 'number' ? `[${k}]` : `${i === 0 ? '' : '.'}${k}`)).join('');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}
