/** What is written down of a part of an export (valibot): `parts/DIGEST.json`, and an entry of `manifest.json`. */
import * as v from 'valibot';

/** A part. */
export const PART = v.object({
  /** SHA-256 of what it was read from. */
  digest: v.string(),
  /** What its rows call the capture. */
  capture: v.string(),
  /** Paths or addresses of captures with these bytes. */
  sources: v.array(v.string()),
  /** Of the clrscope that wrote it. */
  version: v.string(),
  /** Digest of the options on which its rows depend. */
  options: v.string(),
  /** Ending of its files. */
  ending: v.picklist(['.parquet', '.ndjson', '.csv']),
  /** By table. */
  tables: v.record(v.string(), v.object({ rows: v.number(), bytes: v.number() })),
  /** Why not all of the capture was read; null where it was. */
  damage: v.nullable(v.object({ offset: v.number(), message: v.string() })),
  packets: v.number(),
  /** Those of links that are not understood. */
  notLookedInto: v.number(),
});

/** A part. */
export type PartEntry = v.InferOutput<typeof PART>;
