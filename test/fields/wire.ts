/** Conversations of connection-oriented and connectionless DCE/RPC for made captures; all numbers little endian. */
import { ACK, concat, ethernet, type FilePacket, ipv4, pcapFile, SYN, tcp, u16, u32, udp } from '../bytes.js';

/** A capture whose bytes a test makes. */
export interface MadeCapture {
  readonly name: string;
  readonly bytes: () => Uint8Array;
  readonly secrets?: import('../../src/security/index.js').Secrets;
}

const CLIENT = '10.30.0.1';
const SERVER = '10.30.0.2';

export const le16 = (n: number): Uint8Array => u16(n, true);
export const le32 = (n: number): Uint8Array => u32(n, true);
export const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
export const hex = (digits: string): Uint8Array => Buffer.from(digits.replace(/\s/g, ''), 'hex');

/** A GUID's 16 bytes, its first three groups little endian. */
export function guid(text: string): Uint8Array {
  const b = hex(text.replaceAll('-', ''));
  return concat(b.slice(0, 4).reverse(), b.slice(4, 6).reverse(), b.slice(6, 8).reverse(), b.slice(8));
}

/** An auth trailer (MS-RPCE 2.2.2.11) in front of its token. */
export interface Trailer {
  readonly type: number;
  readonly level: number;
  readonly token: Uint8Array;
}

/** A connection-oriented PDU (C706 12.6.3.1). */
export function pdu(type: number, callId: number, body: Uint8Array, auth?: Trailer): Uint8Array {
  const pad = auth === undefined ? 0 : -body.length & 3;
  const trailer =
    auth === undefined ? [] : concat(new Uint8Array(pad), [auth.type, auth.level, pad, 0], le32(1), auth.token);
  return concat(
    [5, 0, type, 3, 0x10, 0, 0, 0],
    le16(16 + body.length + trailer.length),
    le16(auth?.token.length ?? 0),
    le32(callId),
    body,
    trailer,
  );
}

export const OBJECT_EXPORTER = '99fcfec4-5260-101b-bbcb-00aa0021347a';
const NDR = concat(guid('8a885d04-1ceb-11c9-9fe8-08002b104860'), le32(2));

/** One context for one interface. */
export const bindBody = (iid: string, version = 0): Uint8Array =>
  concat(le16(5840), le16(5840), le32(0), [1, 0, 0, 0], le16(0), [1, 0], guid(iid), le32(version), NDR);

/** One context taken. */
export const ackBody = (): Uint8Array =>
  concat(le16(5840), le16(5840), le32(0x1234), le16(4), ascii('135\0'), [0, 0], [1, 0, 0, 0], le32(0), NDR);

export const requestBody = (opnum: number, stub: Uint8Array): Uint8Array =>
  concat(le32(stub.length), le16(0), le16(opnum), stub);

export const responseBody = (stub: Uint8Array): Uint8Array => concat(le32(stub.length), le16(0), [0, 0], stub);

/** A connection with its handshake, a PDU a segment; 0 is said by the client, 1 by the server, whose port is that of DCE/RPC. */
export function connection(
  port: number,
  said: readonly (readonly [0 | 1, Uint8Array])[],
  serverPort = 135,
): FilePacket[] {
  const next = [1000, 5000];
  const packets: FilePacket[] = [];
  const send = (from: 0 | 1, flags: number, payload = new Uint8Array(0)): void => {
    const [source, target] = from === 0 ? [port, serverPort] : [serverPort, port];
    const segment = tcp(source, target, next[from], payload, flags, (flags & ACK) === 0 ? 0 : next[1 - from]);
    const [a, b] = from === 0 ? [CLIENT, SERVER] : [SERVER, CLIENT];
    packets.push({ bytes: ethernet(ipv4(a, b, 6, segment)) });
    next[from] += payload.length + (flags & SYN ? 1 : 0);
  };
  send(0, SYN);
  send(1, SYN | ACK);
  send(0, ACK);
  for (const [from, bytes] of said) send(from, ACK, Uint8Array.from(bytes));
  return packets;
}

/** A connectionless PDU (C706 12.5.2) as a packet. */
export function datagram(
  from: 0 | 1,
  type: number,
  sequence: number,
  body: Uint8Array,
  o: { auth?: number; verifier?: Uint8Array; opnum?: number } = {},
): FilePacket {
  const b = concat(
    [4, type, 0x08, 0, 0x10, 0, 0, 0],
    new Uint8Array(16),
    guid(OBJECT_EXPORTER),
    guid('0a0b0c0d-1112-1314-1516-1718191a1b1c'),
    le32(from === 0 ? 0 : 77),
    le32(0),
    le32(sequence),
    le16(o.opnum ?? 3),
    le16(0xffff),
    le16(0xffff),
    le16(body.length),
    le16(0),
    [o.auth ?? 0, 0],
    body,
    o.verifier ?? [],
  );
  const [source, target] = from === 0 ? [40_000, 135] : [135, 40_000];
  const [a, z] = from === 0 ? [CLIENT, SERVER] : [SERVER, CLIENT];
  return { bytes: ethernet(ipv4(a, z, 17, udp(source, target, b))) };
}

/** A capture of these packets. */
export const made = (name: string, packets: () => readonly FilePacket[], link = 1): MadeCapture => ({
  name,
  bytes: () => pcapFile(packets(), { link }),
});

/** An element in DER, of at most 65535 bytes. */
export function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const body = concat(...parts);
  const n = body.length;
  return concat([tag], n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff], body);
}
