/** The graph from its root on, without recursion: each object, array and text once, with its way from the root. */

import {
  type ArrayRecord,
  follow,
  type Item,
  isNulls,
  isRecord,
  type NrbfStream,
  type ObjectRecord,
  type StringRecord,
} from '../format/model.js';
import { asArray, asObject } from './graph.js';

/** What stands in a graph. */
export interface Visit {
  /** `root`, `root.name`, `root.list[3]`: the first way that leads to it. */
  readonly path: string;
  readonly record: ObjectRecord | ArrayRecord | StringRecord;
}

/** Every object, array and text that the root leads to, an object before what it holds; references are followed. */
export function* walk(stream: NrbfStream): Generator<Visit> {
  const seen = new Set<Item>();
  const todo: { readonly path: string; readonly slot: Item }[] = [{ path: 'root', slot: stream.root }];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { path } = next;
    const item = follow(stream, next.slot);
    if (seen.has(item)) continue;
    const object = asObject(item);
    const array = asArray(item);
    const text = isRecord(item) && item.type === 6 ? item : null;
    const record = object ?? array ?? text;
    if (record === null) continue;
    seen.add(item);
    yield { path, record };
    const below: typeof todo = [];
    if (object !== null)
      for (const [i, slot] of object.values.entries()) {
        // a raw value holds nothing
        if (object.cls.kinds[i] === 0 || isRecord(slot)) below.push({ path: `${path}.${object.cls.members[i]}`, slot });
      }
    let at = 0;
    if (array !== null && array.data === null)
      for (const slot of array.items) {
        if (isNulls(slot)) at += slot.count;
        else below.push({ path: `${path}[${at++}]`, slot });
      }
    for (let i = below.length - 1; i >= 0; i--) todo.push(below[i]);
  }
}
