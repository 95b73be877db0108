/** Connection-oriented DCE/RPC PDUs (C706 12.6, MS-RPCE 2.2.2): from members, and from a document. */
import { Pfc, PTYPES, Ptype } from '../../dissectors/dcerpc/pdu.js';
import { guidBytes, join, u16, u32, zeros } from './bytes.js';
import { arrayAt, bytesAt, EncodeError, type Json, type JsonObject, numberAt, objectAt, textAt } from './error.js';
import { encodeStub, type Interfaces } from './stub.js';

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
  return join(
    [5, p.minor ?? 0, p.type, p.flags ?? Pfc.first | Pfc.last, le ? 0x10 : 0, 0, 0, 0],
    u16(length, le),
    u16(p.auth?.value.length ?? 0, le),
    u32(p.callId, le),
    p.body,
    trailer,
  );
}

function trailerBytes(a: AuthTrailer, bodyLength: number, le: boolean): Uint8Array {
  const padding = -(bodyLength - (a.from ?? 0)) & ((a.align ?? 4) - 1);
  return join(zeros(padding), [a.type, a.level, padding, 0], u32(a.contextId, le), a.value);
}

/** Request, up to the stub. */
export function requestHead(
  le: boolean,
  hint: number,
  contextId: number,
  opnum: number,
  object: string | null,
): Uint8Array {
  const head = join(u32(hint, le), u16(contextId, le), u16(opnum, le));
  return object === null ? head : join(head, guidBytes(object, le));
}

/** Response, up to the stub. */
export function responseHead(le: boolean, hint: number, contextId: number): Uint8Array {
  return join(u32(hint, le), u16(contextId, le), [0, 0]);
}

/** Fault. */
export function faultBody(le: boolean, contextId: number, status: number): Uint8Array {
  return join(u32(0, le), u16(contextId, le), [0, 0], u32(status, le), zeros(4));
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
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid))
    throw new EncodeError('', `${JSON.stringify(name)} is no transfer syntax: NDR, NDR64, or a UUID`);
  return join(guidBytes(uuid, le), u32(version, le));
}

/** bind and alter_context. */
export function bindBody(le: boolean, size: number, group: number, offers: readonly Offer[]): Uint8Array {
  const contexts = offers.map((o) => {
    const [major, minor] = o.version.split('.').map(Number);
    const head = join(u16(o.id, le), [o.syntaxes.length, 0], guidBytes(o.iid, le), u16(major, le), u16(minor ?? 0, le));
    return join(head, ...o.syntaxes.map((s) => syntaxBytes(s, le)));
  });
  return join(u16(size, le), u16(size, le), u32(group, le), [offers.length, 0, 0, 0], ...contexts);
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
  const text = address === '' ? zeros(0) : Buffer.from(`${address}\0`, 'latin1');
  const head = join(u16(size, le), u16(size, le), u32(group, le), u16(text.length, le), text);
  const all = results.map((r) =>
    'syntax' in r
      ? join(u16(0, le), u16(0, le), syntaxBytes(r.syntax, le))
      : join(u16(2, le), u16(r.reason, le), zeros(20)),
  );
  return join(head, zeros(-head.length & 3), [results.length, 0, 0, 0], ...all);
}

/** bind_nak, with the protocol version that is supported. */
export function bindNakBody(le: boolean, reason: number): Uint8Array {
  return join(u16(reason, le), [1, 5, 0], zeros(3));
}

/** A document of a PDU: `type`, `callId`, and the members of that type; or `body` in hex. */
export function encodePdu(json: Json, interfaces: Interfaces, path = ''): Uint8Array {
  const o = objectAt(json, path);
  const name = textAt(o.type, `${path}.type`);
  const type = Number(Object.entries(PTYPES).find(([, n]) => n === name)?.[0] ?? -1);
  if (type < 0) throw new EncodeError(`${path}.type`, `one of ${Object.values(PTYPES).join(', ')}, not ${name}`);
  const le = o.littleEndian !== false;
  const object = o.object === undefined || o.object === null ? 0 : Pfc.object;
  return pduBytes({
    type,
    flags: numberAt(o.flags ?? Pfc.first | Pfc.last | object, `${path}.flags`, 0, 255),
    callId: numberAt(o.callId ?? 1, `${path}.callId`),
    littleEndian: le,
    minor: numberAt(o.minor ?? 0, `${path}.minor`, 0, 1),
    body: o.body === undefined ? bodyOf(type, o, le, interfaces, path) : bytesAt(o.body, `${path}.body`),
    auth: o.auth == null ? null : authOf(objectAt(o.auth, `${path}.auth`), `${path}.auth`),
  });
}

function authOf(o: JsonObject, path: string): AuthTrailer {
  return {
    type: numberAt(o.type, `${path}.type`, 0, 255),
    level: numberAt(o.level, `${path}.level`, 0, 255),
    contextId: numberAt(o.contextId ?? 0, `${path}.contextId`),
    value: bytesAt(o.value, `${path}.value`),
    align: o.align === 16 ? 16 : 4,
  };
}

function bodyOf(type: number, o: JsonObject, le: boolean, interfaces: Interfaces, path: string): Uint8Array {
  const contextId = numberAt(o.contextId ?? 0, `${path}.contextId`, 0, 0xffff);
  const size = numberAt(o.maxFragment ?? 5840, `${path}.maxFragment`, 0, 0xffff);
  const group = numberAt(o.group ?? 0, `${path}.group`);
  switch (type) {
    case Ptype.request: {
      const stub = stubOf(o.stub, interfaces, `${path}.stub`);
      const named = (o.stub as JsonObject | undefined)?.opnum;
      const opnum = numberAt(o.opnum ?? named, `${path}.opnum`, 0, 0xffff);
      const object = o.object == null ? null : textAt(o.object, `${path}.object`);
      return join(requestHead(le, numberAt(o.allocHint ?? stub.length, path), contextId, opnum, object), stub);
    }
    case Ptype.response: {
      const stub = stubOf(o.stub, interfaces, `${path}.stub`);
      return join(responseHead(le, numberAt(o.allocHint ?? stub.length, path), contextId), stub);
    }
    case Ptype.fault:
      return faultBody(le, contextId, numberAt(o.status, `${path}.status`));
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
      const results = arrayAt(o.results, `${path}.results`) as unknown as BindResult[];
      return bindAckBody(le, size, group, textAt(o.secondaryAddress ?? '', path), results);
    }
    case Ptype.bindNak:
      return bindNakBody(le, numberAt(o.reason ?? 0, `${path}.reason`, 0, 0xffff));
    case Ptype.auth3:
      return zeros(4);
    default:
      return zeros(0);
  }
}

function stubOf(json: Json | undefined, interfaces: Interfaces, path: string): Uint8Array {
  return typeof json === 'string' ? bytesAt(json, path) : encodeStub(json ?? null, interfaces, path);
}

/** A context as documents have it: an interface by name or `iid`, and its syntaxes. */
export function offerOf(json: Json, interfaces: Interfaces, path: string): Offer {
  const o = objectAt(json, path);
  const known = [...interfaces.values()].find((i) => i.name === o.interface || i.uuid === o.iid);
  const iid = o.iid === undefined ? known?.uuid : textAt(o.iid, `${path}.iid`);
  if (iid === undefined) throw new EncodeError(path, `the interface ${JSON.stringify(o.interface)} is not known`);
  const one = textAt(o.syntax ?? 'NDR', `${path}.syntax`);
  return {
    id: numberAt(o.id ?? 0, `${path}.id`, 0, 0xffff),
    iid,
    version: textAt(o.version ?? known?.version ?? '0.0', `${path}.version`),
    syntaxes: o.syntaxes === undefined ? [one] : arrayAt(o.syntaxes, `${path}.syntaxes`).map((s) => textAt(s, path)),
  };
}
