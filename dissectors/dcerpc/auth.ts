/** The auth trailer of a PDU and the security contexts behind it (C706 13.2.6, MS-RPCE 2.2.2.11). */
import type { Cursor } from '../../src/core/cursor.js';
import { field } from '../../src/core/node.js';
import { type Direction, dissectAuthToken } from '../../src/security/index.js';
import { makeRoom } from '../limits.js';
import type { Security } from './association.js';
import type { Fragment } from './fragment.js';
import { Ptype } from './pdu.js';

/** Authentication types (MS-RPCE 2.2.1.1.7). */
export const AUTH_TYPES: Readonly<Record<number, string>> = {
  0: 'none',
  9: 'SPNEGO',
  10: 'NTLM',
  14: 'SChannel',
  16: 'Kerberos',
  68: 'Netlogon',
  255: 'default',
};

/** Authentication levels (MS-RPCE 2.2.1.1.8). */
export const AUTH_LEVELS: Readonly<Record<number, string>> = {
  0: 'DEFAULT',
  1: 'NONE',
  2: 'CONNECT',
  3: 'CALL',
  4: 'PKT',
  5: 'PKT_INTEGRITY',
  6: 'PKT_PRIVACY',
};

const AUTH_PADDING = field('dcerpc.auth_padding', 'Auth padding', 'bytes');
const AUTH_INFO = field('dcerpc.auth_info', 'Auth trailer');
const TYPE = field('dcerpc.auth_type', 'Type', 'uint8', { names: AUTH_TYPES });
const LEVEL = field('dcerpc.auth_level', 'Level', 'uint8', { names: AUTH_LEVELS });
const PAD_LENGTH = field('dcerpc.auth_pad_len', 'Pad length', 'uint8');
const RESERVED = field('dcerpc.auth_rsrvd', 'Reserved', 'uint8');
const CONTEXT_ID = field('dcerpc.auth_ctx_id', 'Auth context id', 'uint32');
const CREDENTIALS = field('dcerpc.auth_credentials', 'Credentials');
export const AUTH_FIELDS = [AUTH_PADDING, AUTH_INFO, TYPE, LEVEL, PAD_LENGTH, RESERVED, CONTEXT_ID, CREDENTIALS];

/** A trailer's place and contents; offsets count in the PDU. */
export interface Trailer {
  readonly start: number;
  readonly type: number;
  readonly level: number;
  readonly padding: number;
  readonly contextId: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Null where its context was not negotiated in the capture. */
  readonly security: Security | null;
}

/** Looks at the trailer without recording it. Null where the PDU has none or its end was not captured. */
export function peekTrailer(c: Cursor, f: Pick<Fragment, 'header' | 'association'>): Trailer | null {
  const { header, association } = f;
  if (header.authLength === 0) return null;
  const start = header.length - header.authLength - 8;
  if (start < c.pos || start + 8 + header.authLength > c.end) return null;
  const b = c.bytes;
  const le = header.littleEndian;
  const contextId = le
    ? b[start + 4] | (b[start + 5] << 8) | (b[start + 6] << 16) | (b[start + 7] << 24)
    : b[start + 7] | (b[start + 6] << 8) | (b[start + 5] << 16) | (b[start + 4] << 24);
  return {
    start,
    type: b[start],
    level: b[start + 1],
    padding: Math.min(b[start + 2], start - c.pos),
    contextId: contextId >>> 0,
    valueStart: start + 8,
    valueEnd: start + 8 + header.authLength,
    security: association.security.get(contextId >>> 0) ?? null,
  };
}

/** Reads padding (unless it was read with a sealed stub) and trailer; the cursor stands where the stub ends. */
export function readTrailer(c: Cursor, trailer: Trailer, security = trailer.security): void {
  if (c.pos < trailer.start) c.raw(AUTH_PADDING, trailer.start - c.pos);
  c.frame(AUTH_INFO, trailer.valueEnd - trailer.start, () => {
    const type = c.u8(TYPE, (t) => AUTH_TYPES[t] ?? 'unknown');
    const level = c.u8(LEVEL, (l) => AUTH_LEVELS[l] ?? 'unknown');
    c.u8(PAD_LENGTH);
    c.u8(RESERVED);
    c.u32(CONTEXT_ID);
    c.tell(`${AUTH_TYPES[type] ?? `type ${type}`}, ${AUTH_LEVELS[level] ?? `level ${level}`}`);
    if (!c.isRecording) return;
    c.frame(CREDENTIALS, c.left, () => dissectAuthToken(c, type, security?.context));
  });
}

/** Feeds a token of a bind, alter_context, their answers or an auth3 to the security context that it belongs to. */
export function takeToken(c: Cursor, f: Fragment, trailer: Trailer): Security {
  const { association, header, session } = f;
  const { type, level, contextId: id } = trailer;
  const token = c.bytes.subarray(trailer.valueStart, trailer.valueEnd);
  let { security } = trailer;
  if (security === null || startsAnew(header.type, token)) {
    security = { context: session.newSecurity(type, level), authType: type, level, id, tokenBytes: 0 };
    makeRoom(f, association.security, id, 'securityContexts');
    association.security.set(id, security);
  }
  const direction: Direction =
    header.type === Ptype.bindAck || header.type === Ptype.alterContextResp ? 'server' : 'client';
  security.tokenBytes += token.length;
  const notes = security.context.token(direction, token);
  for (const note of notes) c.note(note.code, note.message, trailer.valueStart);
  f.pdu.security = security;
  f.pdu.tokenNotes = notes;
  return security;
}

/** Whether a token begins a new exchange: a bind's, an NTLM NEGOTIATE, a SPNEGO init, a Kerberos AP-REQ. */
function startsAnew(type: number, token: Uint8Array): boolean {
  if (type === Ptype.bind) return true;
  if (type !== Ptype.alterContext || token.length < 9) return false;
  return token[0] === 0x60 || token[0] === 0x6e || (token[0] === 0x4e && token[8] === 1);
}
