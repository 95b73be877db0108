/** What `follow -T ndjson` prints of a message (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import type { ReadOnly } from '../../core/read-only.js';
import { PARAM } from './call.js';
import { END_NAMES } from './end-names.js';

/** One thing that a side said: a request, an answer, or a PDU that is about no call. */
export const MESSAGE_JSON = v.strictObject({
  capture: v.string(),
  frames: v.array(v.number()),
  time: v.nullable(v.string()),
  from: v.picklist(['client', 'server']),
  src: v.string(),
  dst: v.string(),
  ...END_NAMES,
  summary: v.string(),
  /** Of the call that it belongs to; null where there is none. */
  interface: v.nullable(v.string()),
  operation: v.nullable(v.string()),
  object: v.nullable(v.string()),
  causality: v.nullable(v.string()),
  /** Parameters that it carries, as `in` and `out` of calls; null where there are none, or they were not read. */
  values: v.nullable(v.record(v.string(), PARAM)),
});

/** A message as JSON. */
export type SaidJson = ReadOnly<v.InferOutput<typeof MESSAGE_JSON>>;
