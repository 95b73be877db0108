/** The tokens of a session's setup, which tell who works in it: SPNEGO or bare NTLM and Kerberos (MS-SMB2 2.2.5, 2.2.6). */
import type { Cursor } from '../../src/core/cursor.js';
import type { Field } from '../../src/core/node.js';
import { dissectAuthToken, type SecurityContext } from '../../src/security/index.js';
import { type CallAuth, Level, NO_AUTH } from '../call.js';
import type { Reading } from './reading.js';
import { newSmbSession, type SmbSession } from './state.js';

/** auth_type of DCE/RPC for the same mechanisms (MS-RPCE 2.2.1.1.7). */
const SPNEGO = 9;
const NTLM = 10;
const KERBEROS = 16;

/** By its first byte: `NTLMSSP`, an AP-REQ or AP-REP of Kerberos, or SPNEGO in one of its wrappings. */
function authTypeOf(first: number): number {
  if (first === 0x4e) return NTLM;
  return first === 0x6e || first === 0x6f ? KERBEROS : SPNEGO;
}

/** Whether a client's token begins an exchange: SPNEGO's first, NTLM's NEGOTIATE, an AP-REQ. */
function startsAnew(token: Uint8Array): boolean {
  return token[0] === 0x60 || token[0] === 0x6e || (token[0] === 0x4e && token[8] === 1);
}

/** A context for an exchange that begins: where the message was dissected before, what came of that. */
function newContext({ session, memory }: Reading, authType: number): SecurityContext | null {
  const { recalled } = memory.state;
  return recalled === null ? session.newSecurity(authType, 0) : recalled.context;
}

/** Reads a token that nobody keeps: the server's hint at what it can. */
export function readHint(c: Cursor, f: Field, length: number): void {
  c.frame(f, length, () => dissectAuthToken(c, authTypeOf(c.peek())));
}

/**
 * Reads a token of a session's setup.
 * @param known the session that it goes on with; null where it begins one
 * @returns the session that it belongs to
 */
export function readSetupToken(
  c: Cursor,
  reading: Reading,
  f: Field,
  length: number,
  isResponse: boolean,
  known: SmbSession | null,
): SmbSession {
  const token = c.bytes.subarray(c.pos, c.pos + Math.min(length, c.left));
  const authType = authTypeOf(token[0]);
  let session = known;
  if (session === null || (!isResponse && startsAnew(token)))
    session = {
      ...newSmbSession({ context: newContext(reading, authType) }),
      preauthHash: reading.memory.state.preauthHash,
      // whoever authenticates again keeps them (MS-SMB2 3.3.5.5.3)
      keys: known?.keys ?? null,
    };
  const { context } = session;
  if (context !== null && token.length === length && length > 0) {
    const at = c.pos;
    for (const { code, message } of context.token(isResponse ? 'server' : 'client', token))
      reading.learnt({ code, message, offset: at, source: c.source.name });
    const { user, workstation, type, anonymous } = context.info;
    Object.assign(session, { user, workstation, type });
    session.isNobody ||= anonymous;
    reading.setup = context;
  }
  c.frame(f, length, () => dissectAuthToken(c, authType, context ?? undefined));
  return session;
}

/** What protects calls in pipes that say nothing of their own: the session that the message at hand is of. */
export function protectionBy({ works, isSigned, clear }: Reading): CallAuth {
  if (works === null || (works.type === null && !works.isNobody)) return { ...NO_AUTH, isCut: true };
  if (works.isNobody) return NO_AUTH;
  const { type, user } = works;
  const level = clear !== null ? Level.privacy : isSigned ? Level.integrity : Level.connect;
  return { ...NO_AUTH, carrier: 'smb', type, user, level, decrypted: clear === null ? null : true };
}

/** What a token of a session's setup is, for people: `NTLMSSP_AUTH, LABOR\pia`. */
export function userText({ user }: SmbSession): string {
  return user === null ? '' : `, User: ${user}`;
}
