/** What audit rules ask of an NRBF stream: its classes, assemblies, ObjRefs, texts and shape; looked at once. */

import type { ObjectRecord } from '../../../dissectors/nrbf/format/model.js';
import {
  explainObjRef,
  isRecord,
  type NrbfRecord,
  type NrbfStream,
  type ObjRefSummary,
  recordAt,
} from '../../../dissectors/nrbf/index.js';
import { onceIn } from '../../core/once.js';
import { locate } from '../../core/source.js';
import { type ByteRange, runsOf } from './found.js';

/** A class that a stream names. */
export interface NamedClass {
  /** Full name, without the assembly that some names carry behind a comma. */
  readonly name: string;
  /** Display name of its assembly; null for the system library. */
  readonly assembly: string | null;
  readonly members: readonly string[];
  readonly record: ObjectRecord;
  /** Objects of it. */
  count: number;
}

export interface StreamFacts {
  readonly classes: ReadonlyMap<string, NamedClass>;
  /** Display names of assemblies: libraries and those in type names. */
  readonly assemblies: ReadonlySet<string>;
  readonly objRefs: readonly { readonly record: ObjectRecord; readonly objRef: ObjRefSummary }[];
  /** Records inside records. */
  readonly depth: number;
  /** Nulls that runs stand for. */
  readonly nulls: number;
  /** Bytes that hold those runs and their arrays. */
  readonly elements: number;
}

/** Records of one stream that are looked at; longer streams are judged by what was seen of them. */
export const MOST_RECORDS = 500_000;
const MOST_CLASSES = 2000;
const MOST_OBJREFS = 64;

/** The facts of a stream. */
export const streamFacts = onceIn((stream: NrbfStream): StreamFacts => {
  const classes = new Map<string, NamedClass>();
  const assemblies = new Set<string>();
  const objRefs: { record: ObjectRecord; objRef: ObjRefSummary }[] = [];
  const ends: number[] = [];
  let depth = 0;
  let nulls = 0;
  let elements = 0;
  for (let i = 0; i < stream.records.length && i < MOST_RECORDS; i++) {
    const record = recordAt(stream, i);
    while (ends.length > 0 && ends[ends.length - 1] <= record.offset) ends.pop();
    switch (record.type) {
      case 12:
        addAssembly(assemblies, record.name);
        break;
      case 13:
      case 14:
        nulls += record.count;
        break;
      case 7:
      case 15:
      case 16:
      case 17:
        elements += record.count;
        ends.push(record.end);
        break;
      case 21:
        if (typeof record.typeName?.value === 'string') addTypeName(assemblies, record.typeName.value);
        break;
      case 1:
      case 2:
      case 3:
      case 4:
      case 5: {
        ends.push(record.end);
        addClass(classes, stream, record);
        if (objRefs.length < MOST_OBJREFS && record.cls.name === 'System.Runtime.Remoting.ObjRef') {
          const objRef = explainObjRef(stream, record);
          if (objRef !== null) objRefs.push({ record, objRef });
        }
        break;
      }
      default:
        break;
    }
    if (ends.length > depth) depth = ends.length;
  }
  for (const { objRef } of objRefs)
    for (const name of [objRef.type, ...objRef.hierarchy, ...objRef.interfaces])
      if (name !== null) addTypeName(assemblies, name);
  return { classes, assemblies, objRefs, depth, nulls, elements };
});

function addClass(classes: Map<string, NamedClass>, stream: NrbfStream, record: ObjectRecord): void {
  const { cls } = record;
  const name = plainName(cls.name);
  const known = classes.get(name);
  if (known !== undefined) known.count++;
  if (known !== undefined || classes.size >= MOST_CLASSES) return;
  const assembly = libraryOf(stream, cls.libraryId);
  classes.set(name, { name, assembly, members: cls.members, record, count: 1 });
}

/** Display name of a library; null for the system library. */
export function libraryOf({ libraries }: NrbfStream, id: number): string | null {
  return id === 0 ? null : (libraries.get(id)?.name ?? null);
}

/** `Type, Assembly` without the assembly: a class record's name should not carry one, and spoofed ones do. */
export function plainName(name: string): string {
  const comma = name.indexOf(',', name.lastIndexOf(']') + 1);
  return (comma < 0 ? name : name.slice(0, comma)).trim();
}

/** The assembly of an assembly-qualified type name, null without one. */
export function assemblyOf(typeName: string): string | null {
  const comma = typeName.indexOf(',', typeName.lastIndexOf(']') + 1);
  return comma < 0 ? null : typeName.slice(comma + 1).trim();
}

function addTypeName(assemblies: Set<string>, typeName: string): void {
  const assembly = assemblyOf(typeName);
  if (assembly !== null) addAssembly(assemblies, assembly);
}

function addAssembly(assemblies: Set<string>, name: string): void {
  if (assemblies.size < MOST_CLASSES && name.length < 1024) assemblies.add(name);
}

/** A display name in pieces; null where a piece is not there. */
export interface AssemblyName {
  readonly name: string;
  readonly version: string | null;
  /** `null` in the text means that there is no strong name: an empty string here. */
  readonly token: string | null;
}

/** Names that are remembered: the same few come in every message. */
const MOST_PARSED = 256;
const parsed = new Map<string, AssemblyName>();

/** Takes `Svc, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null` apart. */
export function parseAssembly(text: string): AssemblyName {
  let name = parsed.get(text);
  if (name === undefined) {
    name = assemblyName(text);
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(text, name);
  }
  return name;
}

function assemblyName(text: string): AssemblyName {
  const [name, ...rest] = text.split(',').map((part) => part.trim());
  const value = (key: string): string | null => {
    const part = rest.find((p) => p.toLowerCase().startsWith(`${key}=`));
    return part === undefined ? null : part.slice(key.length + 1);
  };
  const token = value('publickeytoken');
  return { name, version: value('version'), token: token?.toLowerCase() === 'null' ? '' : token };
}

/** Where a record (or a whole stream) lies. */
export function streamRange(stream: NrbfStream, record?: Pick<NrbfRecord, 'offset' | 'end'>): ByteRange {
  const start = record?.offset ?? stream.start;
  const end = record?.end ?? stream.start + stream.length;
  return rangeIn(stream, start, end);
}

/** Where bytes of a stream's source lie. */
export function rangeIn(stream: NrbfStream, start: number, end: number): ByteRange {
  const { source } = stream;
  return { source: source.name, offset: start, length: end - start, file: runsOf(locate({ source, start, end })) };
}

/** Every string of a stream with the member that holds it, where one does. Stops when `visit` returns false. */
export function eachText(
  stream: NrbfStream,
  visit: (text: string, member: string | null, record: NrbfRecord) => boolean,
): void {
  const named = new Set<NrbfRecord>();
  for (let i = 0; i < stream.records.length && i < MOST_RECORDS; i++) {
    const record = recordAt(stream, i);
    if (record.type === 6 && !named.has(record) && !visit(record.text, null, record)) return;
    if (record.type < 1 || record.type > 5) continue;
    const object = record as ObjectRecord;
    for (let m = 0; m < object.values.length; m++) {
      const value = object.values[m];
      if (typeof value === 'string' && !visit(value, object.cls.members[m], record)) return;
      if (isRecord(value) && value.type === 6) {
        named.add(value);
        if (!visit(value.text, object.cls.members[m], value)) return;
      }
    }
  }
}
