/** A TCP conversation of hostile make: PDUs cut, ordered and repeated as a shape of traffic wants it. */
import { Pfc, Ptype } from '../../dissectors/dcerpc/pdu.js';
import { INTERFACES } from '../../dissectors/index.js';
import { type JsonObject, objectAt } from '../../src/encode/error.js';
import { bindAckBody, bindBody, type Offer, pduBytes, requestHead, responseHead } from '../../src/encode/pdu.js';
import { encodeScenario } from '../../src/encode/scenarios/capture.js';
import { encodeStub, type Interfaces } from '../../src/encode/stub.js';
import { concat, ethernet, ipv4, SYN, tcp, u16, u32 } from '../bytes.js';

export const KNOWN: Interfaces = new Map(INTERFACES.map((i) => [i.uuid, i]));

const MANAGED = [...KNOWN.values()].find((i) => i.name === 'IManagedObject')?.uuid as string;
export const OBJECT = '00001002-0c34-0000-a000-000000000002';
/** IManagedObject as context 0. */
export const OFFER: Offer = { id: 0, iid: MANAGED, version: '0.0', syntaxes: ['NDR'] };
/** GetObjectIdentity. */
const OPNUM = 4;

/** One side of a conversation: 0 is the client. */
export type Side = 0 | 1;

/** Packets of one connection; several may write to the same list. */
export class Talk {
  private readonly next: [number, number] = [1000, 5000];
  private readonly client: string;

  constructor(
    readonly packets: Uint8Array[],
    readonly number = 0,
  ) {
    this.client = `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
    packets.push(this.frame(0, 999, new Uint8Array(0), SYN));
  }

  /** Bytes in segments, in order. */
  send(side: Side, bytes: Uint8Array, size = 1400): void {
    for (const packet of this.cut(side, bytes, size)) this.packets.push(packet);
  }

  /** Bytes in segments that nobody has sent yet; each `size` long and `step` behind the one before. */
  cut(side: Side, bytes: Uint8Array, size: number, step = size): Uint8Array[] {
    const from = this.next[side];
    const packets: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += step)
      packets.push(this.frame(side, from + at, bytes.subarray(at, at + size)));
    this.next[side] += bytes.length;
    return packets;
  }

  /** bind and bind_ack of IManagedObject. */
  bind(offers: readonly Offer[] = [OFFER]): void {
    this.send(0, pdu(Ptype.bind, 1, bindBody(true, 5840, 0, offers)));
    const results = offers.map((o) => ({ syntax: o.syntaxes[0] }));
    this.send(1, pdu(Ptype.bindAck, 1, bindAckBody(true, 5840, 7, '49700', results)));
  }

  private frame(side: Side, sequence: number, payload: Uint8Array, flags = 16): Uint8Array {
    const ports = side === 0 ? [50000, 49700] : [49700, 50000];
    const [from, to] = side === 0 ? [this.client, '192.168.0.1'] : ['192.168.0.1', this.client];
    const segment = tcp(ports[0], ports[1], sequence >>> 0, payload, flags, this.next[1 - side]);
    return ethernet(ipv4(from, to, 6, segment));
  }
}

/** A PDU. */
export function pdu(type: number, callId: number, body: Uint8Array, flags: number = Pfc.first | Pfc.last): Uint8Array {
  return pduBytes({ type, callId, body, flags });
}

/** A request or response; `flags` say which fragment. */
export function half(side: Side, callId: number, stub: Uint8Array, flags: number = Pfc.first | Pfc.last): Uint8Array {
  if (side === 1) return pdu(Ptype.response, callId, concat(responseHead(true, stub.length, 0), stub), flags);
  return pdu(Ptype.request, callId, concat(requestHead(true, stub.length, 0, OPNUM, OBJECT), stub), flags | Pfc.object);
}

/** Stubs of a GetObjectIdentity. */
export const REQUEST = identityStub('request', {});
export const RESPONSE = identityStub('response', {
  pBSTRGUID: '{B83C10F4-6E2D-4A91-9D75-0C4E8F213A66}',
  AppDomainID: 1,
  pCCW: { value: '0x1f4c8a02e0', layout: 'int64' },
});

function identityStub(side: 'request' | 'response', params: JsonObject): Uint8Array {
  const orpc: JsonObject = side === 'request' ? { cid: '11111111-2222-4333-8444-555555555555' } : {};
  const doc = { interface: 'IManagedObject', operation: 'GetObjectIdentity', side, orpc, params };
  return encodeStub({ ...doc, wire: { syntax: 'NDR', littleEndian: true } }, KNOWN);
}

/** A capture of packets, a millisecond apart; of those behind the first `whole` only Ethernet, IP and TCP headers. */
export function capture(packets: readonly Uint8Array[], whole = Number.POSITIVE_INFINITY): Uint8Array {
  const captured = packets.map((p, i) => (i < whole ? p : p.subarray(0, 54)));
  const out = new Uint8Array(24 + captured.reduce((sum, p) => sum + 16 + p.length, 0));
  const head = [u32(0xa1b2c3d4, true), u16(2, true), u16(4, true), new Uint8Array(8), u32(262144, true), u32(1, true)];
  out.set(concat(...head));
  const view = new DataView(out.buffer);
  let at = 24;
  for (const [i, packet] of captured.entries()) {
    view.setUint32(at, 1_700_000_000 + Math.floor(i / 1000), true);
    view.setUint32(at + 4, (i % 1000) * 1000, true);
    view.setUint32(at + 8, packet.length, true);
    view.setUint32(at + 12, packets[i].length, true);
    out.set(packet, at + 16);
    at += 16 + packet.length;
  }
  return out;
}

/** A capture of documented calls. */
export function played(document: JsonObject): Uint8Array {
  return encodeScenario(objectAt(document, ''), KNOWN);
}
