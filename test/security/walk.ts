/**
 * A capture walker for these tests alone: enough of pcap, pcapng, Ethernet, TCP and DCE/RPC to feed security contexts
 * with the bytes of a whole capture, written apart from the program's own so that it checks it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createSecurityContext } from '../../src/security/index.js';
import type { Secrets } from '../../src/security/secrets.js';
import type { Direction, SecurityContext, SecurityNote } from '../../src/security/types.js';

export const sha256 = (b: Uint8Array) => createHash('sha256').update(b).digest('hex');

function* frames(path: string): Generator<Buffer> {
  let b = readFileSync(path);
  if (path.endsWith('.gz')) b = gunzipSync(b);
  if (b.readUInt32LE(0) !== 0x0a0d0d0a) {
    for (let at = 24; at + 16 <= b.length; ) {
      const length = b.readUInt32LE(at + 8);
      yield b.subarray(at + 16, at + 16 + length);
      at += 16 + length;
    }
    return;
  }
  for (let at = 0; at + 12 <= b.length; ) {
    const type = b.readUInt32LE(at);
    if (type === 6) yield b.subarray(at + 28, at + 28 + b.readUInt32LE(at + 20));
    at += b.readUInt32LE(at + 4);
  }
}

/** One direction of a TCP connection: segments in order, PDUs cut off its front. */
interface Stream {
  next: number | null;
  waiting: Map<number, Buffer>;
  buffer: Buffer;
}

export interface SeenCall {
  readonly connection: string;
  readonly callId: number;
  readonly opnum: number;
  request: Uint8Array | null;
  response: Uint8Array | null;
  verified: (boolean | null)[];
  hows: Set<string>;
  /** A fragment of it was made to be lost. */
  lost: boolean;
}

interface Joining {
  parts: Uint8Array[];
  bad: boolean;
}

interface Conn {
  readonly name: string;
  readonly streams: [Stream, Stream];
  client: 0 | 1;
  readonly contexts: Map<number, SecurityContext>;
  readonly asked: Map<number, SeenCall>;
  readonly joining: Map<string, Joining>;
  offersSign: boolean;
  headerSign: boolean;
}

export interface Seen {
  readonly calls: SeenCall[];
  readonly contexts: SecurityContext[];
  readonly notes: SecurityNote[];
  /** Every token, for the dissection tests. */
  readonly tokens: { authType: number; bytes: Uint8Array; context: SecurityContext }[];
  readonly secrets: Secrets | null;
  readonly fate: Fate;
  sealedBytes: number;
  fragments: number;
}

/** What happens to a protected fragment on its way: nothing, it is lost, or it is lost and the context is told so. */
export type Fate = (n: number, pdu: Buffer) => 'kept' | 'lost' | 'told';

export function walk(path: string, secrets: Secrets | null, fate: Fate = () => 'kept'): Seen {
  const connections = new Map<string, Conn>();
  const seen: Seen = { calls: [], contexts: [], notes: [], tokens: [], secrets, sealedBytes: 0, fragments: 0, fate };
  for (const frame of frames(path)) {
    if (frame.length < 54 || frame.readUInt16BE(12) !== 0x800 || frame[23] !== 6) continue;
    const tcp = 14 + (frame[14] & 15) * 4;
    const source = `${frame.subarray(26, 30).join('.')}:${frame.readUInt16BE(tcp)}`;
    const target = `${frame.subarray(30, 34).join('.')}:${frame.readUInt16BE(tcp + 2)}`;
    const data = frame.subarray(tcp + (frame[tcp + 12] >> 4) * 4, 14 + frame.readUInt16BE(16));
    const flags = frame[tcp + 13];
    const sequence = frame.readUInt32BE(tcp + 4);
    const forward = `${source} ${target}`;
    if ((flags & 0x12) === 2) connections.set(forward, connection(forward));
    const found = connections.get(forward) ?? connections.get(`${target} ${source}`) ?? connection(forward);
    if (!connections.has(found.name)) connections.set(found.name, found);
    const direction = found.name === forward ? 0 : 1;
    const stream = found.streams[direction];
    if (flags & 2) stream.next = (sequence + 1) >>> 0;
    else if (data.length > 0) {
      stream.next ??= sequence;
      stream.waiting.set(sequence, data);
    }
    advance(stream);
    for (let pdu = cut(stream); pdu !== null; pdu = cut(stream)) take(seen, found, direction, pdu);
  }
  return seen;
}

const stream = (): Stream => ({ next: null, waiting: new Map(), buffer: Buffer.alloc(0) });

function connection(name: string): Conn {
  return {
    name,
    streams: [stream(), stream()],
    client: 0,
    contexts: new Map(),
    asked: new Map(),
    joining: new Map(),
    offersSign: false,
    headerSign: false,
  };
}

function advance(s: Stream): void {
  for (let moved = true; moved; ) {
    moved = false;
    for (const [at, data] of s.waiting) {
      const old = ((s.next ?? at) - at) | 0;
      if (old < 0) continue;
      s.waiting.delete(at);
      if (old >= data.length) continue;
      s.buffer = Buffer.concat([s.buffer, data.subarray(old)]);
      s.next = (at + data.length) >>> 0;
      moved = true;
    }
  }
}

function cut(s: Stream): Buffer | null {
  const b = s.buffer;
  const begins = (at: number) => b[at] === 5 && b[at + 1] === 0 && b[at + 2] < 20 && (b[at + 4] & 0xef) === 0;
  if (b.length < 16) return null;
  if (!begins(0)) {
    // Named pipes carry DCE/RPC inside SMB messages: look for the next one.
    let at = 1;
    while (at + 16 <= b.length && !(begins(at) && b.readUInt16LE(at + 8) <= b.length - at)) at++;
    if (at + 16 > b.length) return null;
    s.buffer = b.subarray(at);
    return cut(s);
  }
  const length = b.readUInt16LE(8);
  if (length < 16 || b.length < length) return null;
  s.buffer = b.subarray(length);
  return b.subarray(0, length);
}

const TOKENS = new Set([11, 12, 13, 14, 15, 16]);

function take(seen: Seen, conn: Conn, direction: 0 | 1, pdu: Buffer): void {
  const type = pdu[2];
  const flags = pdu[3];
  const authLength = pdu.readUInt16LE(10);
  const from: Direction = direction === conn.client ? 'client' : 'server';
  if (type === 11) conn.offersSign = (flags & 4) !== 0;
  if (type === 12) conn.headerSign = conn.offersSign && (flags & 4) !== 0;
  const trailer = pdu.length - authLength - 8;
  const protectedPdu = authLength > 0 && trailer >= 16;
  const authType = protectedPdu ? pdu[trailer] : 0;
  const level = protectedPdu ? pdu[trailer + 1] : 0;
  const id = protectedPdu ? pdu.readUInt32LE(trailer + 4) : -1;
  if (TOKENS.has(type)) {
    if (!protectedPdu) return;
    const token = pdu.subarray(trailer + 8);
    let context = conn.contexts.get(id);
    if (context === undefined) {
      context = createSecurityContext(authType, level, seen.secrets);
      conn.contexts.set(id, context);
      seen.contexts.push(context);
    }
    seen.tokens.push({ authType, bytes: token, context });
    seen.notes.push(...context.token(from, token));
    return;
  }
  if (type !== 0 && type !== 2 && type !== 3) return;
  const callId = pdu.readUInt32LE(12);
  const key = `${direction} ${callId}`;
  const start = type === 0 ? 24 + (flags & 0x80 ? 16 : 0) : type === 2 ? 24 : 32;
  const joining = conn.joining.get(key) ?? { parts: [], bad: false };
  conn.joining.set(key, joining);
  let call = conn.asked.get(callId);
  if (type === 0 && flags & 1) {
    call = {
      connection: conn.name,
      callId,
      opnum: pdu.readUInt16LE(22),
      request: null,
      response: null,
      verified: [],
      hows: new Set(),
      lost: false,
    };
    conn.asked.set(callId, call);
    seen.calls.push(call);
  }
  if (call === undefined) return;
  if (!protectedPdu) joining.parts.push(pdu.subarray(start));
  else {
    const context = conn.contexts.get(id);
    const fate = seen.fate(seen.fragments++, pdu);
    if (fate !== 'kept') {
      if (fate === 'told') context?.lost(from, level === 6 ? trailer - start : 0, 1);
      joining.bad = true;
      call.lost = true;
      if (flags & 2) conn.joining.delete(key);
      return;
    }
    const result = context?.unprotect({
      direction: from,
      pdu,
      stubStart: start,
      stubEnd: trailer,
      trailerStart: trailer,
      authStart: trailer + 8,
      authEnd: pdu.length,
      headerSign: conn.headerSign,
      level,
    });
    if (context === undefined || result === undefined) return;
    seen.notes.push(...result.notes);
    seen.tokens.push({ authType, bytes: pdu.subarray(trailer + 8), context });
    if (level === 6) seen.sealedBytes += trailer - start;
    call.verified.push(result.verified);
    if (result.how !== null) call.hows.add(result.how);
    if (result.stub === null) joining.bad = true;
    else joining.parts.push(result.stub.subarray(0, trailer - start - pdu[trailer + 2]));
  }
  if ((flags & 2) === 0) return;
  conn.joining.delete(key);
  if (type === 3) return;
  const whole = joining.bad ? null : withoutVerification(Buffer.concat(joining.parts));
  if (type === 0) call.request = whole;
  else call.response = whole;
}

/** Cuts the verification trailer (MS-RPCE 2.2.2.13) off a stub. */
function withoutVerification(stub: Buffer): Buffer {
  const magic = Buffer.from('8ae3137102f43671', 'hex');
  for (let at = stub.lastIndexOf(magic); at >= 0; at = at === 0 ? -1 : stub.lastIndexOf(magic, at - 1)) {
    if (at % 4 !== 0) continue;
    for (let command = at + 8; command + 4 <= stub.length; ) {
      const end = command + 4 + stub.readUInt16LE(command + 2);
      if (stub.readUInt16LE(command) & 0x4000 && end === stub.length) return stub.subarray(0, at);
      command = end;
    }
  }
  return stub;
}
