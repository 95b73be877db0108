/**
 * Canonical records for VALUEs alone: what .NET's formatter would choose. A VALUE that is `inline` stands in its
 * holder, as value types do, and so do enums and well-known structs that do not say; others are referred to and stand
 * at the top, as reference types do. What a VALUE does not say, and no reader could guess, is refused with its path.
 */

import { isKnownStruct } from '../format/system-types.js';
import { elementName, flagNames, MessageFlag, PRIMITIVE_BY_TYPE, PRIMITIVE_NAMES } from '../format/types.js';
import type { MessageJson } from '../graph/document-schema.js';
import type { RecordJson, TypeJson } from '../graph/records-json.js';
import type { JsonValue, ValueObject } from '../graph/values.js';
import { ArrayLibraries } from './array-libraries.js';
import { primitiveOf, scalarOf } from './scalars.js';
import { isContainer, type ValueDocument, ValueGraph } from './value-graph.js';
import { NrbfWriteError, writeNrbf } from './write.js';

/** Writes VALUEs: the graph `root`, or the message `call`. Throws NrbfWriteError for what is no VALUE. */
export function encodeValues(document: ValueDocument): Uint8Array {
  return writeNrbf({ records: canonicalRecords(document) });
}

/** The records that `encodeValues` writes. */
export function canonicalRecords(document: ValueDocument): RecordJson[] {
  const writer = new Canonical(new ValueGraph(document));
  const { root, call, headers } = document;
  if (call == null) return writer.graph(root ?? null, headers ?? null);
  if (headers != null) throw new NrbfWriteError('headers: a message has none');
  return writer.message(call);
}

/** An object or array that is being written: what it holds beside raw values, and how far that is. */
interface Open {
  readonly value: ValueObject;
  readonly items: readonly JsonValue[];
  /** The members' names in the VALUE; null for an array. */
  readonly names: readonly string[] | null;
  /** Whether nulls in a row are one record. */
  readonly runs: boolean;
  next: number;
}

class Canonical {
  private readonly records: RecordJson[] = [];
  private readonly written = new Set<ValueObject>();
  /** Those whose members or elements are being written. */
  private readonly open = new Set<ValueObject>();
  private readonly ids = new Map<ValueObject, number>();
  private readonly strings = new Map<string, number>();
  private readonly libraries = new Map<string, number>();
  private readonly classes = new Map<string, number>();
  private readonly queue: ValueObject[] = [];
  private nextId = 1;

  private readonly arrays: ArrayLibraries;

  constructor(private readonly document: ValueGraph) {
    this.arrays = new ArrayLibraries(document);
  }

  graph(root: JsonValue, given: JsonValue): RecordJson[] {
    const value = this.document.resolve(root);
    const headers = this.document.resolve(given);
    if (headers !== null && headers.elements === undefined) throw new NrbfWriteError('headers: an array is wanted');
    if (value === null) throw new NrbfWriteError('a stream needs an object: null cannot be its root');
    this.header(1, headers === null ? -1 : 2);
    if (headers !== null) {
      // as .NET writes them: numbered behind the root, in front of it in the stream
      this.ids.set(value, this.nextId++);
      this.idOf(headers);
    }
    if (!isContainer(value)) {
      if (value.type !== 'System.String')
        throw new NrbfWriteError(
          `a ${value.type ?? 'VALUE without type'} as a root must be an object with m_value`,
          'root',
        );
      this.nextId = Math.max(this.nextId, 2);
      this.drain();
      this.records.push({ type: 'BinaryObjectString', objectId: 1, value: value.value });
    } else {
      this.document.inlines.delete(value);
      this.idOf(value);
      if (headers !== null) this.queue.push(value);
      this.drain();
    }
    return this.end();
  }

  message(call: Omit<MessageJson, 'flags'>): RecordJson[] {
    const isCall = call.kind === 'call';
    const args = call.args.map((arg) => this.document.resolve(arg));
    const coded = (value: JsonValue, name: string): { primitive: string; value?: unknown } => {
      if (value === null) return { primitive: 'Null' };
      const at = { type: '' };
      this.document.places.set(at, [null, name]);
      return {
        primitive: PRIMITIVE_NAMES[primitiveOf(this.document, value, at, '')],
        value: scalarOf(this.document, value, at, ''),
      };
    };
    const inline = args.every(isInline);
    const result = isCall ? null : this.document.resolve(call.returnValue ?? null);
    const inArray: JsonValue[] = [];
    let flags = 0;
    const put = (value: JsonValue | undefined, flag: number): void => {
      if (value == null) return;
      flags |= flag;
      inArray.push(value);
    };
    if (result !== null && !isInline(result)) put(result, MessageFlag.ReturnValueInArray);
    else if (!isCall) flags |= result === null ? MessageFlag.NoReturnValue : MessageFlag.ReturnValueInline;
    if (isCall) {
      put(typeArray(call.genericArgs), MessageFlag.GenericMethod);
      put(typeArray(call.signature), MessageFlag.MethodSignatureInArray);
    } else put(call.exception, MessageFlag.ExceptionInArray);
    const context = this.document.resolve(call.context ?? null);
    const contextInline = context !== null && context.type === 'System.String';
    if (contextInline) flags |= MessageFlag.ContextInline;
    else if (context === null) flags |= MessageFlag.NoContext;
    else put(context, MessageFlag.ContextInArray);
    put(call.properties, MessageFlag.PropertiesInArray);
    let array: JsonValue[] = inArray;
    if (args.length === 0) flags |= MessageFlag.NoArgs;
    else if (inline) flags |= MessageFlag.ArgsInline;
    else if (inArray.length === 0) {
      flags |= MessageFlag.ArgsIsArray;
      array = args;
    } else {
      flags |= MessageFlag.ArgsInArray;
      array = [objectArray(args), ...inArray];
    }
    const whole = array.length > 0;
    this.header(whole ? 1 : 0, whole ? -1 : 0);
    const record: RecordJson = {
      type: isCall ? 'BinaryMethodCall' : 'BinaryMethodReturn',
      messageFlags: flagNames(flags),
    };
    if (isCall) {
      record.methodName = { primitive: 'String', value: call.method ?? '' };
      record.typeName = { primitive: 'String', value: call.type ?? '' };
    }
    if ((flags & MessageFlag.ReturnValueInline) !== 0) record.returnValue = coded(result, 'call.returnValue');
    if (contextInline) record.callContext = { primitive: 'String', value: context.value };
    if ((flags & MessageFlag.ArgsInline) !== 0) record.args = args.map((arg, i) => coded(arg, `call.args[${i}]`));
    this.records.push(record);
    if (whole) {
      this.idOf(objectArray(array));
      this.drain();
    }
    return this.end();
  }

  private header(rootId: number, headerId: number): void {
    this.records.push({ type: 'SerializedStreamHeader', rootId, headerId, majorVersion: 1, minorVersion: 0 });
  }

  private end(): RecordJson[] {
    this.records.push({ type: 'MessageEnd' });
    return this.records;
  }

  /** The object id; at first sight an object that stands nowhere inline is queued to be written at the top. */
  private idOf(value: ValueObject): number {
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.nextId++;
      this.ids.set(value, id);
      if (!this.document.inlines.has(value)) this.queue.push(value);
    }
    return id;
  }

  private drain(): void {
    let next = 0;
    do {
      while (next < this.queue.length) this.write(this.queue[next++]);
      // Where it would stand inline is in no object that is written.
      for (const value of this.document.inlines)
        if (this.ids.has(value) && !this.written.has(value)) this.queue.push(value);
    } while (next < this.queue.length);
  }

  /** An object or array with all that stands inline in it. */
  private write(top: ValueObject): void {
    const stack = [this.begin(top)];
    for (let open = stack.at(-1); open !== undefined; open = stack.at(-1)) {
      if (open.next === open.items.length) {
        this.open.delete(open.value);
        stack.pop();
        continue;
      }
      const inner = this.item(open);
      if (inner !== undefined) stack.push(inner);
    }
  }

  /** The record of an object or array. */
  private begin(value: ValueObject): Open {
    if (this.written.has(value)) {
      // One that has no id is another struct in each place.
      if (value.id !== undefined || this.open.has(value))
        this.document.refuse(value, '', 'stands inline in a second place');
      this.ids.delete(value);
    }
    this.written.add(value);
    this.open.add(value);
    const id = this.idOf(value);
    return value.members === undefined ? this.array(value, id) : this.object(value, id);
  }

  private library(name: string): number {
    let id = this.libraries.get(name);
    if (id === undefined) {
      id = this.nextId++;
      this.libraries.set(name, id);
      this.records.push({ type: 'BinaryLibrary', libraryId: id, libraryName: name });
    }
    return id;
  }

  private object(value: ValueObject, id: number): Open {
    const keys = Object.keys(value.members ?? {});
    const given = value.memberNames ?? {};
    const names = keys.map((key) => (Object.hasOwn(given, key) ? given[key] : key));
    const members = keys.map((key) => value.members?.[key] ?? null);
    const types = members.map((member, i) =>
      this.memberType(this.document.resolve(member), value, `.members.${keys[i]}`),
    );
    const key = JSON.stringify([value.type, value.assembly ?? null, names, types]);
    const known = this.classes.get(key);
    const raw: number[] = [];
    const others: number[] = [];
    types.forEach((type, i) => void (type.type === 'Primitive' ? raw : others).push(i));
    const record: RecordJson = { type: 'ClassWithId', objectId: id };
    if (known !== undefined) record.metadataId = known;
    else {
      this.classes.set(key, id);
      record.className = value.type;
      record.memberNames = names;
      record.memberTypes = types;
      if (value.assembly == null) record.type = 'SystemClassWithMembersAndTypes';
      else {
        record.libraryId = this.library(value.assembly);
        record.type = 'ClassWithMembersAndTypes';
      }
    }
    record.values = raw.map((i) => scalarOf(this.document, members[i], value, `.members.${keys[i]}`));
    this.records.push(record);
    return { value, items: others.map((i) => members[i]), names: others.map((i) => keys[i]), runs: false, next: 0 };
  }

  private memberType(value: JsonValue, holder: ValueObject, inside: string): TypeJson {
    if (value === null) return { type: 'Object' };
    if (isContainer(value)) {
      if (value.elements !== undefined) return this.typeOf(value.type as string, this.arrays.libraryOf(value));
      return this.typeOf(value.type as string, value.assembly ?? null);
    }
    if (value.type === 'System.String') return { type: 'String' };
    return { type: 'Primitive', primitive: PRIMITIVE_NAMES[primitiveOf(this.document, value, holder, inside)] };
  }

  private typeOf(name: string, assembly: string | null): TypeJson {
    if (name === 'System.Object') return { type: 'Object' };
    if (name === 'System.String') return { type: 'String' };
    if (name === 'System.Object[]') return { type: 'ObjectArray' };
    if (name === 'System.String[]') return { type: 'StringArray' };
    const primitive = name.endsWith('[]') ? PRIMITIVE_BY_TYPE.get(name.slice(0, -2)) : undefined;
    if (primitive !== undefined) return { type: 'PrimitiveArray', primitive: PRIMITIVE_NAMES[primitive] };
    if (assembly === null) return { type: 'SystemClass', className: name };
    return { type: 'Class', className: name, libraryId: this.library(assembly) };
  }

  /** The next member or element that is a record; what is begun inline is given back. */
  private item(open: Open): Open | undefined {
    const { value: holder, items, names } = open;
    const i = open.next++;
    const given = items[i];
    const value = this.document.resolve(given);
    if (value === null || given === null) this.nulls(open);
    else if (isContainer(value)) {
      if (value.members !== undefined && (given.inline ?? isStruct(value))) {
        this.document.inlines.add(value);
        return this.begin(value);
      }
      this.records.push({ type: 'MemberReference', idRef: this.idOf(value) });
    } else if (value.type === 'System.String') this.string(String(value.value));
    else {
      const inside = names === null ? `.elements[${i}]` : `.members.${names[i]}`;
      const primitive = PRIMITIVE_NAMES[primitiveOf(this.document, value, holder, inside)];
      this.records.push({
        type: 'MemberPrimitiveTyped',
        primitive,
        value: scalarOf(this.document, value, holder, inside),
      });
    }
    return undefined;
  }

  /** A null, with those behind it where the formatter writes them as one record. */
  private nulls(open: Open): void {
    const { items, runs } = open;
    const first = open.next - 1;
    while (runs && open.next < items.length && items[open.next] === null) open.next++;
    const nullCount = open.next - first;
    if (nullCount === 1) this.records.push({ type: 'ObjectNull' });
    else this.records.push({ type: nullCount < 256 ? 'ObjectNullMultiple256' : 'ObjectNullMultiple', nullCount });
  }

  private string(text: string): void {
    const known = this.strings.get(text);
    if (known !== undefined) {
      this.records.push({ type: 'MemberReference', idRef: known });
      return;
    }
    const id = this.nextId++;
    this.strings.set(text, id);
    this.records.push({ type: 'BinaryObjectString', objectId: id, value: text });
  }

  private array(value: ValueObject, id: number): Open {
    const name = value.type ?? '';
    const of = elementName(name);
    if (of === null) this.document.refuse(value, '.type', `${JSON.stringify(name)} is no array type`);
    const elements = value.elements ?? [];
    const lengths = value.lengths ?? [elements.length];
    const rank = lengths.length;
    const bounds = value.lowerBounds?.some((bound) => bound !== 0) ? value.lowerBounds : undefined;
    const primitive = PRIMITIVE_BY_TYPE.get(of);
    if (elements.length !== lengths.reduce((a, b) => a * b, 1))
      this.document.refuse(value, '.elements', `${name} of ${lengths.join(' × ')} has ${elements.length} elements`);
    const values =
      primitive === undefined
        ? undefined
        : elements.map((e, i) => scalarOf(this.document, e, value, `.elements[${i}]`));
    const kind = rank > 1 ? 'Rectangular' : elementName(of) === null ? 'Single' : 'Jagged';
    if (rank === 1 && bounds === undefined && (primitive !== undefined || isPlain(of))) {
      const type =
        primitive !== undefined
          ? 'ArraySinglePrimitive'
          : of === 'System.Object'
            ? 'ArraySingleObject'
            : 'ArraySingleString';
      const more = primitive === undefined ? {} : { primitive: PRIMITIVE_NAMES[primitive], values };
      this.records.push({ type, objectId: id, arrayLength: lengths[0], ...more });
    } else {
      const elementType: TypeJson =
        primitive === undefined
          ? this.typeOf(of, isPlain(of) ? null : this.arrays.libraryOf(value))
          : { type: 'Primitive', primitive: PRIMITIVE_NAMES[primitive] };
      const record: RecordJson = {
        type: 'BinaryArray',
        objectId: id,
        arrayType: bounds === undefined ? kind : `${kind}Offset`,
        lengths,
        elementType,
      };
      if (bounds !== undefined) record.lowerBounds = bounds;
      if (values !== undefined) record.values = values;
      this.records.push(record);
    }
    // .NET's reader counts a run of nulls as one element where there are several indexes; its writer makes none there.
    return { value, items: primitive === undefined ? elements : [], names: null, runs: kind === 'Single', next: 0 };
  }
}

/** Whether an element type has a BinaryTypeEnumeration of its own, without a class name. */
function isPlain(of: string): boolean {
  return of === 'System.Object' || of === 'System.String';
}

/** Whether an object that does not say so stands inline. */
function isStruct(value: ValueObject): boolean {
  return value.id === undefined && isKnownStruct(value.type ?? '', Object.keys(value.members ?? {}));
}

/** Whether a value of a message can stand in the record itself. A DateTime among arguments never does. */
function isInline(value: JsonValue): boolean {
  return value === null || (!isContainer(value) && value.type !== 'System.DateTime');
}

function objectArray(elements: JsonValue[]): ValueObject {
  return { type: 'System.Object[]', rank: 1, lengths: [elements.length], elements };
}

function typeArray(types: readonly JsonValue[] | undefined): JsonValue {
  if (types === undefined || types.length === 0) return null;
  return { type: 'System.Type[]', rank: 1, lengths: [types.length], elements: [...types] };
}
