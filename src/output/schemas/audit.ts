/** What `audit -T json` prints (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import type { ReadOnly } from '../../core/read-only.js';

const text = v.nullable(v.string());
const texts = v.array(v.string());
const object = v.strictObject({
  ipid: v.optional(v.string()),
  oid: v.optional(v.string()),
  oxid: v.optional(v.string()),
});
const reasons = v.array(v.strictObject({ capture: v.string(), reason: v.string() }));

const finding = v.strictObject({
  rule: v.string(),
  title: v.string(),
  severity: v.picklist(['critical', 'high', 'medium', 'low', 'info']),
  confidence: v.picklist(['clear', 'decrypted', 'inferred']),
  /** Sights. */
  count: v.number(),
  /** The same in every capture of the deployment: what a baseline knows it by. */
  fingerprint: v.string(),
  peers: v.strictObject({ client: v.string(), server: v.string(), ports: v.array(v.number()) }),
  clients: texts,
  clientCount: v.number(),
  clientsExact: v.boolean(),
  operations: texts,
  object: v.nullable(object),
  objects: v.array(object),
  objectCount: v.number(),
  evidence: v.string(),
  evidences: texts,
  evidenceCount: v.number(),
  key: v.string(),
  places: v.array(
    v.strictObject({
      capture: v.string(),
      frames: v.array(v.number()),
      frameCount: v.number(),
      exact: v.boolean(),
    }),
  ),
  captureCount: v.number(),
  bytes: v.nullable(
    v.strictObject({
      source: v.string(),
      offset: v.number(),
      length: v.number(),
      file: v.array(v.strictObject({ frame: v.number(), offset: v.number(), length: v.number() })),
    }),
  ),
  communityIds: texts,
  first: text,
  last: text,
  why: v.string(),
  fix: v.string(),
  references: texts,
  cwe: texts,
  attack: texts,
});

/** A finding, with those of other rules that have the same cause. */
export interface FindingJson extends ReadOnly<v.InferOutput<typeof finding>> {
  readonly covers: readonly FindingJson[];
}

/** One finding. */
export const FINDING: v.GenericSchema<FindingJson> = v.strictObject({
  ...finding.entries,
  covers: v.array(v.lazy(() => FINDING)),
});

/** What the captures show of the deployment. */
const INVENTORY = v.strictObject({
  servers: v.array(
    v.strictObject({
      address: v.string(),
      endpoints: texts,
      bindings: texts,
      interfaces: texts,
      comVersions: texts,
      processIds: texts,
      clients: texts,
    }),
  ),
  /** Classes by CLSID; `name` is what the user calls one. */
  classes: v.array(v.strictObject({ clsid: v.string(), name: text, servers: texts, clients: texts })),
  types: v.array(
    v.strictObject({
      name: v.string(),
      assembly: text,
      version: text,
      strongName: v.nullable(v.boolean()),
      kinds: v.array(v.picklist(['exposed', 'called', 'sent'])),
      hosts: texts,
      interfaces: texts,
      uris: texts,
    }),
  ),
  clrInstances: v.array(v.strictObject({ guid: v.string(), servers: texts, domains: texts })),
  uris: v.array(v.strictObject({ uri: v.string(), hosts: texts })),
  accounts: v.array(
    v.strictObject({ user: v.string(), mechanisms: texts, levels: texts, clients: texts, servers: texts }),
  ),
  conversations: v.array(
    v.strictObject({ client: v.string(), server: v.string(), levels: v.record(v.string(), v.number()) }),
  ),
  /** False where a list had no room for all. */
  complete: v.boolean(),
});

/** A report. */
export const AUDIT_JSON = v.strictObject({
  tool: v.literal('clrscope audit'),
  version: v.string(),
  captures: texts,
  /** Why the report does not speak of everything; null where it does. */
  partial: v.nullable(
    v.strictObject({
      reasons: texts,
      interrupted: v.nullable(
        v.strictObject({ capture: v.string(), packets: v.number(), percent: v.nullable(v.number()) }),
      ),
      notRead: texts,
      unreadable: reasons,
      damaged: reasons,
      limits: v.array(v.strictObject({ capture: v.string(), message: v.string() })),
    }),
  ),
  looked: v.strictObject({
    packets: v.number(),
    pdus: v.number(),
    calls: v.number(),
    sealed: v.number(),
    undecoded: v.number(),
    cut: v.number(),
  }),
  calls: v.number(),
  sealedCalls: v.number(),
  summary: v.strictObject({
    critical: v.number(),
    high: v.number(),
    medium: v.number(),
    low: v.number(),
    info: v.number(),
  }),
  /** What hosts in it are called, by address; left out where nobody said. */
  names: v.exactOptional(v.record(v.string(), v.string())),
  /** Worst first. */
  findings: v.array(FINDING),
  /** With a baseline: findings that it knows, and fingerprints of it that were not found. */
  known: v.exactOptional(v.array(FINDING)),
  absent: v.exactOptional(texts),
  inventory: INVENTORY,
  /** Sights that found no room, by rule. */
  dropped: v.record(v.string(), v.number()),
});

/** A report as JSON. */
export type AuditJson = ReadOnly<v.InferOutput<typeof AUDIT_JSON>>;
export type InventoryJson = ReadOnly<v.InferOutput<typeof INVENTORY>>;
