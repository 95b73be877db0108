/** What an element of SOAP 1.1 section 5 encoding means: its attributes, and the value that it is when it is whole. */
import type { SaxesTagNS } from 'saxes';
import type { SoapValue } from './model.js';
import {
  arrayType,
  dotNetName,
  ENCODING,
  ENVELOPE,
  isInstance,
  type KnownNamespaces,
  namedType,
  type Resolve,
  type SoapArrayType,
  type TypeName,
  typeOf,
} from './names.js';

/** What the attributes of an element say. */
export interface Attributes {
  readonly id: string | null;
  readonly href: string | null;
  readonly isNull: boolean;
  readonly type: TypeName | null;
  readonly array: SoapArrayType | null;
  /** SOAP-ENC:root (SOAP 1.1 section 5.6). */
  readonly root: string | null;
  readonly offset: string | null;
  readonly position: string | null;
  /** Those that mean nothing here. */
  readonly unknown: readonly string[];
}

/** An element that is being read. */
export interface Element {
  /** As .NET spells it. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Attributes;
  /** Of its own or by what it stands in; null where nothing says it. */
  readonly type: TypeName | null;
  text: string;
  /** How many elements it holds, whatever became of them. */
  children: number;
  readonly names: string[];
  readonly values: SoapValue[];
  positions: (string | null)[] | null;
}

/** What an attribute is for. */
export type Role =
  | 'id'
  | 'href'
  | 'null'
  | 'type'
  | 'array'
  | 'root'
  | 'offset'
  | 'position'
  | 'namespace'
  | 'soap'
  | null;

const OF_ENCODING: ReadonlyMap<string, Role> = new Map([
  ['arrayType', 'array'],
  ['root', 'root'],
  ['offset', 'offset'],
  ['position', 'position'],
]);
const OF_INSTANCE: ReadonlyMap<string, Role> = new Map([
  ['type', 'type'],
  ['null', 'null'],
  ['nil', 'null'],
]);
const OF_ENVELOPE = new Set(['encodingStyle', 'mustUnderstand', 'actor']);

/** What an attribute is for; null where nobody here knows. */
export function roleOf(uri: string, prefix: string, local: string): Role {
  if (prefix === 'xmlns' || (prefix === '' && local === 'xmlns')) return 'namespace';
  if (uri === '') return local === 'id' || local === 'href' ? local : null;
  if (uri === ENCODING) return OF_ENCODING.get(local) ?? null;
  if (uri === ENVELOPE) return OF_ENVELOPE.has(local) ? 'soap' : null;
  if (isInstance(uri)) return OF_INSTANCE.get(local) ?? null;
  return prefix === 'xml' ? 'soap' : null;
}

/** Whether xsi:null or xsi:nil says so. */
export function isTrue(value: string): boolean {
  return value === '1' || value === 'true';
}

export function readAttributes(tag: SaxesTagNS, resolve: Resolve, known: KnownNamespaces): Attributes {
  let id: string | null = null;
  let href: string | null = null;
  let isNull = false;
  let type: TypeName | null = null;
  let array: SoapArrayType | null = null;
  let root: string | null = null;
  let offset: string | null = null;
  let position: string | null = null;
  const unknown: string[] = [];
  for (const name in tag.attributes) {
    const { uri, prefix, local, value } = tag.attributes[name];
    const role = roleOf(uri, prefix, local);
    if (role === 'id') id = value;
    else if (role === 'href') href = value;
    else if (role === 'null') isNull = isTrue(value);
    else if (role === 'type') type = namedType(value, resolve, known);
    else if (role === 'array') array = arrayType(value, resolve, known);
    else if (role === 'root') root = value;
    else if (role === 'offset') offset = value;
    else if (role === 'position') position = value;
    // a type that is of no world known here is named in a warning, as it is nowhere else
    const lost = (role === 'type' && type === null) || (role === 'array' && array === null);
    if (role === null || lost) unknown.push(`${name}="${value}"`);
  }
  return { id, href, isNull, type, array, root, offset, position, unknown };
}

/** An element whose start tag was read, inside `parent`. */
export function beginElement(
  tag: SaxesTagNS,
  attributes: Attributes,
  parent: Element | undefined,
  known: KnownNamespaces,
): Element {
  const item = parent?.attributes.array?.element ?? null;
  const inherited = item === null || item.type === 'System.Object' ? null : item;
  const own = attributes.array ?? attributes.type ?? (tag.uri === '' ? null : typeOf(tag.uri, tag.local, known));
  return {
    name: dotNetName(tag.local),
    namespace: tag.uri,
    attributes,
    type: own ?? inherited,
    text: '',
    children: 0,
    names: [],
    values: [],
    positions: null,
  };
}

/** Puts a value into the element that it stands in. */
export function addValue(into: Element, name: string, value: SoapValue, position: string | null): void {
  if (position !== null) into.positions ??= into.values.map(() => null);
  into.positions?.push(position);
  into.names.push(name);
  into.values.push(value);
}

const NULL: SoapValue = { kind: 'null' };
const INK = /[^\t\n\r ]/;

/** Whether a text is more than what stands between elements to make them look good. */
export function hasInk(text: string): boolean {
  return INK.test(text);
}

/** The value of an element that is whole. */
export function encodedValue(e: Element): SoapValue {
  const { id, href, isNull, array, offset } = e.attributes;
  if (isNull) return NULL;
  if (href !== null) return { kind: 'ref', id: href.startsWith('#') ? href.slice(1) : href };
  const type = e.type?.type ?? null;
  const assembly = e.type?.assembly ?? null;
  if (array !== null || type === 'System.Array') {
    const { values: elements, positions } = e;
    const lengths = array?.lengths ?? [];
    const nulls = nullsBehind(e);
    const told = array?.type ?? 'System.Array';
    return { kind: 'array', id, type: told, assembly, lengths, offset, elements, nulls, positions };
  }
  if (!valueIsText(e))
    return { kind: 'object', id, type, assembly, members: e.values.map((value, i) => ({ name: e.names[i], value })) };
  // base64 may be broken into lines
  const text = type === 'System.Byte[]' ? e.text.replace(/[\t\n\r ]+/g, '') : e.text;
  // only strings have ids of their own
  return { kind: 'scalar', id, type: type ?? (id === null ? null : 'System.String'), assembly, text };
}

/**
 * How many nulls an array has behind the elements that are there: .NET's formatter, and Mono's, leave them out. What is
 * placed stands anywhere, and no value of a primitive type is null.
 */
function nullsBehind({ attributes: { array, offset }, positions, values }: Element): number {
  if (array === null || array.lengths.length === 0 || offset !== null || positions !== null) return 0;
  if (NEVER_NULL.has(array.element.type)) return 0;
  const count = array.lengths.reduce((product, length) => product * length, 1);
  return Number.isSafeInteger(count) ? Math.max(0, count - values.length) : 0;
}

/** Whether what stands in an element without elements is its value; an object without members is blank, too. */
export function valueIsText(e: Element): boolean {
  if (e.children > 0 || e.attributes.array !== null) return false;
  return e.type === null || PLAIN.has(e.type.type) || e.type.type.includes(':') || hasInk(e.text);
}

const NEVER_NULL = new Set(
  [
    ...['Char', 'Boolean', 'SByte', 'Byte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64'],
    ...['Single', 'Double', 'Decimal', 'DateTime', 'TimeSpan'],
  ].map((name) => `System.${name}`),
);

/** Types whose value may be blank. */
const PLAIN = new Set([...NEVER_NULL, 'System.Object', 'System.String', 'System.Byte[]']);
