/**
 * Canonical records for VALUEs alone: what .NET's formatter would choose, as far as a VALUE tells. Whether an
 * object is a struct it does not tell, except for enums and well-known ones: those stand inline, others are
 * referred to and stand at the top, as reference types do.
 */
import type { CallJson } from './json.js';
import type { RecordJson, TypeJson } from './records-json.js';
import { flagNames, MessageFlag, PRIMITIVE_BY_TYPE, PRIMITIVE_NAMES, Primitive } from './types.js';
import type { JsonValue, ValueObject } from './values.js';
import { NrbfWriteError, writeNrbf } from './write.js';

/** What is written: a graph, or a message. */
export interface ValueDocument {
  readonly root?: JsonValue;
  readonly call?: Omit<CallJson, 'flags'> | null;
  /** Objects that stand elsewhere as refs. */
  readonly objects?: readonly JsonValue[];
}

/** Structs of the system library that stand inline. */
const STRUCTS =
  /^System\.(Guid|Decimal|DateTime|TimeSpan|DateTimeOffset|IntPtr|UIntPtr|Collections\.DictionaryEntry|Collections\.Generic\.KeyValuePair`2.*)$/;

/** Writes VALUEs: the graph `root`, or the message `call`. Throws NrbfWriteError for what is no VALUE. */
export function encodeValues(document: ValueDocument): Uint8Array {
  return writeNrbf({ records: canonicalRecords(document) });
}

/** The records that `encodeValues` writes. */
export function canonicalRecords(document: ValueDocument): RecordJson[] {
  const writer = new Canonical(document);
  return document.call == null ? writer.graph(document.root ?? null) : writer.message(document.call);
}

interface ClassKey {
  id: number;
  raw: number[];
}

class Canonical {
  private readonly records: RecordJson[] = [];
  private readonly byRef = new Map<number, ValueObject>();
  private readonly ids = new Map<ValueObject, number>();
  private readonly strings = new Map<string, number>();
  private readonly libraries = new Map<string, number>();
  private readonly classes = new Map<string, ClassKey>();
  private readonly queue: ValueObject[] = [];
  private nextId = 1;

  constructor(document: ValueDocument) {
    const { root, call, objects } = document;
    const todo: JsonValue[] = [root ?? null, ...(objects ?? [])];
    if (call != null) {
      todo.push(...call.args, ...(call.genericArgs ?? []), ...(call.signature ?? []));
      todo.push(call.returnValue ?? null, call.exception ?? null, call.context ?? null, call.properties ?? null);
    }
    for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
      if (value === null) continue;
      if (value.id !== undefined) this.byRef.set(value.id, value);
      for (const inner of value.elements ?? Object.values(value.members ?? {})) if (inner !== null) todo.push(inner);
    }
  }

  graph(root: JsonValue): RecordJson[] {
    const value = this.resolve(root);
    if (value === null) throw new NrbfWriteError('a stream needs an object: null cannot be its root');
    this.header(1, -1);
    this.nextId = 1;
    if (!isContainer(value)) {
      if (value.type !== 'System.String')
        throw new NrbfWriteError(`${value.type} as a root must be an object with m_value`);
      this.records.push({ type: 'BinaryObjectString', objectId: 1, value: value.value });
    } else {
      this.idOf(value);
      this.drain();
    }
    return this.end();
  }

  message(call: Omit<CallJson, 'flags'>): RecordJson[] {
    const isCall = call.kind === 'call';
    const args = call.args.map((arg) => this.resolve(arg));
    const inline = args.every(isInline);
    const result = isCall ? null : this.resolve(call.returnValue ?? null);
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
    const context = this.resolve(call.context ?? null);
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
    if ((flags & MessageFlag.ReturnValueInline) !== 0) record.returnValue = codedJson(result);
    if (contextInline) record.callContext = { primitive: 'String', value: context.value };
    if ((flags & MessageFlag.ArgsInline) !== 0) record.args = args.map(codedJson);
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

  private resolve(value: JsonValue): JsonValue {
    if (value === null || value.ref === undefined) return value;
    const found = this.byRef.get(value.ref);
    if (found === undefined) throw new NrbfWriteError(`ref ${value.ref} is no object of the document`);
    return found;
  }

  /** The object id; at first sight the object is queued to be written at the top. */
  private idOf(value: ValueObject): number {
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.nextId++;
      this.ids.set(value, id);
      this.queue.push(value);
    }
    return id;
  }

  private drain(): void {
    for (let i = 0; i < this.queue.length; i++) {
      const value = this.queue[i];
      if (value.members !== undefined) this.object(value, this.ids.get(value) as number, 0);
      else this.array(value, this.ids.get(value) as number);
    }
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

  private object(value: ValueObject, id: number, depth: number): void {
    if (depth > 1000) throw new NrbfWriteError('structs nested deeper than 1000 levels');
    const names = Object.keys(value.members ?? {});
    const members = names.map((name) => this.resolve(value.members?.[name] ?? null));
    const types = members.map((member) => this.memberType(member));
    const key = JSON.stringify([value.type, value.assembly ?? null, names, types]);
    const known = this.classes.get(key);
    const raw = types
      .map((type, i) => (type.primitive !== undefined && type.type === 'Primitive' ? i : -1))
      .filter((i) => i >= 0);
    const record: RecordJson = { type: 'ClassWithId', objectId: id };
    if (known !== undefined) record.metadataId = known.id;
    else {
      this.classes.set(key, { id, raw });
      record.className = value.type;
      record.memberNames = names;
      record.memberTypes = types;
      if (value.assembly == null) record.type = 'SystemClassWithMembersAndTypes';
      else {
        record.libraryId = this.library(value.assembly);
        record.type = 'ClassWithMembersAndTypes';
      }
    }
    record.values = raw.map((i) => scalarJson(members[i] as ValueObject));
    this.records.push(record);
    for (let i = 0; i < members.length; i++) if (types[i].type !== 'Primitive') this.item(members[i], depth + 1);
  }

  private memberType(value: JsonValue): TypeJson {
    if (value === null) return { type: 'Object' };
    if (isContainer(value)) {
      if (value.elements !== undefined) return this.typeOf(value.type as string, null);
      return this.typeOf(value.type as string, value.assembly ?? null);
    }
    if (value.type === 'System.String') return { type: 'String' };
    return { type: 'Primitive', primitive: PRIMITIVE_NAMES[primitiveOf(value)] };
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

  /** A value as a member or element that is a record. */
  private item(given: JsonValue, depth: number): void {
    const value = this.resolve(given);
    if (value === null) this.records.push({ type: 'ObjectNull' });
    else if (isContainer(value)) {
      if (isStruct(value)) this.object(value, this.nextId++, depth);
      else this.records.push({ type: 'MemberReference', idRef: this.idOf(value) });
    } else if (value.type === 'System.String') this.string(String(value.value));
    else this.records.push({ type: 'MemberPrimitiveTyped', ...codedJson(value) });
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

  private array(value: ValueObject, id: number): void {
    const name = value.type ?? '';
    const suffix = /\[,*\]$/.exec(name);
    if (suffix === null) throw new NrbfWriteError(`${JSON.stringify(name)} is no array type`);
    const of = name.slice(0, suffix.index);
    const elements = value.elements ?? [];
    const lengths = value.lengths ?? [elements.length];
    const rank = lengths.length;
    const bounds = value.lowerBounds?.some((bound) => bound !== 0) ? value.lowerBounds : undefined;
    const primitive = PRIMITIVE_BY_TYPE.get(of);
    if (elements.length !== lengths.reduce((a, b) => a * b, 1))
      throw new NrbfWriteError(`${name} of ${lengths.join(' × ')} has ${elements.length} elements`);
    const values =
      primitive === undefined ? undefined : elements.map((e) => scalarJson(this.resolve(e) as ValueObject));
    if (
      rank === 1 &&
      bounds === undefined &&
      (primitive !== undefined || of === 'System.Object' || of === 'System.String')
    ) {
      const type =
        primitive !== undefined
          ? 'ArraySinglePrimitive'
          : of === 'System.Object'
            ? 'ArraySingleObject'
            : 'ArraySingleString';
      const more = primitive === undefined ? {} : { primitive: PRIMITIVE_NAMES[primitive], values };
      this.records.push({ type, objectId: id, arrayLength: lengths[0], ...more });
    } else {
      const kind = rank > 1 ? 'Rectangular' : of.endsWith(']') && !of.endsWith(']]') ? 'Jagged' : 'Single';
      const assembly = elements.map((e) => this.resolve(e)).find((e) => e?.type === of)?.assembly ?? null;
      const elementType: TypeJson =
        primitive === undefined
          ? this.typeOf(of, assembly)
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
    if (primitive === undefined) this.elements(elements);
  }

  private elements(elements: readonly JsonValue[]): void {
    for (let i = 0; i < elements.length; ) {
      let nulls = 0;
      while (i + nulls < elements.length && elements[i + nulls] === null) nulls++;
      if (nulls > 1) {
        this.records.push({ type: nulls < 256 ? 'ObjectNullMultiple256' : 'ObjectNullMultiple', nullCount: nulls });
        i += nulls;
      } else this.item(elements[i++], 0);
    }
  }
}

function isContainer(value: ValueObject): boolean {
  return value.members !== undefined || value.elements !== undefined;
}

function isStruct(value: ValueObject): boolean {
  if (value.members === undefined || value.id !== undefined) return false;
  const names = Object.keys(value.members);
  return (names.length === 1 && names[0] === 'value__') || STRUCTS.test(value.type ?? '');
}

/** Whether a value of a message can stand in the record itself. A DateTime among arguments never does. */
function isInline(value: JsonValue): boolean {
  return value === null || (!isContainer(value) && value.type !== 'System.DateTime');
}

function primitiveOf(value: ValueObject): number {
  const primitive = value.type === 'System.String' ? Primitive.String : PRIMITIVE_BY_TYPE.get(value.type ?? '');
  if (primitive === undefined) throw new NrbfWriteError(`${JSON.stringify(value.type)} is no primitive type`);
  return primitive;
}

/** The value of a primitive VALUE as records have it. */
function scalarJson(value: ValueObject): unknown {
  switch (value?.type) {
    case 'System.DateTime':
      return ((BigInt(value.kind ?? 0) << 62n) | BigInt(value.ticks ?? '0')).toString();
    case 'System.TimeSpan':
      return value.ticks;
    default:
      if (value?.value === undefined) throw new NrbfWriteError(`a value is missing in ${JSON.stringify(value)}`);
      return Object.is(value.value, -0) ? '-0' : value.value;
  }
}

function codedJson(value: JsonValue): { primitive: string; value?: unknown } {
  if (value === null) return { primitive: 'Null' };
  return { primitive: PRIMITIVE_NAMES[primitiveOf(value)], value: scalarJson(value) };
}

function objectArray(elements: JsonValue[]): ValueObject {
  return { type: 'System.Object[]', rank: 1, lengths: [elements.length], elements };
}

function typeArray(types: readonly JsonValue[] | undefined): JsonValue {
  if (types === undefined || types.length === 0) return null;
  return { type: 'System.Type[]', rank: 1, lengths: [types.length], elements: [...types] };
}
