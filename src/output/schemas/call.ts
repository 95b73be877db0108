/** What `calls -T ndjson` prints of a call (valibot): its type and its published schema are made of this. */
import * as v from 'valibot';
import { NRBF_JSON, type NrbfJson, WARNING } from '../../../dissectors/nrbf/graph/document-schema.js';
import type { ReadOnly } from '../../core/read-only.js';

const text = v.nullable(v.string());
const number = v.nullable(v.number());
const flag = v.nullable(v.boolean());

/** A BSTR: null where it is none. */
const BSTR_JSON = v.strictObject({
  /** Its length on the wire. */
  cBytes: v.number(),
  sha256: v.string(),
  /** Null where the bytes are no UTF-16 text. */
  text,
  /** The first 64 bytes, unless it was asked for all. */
  hex: v.string(),
  nrbf: v.nullable(v.lazy(() => NRBF_JSON)),
  /** Bytes behind the NRBF stream. */
  trailing: v.number(),
});

/** A BSTR as JSON. */
export interface BstrJson {
  cBytes: number;
  sha256: string;
  text: string | null;
  hex: string;
  nrbf: NrbfJson | null;
  trailing: number;
}

/** A decoded parameter: 64-bit integers are text, bytes hex, structures objects. */
export type ParamJson = null | boolean | number | string | BstrJson | ParamJson[] | { [member: string]: ParamJson };

/** Any parameter. */
export const PARAM: v.GenericSchema<ParamJson> = v.union([
  v.null(),
  v.boolean(),
  v.number(),
  v.string(),
  BSTR_JSON,
  v.array(v.lazy(() => PARAM)),
  v.record(
    v.string(),
    v.lazy(() => PARAM),
  ),
]);

/** What .NET code sees of a parameter. */
export interface ManagedJson {
  readonly managedType: string;
  readonly value?: string | number | boolean | null;
  readonly content?: ManagedJson;
  readonly proxy?: true;
  readonly elements?: readonly ManagedJson[];
  readonly members?: Readonly<Record<string, ManagedJson>>;
}

const managed = {
  managedType: v.string(),
  value: v.exactOptional(v.nullable(v.union([v.string(), v.number(), v.boolean()]))),
  content: v.exactOptional(v.lazy(() => MANAGED)),
  proxy: v.exactOptional(v.literal(true)),
  elements: v.exactOptional(v.array(v.lazy(() => MANAGED))),
  members: v.exactOptional(
    v.record(
      v.string(),
      v.lazy(() => MANAGED),
    ),
  ),
};

/** The managed view of a parameter. */
export const MANAGED: v.GenericSchema<ManagedJson> = v.strictObject(managed);

const parameters = v.nullable(v.record(v.string(), PARAM));
const managedParameters = v.nullable(v.record(v.string(), MANAGED));
/** `name` where somebody said what the host is called: the user's `--names`, or the capture. */
const endpoint = v.strictObject({ address: v.string(), port: v.number(), name: v.exactOptional(v.string()) });
const stub = v.nullable(v.strictObject({ length: v.number(), sha256: v.string() }));
const apartment = { oxid: text, kind: v.nullable(v.picklist(['single-threaded', 'multi-threaded', 'neutral'])) };

/** A call. */
export const CALL_JSON = v.strictObject({
  capture: v.string(),
  /** Its number in the capture, from 1 on. */
  call: v.number(),
  /** Frames of its halves, 1-based. */
  frames: v.strictObject({ request: v.array(v.number()), response: v.array(v.number()) }),
  time: text,
  /** Seconds; null without an answer. */
  duration: number,
  client: endpoint,
  server: endpoint,
  transport: v.picklist(['ncacn_ip_tcp', 'ncadg_ip_udp', 'ncacn_np', 'ncacn_http', 'nrtp_tcp', 'nrtp_http']),
  auth: v.strictObject({
    type: text,
    level: v.string(),
    user: text,
    decrypted: flag,
    verified: flag,
    carrier: v.nullable(v.picklist(['smb', 'nns'])),
  }),
  /** `NDR`, `NDR64`, or the UUID of another one; `NRBF` or `SOAP` for remoting. */
  syntax: v.string(),
  communityId: v.string(),
  /** Null for remoting, as are `contextId` and `opnum`. */
  callId: number,
  contextId: number,
  opnum: number,
  /** The pipe of `ncacn_np`, as `\\pipe\\srvsvc`. */
  endpoint: text,
  /** Nobody answers it. */
  oneWay: v.boolean(),
  iid: text,
  interface: text,
  interfaceFrom: v.picklist(['bind', 'ipid', 'user', 'guess', 'message', 'unknown']),
  operation: text,
  object: text,
  causality: text,
  in: parameters,
  out: parameters,
  managed: v.nullable(
    v.strictObject({
      in: managedParameters,
      out: managedParameters,
      returns: v.nullable(v.strictObject({ ...managed, thrown: v.boolean(), message: v.exactOptional(v.string()) })),
    }),
  ),
  apartment: v.nullable(
    v.strictObject({
      ...apartment,
      processId: number,
      threadId: number,
      crosses: v.picklist(['none', 'apartments', 'processes', 'machines']),
      caller: v.nullable(v.strictObject(apartment)),
      marshalling: v.picklist(['COM', 'COM and interop']),
    }),
  ),
  errorInfo: v.nullable(
    v.strictObject({ iid: v.string(), source: text, description: text, helpFile: text, helpContext: v.number() }),
  ),
  extendedError: v.nullable(
    v.array(
      v.strictObject({
        computer: text,
        processId: v.number(),
        time: v.string(),
        component: v.string(),
        status: v.number(),
        statusName: v.string(),
        location: v.number(),
        flags: v.number(),
        params: v.array(v.union([v.string(), v.number()])),
      }),
    ),
  ),
  hresult: v.nullable(v.strictObject({ code: v.string(), name: v.string(), exception: text })),
  fault: v.nullable(v.strictObject({ status: v.string(), name: v.string() })),
  stub: v.strictObject({ in: stub, out: stub }),
  summary: v.string(),
  warnings: v.array(WARNING),
});

/** A call as JSON. */
export type CallJson = ReadOnly<v.InferOutput<typeof CALL_JSON>>;
