/** VALUEs of documents, held against what their types can hold before records are made of them. */

import { TICKS_END } from '../../dissectors/nrbf/format/text.js';
import { PRIMITIVE_BY_TYPE, PRIMITIVE_TYPES, Primitive } from '../../dissectors/nrbf/format/types.js';
import { scalarFromJson, wantedScalar } from '../../dissectors/nrbf/graph/records-json.js';
import { MESSAGES, VALUES } from './documents/nrbf-shapes.js';
import { checked, oneOf } from './documents/schema.js';
import { EncodeError, found, type Json, type JsonObject, objectAt, under, unknownName } from './error.js';

const KIND = oneOf('kind of message', ['call', 'return']);
const SCALARS = [...PRIMITIVE_BY_TYPE.keys(), 'System.String'];

/** A VALUE that is to be looked at. `element`: the primitive type that its array wants. */
interface Todo {
  readonly value: Json;
  readonly path: string;
  readonly element?: string;
}

/**
 * Looks at `root`, `call`, `headers` and `objects`.
 * @throws EncodeError with the path of what is no VALUE, or holds what its type cannot
 */
export function checkValues(o: JsonObject, path: string): void {
  const todo: Todo[] = [];
  const add = (value: unknown, at: string): void => {
    if (value !== undefined && value !== null) todo.push({ value: value as Json, path: at });
  };
  const addAll = (list: unknown, at: string): void => {
    (list as Json[] | undefined)?.forEach((value, i) => {
      add(value, `${at}[${i}]`);
    });
  };
  if (o.call != null) {
    const at = `${path}.call`;
    const kind = checked(KIND, objectAt(o.call, at).kind, `${at}.kind`);
    const call = checked(MESSAGES[kind], o.call, at) as { [member: string]: unknown };
    for (const list of ['args', 'genericArgs', 'signature']) addAll(call[list], `${at}.${list}`);
    for (const one of ['returnValue', 'exception', 'context', 'properties']) add(call[one], `${at}.${one}`);
  }
  add(o.root, `${path}.root`);
  add(o.headers, `${path}.headers`);
  addAll(o.objects, `${path}.objects`);
  // the last is looked at first: the document's order is that of messages
  todo.reverse();
  const ids = new Map<number, string>();
  const refs: { id: number; path: string }[] = [];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const inner = checkValue(next, ids, refs);
    for (let i = inner.length - 1; i >= 0; i--) todo.push(inner[i]);
  }
  for (const { id, path: at } of refs)
    if (!ids.has(id)) throw new EncodeError(`${at}.ref`, `no VALUE of the document has the id ${id}`);
}

/** Looks at one VALUE; gives those in it. */
function checkValue(todo: Todo, ids: Map<number, string>, refs: { id: number; path: string }[]): Todo[] {
  const { value, path, element } = todo;
  const o = objectAt(value, path);
  for (const left of ['shortened', 'omitted'])
    if (Object.hasOwn(o, left))
      throw new EncodeError(`${path}.${left}`, 'a part of it was left out when this was printed: print it with --full');
  if (Object.hasOwn(o, 'ref')) {
    refs.push({ id: checked(VALUES.ref, o, path).ref, path });
    return [];
  }
  const { id } = o;
  if (id !== undefined) {
    const first = ids.get(id as number);
    if (first !== undefined) throw new EncodeError(`${path}.id`, `${first} has the id ${id} already`);
    ids.set(id as number, path.replace(/^\./, ''));
  }
  if (Object.hasOwn(o, 'members')) {
    const { members, memberNames } = checked(VALUES.object, o, path);
    for (const name of Object.keys(memberNames ?? {}))
      if (!Object.hasOwn(members, name))
        throw new EncodeError(under(`${path}.memberNames`, name), `members has no ${name}`);
    if (element !== undefined) throw new EncodeError(path, `a ${element} is wanted, as in the array's type`);
    return Object.entries(members as JsonObject)
      .filter(([, inner]) => inner !== null)
      .map(([name, inner]) => ({ value: inner, path: under(`${path}.members`, name) }));
  }
  if (Object.hasOwn(o, 'elements')) {
    if (element !== undefined) throw new EncodeError(path, `a ${element} is wanted, as in the array's type`);
    return checkArray(o, path);
  }
  checkScalar(o, path, element);
  return [];
}

function checkArray(o: JsonObject, path: string): Todo[] {
  const { type, rank, lengths, lowerBounds, elements } = checked(VALUES.array, o, path);
  const suffix = /\[(,*)\]$/.exec(type);
  if (suffix === null)
    throw new EncodeError(
      `${path}.type`,
      `an array's type ends with [], or with [,] and so on, not ${found(type, path)}`,
    );
  const dimensions = suffix[1].length + 1;
  const sizes = lengths ?? [elements.length];
  if (rank !== undefined && rank !== dimensions)
    throw new EncodeError(`${path}.rank`, `${type} has the rank ${dimensions}, not ${rank}`);
  if (sizes.length !== dimensions)
    throw new EncodeError(`${path}.lengths`, `${type} has ${dimensions} of them, not ${sizes.length}`);
  if (lowerBounds !== undefined && lowerBounds.length !== dimensions)
    throw new EncodeError(`${path}.lowerBounds`, `${type} has ${dimensions} of them, not ${lowerBounds.length}`);
  const product = sizes.reduce((n, size) => n * size, 1);
  if (product !== elements.length)
    throw new EncodeError(`${path}.elements`, `${product} are wanted, as lengths says, not ${elements.length}`);
  const of = type.slice(0, suffix.index);
  const primitive = PRIMITIVE_BY_TYPE.has(of);
  const inner: Todo[] = [];
  (elements as Json[]).forEach((value, i) => {
    const at = `${path}.elements[${i}]`;
    if (value === null && primitive) throw new EncodeError(at, `a ${of} is wanted, not null`);
    if (value !== null)
      inner.push({ value, path: at, ...(primitive || of === 'System.String' ? { element: of } : {}) });
  });
  return inner;
}

function checkScalar(o: JsonObject, path: string, element: string | undefined): void {
  const shape = o.type === 'System.DateTime' ? VALUES.time : o.type === 'System.TimeSpan' ? VALUES.span : VALUES.scalar;
  if (!Object.hasOwn(o, 'value') && !Object.hasOwn(o, 'ticks'))
    throw new EncodeError(path, `a VALUE has value, ticks, members, elements or ref${misspelt(o)}`);
  const { type } = checked(shape, o, path);
  if (!SCALARS.includes(type)) throw new EncodeError(`${path}.type`, unknownName('primitive type', type, SCALARS));
  if (element !== undefined && type !== element)
    throw new EncodeError(`${path}.type`, `${element} is wanted, as in the array's type, not ${type}`);
  const primitive = type === 'System.String' ? Primitive.String : PRIMITIVE_TYPES.indexOf(type);
  const name = shape === VALUES.scalar ? 'value' : 'ticks';
  const given = o[name];
  const at = `${path}.${name}`;
  const scalar = primitive === Primitive.Char || given !== undefined ? taken(primitive, given) : null;
  if (scalar === null) throw new EncodeError(at, `${wantedScalar(primitive)} is wanted, not ${found(given, at)}`);
  if (o.daylight === true && o.kind !== 2)
    throw new EncodeError(`${path}.daylight`, 'it is said of local times alone, whose kind is 2');
  if (primitive === Primitive.DateTime && (scalar as bigint) >= TICKS_END)
    throw new EncodeError(at, `ticks before the year 10000 are wanted (below ${TICKS_END}), not ${given}`);
}

/** Members that several kinds of VALUEs have. */
const KNOWN = ['type', 'id', 'assembly', 'readable', 'rank', 'lengths', 'lowerBounds', 'kind', 'inline', 'libraryId'];

function misspelt(o: JsonObject): string {
  const odd = Object.keys(o).find((name) => !KNOWN.includes(name));
  return odd === undefined ? '' : `: ${unknownName('member', odd, ['members', 'elements', 'value', 'ticks', 'ref'])}`;
}

function taken(primitive: number, given: unknown): unknown {
  // a pair of surrogates is two elements of an array: halves are looked at there, where they must make pairs
  try {
    return scalarFromJson(primitive, given);
  } catch {
    return primitive === Primitive.Char && typeof given === 'string' && given.length === 1 ? given : null;
  }
}
