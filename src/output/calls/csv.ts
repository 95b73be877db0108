/** `calls -T csv`: a row a call, its columns named as the tables of the contract name them. */
import type { CallJson } from '../schemas/call.js';

const joined = (frames: readonly number[]): string => frames.join(' ');
const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** What each column holds; null is an empty cell. */
const COLUMNS: Readonly<Record<string, (call: CallJson) => string | number | boolean | null>> = {
  capture: (c) => c.capture,
  call: (c) => c.call,
  time: (c) => c.time,
  duration: (c) => c.duration,
  client_address: (c) => c.client.address,
  client_port: (c) => c.client.port,
  server_address: (c) => c.server.address,
  server_port: (c) => c.server.port,
  transport: (c) => c.transport,
  auth_type: (c) => c.auth.type,
  auth_level: (c) => c.auth.level,
  auth_user: (c) => c.auth.user,
  decrypted: (c) => c.auth.decrypted,
  verified: (c) => c.auth.verified,
  syntax: (c) => c.syntax,
  community_id: (c) => c.communityId,
  call_id: (c) => c.callId,
  context_id: (c) => c.contextId,
  opnum: (c) => c.opnum,
  iid: (c) => c.iid,
  interface: (c) => c.interface,
  interface_from: (c) => c.interfaceFrom,
  operation: (c) => c.operation,
  object: (c) => c.object,
  causality: (c) => c.causality,
  hresult: (c) => c.hresult?.code ?? null,
  hresult_name: (c) => c.hresult?.name ?? null,
  exception: (c) => c.hresult?.exception ?? null,
  fault: (c) => c.fault?.status ?? null,
  fault_name: (c) => c.fault?.name ?? null,
  request_frames: (c) => joined(c.frames.request),
  response_frames: (c) => joined(c.frames.response),
  in_length: (c) => c.stub.in?.length ?? null,
  out_length: (c) => c.stub.out?.length ?? null,
  summary: (c) => c.summary,
  warnings: (c) => c.warnings.map(({ code }) => code).join(' '),
  in_json: (c) => json(c.in),
  out_json: (c) => json(c.out),
};

/** Names of the columns. */
export const CALL_COLUMNS: readonly string[] = Object.keys(COLUMNS);

/** A call's cells. */
export function callCells(call: CallJson): string[] {
  return Object.values(COLUMNS).map((column) => String(column(call) ?? ''));
}
