/** What `queue -T json` prints (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import type { ReadOnly } from '../../core/read-only.js';

/** What a job is about. */
const JOB = {
  capture: v.string(),
  files: v.array(v.string()),
  /** The folder of tables; null where the job is none of ours. */
  folder: v.nullable(v.string()),
  /** How often it was tried before. */
  tries: v.number(),
} as const;

/** What of a queue runs, waits, is done or was set aside. Times are ISO 8601, UTC. */
export const QUEUE_JSON = v.strictObject({
  /** Of the server, without a password. */
  queue: v.string(),
  workers: v.number(),
  counts: v.strictObject({
    /** Since the queue began. */
    done: v.number(),
    underWay: v.number(),
    /** Those too that wait for their next try. */
    waiting: v.number(),
    setAside: v.number(),
  }),
  underWay: v.array(
    v.strictObject({
      ...JOB,
      /** Host and process. */
      worker: v.nullable(v.string()),
      since: v.nullable(v.string()),
      /** Percent. */
      progress: v.number(),
    }),
  ),
  setAside: v.array(v.strictObject({ ...JOB, reason: v.string(), at: v.nullable(v.string()) })),
});

/** A queue as JSON. */
export type QueueJson = ReadOnly<v.InferOutput<typeof QUEUE_JSON>>;
