/**
 * Method calls and returns taken apart (MS-NRBF 2.2.3): where arguments, return value, exception and the rest
 * stand depends on the message flags, inline in the record or in the call array that follows it.
 */

import {
  ABSENT,
  type ArrayRecord,
  type CodedValue,
  follow,
  type Item,
  isRecord,
  type MessageRecord,
  type NrbfStream,
} from '../format/model.js';
import { flagNames, MessageFlag } from '../format/types.js';
import { arrayItems } from './graph.js';

/** A value of a message: raw with its type where it stood inline, else a record. */
export interface MessagePart {
  /** PrimitiveTypeEnumeration of a raw value, 0 for a record. */
  readonly primitive: number;
  readonly item: Item;
}

/** A method call or return. What the flags do not promise is undefined; what they promise and is null is null. */
export interface MessageParts {
  readonly kind: 'call' | 'return';
  readonly flags: string[];
  /** Empty for a return. */
  readonly method: string;
  readonly type: string;
  readonly args: MessagePart[];
  readonly returnValue?: MessagePart | undefined;
  readonly exception?: MessagePart | undefined;
  readonly genericArgs?: MessagePart | undefined;
  readonly signature?: MessagePart | undefined;
  readonly context?: MessagePart | undefined;
  readonly properties?: MessagePart | undefined;
}

/** Takes the message of a stream apart; null where it has none. */
export function messageParts(stream: NrbfStream): MessageParts | null {
  const m = stream.message;
  if (m === null) return null;
  return m.type === 21 ? callParts(stream, m) : returnParts(stream, m);
}

/** Whether a stream holds a message by which a method brings back an exception. */
export function hasThrown(stream: NrbfStream): boolean {
  return messageParts(stream)?.exception?.item != null;
}

const coded = (v: CodedValue | null): MessagePart => ({
  primitive: v?.value == null ? 0 : v.primitive,
  item: v?.value ?? null,
});
const part = (item: Item): MessagePart => ({ primitive: 0, item });
const text = (v: CodedValue | null): string => (typeof v?.value === 'string' ? v.value : '');

/** The elements of the call array one by one. */
function taker(stream: NrbfStream): { all: Item[]; take: () => MessagePart } {
  const { root } = stream;
  const all = isCallArray(root) ? arrayItems(root) : [];
  let next = 0;
  return { all, take: () => part(next < all.length ? all[next++] : ABSENT) };
}

/** The arguments: inline, the call array itself, or an array in it. */
function argsOf(stream: NrbfStream, m: MessageRecord, all: Item[], take: () => MessagePart): MessagePart[] {
  if ((m.flags & MessageFlag.ArgsInline) !== 0) return (m.args ?? []).map(coded);
  if ((m.flags & MessageFlag.ArgsIsArray) !== 0) return all.map(part);
  if ((m.flags & MessageFlag.ArgsInArray) === 0) return [];
  const array = follow(stream, take().item);
  return isCallArray(array) ? arrayItems(array).map(part) : [part(array)];
}

/** Whether it is an array of records; elements that are raw are no ids of others. */
function isCallArray(item: Item): item is ArrayRecord {
  return isRecord(item) && (item.type === 16 || item.type === 7) && item.data === null;
}

/** MethodCallArray, 2.2.3.2: arguments, generic types, signature, context, properties. */
function callParts(stream: NrbfStream, m: MessageRecord): MessageParts {
  const { flags } = m;
  const { all, take } = taker(stream);
  const args = argsOf(stream, m, all, take);
  return {
    kind: 'call',
    flags: flagNames(flags),
    method: text(m.method),
    type: text(m.typeName),
    args,
    genericArgs: (flags & MessageFlag.GenericMethod) !== 0 ? take() : undefined,
    signature: (flags & MessageFlag.MethodSignatureInArray) !== 0 ? take() : undefined,
    context: contextOf(m, take),
    properties: (flags & MessageFlag.PropertiesInArray) !== 0 ? take() : undefined,
  };
}

/**
 * MethodReturnCallArray, 2.2.3.4. Real writers put the arguments before the return value, the reverse of what the
 * specification lists; where the first element is no object array, the specification's order is meant.
 */
function returnParts(stream: NrbfStream, m: MessageRecord): MessageParts {
  const { flags } = m;
  const { all, take } = taker(stream);
  const inArray = (flags & MessageFlag.ReturnValueInArray) !== 0;
  const first = follow(stream, all[0] ?? null);
  const valueFirst = inArray && (flags & MessageFlag.ArgsInArray) !== 0 && !(isRecord(first) && first.type === 16);
  const early = valueFirst ? take() : undefined;
  const args = argsOf(stream, m, all, take);
  const inline = (flags & MessageFlag.ReturnValueInline) !== 0 ? coded(m.returnValue) : undefined;
  return {
    kind: 'return',
    flags: flagNames(flags),
    method: '',
    type: '',
    args,
    returnValue: inline ?? early ?? (inArray ? take() : undefined),
    exception: (flags & MessageFlag.ExceptionInArray) !== 0 ? take() : undefined,
    context: contextOf(m, take),
    properties: (flags & MessageFlag.PropertiesInArray) !== 0 ? take() : undefined,
  };
}

function contextOf(m: MessageRecord, take: () => MessagePart): MessagePart | undefined {
  if ((m.flags & MessageFlag.ContextInline) !== 0) return coded(m.context);
  return (m.flags & MessageFlag.ContextInArray) !== 0 ? take() : undefined;
}
