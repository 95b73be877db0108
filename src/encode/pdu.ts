/** Connection-oriented DCE/RPC PDUs (C706 12.6, MS-RPCE 2.2.2): from members, and from a document. */

import { Pfc, PTYPES, Ptype } from '../../dissectors/dcerpc/pdu.js';
import type { Side } from '../../dissectors/ndr/interface.js';
import { concat, dword, guidBytes, latin1Bytes, word, zeros } from '../core/bytes.js';
import { checked, isUuid, oneOf } from './documents/schema.js';
import { OFFER, OTHER_PDU, PDUS, RAW_PDU } from './documents/shapes.js';
import { arrayAt, bytesAt, EncodeError, found, type Json, type JsonObject, objectAt } from './error.js';
import { encodeStub, type Interfaces, namedInterface, namedOpnum } from './stub.js';

const PDU_TYPE = oneOf('type of PDU', Object.values(PTYPES));

/** Transfer syntaxes by name. */
const SYNTAXES: Readonly<Record<string, readonly [uuid: string, version: number]>> = {
  NDR: ['8a885d04-1ceb-11c9-9fe8-08002b104860', 2],
  NDR64: ['71710533-beba-4937-8319-b5dbef9ccc36', 1],
};

/** The trailer behind a body. */
export interface AuthTrailer {
  readonly type: number;
  readonly level: number;
  readonly contextId: number;
  /** The token or signature. */
  readonly value: Uint8Array;
  /** The body is padded to a multiple of this, counted from `from`. */
  readonly align?: number;
  readonly from?: number;
}

export interface PduParts {
  readonly type: number;
  readonly flags?: number;
  readonly callId: number;
  readonly littleEndian?: boolean;
  readonly minor?: number;
  readonly body: Uint8Array;
  readonly auth?: AuthTrailer | null;
}

/** A whole PDU. */
export function pduBytes(p: PduParts): Uint8Array {
  const le = p.littleEndian !== false;
  const trailer = p.auth == null ? zeros(0) : trailerBytes(p.auth, p.body.length, le);
  const length = 16 + p.body.length + trailer.length;
  if (length > 0xffff) throw new EncodeError('', `a PDU of ${length} bytes: its length has 16 bits`);
  return concat(
    [5, p.minor ?? 0, p.type, p.flags ?? Pfc.first | Pfc.last, le ? 0x10 : 0, 0, 0, 0],
    word(length, le),
    word(p.auth?.value.length ?? 0, le),
    dword(p.callId, le),
    p.body,
    trailer,
  );
}

function trailerBytes(a: AuthTrailer, bodyLength: number, le: boolean): Uint8Array {
  const padding = -(bodyLength - (a.from ?? 0)) & ((a.align ?? 4) - 1);
  return concat(zeros(padding), [a.type, a.level, padding, 0], dword(a.contextId, le), a.value);
}

/** Request, up to the stub. */
export function requestHead(
  le: boolean,
  hint: number,
  contextId: number,
  opnum: number,
  object: string | null,
): Uint8Array {
  const head = concat(dword(hint, le), word(contextId, le), word(opnum, le));
  return object === null ? head : concat(head, guidBytes(object, le));
}

/** Response, up to the stub. */
export function responseHead(le: boolean, hint: number, contextId: number): Uint8Array {
  return concat(dword(hint, le), word(contextId, le), [0, 0]);
}

/** Fault. */
export function faultBody(le: boolean, contextId: number, status: number): Uint8Array {
  return concat(dword(0, le), word(contextId, le), [0, 0], dword(status, le), zeros(4));
}

/** A context that a bind offers. */
export interface Offer {
  readonly id: number;
  readonly iid: string;
  readonly version: string;
  readonly syntaxes: readonly string[];
}

function syntaxBytes(name: string, le: boolean): Uint8Array {
  const [uuid, version] = SYNTAXES[name] ?? [name, 1];
  return concat(guidBytes(uuid, le), dword(version, le));
}

/** bind and alter_context. */
export function bindBody(le: boolean, size: number, group: number, offers: readonly Offer[]): Uint8Array {
  const contexts = offers.map((o) => {
    const [major, minor] = o.version.split('.').map(Number);
    const head = concat(
      word(o.id, le),
      [o.syntaxes.length, 0],
      guidBytes(o.iid, le),
      word(major, le),
      word(minor ?? 0, le),
    );
    return concat(head, ...o.syntaxes.map((s) => syntaxBytes(s, le)));
  });
  return concat(word(size, le), word(size, le), dword(group, le), [offers.length, 0, 0, 0], ...contexts);
}

/** What a bind_ack says of a context: the syntax that it accepts, or a refusal's reason. */
export type BindResult = { readonly syntax: string } | { readonly reason: number };

/** bind_ack and alter_context_resp. */
export function bindAckBody(
  le: boolean,
  size: number,
  group: number,
  address: string,
  results: readonly BindResult[],
): Uint8Array {
  const text = address === '' ? zeros(0) : latin1Bytes(`${address}\0`);
  const head = concat(word(size, le), word(size, le), dword(group, le), word(text.length, le), text);
  const all = results.map((r) =>
    'syntax' in r
      ? concat(word(0, le), word(0, le), syntaxBytes(r.syntax, le))
      : concat(word(2, le), word(r.reason, le), zeros(20)),
  );
  return concat(head, zeros(-head.length & 3), [results.length, 0, 0, 0], ...all);
}

/** bind_nak, with the protocol version that is supported. */
export function bindNakBody(le: boolean, reason: number): Uint8Array {
  return concat(word(reason, le), [1, 5, 0], zeros(3));
}

/** A document of a PDU: `type`, `callId`, and the members of that type; or `body` in hex. */
export function encodePdu(json: Json, interfaces: Interfaces, path = ''): Uint8Array {
  const name = checked(PDU_TYPE, objectAt(json, path).type, `${path}.type`);
  const raw = objectAt(json, path).body !== undefined;
  const o = checked(raw ? RAW_PDU : (PDUS[name] ?? OTHER_PDU), json, path) as JsonObject;
  const type = Number(Object.entries(PTYPES).find(([, n]) => n === name)?.[0]);
  const le = o.littleEndian !== false;
  const object = o.object === undefined || o.object === null ? 0 : Pfc.object;
  return pduBytes({
    type,
    flags: Number(o.flags ?? Pfc.first | Pfc.last | object),
    callId: Number(o.callId ?? 1),
    littleEndian: le,
    minor: Number(o.minor ?? 0),
    body: raw ? bytesAt(o.body, `${path}.body`) : bodyOf(type, o, le, interfaces, path),
    auth: o.auth == null ? null : authOf(o.auth as JsonObject, `${path}.auth`),
  });
}

function authOf(o: JsonObject, path: string): AuthTrailer {
  const align = Number(o.align ?? 4);
  if (align !== 4 && align !== 16) throw new EncodeError(`${path}.align`, `4 or 16 is wanted, not ${align}`);
  return {
    type: Number(o.type),
    level: Number(o.level),
    contextId: Number(o.contextId ?? 0),
    value: bytesAt(o.value, `${path}.value`),
    align,
  };
}

function bodyOf(type: number, o: JsonObject, le: boolean, interfaces: Interfaces, path: string): Uint8Array {
  const contextId = Number(o.contextId ?? 0);
  const size = Number(o.maxFragment ?? 5840);
  const group = Number(o.group ?? 0);
  switch (type) {
    case Ptype.request: {
      const given = o.opnum === undefined ? undefined : Number(o.opnum);
      const stub = stubOf(o.stub, interfaces, `${path}.stub`, 'request', given);
      const opnum = given ?? stub.opnum;
      if (opnum === undefined) throw new EncodeError(`${path}.opnum`, 'it is missing');
      const object = o.object == null ? null : String(o.object);
      return concat(requestHead(le, Number(o.allocHint ?? stub.bytes.length), contextId, opnum, object), stub.bytes);
    }
    case Ptype.response: {
      const { bytes } = stubOf(o.stub, interfaces, `${path}.stub`, 'response');
      return concat(responseHead(le, Number(o.allocHint ?? bytes.length), contextId), bytes);
    }
    case Ptype.fault:
      return faultBody(le, contextId, Number(o.status));
    case Ptype.bind:
    case Ptype.alterContext:
      return bindBody(
        le,
        size,
        group,
        arrayAt(o.contexts, `${path}.contexts`).map((c, i) => offerOf(c, interfaces, `${path}.contexts[${i}]`)),
      );
    case Ptype.bindAck:
    case Ptype.alterContextResp: {
      const results = (o.results as JsonObject[]).map((r, i) => resultOf(r, `${path}.results[${i}]`));
      return bindAckBody(le, size, group, String(o.secondaryAddress ?? ''), results);
    }
    case Ptype.bindNak:
      return bindNakBody(le, Number(o.reason ?? 0));
    case Ptype.auth3:
      return zeros(4);
    default:
      return zeros(0);
  }
}

function resultOf(r: JsonObject, path: string): BindResult {
  if ((r.syntax === undefined) === (r.reason === undefined))
    throw new EncodeError(path, 'one of syntax and reason is wanted');
  return r.syntax === undefined
    ? { reason: Number(r.reason) }
    : { syntax: syntaxAt(String(r.syntax), `${path}.syntax`) };
}

function stubOf(
  json: Json | undefined,
  interfaces: Interfaces,
  path: string,
  side: Side,
  opnum?: number,
): { bytes: Uint8Array; opnum?: number | undefined } {
  if (typeof json === 'string') return { bytes: bytesAt(json, path) };
  const bytes = encodeStub(json ?? null, interfaces, path, { side, ...(opnum === undefined ? {} : { opnum }) });
  const o = json as JsonObject & { operation?: string; opnum?: number };
  return { bytes, opnum: namedOpnum(o, namedInterface(o as { interface?: string }, interfaces, path), path) };
}

/** A transfer syntax: NDR, NDR64, or a UUID. */
export function syntaxAt(name: string, path: string): string {
  if (!(name in SYNTAXES) && !isUuid(name))
    throw new EncodeError(path, `NDR, NDR64, or a UUID is wanted, not ${found(name, path)}`);
  return name;
}

/** A context as documents have it: an interface by name or `iid`, and its syntaxes. */
export function offerOf(json: Json, interfaces: Interfaces, path: string): Offer {
  const o = checked(OFFER, json, path);
  const known = namedInterface(o, interfaces, path);
  const iid = o.iid?.toLowerCase() ?? known?.uuid;
  if (iid === undefined) throw new EncodeError(`${path}.interface`, 'it is missing');
  const version = o.version ?? known?.version ?? '0.0';
  if (!/^\d{1,5}(\.\d{1,5})?$/.test(version) || version.split('.').some((n) => Number(n) > 0xffff))
    throw new EncodeError(`${path}.version`, `two numbers (0.0) are wanted, not ${found(version, path)}`);
  if (o.syntax !== undefined && o.syntaxes !== undefined)
    throw new EncodeError(`${path}.syntax`, 'syntaxes says which already');
  const syntaxes = o.syntaxes ?? [o.syntax ?? 'NDR'];
  if (syntaxes.length === 0 || syntaxes.length > 255)
    throw new EncodeError(`${path}.syntaxes`, `from 1 to 255 are wanted, not ${syntaxes.length}`);
  const at =
    o.syntaxes === undefined ? (): string => `${path}.syntax` : (i: number): string => `${path}.syntaxes[${i}]`;
  return { id: Number(o.id ?? 0), iid, version, syntaxes: syntaxes.map((s, i) => syntaxAt(s, at(i))) };
}
