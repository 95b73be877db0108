/**
 * The body of a request or response: stub and auth trailer are told apart, the stub is verified and decrypted
 * fragment by fragment, and only then put together (MS-RPCE 2.2.2.11, 3.3.1.5.2).
 */
import type { TransportPdu } from '../../src/core/context.js';
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import type { DataSource, Range } from '../../src/core/source.js';
import { createSecurityContext } from '../../src/security/index.js';
import type { Call } from '../call.js';
import { makeRoom } from '../limits.js';
import type { Assembly, FragmentHead, Part, Security, Unfinished } from './association.js';
import { AUTH_TYPES, peekTrailer, readTrailer, type Trailer } from './auth.js';
import type { Fragment } from './fragment.js';
import { Pfc } from './pdu.js';
import { dropStub, growStub } from './retention.js';

const FRAGMENT = field('dcerpc.fragment_data', 'Fragment', 'bytes');
const DECRYPTED = field('dcerpc.decrypted_stub_data', 'Decrypted stub data', 'bytes');
const ENCRYPTED = field('dcerpc.encrypted_stub_data', 'Encrypted stub data', 'bytes');
export const BODY_FIELDS = [FRAGMENT, DECRYPTED, ENCRYPTED];

/** A stub ready to be decoded: `cursor` stands at its start. */
export interface Body {
  readonly cursor: Cursor;
  readonly bytes: Uint8Array;
  /** What the stub's length should be; more than there are bytes where the capture lacks its end. */
  readonly length: number;
  readonly frames: number[];
  readonly damaged: Unfinished['damaged'];
  /** Reads what stands behind the stub in its PDU. */
  readonly rest: () => void;
}

/** What a fragment says that it asks for. */
type Asked = Pick<FragmentHead, 'contextId' | 'opnum' | 'object'>;

/**
 * Splits stub and auth trailer, decrypts, and puts fragments together. Null until the last fragment; then the
 * stub for `decode` to read.
 */
export function readBody(c: Cursor, f: Fragment, call: Call, all: Map<number, Assembly>, of: Asked): Body | null {
  const { header, transport, key } = f;
  const start = c.pos;
  const trailer = peekTrailer(c, f);
  const truncated = transport.bytes.length < transport.length;
  const stubEnd = trailer === null ? Math.min(c.end, header.length) : trailer.start - trailer.padding;
  if (trailer !== null) setAuth(call, trailer.security ?? unknownSecurity(trailer));
  const part = trailer === null ? bare(c, f, stubEnd) : protectedPart(c, f, call, trailer, stubEnd);
  const rest = (): void => {
    c.pos = Math.max(c.pos, stubEnd);
    if (trailer !== null) readTrailer(c, trailer);
  };
  const first = (header.flags & Pfc.first) !== 0;
  const last = (header.flags & Pfc.last) !== 0;
  if (first && last && part !== null) {
    // the usual case: the stub is read where it lies, or where it was decrypted
    const frames = [...transport.frames];
    const damaged = truncated ? 'truncated' : null;
    if (part.range.source === c.source) {
      const length = truncated ? Math.max(0, header.length - start) : part.bytes.length;
      return { cursor: c, bytes: part.bytes, length, frames, damaged, rest };
    }
    c.carry(ENCRYPTED, part.bytes.length);
    return { cursor: c.over(part.range.source), bytes: part.bytes, length: part.bytes.length, frames, damaged, rest };
  }
  c.carry(part === null ? ENCRYPTED : FRAGMENT, Math.max(0, stubEnd - c.pos));
  rest();
  const level = trailer?.level ?? (header.authLength === 0 ? 0 : null);
  const { contextId, opnum, object } = of;
  const head = { contextId, opnum, object, littleEndian: header.littleEndian, level };
  const assembly = assemble(f, all, head, part, truncated);
  if (!last) return null;
  all.delete(key);
  dropStub(f.session.capture, assembly);
  return join(c, assembly, transport);
}

/** Adds a fragment to its call's stub. */
function assemble(
  f: Fragment,
  all: Map<number, Assembly>,
  head: FragmentHead,
  part: Part | null,
  truncated: boolean,
): Assembly {
  const { header, pdu, key } = f;
  const first = (header.flags & Pfc.first) !== 0;
  let assembly = all.get(key);
  if (first || assembly === undefined) {
    dropStub(f.session.capture, assembly);
    assembly = { head, parts: [], length: 0, cost: 0, damaged: first ? null : 'incomplete' };
    dropStub(f.session.capture, makeRoom(f, all, key, 'assemblies'));
    all.set(key, assembly);
    if (!first) pdu.note('unreassembled', 'fragments before this one were not captured');
  }
  if (assembly.head !== head)
    for (const [what, said, first] of differences(head, assembly.head))
      pdu.note('fragment-mismatch', `a fragment with ${what} ${said} of a stub that began with ${first}`);
  if (assembly.damaged === 'limit') return assembly;
  if (part === null) assembly.damaged = 'encrypted';
  else {
    if (truncated || (f.transport.afterGap && !first)) assembly.damaged ??= 'incomplete';
    assembly.parts.push(part);
    growStub(f, assembly, part.bytes.length, (header.flags & Pfc.last) !== 0);
  }
  return assembly;
}

/** In what a fragment is unlike the first. */
function differences(
  head: FragmentHead,
  first: FragmentHead,
): (readonly [what: string, said: string, first: string])[] {
  const order = ({ littleEndian }: FragmentHead): string => (littleEndian ? 'little endian' : 'big endian');
  const all = [
    ['context', head.contextId, first.contextId],
    ['operation', head.opnum, first.opnum],
    ['object', head.object ?? first.object, first.object ?? head.object],
    ['byte order', order(head), order(first)],
    ['protection level', head.level ?? first.level, first.level ?? head.level],
  ] as const;
  return all.flatMap(([what, said, before]) =>
    said === before ? [] : [[what, String(said), String(before)] as const],
  );
}

/** A trailer whose context was never negotiated in the capture. */
function unknownSecurity(trailer: Trailer): Security {
  const context = createSecurityContext(trailer.type, trailer.level, null);
  return { context, authType: trailer.type, level: trailer.level, id: trailer.contextId, tokenBytes: 0 };
}

/** The stub of a fragment without its trailer; null where it is sealed. */
function bare(c: Cursor, f: Fragment, stubEnd: number): Part | null {
  const { header, transport } = f;
  if (header.authLength > 0) {
    // the trailer was not captured: whether the stub is sealed is known from what came before, if at all
    const lost = header.length - header.authLength - 8 - c.pos;
    const direction = transport.direction === transport.connection.client ? 'client' : 'server';
    let sealed = false;
    for (const s of f.association.security.values()) {
      s.context.lost(direction, lost, 1);
      sealed ||= s.level === 6;
    }
    if (sealed) return null;
  }
  return plainPart(c, stubEnd, transport);
}

function plainPart(c: Cursor, stubEnd: number, transport: TransportPdu): Part {
  const range: Range = { source: c.source, start: c.pos, end: stubEnd };
  return { bytes: c.bytes.subarray(c.pos, stubEnd), range, frames: transport.frames };
}

/** The clear stub of a protected fragment; null where it is sealed and there is no key. */
function protectedPart(c: Cursor, f: Fragment, call: Call, trailer: Trailer, stubEnd: number): Part | null {
  const clear = unprotect(c, f, call, trailer);
  if (trailer.level < 6) return plainPart(c, stubEnd, f.transport);
  if (clear === null) {
    call.auth.decrypted = false;
    return null;
  }
  const bytes = clear.subarray(0, stubEnd - c.pos);
  // for filters and columns: what it means stands in a source of its own
  c.computed(DECRYPTED, bytes);
  const from: Range = { source: c.source, start: c.pos, end: stubEnd };
  const source: DataSource = { kind: 'derived', name: 'Decrypted stub', bytes, from };
  return { bytes, range: { source, start: 0, end: bytes.length }, frames: f.transport.frames };
}

/** Verifies and decrypts a fragment; what that says goes into the call. Returns the clear bytes with their padding. */
export function unprotect(c: Cursor, f: Fragment, call: Call, trailer: Trailer): Uint8Array | null {
  const { security } = trailer;
  if (trailer.level < 4 || security === null) return null;
  const done = security.context.unprotect({
    direction: f.transport.direction === f.transport.connection.client ? 'client' : 'server',
    pdu: c.bytes,
    stubStart: c.pos,
    stubEnd: trailer.start,
    trailerStart: trailer.start,
    authStart: trailer.valueStart,
    authEnd: trailer.valueEnd,
    headerSign: f.association.headerSign,
    level: trailer.level,
  });
  f.pdu.unprotected = done;
  const { auth } = call;
  if (done.decrypted !== null) auth.decrypted = auth.decrypted !== false && done.decrypted;
  if (done.verified !== null) auth.verified = auth.verified !== false && done.verified;
  for (const note of done.notes) f.pdu.note(note.code, note.message);
  return done.stub;
}

/** A stub of several fragments, in their order. */
export function join(
  c: Cursor,
  { parts, length, damaged }: Pick<Assembly, 'parts' | 'length' | 'damaged'>,
  transport: TransportPdu,
): Body {
  const met = new Set<number>();
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    for (const frame of part.frames) met.add(frame);
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  for (const frame of transport.frames) met.add(frame);
  const frames = [...met];
  const rest = (): void => {};
  if (damaged !== null) return { cursor: c, bytes, length: bytes.length, frames, damaged, rest };
  const source: DataSource = { kind: 'joined', name: 'Stub', bytes, parts: parts.map((p) => p.range) };
  return { cursor: c.over(source), bytes, length: bytes.length, frames, damaged, rest };
}

/** Notes who authenticated how. */
function setAuth(call: Call, security: Security): void {
  const { info } = security.context;
  const { decrypted, verified, isCut } = call.auth;
  // of the shape that all of them have: a spread would give each fragment's a new one
  call.auth = {
    carrier: null,
    type: info.type ?? AUTH_TYPES[security.authType] ?? String(security.authType),
    level: security.level,
    user: info.user,
    decrypted,
    verified,
    isCut,
  };
}
