/**
 * What an object means, as JSON beside its raw members: VALUE's `readable`.
 */

import type { NrbfStream, ObjectRecord } from '../format/model.js';
import { describeItem } from '../graph/describe.js';
import { meaningOf } from '../graph/known-classes.js';
import type { MessagePart } from '../graph/message.js';

/** Longest text of one entry. */
const ENTRY = 200;

/** The readable form of an object; undefined where its members speak for themselves. */
export function explain(stream: NrbfStream, object: ObjectRecord): unknown {
  const m = meaningOf(stream, object);
  if (m === null) return undefined;
  const say = (part: MessagePart): string => describeItem(stream, part.item, part.primitive, ENTRY);
  switch (m.kind) {
    case 'text':
      return m.text;
    case 'list':
      return { count: m.count, items: m.items.map(say) };
    case 'map':
      return { count: m.count, entries: m.entries.map(([key, value]) => [say(key), say(value)]) };
    case 'methods':
      return { delegate: m.type, methods: m.methods };
    case 'objref':
      return m.objRef;
    case 'tables':
      return { name: m.name, tables: m.tables };
    case 'exception': {
      const { exception: e } = m;
      return {
        exception: e.type,
        message: e.message,
        hresult: e.hresult === null ? null : `0x${(e.hresult >>> 0).toString(16).padStart(8, '0')}`,
        source: e.source,
        stackTrace: e.stack,
        remoteStackTrace: e.remoteStack,
        inner: e.inner.map((inner) => describeItem(stream, inner, 0, ENTRY)),
      };
    }
  }
}
