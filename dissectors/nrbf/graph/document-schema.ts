/** What the JSON of an NRBF stream is made of (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import type { ObjRefSummary } from './objref.js';
import type { RecordJson } from './records-json.js';
import type { JsonValue } from './values.js';

const texts = v.array(v.string());
const count = v.exactOptional(v.number());

/** VALUE: what stands in a stream, as a program would see it; null, a value, an object, an array, or a `ref` to one. */
export const VALUE: v.GenericSchema<JsonValue> = v.nullable(
  v.strictObject({
    id: count,
    ref: count,
    type: v.exactOptional(v.string()),
    value: v.exactOptional(v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
    ticks: v.exactOptional(v.string()),
    kind: count,
    daylight: v.exactOptional(v.literal(true)),
    assembly: v.exactOptional(v.nullable(v.string())),
    libraryId: count,
    inline: v.exactOptional(v.boolean()),
    members: v.exactOptional(
      v.record(
        v.string(),
        v.lazy(() => VALUE),
      ),
    ),
    memberNames: v.exactOptional(v.record(v.string(), v.string())),
    rank: count,
    lengths: v.exactOptional(v.array(v.number())),
    lowerBounds: v.exactOptional(v.array(v.number())),
    elements: v.exactOptional(v.array(v.lazy(() => VALUE))),
    shortened: v.exactOptional(v.strictObject({ length: v.number() })),
    omitted: v.exactOptional(v.literal(true)),
    readable: v.exactOptional(v.unknown()),
  }),
);

/** A record; which members there are beside these depends on its type. */
const RECORD: v.GenericSchema<RecordJson> = v.looseObject({ type: v.string(), offset: count, length: count });

/** A remoting message. */
export const MESSAGE = v.strictObject({
  kind: v.picklist(['call', 'return']),
  method: v.exactOptional(v.string()),
  type: v.exactOptional(v.string()),
  flags: texts,
  returnValue: v.exactOptional(VALUE),
  args: v.array(VALUE),
  exception: v.exactOptional(VALUE),
  genericArgs: v.exactOptional(v.array(VALUE)),
  signature: v.exactOptional(v.array(VALUE)),
  context: v.exactOptional(VALUE),
  properties: v.exactOptional(VALUE),
});

const OBJREF: v.GenericSchema<ObjRefSummary> = v.strictObject({
  uri: v.nullable(v.string()),
  type: v.nullable(v.string()),
  hierarchy: texts,
  interfaces: texts,
  channels: texts,
  processId: v.nullable(v.string()),
  appDomainId: v.nullable(v.number()),
  contextId: v.nullable(v.string()),
  flags: texts,
  wellKnown: v.boolean(),
  activation: v.picklist(['well-known', 'well-known, by its URI', 'client-activated or marshalled']),
  missing: v.exactOptional(texts),
});

/** Something odd. */
export const WARNING = v.strictObject({ code: v.string(), message: v.string(), offset: v.nullable(v.number()) });

const DOCUMENT = {
  header: v.nullable(
    v.strictObject({ rootId: v.number(), headerId: v.number(), majorVersion: v.number(), minorVersion: v.number() }),
  ),
  // Bytes up to and with MessageEnd, and bytes behind it.
  length: v.number(),
  trailing: v.number(),
  summary: v.exactOptional(v.string()),
  root: VALUE,
  call: v.nullable(MESSAGE),
  objRef: v.exactOptional(OBJREF),
  headers: v.exactOptional(VALUE),
  // What is nested too deep to stand in its place.
  objects: v.exactOptional(v.array(VALUE)),
  // Objects and records that are left out without `full`.
  objectsLeft: count,
  records: v.array(RECORD),
  recordsLeft: count,
  warnings: v.array(WARNING),
};

/** `nrbf -T json`, and what a BSTR holds: a stream, and with it those behind it in the same file. */
export const NRBF_JSON = v.strictObject({
  ...DOCUMENT,
  streams: v.exactOptional(v.array(v.strictObject(DOCUMENT))),
});

/** A stream as JSON. */
export type NrbfJson = v.InferOutput<typeof NRBF_JSON>;
/** A remoting message in it. */
export type MessageJson = v.InferOutput<typeof MESSAGE>;
