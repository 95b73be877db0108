/**
 * A SOAP message as JSON. Made without recursion: what refers to each other more than 200 levels deep stands in
 * `objects`, as it does for NRBF.
 */
import { limitMessage } from '../../src/core/limits.js';
import { ownMember } from '../../src/core/own-member.js';
import {
  resolve,
  type SoapArray,
  type SoapMember,
  type SoapMessage,
  type SoapObject,
  type SoapValue,
} from './model.js';

/** SOAP of the contract: a scalar, an object, an array, or `ref` to what was met before. */
export type SoapJsonValue = SoapJsonObject | null;

export interface SoapJsonObject {
  id?: string;
  ref?: string;
  type?: string | null;
  value?: string;
  members?: Record<string, SoapJsonValue>;
  elements?: SoapJsonValue[];
  /** How many nulls follow, which the document leaves out. */
  nulls?: number;
  /** Where they say more than how many elements there are. */
  lengths?: readonly number[];
  offset?: string;
  positions?: readonly (string | null)[];
  /** Where something was left out: how long the whole is. */
  shortened?: { length: number };
  /** Too much, or not in the message. */
  omitted?: true;
  readable?: string;
}

export interface SoapJsonMember {
  name: string;
  value: SoapJsonValue;
}

export interface SoapJson {
  method: string;
  namespace: string;
  args: SoapJsonMember[];
  /** Of an answer. */
  returnValue?: SoapJsonValue;
  headers: SoapJsonMember[];
  fault: { code: string; string: string; detail: SoapJsonValue } | null;
  /** What was too deep where it stood. */
  objects?: SoapJsonValue[];
  warnings?: { code: string; message: string; offset: null }[];
}

export interface SoapJsonOptions {
  /** Never shorten a value. */
  readonly full?: boolean | undefined;
}

/** Levels of values inside one value. */
const DEPTH = 200;
/** Shortened without `full`. */
const SHORT_ELEMENTS = 300;
const SHORT_TEXT = 2000;
const SHORT_OBJECTS = 1000;

/** An object or array that is being shown, and how far that is. */
interface Frame {
  readonly json: SoapJsonObject;
  readonly values: readonly SoapValue[];
  /** Of an object's members. */
  readonly names: readonly string[] | null;
  next: number;
  readonly depth: number;
}

interface Writer {
  readonly message: SoapMessage;
  readonly full: boolean;
  /** Characters that are left: a value is shown at each sight where it has no id. */
  budget: number;
  readonly seen: Set<SoapValue>;
  readonly frames: Frame[];
  readonly deep: (SoapObject | SoapArray)[];
}

/** The message as the contract has it: what was met before is a `ref` by the document's own ids. */
export function soapToJson(message: SoapMessage, options: SoapJsonOptions = {}): { soap: SoapJson } {
  const full = options.full === true;
  const { output } = message.limits;
  const budget = full ? output + 100 * message.length : output / 16;
  const w: Writer = { message, full, budget, seen: new Set(), frames: [], deep: [] };
  const list = (members: readonly SoapMember[]): SoapJsonMember[] => {
    const shown: SoapJsonMember[] = [];
    for (const { name, value } of members) {
      if (w.budget < 0) break;
      w.budget -= name.length + 20;
      shown.push({ name, value: whole(w, value) });
    }
    return shown;
  };
  const { fault, returnValue } = message;
  const headers = list(message.headers);
  const args = list(message.args);
  const soap: SoapJson = {
    method: message.method,
    namespace: message.namespace,
    args,
    ...(message.kind === 'call' ? {} : { returnValue: returnValue === null ? null : whole(w, returnValue) }),
    headers,
    fault:
      fault === null
        ? null
        : { code: fault.code, string: fault.string, detail: fault.detail === null ? null : whole(w, fault.detail) },
  };
  const objects = rest(w);
  if (objects.length > 0) soap.objects = objects;
  if (w.budget < 0) soap.warnings = [{ code: 'limit', message: limitMessage('output', message.limits), offset: null }];
  return { soap };
}

/** A value with all that is in it. */
function whole(w: Writer, value: SoapValue): SoapJsonValue {
  const json = place(w, value, 1);
  run(w);
  return json;
}

/** What was too deep where it stood. */
function rest(w: Writer): SoapJsonValue[] {
  const objects: SoapJsonValue[] = [];
  for (let i = 0; i < w.deep.length && (w.full || i < SHORT_OBJECTS); i++) {
    objects.push(container(w, w.deep[i], 1));
    run(w);
  }
  return objects;
}

function run(w: Writer): void {
  for (let frame = w.frames.at(-1); frame !== undefined; frame = w.frames.at(-1)) {
    const level = w.frames.length;
    while (frame.next < frame.values.length && w.budget >= 0 && w.frames.length === level) proceed(w, frame);
    if (w.frames.length > level) continue;
    if (frame.next < frame.values.length) frame.json.shortened ??= { length: frame.values.length };
    w.frames.pop();
  }
}

/** Shows the next of what an object or array holds. */
function proceed(w: Writer, frame: Frame): void {
  const { json, values, names, depth } = frame;
  const next = frame.next++;
  const value = place(w, values[next], depth + 1);
  if (names === null) json.elements?.push(value);
  else if (json.members !== undefined) {
    w.budget -= names[next].length + 5;
    ownMember(json.members, names[next]);
    json.members[names[next]] = value;
  }
}

function place(w: Writer, given: SoapValue, depth: number): SoapJsonValue {
  const value = resolve(w.message, given);
  if (w.budget < 0) return { omitted: true };
  switch (value.kind) {
    case 'null':
      w.budget -= 5;
      return null;
    case 'ref':
      w.budget -= value.id.length + 60;
      return { omitted: true, readable: `${value.id} is not in the message` };
    case 'scalar':
      return scalar(w, value.type, value.text);
    default:
      // without an id it stands in one place only
      if (value.id !== null && w.seen.has(value)) {
        w.budget -= value.id.length + 12;
        return { ref: value.id };
      }
      w.seen.add(value);
      if (value.id === null || depth <= DEPTH) return container(w, value, depth);
      w.deep.push(value);
      return { ref: value.id };
  }
}

function scalar(w: Writer, type: string | null, text: string): SoapJsonValue {
  const shown = w.full || text.length <= SHORT_TEXT ? text : text.slice(0, SHORT_TEXT);
  w.budget -= shown.length + (type?.length ?? 4) + 30;
  return shown === text ? { type, value: text } : { type, value: shown, shortened: { length: text.length } };
}

/** An object or array; what is in it follows by `run`. */
function container(w: Writer, value: SoapObject | SoapArray, depth: number): SoapJsonObject {
  const { id, type } = value;
  w.budget -= (type?.length ?? 4) + (id?.length ?? 0) + 48;
  const json: SoapJsonObject = id === null ? { type } : { id, type };
  if (value.kind === 'object') {
    json.members = {};
    const values = value.members.map((member) => member.value);
    w.frames.push({ json, values, names: distinct(value.members), next: 0, depth });
    return json;
  }
  const { lengths, offset, positions, elements, nulls } = value;
  const most = w.full ? elements.length : SHORT_ELEMENTS;
  json.elements = [];
  if (lengths.length > 1 || (lengths.length === 1 && lengths[0] !== elements.length)) json.lengths = lengths;
  if (nulls > 0) json.nulls = nulls;
  if (offset !== null) json.offset = offset;
  if (positions !== null) json.positions = positions.slice(0, most);
  if (most < elements.length) json.shortened = { length: elements.length };
  w.budget -= 4 * lengths.length + 12 * (json.positions?.length ?? 0);
  w.frames.push({ json, values: elements.slice(0, most), names: null, next: 0, depth });
  return json;
}

/** A name for each member: a second `a` is `a (2)`. */
function distinct(members: readonly SoapMember[]): string[] {
  const taken = new Set(members.map((member) => member.name));
  if (taken.size === members.length) return [...taken];
  const seen = new Map<string, number>();
  return members.map(({ name }) => {
    let n = (seen.get(name) ?? 0) + 1;
    seen.set(name, n);
    if (n === 1) return name;
    while (taken.has(`${name} (${n})`)) n++;
    seen.set(name, n);
    taken.add(`${name} (${n})`);
    return `${name} (${n})`;
  });
}
