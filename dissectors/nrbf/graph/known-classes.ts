/**
 * What objects of well-known classes mean: a Hashtable is pairs, a List is its items, a DelegateSerializationHolder
 * names methods. Found once here; describe.ts says it in a line and explain.ts as JSON.
 */

import { type ArrayRecord, follow, type Item, type NrbfStream, type ObjectRecord } from '../format/model.js';
import { BinaryType, Primitive } from '../format/types.js';
import {
  arrayItems,
  arrayMember,
  asObject,
  lost,
  member,
  numberMember,
  objectMember,
  recordItems,
  textMember,
} from './graph.js';
import type { MessagePart } from './message.js';
import { explainObjRef, type ObjRefSummary } from './objref.js';
import { shortType } from './short-type.js';
import { SINGLE_VALUES } from './single-values.js';

export type Meaning =
  /** A single value as people write it. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly MessagePart[]; readonly count: number }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [MessagePart, MessagePart])[]; readonly count: number }
  | { readonly kind: 'methods'; readonly type: string; readonly methods: readonly string[] }
  | { readonly kind: 'exception'; readonly exception: ExceptionMeaning }
  | { readonly kind: 'objref'; readonly objRef: ObjRefSummary }
  | {
      readonly kind: 'tables';
      readonly name: string;
      readonly tables: readonly string[];
      readonly text: string | null;
    };

export interface ExceptionMeaning {
  readonly type: string;
  readonly message: string | null;
  readonly hresult: number | null;
  readonly source: string | null;
  readonly stack: readonly string[];
  readonly remoteStack: readonly string[];
  /** The chain of inner exceptions, the nearest first; those of an AggregateException are its list. */
  readonly inner: readonly ObjectRecord[];
}

/** Elements that a list or map shows at most. */
const MOST = 100;

type Reader = (s: NrbfStream, o: ObjectRecord) => Meaning | null;

const text = (value: string | null): Meaning | null => (value === null ? null : { kind: 'text', text: value });
const part = (item: Item): MessagePart => ({ primitive: 0, item });

/** The items of an array as parts. */
function parts(array: ArrayRecord | null, most = MOST): MessagePart[] {
  if (array === null) return [];
  const primitive = array.element.binary === BinaryType.Primitive ? array.element.primitive : 0;
  return arrayItems(array, most).map((item) => ({ primitive, item }));
}

function memberPart(s: NrbfStream, o: ObjectRecord, name: string): MessagePart {
  const i = o.cls.members.indexOf(name);
  const kind = i < 0 ? 0 : o.cls.kinds[i];
  const item = i < 0 ? null : (o.values[i] ?? null);
  return { primitive: kind < 0 ? -kind : kind, item: kind === 0 ? follow(s, item) : item };
}

/** How many elements of its arrays a collection has by the member that says it; null where they have not so many. */
function sizeOf(s: NrbfStream, o: ObjectRecord, size: string | null, room: number): number | null {
  const count = (size === null ? null : numberMember(s, o, size)) ?? room;
  return count < 0 || count > room ? null : count;
}

function list(s: NrbfStream, o: ObjectRecord, array: string, size: string | null): Meaning | null {
  const items = arrayMember(s, o, array);
  if (items === null && member(s, o, array) === undefined) return null;
  const count = sizeOf(s, o, size, items?.count ?? 0);
  return count === null ? null : { kind: 'list', items: parts(items, Math.min(MOST, count)), count };
}

/** Longer rings are not turned. */
const MOST_IN_RING = 10_000;

/** A ring of items: `_head` says which is the first. */
function ring(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const array = arrayMember(s, o, '_array');
  const head = numberMember(s, o, '_head') ?? 0;
  if (array === null || head === 0) return list(s, o, '_array', '_size');
  const size = sizeOf(s, o, '_size', array.count);
  if (size === null || head < 0 || head >= array.count || array.count > MOST_IN_RING) return null;
  const all = parts(array, array.count);
  const items: MessagePart[] = [];
  for (let i = 0; i < Math.min(size, MOST, all.length); i++) items.push(all[(head + i) % all.length] ?? part(null));
  return { kind: 'list', items, count: size };
}

function twoArrays(s: NrbfStream, o: ObjectRecord, keys: string, values: string, size: string | null): Meaning | null {
  const [k, v] = [arrayMember(s, o, keys), arrayMember(s, o, values)];
  const count = sizeOf(s, o, size, Math.min(k?.count ?? 0, v?.count ?? 0));
  if (count === null || (size === null && k?.count !== v?.count)) return null;
  const most = Math.min(MOST, count);
  const told = parts(v, most);
  return { kind: 'map', entries: parts(k, most).map((key, i) => [key, told[i] ?? part(null)] as const), count };
}

/** An array of KeyValuePair or DictionaryEntry. */
function pairs(s: NrbfStream, array: ArrayRecord | null): Meaning | null {
  if (array === null) return { kind: 'map', entries: [], count: 0 };
  const entries: [MessagePart, MessagePart][] = [];
  for (const { item, primitive } of parts(array)) {
    const pair = primitive === 0 ? asObject(follow(s, item)) : null;
    if (pair === null) return null;
    const old = pair.cls.members.includes('_key');
    entries.push([memberPart(s, pair, old ? '_key' : 'key'), memberPart(s, pair, old ? '_value' : 'value')]);
  }
  return { kind: 'map', entries, count: array.count };
}

/** A chain of nodes that hold key and value, without recursion and without going in circles. */
function chain(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const entries: [MessagePart, MessagePart][] = [];
  const seen = new Set<ObjectRecord>();
  for (let node = objectMember(s, o, 'head'); node !== null && !seen.has(node); node = objectMember(s, node, 'next')) {
    seen.add(node);
    if (entries.length < MOST) entries.push([memberPart(s, node, 'key'), memberPart(s, node, 'value')]);
  }
  const count = numberMember(s, o, 'count') ?? seen.size;
  return count === seen.size ? { kind: 'map', entries, count } : null;
}

/** A chain of DelegateEntry, one for each method that would be called. */
function delegate(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const methods: string[] = [];
  const seen = new Set<ObjectRecord>();
  let type = '';
  for (let e = objectMember(s, o, 'Delegate'); e !== null && !seen.has(e); e = objectMember(s, e, 'delegateEntry')) {
    seen.add(e);
    type ||= textMember(s, e, 'type') ?? '';
    const owner = textMember(s, e, 'targetTypeName');
    if (methods.length < MOST)
      methods.push(`${owner === null ? '' : `${shortType(owner)}.`}${textMember(s, e, 'methodName') ?? '?'}`);
  }
  return { kind: 'methods', type: shortType(type), methods };
}

function tuple(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const items = o.cls.members.map((name) => memberPart(s, o, name));
  return { kind: 'list', items, count: items.length };
}

function pair(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const old = o.cls.members.includes('_key');
  return {
    kind: 'map',
    entries: [[memberPart(s, o, old ? '_key' : 'key'), memberPart(s, o, old ? '_value' : 'value')]],
    count: 1,
  };
}

/** What travels with a call; the two members that remoting itself puts there say nothing by themselves. */
function callContext(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const entries: [MessagePart, MessagePart][] = [];
  for (const name of o.cls.members) {
    const value = memberPart(s, o, name);
    const object = asObject(value.item);
    const id = object === null ? null : textMember(s, object, '_logicalCallID');
    if (name === '__RemotingData' && id !== null) entries.push([text2('logical call id'), text2(id)]);
    else if (!name.startsWith('__')) entries.push([text2(name), value]);
  }
  return { kind: 'map', entries, count: entries.length };
}

const text2 = (value: string): MessagePart => ({ primitive: Primitive.String, item: value });

/** DataSet and DataTable: names stand in members, data as XML or as streams inside. */
function dataSet(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const tables: string[] = [];
  for (const name of o.cls.members) if (tables.length < MOST && /^DataSet\.Tables_\d+$/.test(name)) tables.push(name);
  const schema = textMember(s, o, 'XmlSchema');
  for (const found of schema?.matchAll(/<xs:element name="([^"]+)">\s*<xs:complexType/g) ?? [])
    if (tables.length < MOST) tables.push(found[1]);
  return {
    kind: 'tables',
    name: textMember(s, o, 'DataSet.DataSetName') ?? textMember(s, o, 'DataTable.TableName') ?? tables[0] ?? '',
    tables,
    text: textMember(s, o, 'XmlDiffGram'),
  };
}

function dataTable(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const columns: string[] = [];
  for (let i = 0; i < MOST; i++) {
    const name = textMember(s, o, `DataTable.DataColumn_${i}.ColumnName`);
    if (name === null) break;
    columns.push(name);
  }
  if (columns.length === 0) return dataSet(s, o);
  return { kind: 'tables', name: textMember(s, o, 'DataTable.TableName') ?? '', tables: columns, text: null };
}

/** Any class that has the members which Exception.GetObjectData writes. */
function exception(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const { members } = o.cls;
  const old = members.includes('_className');
  if (!old && !(members.includes('ClassName') && members.includes('StackTraceString'))) return null;
  const inner: ObjectRecord[] = [];
  const many = arrayMember(s, o, 'InnerExceptions');
  if (many !== null)
    for (const item of recordItems(many, MOST)) {
      const each = asObject(follow(s, item));
      if (each !== null) inner.push(each);
    }
  else
    for (
      let e = objectMember(s, o, old ? '_innerException' : 'InnerException');
      e !== null && !inner.includes(e) && inner.length < 32;
      e = objectMember(s, e, old ? '_innerException' : 'InnerException')
    )
      inner.push(e);
  const lines = (name: string): string[] =>
    (textMember(s, o, name) ?? '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  return {
    kind: 'exception',
    exception: {
      type: textMember(s, o, old ? '_className' : 'ClassName') ?? o.cls.name,
      message: textMember(s, o, old ? '_message' : 'Message'),
      hresult: numberMember(s, o, old ? '_HResult' : 'HResult'),
      source: textMember(s, o, old ? '_source' : 'Source'),
      stack: lines(old ? '_stackTraceString' : 'StackTraceString'),
      remoteStack: lines(old ? '_remoteStackTraceString' : 'RemoteStackTraceString'),
      inner,
    },
  };
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...[...SINGLE_VALUES].map(([name, read]) => [name, (s: NrbfStream, o: ObjectRecord) => text(read(s, o))] as const),
  ['System.DelegateSerializationHolder', delegate],
  ['System.Collections.Hashtable', (s, o) => twoArrays(s, o, 'Keys', 'Values', null)],
  ['System.Data.PropertyCollection', (s, o) => twoArrays(s, o, 'Keys', 'Values', null)],
  ['System.Collections.SortedList', (s, o) => twoArrays(s, o, 'keys', 'values', '_size')],
  ['System.Collections.Generic.SortedList', (s, o) => twoArrays(s, o, 'keys', 'values', '_size')],
  ['System.Collections.ArrayList', (s, o) => list(s, o, '_items', '_size')],
  ['System.Collections.Generic.List', (s, o) => list(s, o, '_items', '_size')],
  ['System.Collections.Stack', (s, o) => list(s, o, '_array', '_size')],
  ['System.Collections.Generic.Stack', (s, o) => list(s, o, '_array', '_size')],
  ['System.Collections.Queue', ring],
  ['System.Collections.Generic.Queue', ring],
  ['System.Collections.Generic.HashSet', (s, o) => list(s, o, 'Elements', null)],
  ['System.Collections.Generic.SortedSet', (s, o) => list(s, o, 'Items', 'Count')],
  ['System.Collections.Generic.TreeSet', (s, o) => list(s, o, 'Items', 'Count')],
  ['System.Collections.Generic.LinkedList', (s, o) => list(s, o, 'Data', 'Count')],
  ['System.Collections.ObjectModel.Collection', (s, o) => inside(s, o, 'items')],
  ['System.Collections.ObjectModel.ReadOnlyCollection', (s, o) => inside(s, o, 'list')],
  ['System.Collections.Generic.SortedDictionary', sortedDictionary],
  ['System.Collections.Generic.Dictionary', (s, o) => pairs(s, arrayMember(s, o, 'KeyValuePairs'))],
  ['System.Collections.Specialized.OrderedDictionary', (s, o) => pairs(s, arrayMember(s, o, 'ArrayList'))],
  ['System.Collections.ListDictionaryInternal', chain],
  ['System.Collections.Specialized.ListDictionary', chain],
  ['System.Collections.Generic.KeyValuePair', pair],
  ['System.Collections.DictionaryEntry', pair],
  ['System.Tuple', tuple],
  ['System.ValueTuple', tuple],
  ['System.Runtime.Remoting.Messaging.LogicalCallContext', callContext],
  ['System.Data.DataSet', dataSet],
  ['System.Data.DataTable', dataTable],
  [
    'System.Runtime.Remoting.ObjRef',
    (s, o) => {
      const objRef = explainObjRef(s, o);
      return objRef === null ? null : { kind: 'objref', objRef };
    },
  ],
]);

/** A wrapper: what it wraps is meant. */
function inside(s: NrbfStream, o: ObjectRecord, name: string): Meaning | null {
  const array = arrayMember(s, o, name);
  if (array !== null) return { kind: 'list', items: parts(array), count: array.count };
  const object = objectMember(s, o, name);
  return object?.cls.name.startsWith('System.Collections.Generic.List`1') ? list(s, object, '_items', '_size') : null;
}

function sortedDictionary(s: NrbfStream, o: ObjectRecord): Meaning | null {
  const set = objectMember(s, o, '_set');
  return set === null ? null : pairs(s, arrayMember(s, set, 'Items'));
}

/** What an object means; null where its members speak for themselves. */
export function meaningOf(stream: NrbfStream, object: ObjectRecord): Meaning | null {
  const { name, members } = object.cls;
  const tick = name.indexOf('`');
  const reader = READERS.get(tick < 0 ? name : name.slice(0, tick));
  // Of a Dictionary whose pairs are not in the stream nobody knows that it is empty: its members are shown. An ObjRef
  // says itself what is missing.
  if (reader !== undefined)
    return name !== 'System.Runtime.Remoting.ObjRef' && lost(stream, object).length > 0 ? null : reader(stream, object);
  return members[0] === 'ClassName' || members[0] === '_className' ? exception(stream, object) : null;
}
