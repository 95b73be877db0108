/**
 * The VALUEs of a document that is to be written: which refs lead where, what stands inline, and the path of each for
 * messages.
 */
import type { MessageJson } from '../graph/document-schema.js';
import type { JsonValue, ValueObject } from '../graph/values.js';
import { NrbfWriteError } from './write.js';

/** What is written: a graph, or a message. */
export interface ValueDocument {
  readonly root?: JsonValue | undefined;
  readonly call?: Omit<MessageJson, 'flags'> | null | undefined;
  /** What was serialized beside a graph: an array, which the stream's header names. */
  readonly headers?: JsonValue | undefined;
  /** Objects that stand elsewhere as refs. */
  readonly objects?: readonly JsonValue[] | undefined;
}

/** A document's VALUEs. Throws NrbfWriteError for those from which something was left out. */
export class ValueGraph {
  private readonly byRef = new Map<number, ValueObject>();
  /** What holds an object or array, and as what: for messages. */
  readonly places = new Map<ValueObject, readonly [ValueObject | null, string | number]>();
  /** What stands inline somewhere, though there may be references to it elsewhere. */
  readonly inlines = new Set<ValueObject>();

  constructor(document: ValueDocument) {
    const { root, call, headers, objects } = document;
    const todo: ValueObject[] = [];
    const inlineRefs: number[] = [];
    const enter = (value: JsonValue | undefined, holder: ValueObject | null, name: string | number): void => {
      if (value == null || this.places.has(value)) return;
      this.places.set(value, [holder, name]);
      if (typeof value !== 'object' || Array.isArray(value))
        this.refuse(value, '', `a VALUE is wanted, null or an object as { type, value }, not ${JSON.stringify(value)}`);
      todo.push(value);
    };
    const enterAll = (list: readonly JsonValue[] | undefined, name: string): void =>
      list?.forEach((value, i) => void enter(value, null, `${name}[${i}]`));
    enter(root, null, 'root');
    enter(headers, null, 'headers');
    enterAll(objects, 'objects');
    if (call != null) {
      enterAll(call.args, 'call.args');
      enterAll(call.genericArgs, 'call.genericArgs');
      enterAll(call.signature, 'call.signature');
      for (const name of ['returnValue', 'exception', 'context', 'properties'] as const)
        enter(call[name], null, `call.${name}`);
    }
    for (let value = todo.pop(); value !== undefined; value = todo.pop()) {
      this.check(value);
      if (value.id !== undefined) this.byRef.set(value.id, value);
      if (value.inline === true) {
        if (value.ref !== undefined) inlineRefs.push(value.ref);
        else this.inlines.add(value);
      }
      const { elements, members } = value;
      if (elements !== undefined)
        for (let i = 0; i < elements.length; i++) {
          const inner = elements[i];
          if (inner !== null && isPlaced(inner)) enter(inner, value, i);
        }
      else if (members !== undefined)
        for (const name of Object.keys(members)) {
          const inner = members[name];
          if (inner !== null && isPlaced(inner)) enter(inner, value, `.members.${name}`);
        }
    }
    for (const ref of inlineRefs) {
      const value = this.byRef.get(ref);
      if (value !== undefined) this.inlines.add(value);
    }
  }

  /** What was left out when the VALUE was made cannot be written. */
  private check(value: ValueObject): void {
    if (value.omitted === true) this.refuse(value, '', 'the value was left out where this document was made');
    if (value.shortened !== undefined) this.refuse(value, '', 'the value was shortened; --full keeps the whole');
    if (value.libraryId !== undefined)
      this.refuse(value, '.assembly', `library ${value.libraryId} was not in the stream`);
  }

  /** Where a VALUE stands in the document. */
  private pathOf(value: ValueObject): string {
    const parts: string[] = [];
    for (let at: ValueObject | null = value; at !== null; ) {
      const place = this.places.get(at);
      if (place === undefined) break;
      parts.push(typeof place[1] === 'number' ? `.elements[${place[1]}]` : place[1]);
      at = place[0];
    }
    return parts.reverse().join('');
  }

  /** @param inside what is wrong inside of `value`, as `.members.a` */
  refuse(value: ValueObject, inside: string, message: string): never {
    const path = `${this.pathOf(value)}${inside}`;
    throw new NrbfWriteError(path === '' ? message : `${path}: ${message}`);
  }

  /** What a ref leads to; other VALUEs are themselves. */
  resolve(value: JsonValue): JsonValue {
    if (value === null || value.ref === undefined) return value;
    const found = this.byRef.get(value.ref);
    if (found === undefined) this.refuse(value, '', `ref ${value.ref} is no object of the document`);
    return found;
  }
}

/** Whether a VALUE is more than a value, or none: it has a place that messages name. */
function isPlaced(value: ValueObject): boolean {
  if (typeof value !== 'object') return true;
  return isContainer(value) || value.ref !== undefined || value.omitted !== undefined || value.shortened !== undefined;
}

/** Whether a VALUE is an object or an array. */
export function isContainer(value: ValueObject): boolean {
  return value.members !== undefined || value.elements !== undefined;
}
