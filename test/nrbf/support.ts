import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonValue, type NrbfOptions, type NrbfStream, readNrbf } from '../../dissectors/nrbf/index.js';
import { Cursor } from '../../src/core/cursor.js';
import { type Limits, limitsWith } from '../../src/core/limits.js';
import { Recording } from '../../src/core/recording.js';
import { fileSource } from '../../src/core/source.js';

/** Golden vectors of other implementations: all of them where the shared folder is there, else the copies here. */
export const SHARED = '../shared/nrbf';
export const HERE = 'test/nrbf/vectors';
export const hasShared = existsSync(SHARED);

export interface Truth {
  name: string;
  root?: JsonValue;
  schema?: Record<string, Record<string, string>>;
  message?: 'MethodCall' | 'MethodReturn';
  methodName?: string;
  typeName?: string;
  args?: JsonValue[];
  returnValue?: JsonValue;
  partial?: boolean;
  expect?: string;
  also_accept?: string[];
  record_counts?: Record<string, number | string>;
}

export interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly truth: Truth;
}

export function vectors(folder: string): Vector[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.nrbf'))
    .map((name) => ({
      name: name.slice(0, -5),
      bytes: readFileSync(join(folder, name)),
      truth: JSON.parse(readFileSync(join(folder, `${name.slice(0, -5)}.json`), 'utf8')) as Truth,
    }));
}

export function read(bytes: Uint8Array, options?: NrbfOptions, limits?: Partial<Limits>): NrbfStream {
  return readNrbf(new Cursor(fileSource('NRBF', bytes), new Recording(false, limitsWith(limits))), options);
}

export function readRecorded(bytes: Uint8Array, options?: NrbfOptions): { stream: NrbfStream; recording: Recording } {
  const recording = new Recording(true);
  const stream = readNrbf(new Cursor(fileSource('NRBF', bytes), recording), options);
  return { stream, recording: recording.finish() };
}

export const hex = (text: string): Uint8Array => Buffer.from(text.replace(/\s+/g, ''), 'hex');

/** The 17 bytes of a header with root 1. */
export const HEADER = '00 01000000 ffffffff 01000000 00000000';

/** Every object that carries an id. */
function table(...documents: unknown[]): Map<number, JsonValue> {
  const found = new Map<number, JsonValue>();
  const todo = [...documents];
  while (todo.length > 0) {
    const at = todo.pop();
    if (typeof at !== 'object' || at === null) continue;
    const { id, ref } = at as { id?: number; ref?: number };
    if (typeof id === 'number' && ref === undefined && !found.has(id)) found.set(id, at as JsonValue);
    for (const item of Object.values(at)) todo.push(item);
  }
  return found;
}

/**
 * Where two graphs of VALUEs differ; null where they do not. The same objects must be shared; ids may be others.
 * Elements of `want` that a truth leaves out (`partial`) are not looked at.
 */
export function difference(want: JsonValue, wantAll: unknown, got: JsonValue, gotAll: unknown): string | null {
  const [wantIds, gotIds] = [table(wantAll), table(gotAll)];
  const met = new Map<unknown, unknown>();
  const todo: [unknown, unknown, string][] = [[want, got, 'root']];
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    let [w, g] = item;
    const path = item[2];
    w = resolve(w, wantIds);
    g = resolve(g, gotIds);
    if (isObject(w) && isObject(g)) {
      if ('members' in w || 'elements' in w) {
        if (met.has(w)) {
          if (met.get(w) !== g) return `${path}: another object`;
          continue;
        }
        met.set(w, g);
      }
      if (w.partial === true || w.bare === true || 'utf8Sha256' in w) continue;
      for (const [key, value] of Object.entries(w)) {
        if (['id', 'notes', 'boxedRoot', 'readable'].includes(key) || value === undefined) continue;
        if (key === 'assembly' && value === null && g.assembly == null) continue;
        if (!(key in g)) return `${path}.${key} is missing`;
        if (key === 'members' && Object.keys(value as object).join() !== Object.keys(g.members as object).join())
          return `${path}: members ${Object.keys(g.members as object)}`;
        todo.push([value, g[key], `${path}.${key}`]);
      }
    } else if (Array.isArray(w) && Array.isArray(g)) {
      if (w.length !== g.length) return `${path}: ${g.length} elements, not ${w.length}`;
      for (let i = 0; i < w.length; i++) todo.push([w[i], g[i], `${path}[${i}]`]);
    } else if (w !== g && !(typeof w === 'number' && typeof g === 'number' && w === g))
      return `${path}: ${JSON.stringify(g)} not ${JSON.stringify(w)}`;
  }
  return null;
}

function resolve(value: unknown, ids: Map<number, JsonValue>): unknown {
  return isObject(value) && typeof value.ref === 'number' ? ids.get(value.ref) : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
