/**
 * A SOAP call and its answer in pieces, as source code would have them: the same pieces as NRBF's, so that a call reads
 * the same whichever formatter wrote it. Bounded in length and in work.
 */
import { cut, hexText } from '../../src/core/text.js';
import { type MessageText, objRefText, type ReturnText, shortType } from '../nrbf/index.js';
import {
  resolve,
  type SoapArray,
  type SoapMember,
  type SoapMessage,
  type SoapObject,
  type SoapScalar,
  type SoapValue,
} from './model.js';
import { explainSoapException, explainSoapObjRef, type SoapException, soapException } from './walk.js';

/** Objects inside objects that a line shows. */
const DEPTH = 4;

/** A call in pieces; null where the message is none. */
export function describeSoapCall(message: SoapMessage, max = 120): MessageText | null {
  if (message.kind !== 'call') return null;
  return { target: shortType(message.typeName), method: message.method, args: argTexts(message, max) };
}

/** An answer in pieces, of which `args` are out and ref parameters; null where the message is none. */
export function describeSoapReturn(message: SoapMessage, max = 120): ReturnText | null {
  if (message.kind !== 'return' && message.kind !== 'fault') return null;
  const { returnValue } = message;
  const thrown = soapException(message);
  return {
    value: returnValue === null ? 'void' : describeSoapValue(message, returnValue, max),
    args: argTexts(message, max),
    exception: thrown === null ? null : cut(exceptionText(thrown), max),
  };
}

function exceptionText({ type, message, inner }: SoapException): string {
  const own = `${shortType(type)}: ${quoted(message ?? '')}`;
  return inner.length === 0 ? own : `${own} (inner ${exceptionText({ ...inner[0], inner: [] })})`;
}

function argTexts(message: SoapMessage, max: number): string[] {
  const texts: string[] = [];
  let left = max;
  for (const { value } of message.args) {
    if (left <= 0) {
      texts.push('…');
      break;
    }
    const text = describeSoapValue(message, value, Math.max(24, left));
    left -= text.length + 2;
    texts.push(text);
  }
  return texts;
}

/** Any value in one line of at most about `max` characters. */
function describeSoapValue(message: SoapMessage, value: SoapValue, max = 120): string {
  return cut(told({ message, left: max }, value, 0), max);
}

/** Writes until `left` is used up; recursion ends at DEPTH. */
interface Teller {
  readonly message: SoapMessage;
  left: number;
}

function say(t: Teller, text: string): string {
  t.left -= text.length;
  return text;
}

function told(t: Teller, given: SoapValue, depth: number): string {
  const value = resolve(t.message, given);
  switch (value.kind) {
    case 'null':
      return say(t, 'null');
    case 'ref':
      return say(t, '(missing)');
    case 'scalar':
      return say(t, scalarText(value));
    case 'object':
      return object(t, value, depth);
    case 'array':
      return array(t, value, depth);
  }
}

/** Items joined by commas, as many as fit. */
function joined<T>(t: Teller, items: readonly T[], one: (item: T) => string): string {
  const texts: string[] = [];
  for (let i = 0; i < items.length && t.left > 0; i++) {
    texts.push(one(items[i]));
    t.left -= 2;
  }
  if (texts.length < items.length) texts.push('…');
  return texts.join(', ');
}

function object(t: Teller, value: SoapObject, depth: number): string {
  const objRef = explainSoapObjRef(t.message, value);
  if (objRef !== null) return say(t, objRefText(objRef));
  const exception = explainSoapException(t.message, value);
  if (exception !== null) return say(t, exceptionText(exception));
  const name = say(t, value.type === null ? 'object' : shortType(value.type));
  if (value.members.length === 0) return `${name} {}`;
  if (depth >= DEPTH || t.left <= 0) return `${name} {…}`;
  const inner = items(t, value, depth);
  if (inner !== null) return inner === '' ? `${name} {}` : `${name} { ${inner} }`;
  const inside = joined(t, value.members, (member: SoapMember) => {
    const label = say(t, `${member.name} = `);
    return label + told(t, member.value, depth + 1);
  });
  return `${name} { ${inside} }`;
}

/** What is in a Hashtable or an ArrayList; null where the object is neither. */
function items(t: Teller, { type, members }: SoapObject, depth: number): string | null {
  const member = (name: string): SoapValue | null => {
    const found = members.find((one) => one.name === name);
    return found === undefined ? null : resolve(t.message, found.value);
  };
  if (type === 'System.Collections.ArrayList') {
    const list = member('_items');
    const size = member('_size');
    if (list?.kind !== 'array' || size?.kind !== 'scalar' || !/^\d{1,10}$/.test(size.text)) return null;
    // what it has room for is more than what is in it
    const elements = list.elements.slice(0, Number(size.text));
    return listed(t, elements, Math.min(list.nulls, Number(size.text) - elements.length), depth);
  }
  if (type !== 'System.Collections.Hashtable') return null;
  const keys = member('Keys');
  const values = member('Values');
  if (keys?.kind !== 'array' || values?.kind !== 'array') return null;
  if (keys.elements.length !== values.elements.length + values.nulls) return null;
  const pairs = keys.elements.map((key, i) => [key, values.elements[i] ?? NULL] as const);
  return joined(t, pairs, ([key, value]) => `${told(t, key, depth + 1)}: ${told(t, value, depth + 1)}`);
}

const NULL: SoapValue = { kind: 'null' };

/** Elements, and nulls behind them. */
function listed(t: Teller, elements: readonly SoapValue[], nulls: number, depth: number): string {
  const texts = joined(t, elements, (element) => told(t, element, depth + 1));
  if (nulls === 0) return texts;
  const behind = say(t, nulls === 1 ? 'null' : `${nulls} × null`);
  return texts === '' ? behind : `${texts}, ${behind}`;
}

function array(t: Teller, value: SoapArray, depth: number): string {
  const { lengths, elements, nulls } = value;
  const counts = (lengths.length === 0 ? [elements.length] : lengths).join(', ');
  const name = say(t, shortType(value.type).replace(/\[(,*)\]$/, `[${counts}]`));
  if (elements.length + nulls === 0) return name;
  if (depth >= DEPTH || t.left <= 0) return `${name} {…}`;
  return `${name} { ${listed(t, elements, nulls, depth)} }`;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 1000));
}

/** A text that says by itself what it is: a number, a truth, a name. */
const BARE = /^[\w.+:-]{1,100}$/;

function scalarText({ type, text }: SoapScalar): string {
  switch (type) {
    case 'System.String':
      return quoted(text);
    case 'System.Char':
      return `'${quoted(text).slice(1, -1).replace('\\"', '"')}'`;
    case 'System.Decimal':
      return `${text}m`;
    case 'System.Byte[]':
      return bytesText(text);
  }
  const shown = BARE.test(text) ? text : quoted(text);
  // the value of an enumeration is its name
  return type === null || type.startsWith('System.') || shown !== text ? shown : `${shortType(type)}.${text}`;
}

/** Bytes out of base64 (RFC 2045), the first of them. */
function bytesText(base64: string): string {
  const digits = base64.replace(/[\t\n\r ]/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(digits) || digits.length % 4 !== 0) return quoted(base64);
  const count = (digits.length / 4) * 3 - (digits.length - digits.replace(/=+$/, '').length);
  const first = Uint8Array.from(atob(digits.slice(0, 32)), (c) => c.charCodeAt(0));
  const hex = hexText(first).replace(/(..)(?=.)/g, '$1 ');
  return count === 0 ? 'byte[0]' : `byte[${count}] { ${hex}${count > first.length ? ' …' : ''} }`;
}
