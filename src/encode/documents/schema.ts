/** Shapes of documents: what schemas (valibot) of theirs are made of, and how a document is held against one. */
import * as v from 'valibot';
import { EncodeError, found, hexBytes, under, unknownName, whole } from '../error.js';

type Schema = v.GenericSchema<unknown, unknown>;

/** The message of a member that should be there. */
const MISSING = 'it is missing';

/** An object with any members. Not `v.record`, which leaves out those called `constructor`, `prototype`, `__proto__`. */
export const anyObject = v.custom<{ [member: string]: unknown }>(
  (x) => typeof x === 'object' && x !== null && !Array.isArray(x),
  'an object is wanted',
);

/** An object that has these members and no others. Not `v.strictObject` alone, which takes a list for an object. */
export function members<const E extends v.ObjectEntries>(entries: E) {
  const strict = v.strictObject(entries, (issue) => {
    const key = issue.path?.at(-1)?.key;
    return issue.expected === 'never' ? unknownName('member', String(key), Object.keys(entries)) : MISSING;
  });
  return v.pipe(anyObject, strict);
}

/** Text. */
export const text = v.string('text is wanted');

/** true or false. */
export const bool = v.boolean('true or false is wanted');

/** Anything: what it must be is looked at elsewhere, by the tables of an operation or by the type of a record. */
export const anything = v.unknown();

/** A list. */
export const list = <S extends Schema>(of: S) => v.array(of, 'a list is wanted');

/** An object whose members are text. */
export const texts = v.custom<{ [member: string]: string }>(
  (x) =>
    typeof x === 'object' && x !== null && !Array.isArray(x) && Object.values(x).every((y) => typeof y === 'string'),
  'an object of texts is wanted',
);

/** A whole number, as a number or as text (`12`, `0x10`). */
export function int(low: number, high: number) {
  return v.custom<number | string>(
    (x) => whole(x, low, high) !== null,
    `a whole number from ${low} to ${high} is wanted`,
  );
}

/** A whole number that JSON says as a number. */
export function plainInt(low: number, high: number) {
  return v.custom<number>(
    (x) => typeof x === 'number' && whole(x, low, high) !== null,
    `a whole number from ${low} to ${high} is wanted`,
  );
}

export const uint16 = int(0, 0xffff);
export const uint32 = int(0, 0xffffffff);
/** 32 bits that may be written as a signed number too. */
export const status = int(-0x80000000, 0xffffffff);

/** Bytes as hex digits. */
export const hexDigits = v.custom<string>((x) => hexBytes(x) !== null, 'hex digits in pairs are wanted');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value is a UUID without braces. */
export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

/** A UUID without braces. */
export const uuid = v.custom<string>(isUuid, 'a UUID (01234567-89ab-cdef-0123-456789abcdef) is wanted');

/** One of a few names. */
export function oneOf<const T extends readonly string[]>(kind: string, names: T) {
  return v.picklist(names, (issue) =>
    typeof issue.input === 'string'
      ? `!${unknownName(kind, issue.input, names)}`
      : `one of ${names.join(', ')} is wanted`,
  );
}

/** It may be left out. */
export const may = <S extends Schema>(schema: S) => v.optional(schema);
/** It may be left out, or be null. */
export const mayNull = <S extends Schema>(schema: S) => v.nullish(schema);

/**
 * Holds what stands at `path` against a schema.
 * @throws EncodeError with the path of the first fault, unknown members before others: a mistyped one is missing too
 */
export function checked<const S extends Schema>(schema: S, json: unknown, path: string): v.InferOutput<S> {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const unknown = result.issues.find((i) => i.type === 'strict_object' && i.expected === 'never');
  const issue = unknown ?? result.issues[0];
  const at = (issue.path ?? []).reduce((before, item) => under(before, item.key), path);
  const { message } = issue;
  if (issue === unknown || message === MISSING) throw new EncodeError(at, message);
  if (message.startsWith('!')) throw new EncodeError(at, message.slice(1));
  throw new EncodeError(at, `${message}, not ${found(issue.input, at)}`);
}
