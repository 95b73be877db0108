/** Decoded parameters as JSON (contract: `calls`): BSTR, SAFEARRAY, OBJREF and numbers in their promised forms. */
import { sha256 } from '#platform';
import { type Bstr, bstrText, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import { statusName } from '../../dissectors/names/hresult.js';
import type { Params } from '../../dissectors/ndr/interface.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import { hex } from '../../dissectors/ndr/read.js';
import { nrbfToJson } from '../../dissectors/nrbf/index.js';
import { ownMember } from '../core/own-member.js';
import { hexText } from '../core/text.js';
import type { BstrJson, CallJson, ParamJson } from './schemas/call.js';

/** How much of long values is shown. */
export interface JsonOptions {
  /** Never shorten, and add digests. */
  readonly full: boolean;
}

/** Bytes of a value shown without `full`. */
const SHORT = 64;

/** Hex of bytes; the first 64 of them without `full`. */
function hexOf(bytes: Uint8Array, { full }: JsonOptions): string {
  return hexText(full ? bytes : bytes.subarray(0, SHORT));
}

/** The digest of bytes, where it was asked for all. */
export function digestOf(bytes: Uint8Array, { full }: JsonOptions): { sha256?: string } {
  return full ? { sha256: sha256(bytes) } : {};
}

/** Parameters of a half as plain JSON; null where it was not read. */
export function paramsToJson(params: Params | null, options: JsonOptions): Record<string, ParamJson> | null {
  if (params === null) return null;
  const json: Record<string, ParamJson> = {};
  for (const name of Object.keys(params)) {
    ownMember(json, name);
    json[name] = valueToJson(params[name], options);
  }
  return json;
}

/** A decoded value as plain JSON. 64-bit integers become strings, bytes hex. */
export function valueToJson(value: unknown, options: JsonOptions): ParamJson {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (value instanceof Uint8Array) return hexOf(value, options);
  if (Array.isArray(value)) return value.map((v) => valueToJson(v, options));
  const kind = kindOf(value);
  if (kind === 'bstr') return bstrToJson(value as Bstr, options);
  // what was sent of these is for encoding: their members say it
  const withoutBytes = kind === 'objref' || kind === 'tower';
  const from = value as Record<string, unknown>;
  const json: Record<string, ParamJson> = {};
  for (const key of Object.keys(from))
    if (!withoutBytes || key !== 'bytes') {
      ownMember(json, key);
      json[key] = valueToJson(from[key], options);
    }
  return json;
}

/** How a call faulted; null where it did not. */
export function faultToJson(fault: number | null): CallJson['fault'] {
  return fault === null ? null : { status: hex(fault, 8), name: statusName(fault) };
}

function bstrToJson(b: Bstr, options: JsonOptions): BstrJson | null {
  if (b.cBytes === NULL_BSTR) return null;
  const trailing = b.nrbf === null ? 0 : b.bytes.length - b.nrbf.length;
  return {
    cBytes: b.cBytes,
    ...digestOf(b.bytes, options),
    text: bstrText(b),
    hex: hexOf(b.bytes, options),
    nrbf: b.nrbf === null ? null : nrbfToJson(b.nrbf, { full: options.full, trailing }),
    trailing,
  };
}
