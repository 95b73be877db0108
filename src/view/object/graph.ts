/**
 * An NRBF stream's graph as a tree: each object and array is held where it is met first, from the root on; elsewhere
 * stands a reference to it. Nothing recurses, so that depth and cycles cost nothing but room.
 */
import {
  type ArrayRecord,
  arrayItems,
  asArray,
  asObject,
  follow,
  type Item,
  isRecord,
  type MessagePart,
  type MessageParts,
  messageParts,
  type NrbfStream,
  type ObjectRecord,
  recordAt,
  walk,
} from '../../nrbf.js';
import { type Forest, TOP } from './rows.js';

/** What stands somewhere in the graph. */
export interface Spot extends MessagePart {
  /** A member's name, an element's place, what it is to a message. */
  readonly label: string;
}

/** Elements of an array that are shown; how many there are is said. */
const MOST_ELEMENTS = 1_000_000;
/** Objects and arrays that are held. */
const MOST_HOLDERS = 1_000_000;
/** Records that are looked through for those to which nothing leads. */
const MOST_RECORDS = 500_000;
/** PrimitiveTypeEnumeration (MS-NRBF 2.1.2.3). */
const BYTE = 2;
const STRING = 18;

type Held = ObjectRecord | ArrayRecord;

/** The graph; `TOP` holds its root, or the parts of its message. */
export class Graph implements Forest<Spot> {
  private readonly top: Spot[] = [];
  /** Objects and arrays by their number, from 1 on. */
  private readonly held: (Held | null)[] = [null];
  private readonly numbers = new Map<Held, number>();
  private readonly parents = [-1];
  private readonly places = [-1];
  private readonly depths = [0];
  private readonly elements = new WeakMap<ArrayRecord, Item[]>();

  constructor(readonly stream: NrbfStream) {
    const parts = messageParts(stream);
    const root: Spot = { label: 'root', primitive: 0, item: follow(stream, stream.root) };
    this.top.push(...(parts === null ? [root, ...this.headers()] : partsOf(parts, stream)));
    this.meet(TOP);
    this.addLost(parts !== null);
  }

  countOf(holder: number): number {
    const record = this.held[holder];
    if (record === null) return this.top.length;
    const array = asArray(record);
    if (array === null) return (record as ObjectRecord).values.length;
    return isBytes(array) ? 0 : this.elementsOf(array).length;
  }

  /** A spot of a holder, references followed. */
  spot(holder: number, at: number): Spot {
    const record = this.held[holder];
    if (record === null) return this.top[at];
    const object = asObject(record);
    if (object === null) {
      const array = record as ArrayRecord;
      const item = this.elementsOf(array)[at];
      // a primitive's elements are raw
      const primitive = array.data === null ? 0 : array.element.primitive;
      return { label: `[${at}]`, primitive, item: primitive === 0 ? follow(this.stream, item) : item };
    }
    const item = object.values[at] ?? null;
    const primitive = isRecord(item) ? 0 : Math.abs(object.cls.kinds[at] ?? 0);
    const label = object.cls.members[at] ?? `[${at}]`;
    return { label, primitive, item: primitive === 0 ? follow(this.stream, item) : item };
  }

  holderOf({ item }: Spot): number | null {
    return isRecord(item) ? (this.numbers.get(item as Held) ?? null) : null;
  }

  parentOf(holder: number): number {
    return this.parents[holder];
  }

  placeOf(holder: number): number {
    return this.places[holder];
  }

  depthOf(holder: number): number {
    return this.depths[holder];
  }

  /** The object or array of a number; null for `TOP`. */
  recordOf(holder: number): Held | null {
    return this.held[holder];
  }

  /** How many elements are there and not shown. */
  leftOut(holder: number): number {
    const array = asArray(this.held[holder]);
    return array === null || isBytes(array) ? 0 : Math.max(0, array.count - this.elementsOf(array).length);
  }

  /** What `Serialize` was given as headers: a HeaderId that names a record leads to them. */
  private headers(): Spot[] {
    const { header, byId } = this.stream;
    const item = header.headerId === -1 ? undefined : byId.get(header.headerId);
    return item === undefined ? [] : [{ label: 'headers', primitive: 0, item }];
  }

  /** Finds for each object and array below a holder where it is met first. */
  private meet(below: number): void {
    const todo: [holder: number, next: number][] = [[below, 0]];
    for (let last = todo.at(-1); last !== undefined; last = todo.at(-1)) {
      const [holder] = last;
      const record = this.held[holder];
      // primitives hold nothing
      const count = record !== null && asArray(record)?.data ? 0 : this.countOf(holder);
      let inner: number | null = null;
      while (last[1] < count && inner === null) inner = this.hold(holder, last[1]++);
      if (inner === null) todo.pop();
      else todo.push([inner, 0]);
    }
  }

  /** Numbers what a spot holds, if that is new and holds something. */
  private hold(parent: number, at: number): number | null {
    const { item } = this.spot(parent, at);
    const record = asObject(item) ?? asArray(item);
    if (record === null || this.numbers.has(record) || this.held.length > MOST_HOLDERS) return null;
    const number = this.held.push(record) - 1;
    this.numbers.set(record, number);
    this.parents.push(parent);
    this.places.push(at);
    this.depths.push(this.depths[parent] + 1);
    return number;
  }

  /** Adds what nothing leads to. */
  private addLost(isMessage: boolean): void {
    const { stream } = this;
    // the array in which a message's parts stand is not shown itself
    const known = new Set<unknown>();
    if (isMessage) for (const { record } of walk(stream)) known.add(record);
    for (let i = 0; i < stream.records.length && i < MOST_RECORDS; i++) {
      const record = recordAt(stream, i);
      const held = record.type === 0 ? null : (asObject(record as Item) ?? asArray(record as Item));
      if (held === null || this.numbers.has(held) || known.has(held)) continue;
      this.top.push({ label: 'nothing leads to', primitive: 0, item: held });
      const number = this.hold(TOP, this.top.length - 1);
      if (number !== null) this.meet(number);
    }
  }

  private elementsOf(array: ArrayRecord): Item[] {
    let items = this.elements.get(array);
    if (items === undefined) {
      items = arrayItems(array, MOST_ELEMENTS);
      this.elements.set(array, items);
    }
    return items;
  }
}

/** What stands in a message, in the order of code. */
function partsOf(parts: MessageParts, stream: NrbfStream): Spot[] {
  const { kind, type, method, args, returnValue, exception, genericArgs, signature, context, properties } = parts;
  const told = { returns: returnValue, throws: exception };
  const more = { 'type arguments': genericArgs, signature, context, properties };
  const spot = (label: string, part: MessagePart | undefined): Spot[] => {
    if (part === undefined) return [];
    const { primitive, item } = part;
    return [{ label, primitive, item: primitive === 0 ? follow(stream, item) : item }];
  };
  const text = (label: string, item: string): Spot => ({ label, primitive: STRING, item });
  return [
    ...(kind === 'call' ? [text('type', type), text('method', method)] : []),
    ...Object.entries(told).flatMap(([label, part]) => spot(label, part)),
    ...args.flatMap((arg, i) => spot(`argument ${i + 1}`, arg)),
    ...Object.entries(more).flatMap(([label, part]) => spot(label, part)),
  ];
}

/** Bytes are shown as bytes. */
function isBytes({ data, element }: ArrayRecord): boolean {
  return data !== null && element.primitive === BYTE;
}
