/** Decoded parameters as JSON (contract: `calls`): BSTR, SAFEARRAY, OBJREF and numbers in their promised forms. */
import { sha256 } from '#platform';
import type { Call } from '../../dissectors/call.js';
import { type Bstr, bstrText, NULL_BSTR } from '../../dissectors/dcom/bstr.js';
import { statusName } from '../../dissectors/names/hresult.js';
import { kindOf } from '../../dissectors/ndr/kinds.js';
import { hex } from '../../dissectors/ndr/read.js';
import { nrbfToJson } from '../../dissectors/nrbf/index.js';
import type { NrbfContent, SoapContent } from '../../dissectors/remoting/content.js';
import { soapToJson } from '../../dissectors/soap/index.js';
import { type JsonBytes, parsedJson } from './json-bytes.js';
import type { CallJson, ParamJson } from './schemas/call.js';

/** How much of long values is shown. */
export interface JsonOptions {
  /** Never shorten. */
  readonly full: boolean;
}

/** Bytes of a value shown without `full`. */
const SHORT = 64;

/** A decoded value as plain JSON. 64-bit integers become strings, bytes hex. */
export function valueToJson(value: unknown, options: JsonOptions): ParamJson {
  return parsedJson((out) => writeValue(out, value, options)) as ParamJson;
}

/** Adds a decoded value as JSON. */
export function writeValue(out: JsonBytes, value: unknown, options: JsonOptions): void {
  if (typeof value === 'bigint') out.string(value.toString());
  else if (typeof value === 'number' && !Number.isFinite(value)) out.string(String(value));
  else if (typeof value !== 'object' || value === null) out.json(value);
  else if (value instanceof Uint8Array) writeHex(out, value, options);
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      out.byte(i === 0 ? 0x5b : 0x2c);
      writeValue(out, value[i], options);
    }
    if (value.length === 0) out.byte(0x5b);
    out.byte(0x5d);
  } else if (kindOf(value) === 'bstr') writeBstr(out, value as Bstr, options);
  else if (kindOf(value) === 'nrbf') writeStream(out, value as NrbfContent, options);
  else if (kindOf(value) === 'soap') out.json(soapToJson((value as SoapContent).soap, options).soap);
  else writeMembers(out, value as Record<string, unknown>, options);
}

function writeMembers(out: JsonBytes, value: Record<string, unknown>, options: JsonOptions): void {
  const kind = kindOf(value);
  // what was sent of these is for encoding: their members say it
  const withoutBytes = kind === 'objref' || kind === 'tower';
  let first = true;
  for (const name in value) {
    if (withoutBytes && name === 'bytes') continue;
    out.name(name, first);
    first = false;
    writeValue(out, value[name], options);
  }
  out.end(first);
}

/** Adds bytes in hex; the first 64 of them without `full`. */
function writeHex(out: JsonBytes, bytes: Uint8Array, { full }: JsonOptions): void {
  out.hex(full || bytes.length <= SHORT ? bytes : bytes.subarray(0, SHORT));
}

/** How a call faulted; null where it did not. A status of remoting has 16 bits, and words of the server's. */
export function faultToJson({ fault, faultText }: Pick<Call, 'fault' | 'faultText'>): CallJson['fault'] {
  if (fault === null) return null;
  return faultText === null
    ? { status: hex(fault, 8), name: statusName(fault) }
    : { status: hex(fault, 4), name: faultText };
}

/** Adds the message of the binary formatter that remoting sent. */
function writeStream(out: JsonBytes, { bytes, nrbf }: NrbfContent, { full }: JsonOptions): void {
  out.json(nrbfToJson(nrbf, { full, trailing: bytes.length - nrbf.length }));
}

function writeBstr(out: JsonBytes, b: Bstr, options: JsonOptions): void {
  if (b.cBytes === NULL_BSTR) {
    out.json(null);
    return;
  }
  const { nrbf } = b;
  const trailing = nrbf === null ? 0 : b.bytes.length - nrbf.length;
  out.put`{"cBytes":${b.cBytes},"sha256":${sha256(b.bytes)},"text":${bstrText(b)},"hex":`;
  writeHex(out, b.bytes, options);
  out.put`,"nrbf":${nrbf === null ? null : nrbfToJson(nrbf, { full: options.full, trailing })},"trailing":${trailing}}`;
}
