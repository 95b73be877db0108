/** What `read -T json` prints of a PDU (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import { WARNING } from '../../../dissectors/nrbf/graph/document-schema.js';
import type { ReadOnly } from '../../core/read-only.js';
import { END_NAMES } from './end-names.js';

/** A node of the tree. `source` is an index into `sources`, `offset` counts in that source; none of the two: computed. */
export interface NodeJson {
  name: string;
  label: string;
  value: string | number | boolean | null;
  display: string;
  source?: number;
  offset?: number;
  length?: number;
  role?: 'padding' | 'undissected' | 'carried';
  children: NodeJson[];
}

/** A node with those below it. */
export const NODE: v.GenericSchema<NodeJson> = v.strictObject({
  name: v.string(),
  label: v.string(),
  value: v.nullable(v.union([v.string(), v.number(), v.boolean()])),
  display: v.string(),
  source: v.exactOptional(v.number()),
  offset: v.exactOptional(v.number()),
  length: v.exactOptional(v.number()),
  role: v.exactOptional(v.picklist(['padding', 'undissected', 'carried'])),
  children: v.array(v.lazy(() => NODE)),
});

/** A PDU. */
export const PDU_JSON = v.strictObject({
  /** The frame that completed it, and all that hold a part. */
  frame: v.number(),
  frames: v.array(v.number()),
  time: v.nullable(v.string()),
  src: v.string(),
  dst: v.string(),
  ...END_NAMES,
  protocol: v.string(),
  summary: v.string(),
  sources: v.array(v.strictObject({ name: v.string(), length: v.number() })),
  tree: v.array(NODE),
  warnings: v.array(WARNING),
});

/** A PDU as JSON. */
export type PduJson = ReadOnly<v.InferOutput<typeof PDU_JSON>>;
