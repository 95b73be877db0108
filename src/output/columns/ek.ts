/**
 * `-T ek`: two lines a frame for the bulk interface of Elasticsearch, in the shape of tshark 4.0. In two places it
 * differs on purpose: the index line has no `_type`, which Elasticsearch 8 refuses, and a name that occurs at
 * several places of one layer is one array, where tshark repeats the key.
 */
import type { Frame } from '../../core/frame.js';
import type { Node } from '../../core/node.js';
import { isoTime, isTold } from '../../core/time.js';
import type { FieldTable } from '../../filter/field-table.js';
import { colons, formatValue, isDuration, isoText, nanoseconds } from '../../filter/format.js';

/** A value is its JSON already, but for long bytes: those become text when they are written, and in pieces. */
type EkValue = string | Uint8Array | EkObject;
/** Values by name in the order of their first sight. */
type EkObject = Map<string, EkValue[]>;

/** Bytes that become text at a time. */
const PIECE = 1 << 16;

/** Text that is put together as it is written: bytes of a frame may stand in it many times. */
export class EkText {
  /** Its characters. */
  readonly length: number;

  constructor(private readonly parts: readonly (string | Uint8Array)[]) {
    this.length = parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 3 * part.length + 1), 0);
  }

  /** Its pieces, in order. */
  *[Symbol.iterator](): Generator<string> {
    for (const part of this.parts) {
      if (typeof part === 'string') yield part;
      else
        for (let at = 0; at < part.length; at += PIECE) {
          const end = at + PIECE;
          yield `${at === 0 ? '"' : ':'}${colons(part.subarray(at, end))}${end >= part.length ? '"' : ''}`;
        }
    }
  }
}

/** The two lines of a frame, the second without its end. */
export function ekLines({ time, roots }: Frame, known: FieldTable): EkText {
  // Wireshark's too, where there is no time
  const millis = isTold(time) ? BigInt(time.sec) * 1000n + BigInt(Math.floor(time.nsec / 1_000_000)) : '0000';
  const day = isoTime(time)?.split('T')[0] ?? 'unknown';
  const layers: EkObject = new Map();
  for (const tree of roots) for (const node of tree) addLayer(layers, node, known);
  const head = `{"index":{"_index":"packets-${day}"}}\n{"timestamp":"${millis}","layers":`;
  return new EkText(write(head, layers));
}

/** A node that stands for a protocol becomes an object; any other root goes where its name says. */
function addLayer(layers: EkObject, node: Node, known: FieldTable): void {
  if (isProtocol(node)) {
    const layer: EkObject = new Map();
    put(layers, underscored(node.field.name), layer);
    fill(layer, node.children, known);
    return;
  }
  const name = node.field.name.split('.')[0];
  const last = layers.get(name)?.at(-1);
  const layer: EkObject = last instanceof Map ? last : new Map();
  if (layer !== last) put(layers, name, layer);
  fill(layer, [node], known);
}

function isProtocol(node: Node): boolean {
  return node.field.type === 'none' && !node.field.name.includes('.') && node.children.length > 0;
}

/** Adds nodes and all below them; only protocols inside protocols make a level of their own. No recursion. */
function fill(layer: EkObject, nodes: readonly Node[], known: FieldTable): void {
  const todo: { node: Node; into: EkObject }[] = [];
  const push = (list: readonly Node[], into: EkObject): void => {
    for (let i = list.length - 1; i >= 0; i--) todo.push({ node: list[i], into });
  };
  push(nodes, layer);
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    const { node, into } = item;
    if (isProtocol(node)) {
      const inner: EkObject = new Map();
      put(into, underscored(node.field.name), inner);
      push(node.children, inner);
      continue;
    }
    const value = ekValue(node);
    put(into, ekName(node.field.name), value);
    for (const alias of known.aliasesOf(node.field.name)) put(into, ekName(alias.name), value);
    push(node.children, into);
  }
}

function put(into: EkObject, name: string, value: EkValue): void {
  const there = into.get(name);
  if (there === undefined) into.set(name, [value]);
  else there.push(value);
}

/** The protocol's name before the field's, as in `dcerpc_dcerpc_cn_flags_object`. */
function ekName(name: string): string {
  return `${underscored(name.split('.')[0])}_${underscored(name)}`;
}

function underscored(name: string): string {
  return name.replace(/[.-]/g, '_');
}

function ekValue({ field, value, display }: Node): string | Uint8Array {
  if (field.type === 'none') return JSON.stringify(display);
  if (value === null) return 'null';
  if (field.type === 'bool') return value ? 'true' : 'false';
  if (field.type === 'bytes') return value instanceof Uint8Array && value.length > PIECE ? value : `"${colons(value)}"`;
  if (field.type === 'time' && !isDuration(field.name)) {
    const ns = nanoseconds(value);
    if (ns !== null) return JSON.stringify(isoText(ns));
  }
  return JSON.stringify(formatValue(field, value));
}

/** JSON without recursion: protocols nest as deep as their input wants. */
function write(head: string, root: EkObject): (string | Uint8Array)[] {
  const out: (string | Uint8Array)[] = [];
  let texts = [head];
  const todo: EkValue[] = ['}', root];
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    if (item instanceof Map) pushObject(todo, item);
    else if (typeof item === 'string') texts.push(item);
    else {
      out.push(texts.join(''), item);
      texts = [];
    }
  }
  out.push(texts.join(''));
  return out;
}

/** Pushes an object's parts, the last first; strings on the stack are finished JSON. */
function pushObject(todo: EkValue[], object: EkObject): void {
  const parts: EkValue[] = ['{'];
  for (const [name, values] of object) {
    parts.push(`${parts.length > 1 ? ',' : ''}${JSON.stringify(name)}:`);
    if (values.length > 1) parts.push('[');
    for (const [i, value] of values.entries()) {
      if (i > 0) parts.push(',');
      parts.push(value);
    }
    if (values.length > 1) parts.push(']');
  }
  parts.push('}');
  for (let i = parts.length - 1; i >= 0; i--) todo.push(parts[i]);
}
